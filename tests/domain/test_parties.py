"""What orders print of both sides, and in which language."""

import pytest

from emplette.domain.parties import Conditions, Language, PostalAddress, address_of, language_of, or_none
from emplette.domain.territories import TERRITORIES


@pytest.mark.parametrize("territory", ["FR", "FR-20R", "RE", "BE", "CH", "LU", "MC", "SN"])
def test_suppliers_where_french_is_spoken_are_written_to_in_french(territory: str) -> None:
    assert language_of(territory) is Language.FRENCH


@pytest.mark.parametrize("territory", ["DE", "GB", "XI", "US", "GR", "PL", "CA"])
def test_all_others_are_written_to_in_english(territory: str) -> None:
    assert language_of(territory) is Language.ENGLISH


def test_no_place_is_unknown_where_french_is_spoken() -> None:
    assert {code for code in TERRITORIES if language_of(code) is Language.FRENCH} >= {"FR", "BE", "TN", "PF", "HT"}


def test_conditions_are_read_in_the_other_language_rather_than_not_at_all() -> None:
    assert Conditions(fr="À 30 jours", en="30 days").text_in(Language.ENGLISH) == "30 days"
    assert Conditions(fr="À 30 jours").text_in(Language.ENGLISH) == "À 30 jours"
    assert Conditions(en="30 days").text_in(Language.FRENCH) == "30 days"
    assert Conditions().text_in(Language.FRENCH) is None


def test_an_address_of_white_space_is_none() -> None:
    assert or_none(address_of(" ", "", None, "\t")) is None
    assert or_none(address_of(" 1 rue ", None, None, "Paris")) == PostalAddress(street="1 rue", city="Paris")
