"""Refusals are facts: what kind, this case, and what a program needs to go on."""

import pytest

from emplette.domain.errors import LONGEST_PATH, MOST_FAULTS, WHOLE, Faults, Invalid, NotFound, Refusal
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


def test_what_others_have_found_is_noted_beside_ones_own() -> None:
    faults = Faults()
    faults.add("title", "Must be text.")
    faults.add_all({"title": ["Must be text.", "Must not be empty."], "ownerId": ["There is no user 7."]})
    assert faults.as_dict() == {"title": ["Must be text.", "Must not be empty."], "ownerId": ["There is no user 7."]}
    assert "ownerId" in faults
    assert "natureId" not in faults


def test_however_much_is_wrong_so_many_fields_are_named_and_the_others_counted() -> None:
    faults = Faults()
    for number in range(MOST_FAULTS + 2):
        faults.add(f"taxes[{number}]", "Must be an object.")
    assert faults.full
    assert faults.covers("whatever")
    told = faults.as_dict()
    assert told[WHOLE] == ["Has more faults than are listed here: 2."]
    assert set(told) == {*(f"taxes[{number}]" for number in range(MOST_FAULTS)), WHOLE}


def test_a_field_that_is_named_gets_all_its_messages_also_when_no_other_is_named_any_more() -> None:
    faults = Faults()
    for number in range(MOST_FAULTS):
        faults.add(f"taxes[{number}]", "Must be an object.")
    faults.add("taxes[0]", "Must have a value.")
    assert faults.as_dict()["taxes[0]"] == ["Must be an object.", "Must have a value."]
    assert WHOLE not in faults.as_dict()


def test_a_path_as_long_as_a_body_is_shortened_in_the_middle() -> None:
    faults = Faults()
    faults.add("a" * 50_000 + "b" * 50_000, "Is unknown.")
    ((path, _),) = faults
    assert len(path) <= LONGEST_PATH
    assert path.startswith("aaa")
    assert path.endswith("bbb")


def test_the_detail_of_many_faults_names_a_few_and_counts_the_others() -> None:
    refusal = Invalid({f"field{number}": ["Must be text."] for number in range(100)})
    assert refusal.detail.startswith("At fault: field0, field1, ")
    assert refusal.detail.endswith(" more.")
    assert len(refusal.faults) == 100


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
