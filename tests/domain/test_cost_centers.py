"""Cost centers and natures: what they refer to, and what an import makes of them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from emplette.domain.cost_centers import CostCenter, Outcome, Proposal, outcomes
from emplette.domain.natures import Nature
from emplette.domain.registers import Known, Reference, Word
from tests.fixtures.dossiers import OWNER, TODAY

MARKETING = CostCenter(id=3, name="Marketing", code="MKT", owner_id=OWNER.id, establishment_ids=(1, 2), version=4)
KNOWN = Known(
    users={OWNER.id: OWNER, 36: replace(OWNER, id=36, left_on=date(2025, 1, 1))},
    words={"establishments": {1: Word(1, "Paris")}},
)


def item(code: str, onto: Callable[[CostCenter], CostCenter] | None) -> Proposal:
    return Proposal(code, onto, references=(), faults={})


def named(name: str, code: str = "NEW", owner_id: int | None = None) -> Callable[[CostCenter], CostCenter]:
    return lambda center: replace(center, name=name, code=code, owner_id=owner_id or center.owner_id)


def imported(*proposals: Proposal) -> Sequence[Outcome]:
    return outcomes(proposals, {"MKT": MARKETING}, range(50, 50 + len(proposals)), KNOWN, today=TODAY)


def test_a_cost_center_refers_to_its_owner_and_to_its_establishments() -> None:
    assert MARKETING.references() == [
        Reference("ownerId", "users", 35),
        Reference("establishmentIds[0]", "establishments", 1),
        Reference("establishmentIds[1]", "establishments", 2),
    ]
    assert CostCenter(id=1, name="None", code="N").references() == []


def test_a_nature_refers_to_its_cost_family() -> None:
    assert Nature(id=1, name="Office supplies").references() == []
    assert Nature(id=1, name="Tools", cost_family_id=7).references() == [Reference("costFamilyId", "cost_families", 7)]


def test_a_code_that_is_not_known_becomes_a_new_cost_center() -> None:
    (made,) = imported(item("NEW", named("New")))
    assert made == Outcome(None, CostCenter(id=50, name="New", code="NEW"))


def test_a_known_code_is_changed_and_its_version_raised() -> None:
    (changed,) = imported(item("MKT", named("Fairs", "MKT")))
    assert (changed.before, changed.after) == (MARKETING, replace(MARKETING, name="Fairs", version=5))


def test_what_says_the_same_changes_nothing() -> None:
    (same,) = imported(item("MKT", named("Marketing", "MKT")))
    assert same == Outcome(MARKETING, MARKETING)


def test_of_two_items_with_one_code_the_second_is_wrong() -> None:
    first, second = imported(item("NEW", named("New")), item("NEW", named("Other")))
    assert first.faults is None
    assert second.faults == {"code": ["Is the code of items[0] already."]}


def test_what_an_item_newly_refers_to_must_be_there_and_what_it_had_may_be_gone() -> None:
    kept, gone = imported(item("MKT", named("Fairs", "MKT")), item("NEW", named("New", owner_id=36)))
    assert kept.faults is None
    assert gone.faults == {"ownerId": ["User 36 has left."]}


def test_an_item_at_fault_is_told_all_that_is_wrong_with_it() -> None:
    wrong = Proposal(None, None, [Reference("ownerId", "users", 99)], {"name": ["Must not be empty."]})
    assert imported(wrong) == [Outcome(faults={"name": ["Must not be empty."], "ownerId": ["There is no user 99."]})]


def test_a_word_that_is_known_to_be_there_is_found() -> None:
    assert KNOWN.word("establishments", 1).name == "Paris"
