"""Refusals are facts: what kind, this case, and what a program needs to go on."""

import pytest

from emplette.domain.errors import Faults, Invalid, NotFound, Refusal
from tests.house.source import modules


def test_a_refusal_without_a_detail_says_its_kind() -> None:
    assert NotFound().detail == "There is no such thing."
    assert str(NotFound("There is no purchase 7.")) == "There is no purchase 7."


def test_a_refusal_keeps_its_facts() -> None:
    assert Refusal(id=7, state="Closed").facts == {"id": 7, "state": "Closed"}


def test_the_title_of_a_refusal_is_the_first_line_of_its_docstring() -> None:
    class TooLate(Refusal):
        """It is too late.

        Nothing can be done any more.
        """

    class Nameless(Refusal):
        pass

    Nameless.__doc__ = None
    assert TooLate.title() == "It is too late."
    assert Nameless.title() == "Nameless"


def test_every_refusal_says_what_kind_it_is_and_has_a_code() -> None:
    modules()
    kinds = [Refusal]
    for kind in kinds:
        kinds += [found for found in kind.__subclasses__() if found.__module__.startswith("emplette.")]
        assert kind.title().endswith("."), kind
        assert kind.code == kind.code.lower(), kind


def test_the_same_words_about_a_field_are_noted_once() -> None:
    faults = Faults()
    faults.add("title", "Must not be empty.")
    faults.add("title", "Must not be empty.")
    faults.add("title", "Must be text.")
    assert list(faults) == [("title", ["Must not be empty.", "Must be text."])]


@pytest.mark.parametrize(
    ("path", "covered"),
    [
        ("supplier", True),
        ("supplier.id", True),
        ("supplier[0]", True),
        ("supplierId", False),
        ("title", False),
    ],
)
def test_a_fault_of_an_object_covers_its_fields_and_no_others(path: str, covered: bool) -> None:  # noqa: FBT001
    faults = Faults()
    faults.add("supplier", "Must be an object.")
    assert faults.covers(path) is covered


def test_nothing_at_fault_is_no_reason_to_refuse() -> None:
    faults = Faults()
    faults.raise_if_any()
    assert not faults


def test_an_invalid_request_names_every_field_at_fault() -> None:
    faults = Faults()
    faults.add("ownerId", "There is no user 7.")
    faults.add("title", "Must not be empty.")
    with pytest.raises(Invalid) as refused:
        faults.raise_if_any()
    assert refused.value.faults == {"ownerId": ["There is no user 7."], "title": ["Must not be empty."]}
    assert refused.value.detail == "At fault: ownerId, title."


def test_a_refusal_keeps_the_faults_of_its_moment() -> None:
    faults = Faults()
    faults.add("title", "Must not be empty.")
    refusal = Invalid(faults)
    faults.add("title", "Must be text.")
    assert refusal.faults == {"title": ["Must not be empty."]}


def test_one_field_can_be_refused_alone_and_in_other_words() -> None:
    assert Invalid.field("date", "Must not be in the future.").faults == {"date": ["Must not be in the future."]}
    assert Invalid({"date": ["No."]}, "There is no rate.").detail == "There is no rate."
