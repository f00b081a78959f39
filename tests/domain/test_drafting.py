"""Writing a purchase down: commitments, revisions, suppliers, closing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from emplette.domain import drafting
from emplette.domain.approvals import RequestState, Verdict
from emplette.domain.commitments import CommitmentExists, CommitmentNotFound, CommitmentState, Terms
from emplette.domain.currencies import EUR
from emplette.domain.dossiers import Dossier, Happening, PurchaseClosed, content_hash
from emplette.domain.errors import Invalid
from emplette.domain.money import Conversion, DualAmount
from emplette.domain.orders import OrderState
from emplette.domain.purchases import (
    LIFE,
    Purchase,
    PurchaseAction,
    PurchaseState,
    PurchaseType,
    SupplierListedAlready,
    TypeContradicted,
)
from emplette.domain.workflow import ActionNotAllowed
from tests.fixtures.dossiers import (
    AMAZON,
    CREATED,
    DRAFTED,
    HEAD,
    IN_FRANCS,
    KEY,
    ONCE,
    OWNER,
    PURCHASE,
    SECOND,
    TAXED,
    TODAY,
    YEARLY,
    approved,
    cancelled,
    closed,
    committed,
    denied,
    draft,
    ruled,
    stamp,
    step,
    submitted,
)

ANEW = DualAmount.of(TAXED, Conversion.none(EUR))
STAGES: dict[str, Callable[[], Dossier]] = {
    "Created": lambda: CREATED,
    "committed": committed,
    "Processing": submitted,
    "Ongoing": approved,
    "Denied": denied,
    "Cancelled": cancelled,
    "cancelled order": lambda: cancelled(approved()),
    "Closed": closed,
    "closed order": lambda: closed(approved()),
}
LATER = stamp(OWNER, minutes=9)


def declared(kind: PurchaseType) -> Dossier:
    return Dossier(replace(PURCHASE, declared_type=kind))


def with_draft_supplier(dossier: Dossier) -> Dossier:
    return replace(dossier, purchase=replace(dossier.purchase, supplier=DRAFTED))


# Commitments ------------------------------------------------------------------------------------------------


def test_a_commitment_says_what_the_purchase_will_cost() -> None:
    move = drafting.commit(CREATED, draft(YEARLY), IN_FRANCS, commitment_id=21, by=LATER)
    purchase, commitment = move.after.purchase, move.after.commitment
    assert commitment is not None
    assert (commitment.state, commitment.terms, commitment.amount) == (CommitmentState.CREATED, YEARLY, IN_FRANCS)
    assert commitment.created == commitment.modified == purchase.modified == LATER
    assert (purchase.state, purchase.type) == (PurchaseState.CREATED, PurchaseType.SUBSCRIPTION)
    assert (purchase.version, purchase.commitment_id) == (2, 21)
    assert move.happenings == (Happening("commitment.created", "commitment", 21),)


@pytest.mark.parametrize("stage", ["committed", "Processing", "Ongoing", "closed order"])
def test_a_second_commitment_is_refused_with_the_one_that_lives(stage: str) -> None:
    dossier = STAGES[stage]()
    with pytest.raises(CommitmentExists) as refused:
        drafting.commit(dossier, draft(), IN_FRANCS, commitment_id=22, by=LATER)
    assert dossier.commitment is not None
    assert refused.value.facts == {"kind": "commitment", "id": 21, "state": dossier.commitment.state}


@pytest.mark.parametrize("stage", ["Denied", "Cancelled", "cancelled order"])
def test_a_new_commitment_takes_the_place_of_one_that_is_over(stage: str) -> None:
    before = STAGES[stage]()
    after = drafting.commit(before, draft(), IN_FRANCS, commitment_id=22, by=LATER).after
    assert after.purchase.state is PurchaseState.CREATED
    assert after.purchase.commitment_id == 22
    assert (after.request, after.order) == (None, None)
    assert after.purchase.version == before.purchase.version + 1


def test_a_closed_purchase_gets_no_commitment() -> None:
    with pytest.raises(PurchaseClosed) as refused:
        drafting.commit(closed(), draft(), IN_FRANCS, commitment_id=22, by=LATER)
    assert refused.value.facts == {"kind": "purchase", "id": 11, "state": PurchaseState.CLOSED}


@pytest.mark.parametrize(
    ("kind", "allowed"), [(PurchaseType.ONE_TIME, ONCE), (PurchaseType.SUBSCRIPTION, YEARLY)], ids=str
)
def test_a_commitment_is_of_the_type_that_the_purchase_declared(kind: PurchaseType, allowed: Terms) -> None:
    for terms in (ONCE, YEARLY):
        if terms == allowed:
            assert committed(declared(kind), terms).purchase.type is kind
            continue
        with pytest.raises(TypeContradicted, match=kind) as refused:
            committed(declared(kind), terms)
        assert refused.value.facts == {"kind": "purchase", "id": 11, "state": PurchaseState.CREATED}


def test_a_commitment_nobody_was_asked_about_can_be_said_anew_and_change_its_type() -> None:
    move = drafting.revise_commitment(committed(), draft(YEARLY, comment=None), ANEW, by=LATER)
    commitment = move.after.commitment
    assert commitment is not None
    assert (commitment.terms, commitment.amount, commitment.comment) == (YEARLY, ANEW, None)
    assert (commitment.created, commitment.modified) == (stamp(), LATER)
    assert (move.after.purchase.type, move.after.purchase.version) == (PurchaseType.SUBSCRIPTION, 3)
    assert move.happenings == (Happening("commitment.revised", "commitment", 21),)


@pytest.mark.parametrize("stage", ["Processing", "Ongoing", "Denied", "Cancelled"])
def test_a_commitment_that_people_were_asked_about_is_not_said_anew(stage: str) -> None:
    dossier = STAGES[stage]()
    with pytest.raises(ActionNotAllowed) as refused:
        drafting.revise_commitment(dossier, draft(), ANEW, by=LATER)
    assert dossier.commitment is not None
    assert refused.value.facts == {"state": dossier.commitment.state, "kind": "commitment", "id": 21}


def test_the_commitment_of_a_closed_purchase_is_not_said_anew() -> None:
    with pytest.raises(PurchaseClosed) as refused:
        drafting.revise_commitment(closed(committed()), draft(), ANEW, by=LATER)
    assert refused.value.facts == {"kind": "commitment", "id": 21, "state": PurchaseState.CLOSED}


def test_a_commitment_said_anew_is_of_the_declared_type_too() -> None:
    with pytest.raises(TypeContradicted):
        drafting.revise_commitment(committed(declared(PurchaseType.ONE_TIME)), draft(YEARLY), ANEW, by=LATER)


def test_without_a_commitment_there_is_none_to_say_anew() -> None:
    with pytest.raises(CommitmentNotFound):
        drafting.revise_commitment(CREATED, draft(), ANEW, by=LATER)


# Revisions --------------------------------------------------------------------------------------------------


def revised() -> Purchase:
    return replace(PURCHASE, title="Something else", owner=OWNER, version=99, state=PurchaseState.CLOSED)


@pytest.mark.parametrize("stage", ["Created", "committed", "Denied", "Cancelled", "cancelled order"])
def test_a_revision_changes_what_is_bought_and_nothing_of_where_it_stands(stage: str) -> None:
    before = STAGES[stage]()
    move = drafting.revise_purchase(before, revised(), None, by=LATER)
    purchase = move.after.purchase
    assert (purchase.title, purchase.modified) == ("Something else", LATER)
    assert (purchase.state, purchase.type) == (before.purchase.state, before.purchase.type)
    assert purchase.version == before.purchase.version + 1
    assert (move.after.commitment, move.after.request, move.after.order) == (
        before.commitment,
        before.request,
        before.order,
    )
    assert purchase.commitment_id == before.purchase.commitment_id
    assert move.happenings == (Happening("purchase.revised", "purchase", 11),)


@pytest.mark.parametrize("stage", ["Processing", "Ongoing", "Closed", "closed order"])
def test_what_people_were_asked_about_is_not_revised(stage: str) -> None:
    dossier = STAGES[stage]()
    with pytest.raises((ActionNotAllowed, PurchaseClosed)) as refused:
        drafting.revise_purchase(dossier, revised(), None, by=LATER)
    assert refused.value.facts == {"state": dossier.purchase.state, "kind": "purchase", "id": 11}


def test_a_revision_computes_the_amount_of_a_created_commitment_anew() -> None:
    after = drafting.revise_purchase(committed(), revised(), ANEW, by=LATER).after
    assert after.commitment is not None
    assert after.commitment.amount == ANEW
    assert after.commitment.state is CommitmentState.CREATED


def test_a_revision_declares_no_other_type_than_that_of_the_commitment() -> None:
    other = replace(revised(), declared_type=PurchaseType.SUBSCRIPTION)
    with pytest.raises(TypeContradicted) as refused:
        drafting.revise_purchase(committed(), other, ANEW, by=LATER)
    assert refused.value.facts == {"kind": "commitment", "id": 21, "state": CommitmentState.CREATED}
    same = replace(revised(), declared_type=PurchaseType.ONE_TIME)
    assert drafting.revise_purchase(committed(), same, ANEW, by=LATER).after.purchase.declared_type is not None


# Suppliers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", sorted(STAGES))
def test_a_draft_supplier_becomes_a_listed_one_in_every_state_but_closed(stage: str) -> None:
    dossier = with_draft_supplier(STAGES[stage]())
    if dossier.purchase.state is PurchaseState.CLOSED:
        with pytest.raises(PurchaseClosed):
            drafting.list_supplier(dossier, AMAZON, by=LATER)
        return
    assert PurchaseAction.LIST_SUPPLIER in LIFE.actions(dossier.purchase.state)
    move = drafting.list_supplier(dossier, AMAZON, by=LATER)
    assert move.after.purchase.supplier == AMAZON
    assert move.after.purchase.version == dossier.purchase.version + 1
    assert move.after.purchase.state is dossier.purchase.state
    assert move.happenings == (Happening("purchase.supplier_listed", "purchase", 11),)


def test_a_listed_supplier_is_not_replaced() -> None:
    with pytest.raises(SupplierListedAlready) as refused:
        drafting.list_supplier(CREATED, AMAZON, by=LATER)
    assert refused.value.facts == {"kind": "purchase", "id": 11, "state": PurchaseState.CREATED}


def test_under_review_another_supplier_is_another_thing_to_approve() -> None:
    waiting = submitted(with_draft_supplier(committed()))
    after = drafting.list_supplier(waiting, AMAZON, by=LATER).after
    assert waiting.request is not None
    assert after.request is not None
    assert after.request.content_hash == content_hash(after) != waiting.request.content_hash


def test_who_approved_another_supplier_has_not_approved_this_one() -> None:
    steps = (step(1, HEAD), step(2, SECOND))
    passed = ruled(submitted(with_draft_supplier(committed()), *steps), Verdict.APPROVED)
    request = drafting.list_supplier(passed, AMAZON, by=LATER).after.request
    assert passed.request is not None
    assert request is not None
    assert (passed.request.step, request.step, request.assignee) == (2, 1, HEAD)
    assert request.state is RequestState.PENDING


def test_what_was_decided_stays_decided_on_what_was_shown() -> None:
    before = approved(submitted(with_draft_supplier(committed())))
    after = drafting.list_supplier(before, AMAZON, by=LATER).after
    assert after.request == before.request
    assert after.request is not None
    assert after.request.state is RequestState.APPROVED


# Closing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["Created", "committed", "Ongoing", "Denied", "Cancelled", "cancelled order"])
def test_a_purchase_is_closed_with_its_order_and_its_commitment_stays(stage: str) -> None:
    before = STAGES[stage]()
    move = drafting.close(before, on=date(2020, 1, 1), comment="Done", today=TODAY, by=LATER)
    after = move.after
    assert after.purchase.state is PurchaseState.CLOSED
    assert after.purchase.closing is not None
    assert (after.purchase.closing.on, after.purchase.closing.comment) == (date(2020, 1, 1), "Done")
    assert after.purchase.closing.stamp == after.purchase.modified == LATER
    assert after.purchase.version == before.purchase.version + 1
    assert (after.commitment, after.request) == (before.commitment, before.request)
    closes_order = before.order is not None and before.order.state is OrderState.OPEN
    told = [happening.type for happening in move.happenings]
    assert told == ["purchase.closed", "order.closed"][: 2 if closes_order else 1]


def test_a_purchase_that_waits_for_approval_is_not_closed() -> None:
    with pytest.raises(ActionNotAllowed) as refused:
        closed(submitted())
    assert refused.value.facts == {"state": PurchaseState.PROCESSING, "kind": "purchase", "id": 11}


def test_a_purchase_is_closed_once() -> None:
    with pytest.raises(PurchaseClosed):
        closed(closed())


def test_nothing_is_closed_in_the_future() -> None:
    tomorrow = TODAY + timedelta(days=1)
    with pytest.raises(Invalid) as refused:
        drafting.close(CREATED, on=tomorrow, comment=None, today=TODAY, by=LATER)
    assert refused.value.faults == {"date": ["Must not be in the future: today is 2025-04-14."]}


def test_a_rate_that_was_found_is_kept_with_the_commitment() -> None:
    commitment = committed().commitment
    assert commitment is not None
    assert commitment.amount.conversion.rate == Decimal("0.9512")
    assert commitment.created.by == KEY
