"""What entries refer to is there and in use when it is newly said."""

from dataclasses import replace
from datetime import date

from emplette.domain.cost_centers import CostCenter, Outcome, Proposal, outcomes
from emplette.domain.errors import Faults
from emplette.domain.natures import Nature
from emplette.domain.people import User
from emplette.domain.registers import Known, Reference, Word, newly_said, note_missing

TODAY = date(2025, 4, 14)
KNOWN = Known(
    {35: User(35, "Olive", "Owner"), 38: User(38, "Lee", "Left", left_on=TODAY)},
    {"natures": {1: Word(1, "Travel"), 2: Word(2, "Old", is_active=False)}},
)


def test_what_is_missing_or_out_of_use_is_said_at_its_field() -> None:
    wanted = [
        Reference("ownerId", "users", 35),
        Reference("a", "users", 38),
        Reference("b", "users", 39),
        Reference("c", "natures", 1),
        Reference("d", "natures", 2),
        Reference("e", "establishments", 1),
    ]
    faults = Faults()
    note_missing(wanted, KNOWN, faults, today=TODAY)
    assert faults.as_dict() == {
        "a": ["User 38 has left."],
        "b": ["There is no user 39."],
        "d": ["Nature 2 is disabled."],
        "e": ["There is no establishment 1."],
    }
    assert KNOWN.word("natures", 1).name == "Travel"


def test_only_what_was_not_said_before_is_newly_said() -> None:
    before = CostCenter(id=3, name="Marketing", code="MKT", owner_id=35, establishment_ids=(1,))
    after = CostCenter(id=3, name="Marketing", code="MKT", owner_id=36, establishment_ids=(2, 1))
    assert newly_said(before, after) == [
        Reference("ownerId", "users", 36),
        Reference("establishmentIds[0]", "establishments", 2),
    ]
    assert newly_said(None, before) == before.references()
    assert newly_said(None, Nature(id=1, name="Travel")) == []
    family = Reference("costFamilyId", "cost_families", 1)
    assert newly_said(None, Nature(id=1, name="Travel", cost_family_id=1)) == [family]


def test_an_import_changes_known_codes_and_makes_others() -> None:
    there = {"A": CostCenter(id=3, name="A", code="A", version=4)}
    again = Proposal("A", lambda center: replace(center, name="A", code="A"), (), {})
    changed = Proposal("A", lambda center: replace(center, name="New", code="A"), (), {})
    made = Proposal("B", lambda center: replace(center, name="B", code="B"), (), {})
    wrong = Proposal(None, None, [Reference("ownerId", "users", 39)], {"code": ["Must be given."]})

    def settle(*proposals: Proposal) -> list[Outcome]:
        return outcomes(proposals, there, [9] * len(proposals), KNOWN, today=TODAY)

    assert settle(again) == [Outcome(there["A"], there["A"])]
    assert settle(changed) == [Outcome(there["A"], CostCenter(id=3, name="New", code="A", version=5))]
    assert settle(made, made) == [
        Outcome(None, CostCenter(id=9, name="B", code="B")),
        Outcome(faults={"code": ["Is the code of items[0] already."]}),
    ]
    assert settle(wrong) == [Outcome(faults={"code": ["Must be given."], "ownerId": ["There is no user 39."]})]
