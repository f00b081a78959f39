"""Purchases: their table of moves, what they refer to, and what of it is missing."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from emplette.domain.errors import Faults
from emplette.domain.purchases import (
    LIFE,
    CostCenter,
    Establishment,
    Named,
    PurchaseAction,
    PurchaseDraft,
    PurchaseState,
    References,
    note_missing,
    purchase_from,
)
from emplette.domain.suppliers import Supplier, SupplierState
from tests.fixtures.dossiers import AMAZON, KEY, KEY_OF_HEAD, OWNER, PURCHASE, TODAY, stamp

DRAFT = PurchaseDraft(
    title="Purchase entry test",
    owner_id=35,
    nature_id=1,
    cost_center_id=3,
    establishment_id=1,
    department_id=14,
    supplier_id=6,
    supplier_name=None,
    supplier_territory_id=None,
    axis_section_ids=(362, 361),
    declared_type=None,
)
FOUND = References(
    owner=OWNER,
    nature=Named(1, "Office supplies"),
    cost_center=CostCenter(3, "Marketing", "MKT"),
    establishment=Establishment(1, "Paris", "FR", "EUR"),
    department=Named(14, "Marketing"),
    supplier=AMAZON,
    axis_sections={361: Named(361, "Spring fair"), 362: Named(362, "Autumn fair")},
)


def missing(draft: PurchaseDraft, found: References) -> dict[str, list[str]]:
    faults = Faults()
    note_missing(draft, found, faults, today=TODAY)
    return faults.as_dict()


@pytest.mark.parametrize(
    ("action", "sources"),
    [
        (PurchaseAction.REVISE, {"Created", "Denied", "Cancelled"}),
        (PurchaseAction.COMMIT, {"Created", "Denied", "Cancelled"}),
        (PurchaseAction.SUBMIT, {"Created"}),
        (PurchaseAction.APPROVE, {"Processing"}),
        (PurchaseAction.DENY, {"Processing"}),
        (PurchaseAction.CANCEL, {"Processing", "Ongoing"}),
        (PurchaseAction.CLOSE, {"Created", "Denied", "Cancelled", "Ongoing"}),
        (PurchaseAction.LIST_SUPPLIER, {"Created", "Processing", "Ongoing", "Denied", "Cancelled"}),
    ],
)
def test_an_action_is_possible_from_the_states_that_were_decided(action: PurchaseAction, sources: set[str]) -> None:
    assert set(LIFE.sources(action)) == sources


def test_nothing_can_be_done_with_a_closed_purchase() -> None:
    assert LIFE.actions(PurchaseState.CLOSED) == []


def test_a_purchase_is_made_from_a_draft_and_what_it_refers_to() -> None:
    made = purchase_from(DRAFT, FOUND, purchase_id=11, stamp=stamp())
    assert (made.id, made.version, made.state, made.type) == (11, 1, PurchaseState.CREATED, None)
    assert (made.title, made.owner, made.supplier, made.department) == (DRAFT.title, OWNER, AMAZON, FOUND.department)
    assert [section.id for section in made.axis_sections] == [362, 361]
    assert made.created == made.modified == stamp()


def test_a_supplier_that_is_only_written_down_stands_on_the_purchase() -> None:
    draft = replace(DRAFT, supplier_id=None, supplier_name="Corner shop", supplier_territory_id="FR")
    made = purchase_from(draft, replace(FOUND, supplier=None), purchase_id=11, stamp=stamp())
    assert made.supplier == Supplier(None, "Corner shop", "FR")


@pytest.mark.parametrize("name", ["owner", "nature", "cost_center", "supplier"])
def test_a_purchase_is_not_made_without_something_it_refers_to(name: str) -> None:
    nothing: Any = {name: None}
    with pytest.raises(ValueError, match="not there"):
        purchase_from(DRAFT, replace(FOUND, **nothing), purchase_id=11, stamp=stamp())


def test_a_purchase_is_its_owners_and_its_authors() -> None:
    assert PURCHASE.people == {OWNER.id, KEY.id}
    assert replace(PURCHASE, created=stamp(KEY_OF_HEAD)).people == {OWNER.id, KEY_OF_HEAD.id, 36}


def test_nothing_is_missing_when_all_is_there() -> None:
    assert missing(DRAFT, FOUND) == {}


def test_everything_that_is_missing_is_named_at_once() -> None:
    nothing = References(None, None, None, None, None, None, {})
    assert missing(DRAFT, nothing) == {
        "ownerId": ["There is no user 35."],
        "natureId": ["There is no nature 1."],
        "costCenterId": ["There is no cost center 3."],
        "establishmentId": ["There is no establishment 1."],
        "departmentId": ["There is no department 14."],
        "supplier.id": ["There is no supplier 6."],
        "axisSectionIds[0]": ["There is no axis section 362."],
        "axisSectionIds[1]": ["There is no axis section 361."],
    }


def test_everything_that_is_no_longer_in_use_is_named_at_once_and_says_why() -> None:
    over = References(
        owner=replace(OWNER, left_on=TODAY),
        nature=Named(1, "Old", is_active=False),
        cost_center=CostCenter(3, "Old", "OLD", is_active=False),
        establishment=Establishment(1, "Old", "FR", "EUR", is_active=False),
        department=Named(14, "Old", is_active=False),
        supplier=replace(AMAZON, state=SupplierState.ARCHIVED),
        axis_sections={361: Named(361, "Old", is_active=False), 362: Named(362, "Autumn fair")},
    )
    assert missing(DRAFT, over) == {
        "ownerId": ["User 35 has left."],
        "natureId": ["Nature 1 is disabled."],
        "costCenterId": ["Cost center 3 is disabled."],
        "establishmentId": ["Establishment 1 is archived."],
        "departmentId": ["Department 14 is closed."],
        "supplier.id": ["Supplier 6 is archived."],
        "axisSectionIds[1]": ["Axis section 361 is disabled."],
    }


def test_the_owners_establishment_that_is_archived_asks_for_another_one() -> None:
    archived = replace(FOUND, establishment=Establishment(1, "Old", "FR", "EUR", is_active=False))
    assert missing(replace(DRAFT, establishment_id=None), archived) == {
        "establishmentId": ["Establishment 1, the owner's, is archived: say another one."]
    }


def test_who_leaves_tomorrow_can_own_a_purchase_today() -> None:
    assert missing(DRAFT, replace(FOUND, owner=replace(OWNER, left_on=date(2025, 4, 15)))) == {}


def test_what_was_not_asked_for_is_not_missing() -> None:
    draft = replace(
        DRAFT,
        establishment_id=None,
        department_id=None,
        supplier_id=None,
        supplier_name="Corner shop",
        supplier_territory_id="FR",
        axis_section_ids=(),
    )
    found = replace(FOUND, establishment=None, department=None, supplier=None, axis_sections={})
    assert missing(draft, found) == {}
