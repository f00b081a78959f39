"""Changes of what waits for approval: the request begins anew, and whoever made the change decides no more."""

from dataclasses import replace

import pytest

from emplette.domain import drafting
from emplette.domain.approvals import Request, RequestState, Verdict
from emplette.domain.attachments import Hanging
from emplette.domain.commitments import CommitmentState
from emplette.domain.dossiers import Dossier, Happening, PurchaseClosed, content_hash
from emplette.domain.drafting import AskedAnew
from emplette.domain.orders import OrderHappening
from emplette.domain.purchases import PurchaseState, PurchaseType, TypeContradicted
from emplette.domain.workflow import ActionNotAllowed
from tests.fixtures.dossiers import (
    AMAZON,
    CREATED,
    DRAFTED,
    HEAD,
    IN_FRANCS,
    OWNER,
    SECOND,
    STRANGER,
    YEARLY,
    approved,
    attachment,
    cancelled,
    closed,
    committed,
    denied,
    draft,
    hung,
    ruled,
    stamp,
    step,
    submitted,
)

ANEW = AskedAnew("Dearer", (step(1, SECOND),))
LATER = stamp(STRANGER, minutes=9)
WITH_DRAFT = replace(CREATED, purchase=replace(CREATED.purchase, supplier=DRAFTED))


def request_of(dossier: Dossier) -> Request:
    assert dossier.request is not None
    return dossier.request


@pytest.mark.parametrize("dossier", [committed(), approved(), denied(), cancelled()])
def test_only_what_is_under_review_is_changed(dossier: Dossier) -> None:
    with pytest.raises(ActionNotAllowed):
        drafting.refuse_change(dossier, draft())


def test_a_change_is_of_the_type_that_the_purchase_declared() -> None:
    declared = replace(CREATED, purchase=replace(CREATED.purchase, declared_type=PurchaseType.ONE_TIME))
    waiting = submitted(committed(declared))
    drafting.refuse_change(waiting, draft())
    with pytest.raises(TypeContradicted):
        drafting.refuse_change(waiting, draft(YEARLY))


def test_what_is_changed_is_asked_anew_by_further_steps_and_approvals_before_count_no_more() -> None:
    waiting = ruled(submitted(None, step(1, HEAD, SECOND, needed=2)), Verdict.APPROVED)
    revised = drafting.revised(waiting, draft(comment="More"), IN_FRANCS.times(2), by=LATER, hung=())
    move = drafting.change_commitment(waiting, revised, ANEW, by=LATER)
    request, commitment = request_of(move.after), move.after.commitment
    assert commitment is not None
    assert (commitment.amount, commitment.comment, commitment.state) == (
        IN_FRANCS.times(2),
        "More",
        CommitmentState.UNDER_REVIEW,
    )
    assert move.after.purchase.state is PurchaseState.PROCESSING
    assert (request.state, request.rule, request.assignee) == (RequestState.PENDING, "Dearer", SECOND)
    assert [(one.number, one.round) for one in request.steps] == [(1, 1), (2, 2)]
    assert (request.step, request.decisions_that_count) == (2, ())
    assert request.content_hash == content_hash(move.after)
    assert move.happenings == (
        Happening("commitment.revised", "commitment", 21),
        Happening("request.begun_anew", "request", 31),
    )


def test_whoever_changed_it_wrote_it() -> None:
    waiting = submitted()
    revised = drafting.revised(waiting, draft(), IN_FRANCS.times(2), by=LATER, hung=())
    after = drafting.change_commitment(waiting, revised, ANEW, by=LATER).after
    assert STRANGER.id in request_of(after).requesters
    assert STRANGER.id in after.purchase.writers


def test_what_a_change_drops_is_let_go() -> None:
    offer = attachment()
    waiting = submitted(committed(attachments=(offer,)))
    revised = drafting.revised(waiting, draft(), IN_FRANCS, by=LATER, hung=hung(attachment(52)))
    move = drafting.change_commitment(waiting, revised, ANEW, by=LATER)
    assert move.hangings == (*hung(attachment(52)), Hanging(offer, had=21))


def test_another_supplier_is_asked_for_anew_where_others_are_asked_then() -> None:
    waiting = submitted(committed(WITH_DRAFT))
    after = drafting.list_supplier(waiting, AMAZON, ANEW, by=LATER).after
    request = request_of(after)
    assert (request.rule, request.round, request.assignee) == ("Dearer", 2, SECOND)
    assert STRANGER.id in request.requesters


def test_an_order_tells_that_its_supplier_was_listed_while_it_is_open() -> None:
    ordered = approved(submitted(committed(WITH_DRAFT)))
    order = drafting.list_supplier(ordered, AMAZON, by=stamp(OWNER, minutes=9)).after.order
    assert order is not None
    assert [(entry.what, entry.by) for entry in order.history] == [
        (OrderHappening.CREATED, HEAD),
        (OrderHappening.AMENDED, OWNER),
    ]
    over = cancelled(ordered)
    assert drafting.list_supplier(over, AMAZON, by=LATER).after.order == over.order


def test_a_closed_order_is_left_alone() -> None:
    with pytest.raises(PurchaseClosed):
        drafting.list_supplier(closed(approved(submitted(committed(WITH_DRAFT)))), AMAZON, by=LATER)
