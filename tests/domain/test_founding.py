"""Founding: what a first company begins with, and what is wrong with what a founder said."""

from dataclasses import replace
from datetime import date

import pytest

from emplette.domain.founding import FOUNDER, Founding, account_of, faults_of_founding
from emplette.domain.parties import Language

TODAY = date(2026, 11, 22)
SAID = Founding(
    company="Atelier Nord",
    host="Achats.Example.com",
    country="FR",
    currency="EUR",
    time_zone="Europe/Paris",
    first_name="Zoé",
    last_name="Martin",
    email="zoe@example.com",
    language=Language.FRENCH,
)


def test_what_is_right_has_no_faults() -> None:
    assert not faults_of_founding(SAID, today=TODAY)


def test_a_company_answers_under_every_host_and_is_known_by_a_short_name() -> None:
    draft = SAID.draft
    assert (draft.account, draft.hosts, draft.is_default) == ("atelier-nord", ("achats.example.com",), True)


@pytest.mark.parametrize(
    ("name", "account"),
    [("Ä & Söhne GmbH", "a-sohne-gmbh"), ("  !!  ", "company"), ("東京", "company"), ("x" * 80, "x" * 63)],
)
def test_any_name_makes_a_short_one(name: str, account: str) -> None:
    assert account_of(name) == account


def test_the_first_words_are_enough_for_a_purchase_and_in_the_founders_language() -> None:
    words = SAID.first_words()
    assert words.cost_centers[0].owner_id == words.departments[0].head_id == words.people[0].id == FOUNDER
    assert words.establishments[0].currency == "EUR"
    assert words.natures[0].name == "Fournitures et équipement"
    assert {nature.cost_family_id for nature in words.natures} == {words.cost_families[0].id}
    english = replace(SAID, language=Language.ENGLISH).first_words()
    assert len(english.natures) == len(words.natures)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    wrong = replace(SAID, company="", currency="EURO", time_zone="Paris", first_name="", last_name=" ", email="zoe")
    faults = faults_of_founding(wrong, today=TODAY)
    assert set(faults.as_dict()) == {"name", "currency", "timeZone", "firstName", "lastName", "mail"}
