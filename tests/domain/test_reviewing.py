"""Approval of a purchase: asking for it, deciding, taking it back."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from emplette.domain import reviewing
from emplette.domain.approvals import (
    ContentChanged,
    ContentHashNeeded,
    NotAsked,
    OwnRequest,
    PersonNeeded,
    RequestNotFound,
    RequestState,
    Verdict,
)
from emplette.domain.commitments import CommitmentNotFound, CommitmentState
from emplette.domain.dossiers import Dossier, Happening, PurchaseClosed, content, content_hash, written
from emplette.domain.orders import OrderHappening, OrderState
from emplette.domain.purchases import PurchaseState
from emplette.domain.reviewing import RequestDecided, RequestExists, Ruling, Submission
from emplette.domain.workflow import ActionNotAllowed
from tests.fixtures.dossiers import (
    CREATED,
    HEAD,
    KEY,
    OWNER,
    SECOND,
    STRANGER,
    YEARLY,
    approved,
    caller,
    cancelled,
    closed,
    committed,
    denied,
    ruled,
    stamp,
    step,
    submitted,
)

LATER = stamp(OWNER, minutes=9)
APPROVE = Ruling(Verdict.APPROVED, "Fine", None)
TWO_STEPS = Submission(31, 41, "abcdefghij", 1, (step(1, HEAD), step(2, SECOND)))
BY_ITSELF = Submission(31, 41, "abcdefghij", None, ())


def states(dossier: Dossier) -> tuple[str, str | None, str | None, str | None]:
    under = (dossier.commitment, dossier.request, dossier.order)
    commitment, request, order = (None if one is None else str(one.state) for one in under)
    return dossier.purchase.state, commitment, request, order


# Asking -----------------------------------------------------------------------------------------------------


def test_asking_for_approval_asks_the_people_of_the_first_step() -> None:
    move = reviewing.submit(committed(), TWO_STEPS, who=caller(), by=LATER)
    request = move.after.request
    assert request is not None
    assert states(move.after) == ("Processing", "UnderReview", "Pending", None)
    assert (request.step, request.assignee, request.policy_version) == (1, HEAD, 1)
    assert request.steps == TWO_STEPS.steps
    assert request.content_hash == content_hash(committed())
    assert request.created == request.modified == LATER
    assert move.after.purchase.version == committed().purchase.version + 1
    assert move.after.commitment is not None
    assert move.after.commitment.request_id == 31
    assert move.happenings == (Happening("request.created", "request", 31),)


def test_without_steps_the_key_that_asks_approves_and_the_order_exists() -> None:
    move = reviewing.submit(committed(), BY_ITSELF, who=caller(), by=LATER)
    request, order = move.after.request, move.after.order
    assert states(move.after) == ("Ongoing", "Provisioned", "Approved", "Open")
    assert request is not None
    assert (request.step, request.assignee, request.policy_version) == (0, OWNER, None)
    (decision,) = request.decisions
    assert (decision.by, decision.verdict, decision.stated, decision.api_key_id) == (KEY, Verdict.APPROVED, False, 7)
    assert decision.content_hash == request.content_hash == content_hash(committed())
    assert order is not None
    assert (order.id, order.commitment_id, order.purchase_id) == (41, 21, 11)
    assert move.after.purchase.version == committed().purchase.version + 1
    assert [happening.type for happening in move.happenings] == ["request.created", "order.created"]


def test_a_rule_that_lets_it_pass_at_once_approves_without_anybodys_decision() -> None:
    at_once = replace(TWO_STEPS, steps=(), rule="Small")
    move = reviewing.submit(committed(), at_once, who=caller(OWNER), by=LATER)
    request, order = move.after.request, move.after.order
    assert states(move.after) == ("Ongoing", "Provisioned", "Approved", "Open")
    assert request is not None
    assert (request.rule, request.decisions) == ("Small", ())
    assert order is not None
    assert [(entry.what, entry.by) for entry in order.history] == [(OrderHappening.CREATED, OWNER)]
    assert [happening.type for happening in move.happenings] == ["request.created", "order.created"]


@pytest.mark.parametrize("make", [submitted, approved, denied, cancelled])
def test_a_second_request_is_refused_with_the_first(make: Callable[[], Dossier]) -> None:
    dossier = make()
    with pytest.raises(RequestExists) as refused:
        reviewing.submit(dossier, BY_ITSELF, who=caller(), by=LATER)
    assert dossier.request is not None
    assert refused.value.facts == {"kind": "request", "id": 31, "state": dossier.request.state}


def test_nothing_is_asked_about_a_purchase_without_a_commitment() -> None:
    with pytest.raises(CommitmentNotFound):
        reviewing.submit(CREATED, BY_ITSELF, who=caller(), by=LATER)


def test_nothing_is_asked_about_a_closed_purchase() -> None:
    with pytest.raises(PurchaseClosed):
        reviewing.submit(closed(committed()), BY_ITSELF, who=caller(), by=LATER)


def test_nothing_is_asked_about_a_commitment_that_is_not_just_created() -> None:
    dossier = replace(denied(), request=None)
    with pytest.raises(ActionNotAllowed) as refused:
        reviewing.submit(dossier, BY_ITSELF, who=caller(), by=LATER)
    assert refused.value.facts == {"state": CommitmentState.DENIED, "kind": "commitment", "id": 21}


def test_whoever_wrote_any_part_may_not_approve_it() -> None:
    rewritten = replace(committed(), purchase=written(committed().purchase, stamp(HEAD)))
    with pytest.raises(OwnRequest):
        approved(submitted(rewritten, step(1, HEAD)))
    assert states(ruled(submitted(rewritten, step(1, HEAD, SECOND)), Verdict.APPROVED, SECOND))[0] == "Ongoing"


# Deciding ---------------------------------------------------------------------------------------------------


def test_the_last_approval_makes_the_order() -> None:
    move = reviewing.decide(submitted(), APPROVE, who=caller(HEAD), order_id=41, by=LATER)
    request, order, commitment = move.after.request, move.after.order, move.after.commitment
    assert states(move.after) == ("Ongoing", "Provisioned", "Approved", "Open")
    assert request is not None
    assert order is not None
    assert commitment is not None
    assert (commitment.order_id, order.id) == (41, 41)
    (decision,) = request.decisions
    assert (decision.by, decision.comment, decision.stated) == (HEAD, "Fine", False)
    assert [(entry.what, entry.by) for entry in order.history] == [(OrderHappening.CREATED, HEAD)]
    assert [happening.type for happening in move.happenings] == ["request.approved", "order.created"]


def test_an_approval_before_the_last_step_only_goes_on_to_the_next() -> None:
    waiting = reviewing.submit(committed(), TWO_STEPS, who=caller(), by=LATER).after
    move = reviewing.decide(waiting, APPROVE, who=caller(HEAD), order_id=41, by=LATER)
    assert states(move.after) == ("Processing", "UnderReview", "Pending", None)
    assert move.after.request is not None
    assert (move.after.request.step, move.after.request.assignee) == (2, SECOND)
    assert move.after.purchase.version == waiting.purchase.version + 1
    assert move.happenings == (Happening("request.step_approved", "request", 31),)
    assert states(ruled(move.after, Verdict.APPROVED, SECOND))[0] == "Ongoing"


def test_an_objection_that_leaves_enough_of_them_only_goes_on() -> None:
    either = replace(step(1, HEAD, SECOND), one_denial=False)
    dossier = submitted(None, either)
    move = reviewing.decide(
        dossier, Ruling(Verdict.DENIED, "No", None), who=caller(HEAD), order_id=41, by=stamp(HEAD, minutes=3)
    )
    assert states(move.after) == ("Processing", "UnderReview", "Pending", None)
    assert move.happenings == (Happening("request.step_objected", "request", 31),)
    assert states(ruled(move.after, Verdict.APPROVED, SECOND))[0] == "Ongoing"


def test_where_the_policy_wants_it_a_decision_says_what_was_shown() -> None:
    dossier = reviewing.submit(
        committed(), replace(TWO_STEPS, states_hash=True), who=caller(OWNER), by=stamp(minutes=2)
    ).after
    with pytest.raises(ContentHashNeeded) as refused:
        ruled(dossier, Verdict.APPROVED)
    assert refused.value.facts["contentHash"] == content_hash(dossier)
    after = ruled(dossier, Verdict.APPROVED, content_hash=content_hash(dossier)).request
    assert after is not None
    assert [made.stated for made in after.decisions] == [True]


def test_a_denial_denies_all_three() -> None:
    move = reviewing.decide(
        submitted(), Ruling(Verdict.DENIED, "Too dear", None), who=caller(HEAD), order_id=41, by=LATER
    )
    assert states(move.after) == ("Denied", "Denied", "Denied", None)
    assert move.happenings == (Happening("request.denied", "request", 31),)


@pytest.mark.parametrize("make", [approved, denied, cancelled])
def test_what_waits_for_nobody_is_not_decided_again(make: Callable[[], Dossier]) -> None:
    dossier = make()
    with pytest.raises(RequestDecided) as refused:
        reviewing.decide(dossier, APPROVE, who=caller(HEAD), order_id=42, by=LATER)
    assert dossier.request is not None
    assert refused.value.facts == {"kind": "request", "id": 31, "state": dossier.request.state}


def test_a_key_without_a_person_decides_nothing_whatever_the_request() -> None:
    for dossier in (submitted(), approved()):
        with pytest.raises(PersonNeeded):
            reviewing.decide(dossier, APPROVE, who=caller(), order_id=42, by=LATER)


def test_who_is_not_asked_decides_nothing() -> None:
    with pytest.raises(NotAsked):
        reviewing.decide(submitted(), APPROVE, who=caller(STRANGER), order_id=42, by=LATER)


def test_who_owns_it_decides_nothing_even_when_asked() -> None:
    with pytest.raises(OwnRequest):
        reviewing.decide(submitted(None, step(1, OWNER)), APPROVE, who=caller(OWNER), order_id=42, by=LATER)


def test_without_a_request_there_is_nothing_to_decide() -> None:
    with pytest.raises(RequestNotFound):
        reviewing.decide(committed(), APPROVE, who=caller(HEAD), order_id=42, by=LATER)


def test_a_decision_keeps_what_was_shown_and_that_it_was_stated() -> None:
    shown = content_hash(submitted())
    after = ruled(submitted(), Verdict.APPROVED, content_hash=shown)
    assert after.request is not None
    assert (after.request.decisions[0].content_hash, after.request.decisions[0].stated) == (shown, True)


def test_what_is_not_what_was_shown_is_not_approved_and_told_as_it_is_now() -> None:
    with pytest.raises(ContentChanged) as refused:
        ruled(submitted(), Verdict.APPROVED, content_hash=content_hash(committed(terms=YEARLY)))
    facts = refused.value.facts
    assert facts["contentHash"] == content_hash(submitted())
    assert facts["content"] == content(submitted())
    assert (facts["kind"], facts["id"], facts["state"]) == ("request", 31, RequestState.PENDING)


def test_a_decision_without_a_hash_is_made_on_what_is_there_now() -> None:
    waiting = submitted()
    assert waiting.request is not None
    outdated = replace(waiting, request=replace(waiting.request, content_hash="v1:before"))
    after = ruled(outdated, Verdict.APPROVED)
    assert after.request is not None
    assert after.request.content_hash == after.request.decisions[0].content_hash == content_hash(waiting)
    assert not after.request.decisions[0].stated


# Taking back ------------------------------------------------------------------------------------------------


def test_a_pending_request_is_taken_back_with_commitment_and_purchase() -> None:
    move = reviewing.cancel(submitted(), "No longer needed", by=LATER)
    assert states(move.after) == ("Cancelled", "Cancelled", "Cancelled", None)
    assert move.after.request is not None
    assert move.after.request.cancellation_comment == "No longer needed"
    assert move.after.purchase.version == submitted().purchase.version + 1
    assert move.happenings == (Happening("request.cancelled", "request", 31),)


def test_an_approved_request_is_taken_back_with_its_order_too() -> None:
    move = reviewing.cancel(approved(), None, by=LATER)
    assert states(move.after) == ("Cancelled", "Cancelled", "Cancelled", "Cancelled")
    assert move.after.order is not None
    assert move.after.order.state is OrderState.CANCELLED
    assert [happening.type for happening in move.happenings] == ["request.cancelled", "order.cancelled"]


@pytest.mark.parametrize("make", [denied, cancelled])
def test_what_is_over_is_not_taken_back(make: Callable[[], Dossier]) -> None:
    dossier = make()
    with pytest.raises(ActionNotAllowed) as refused:
        reviewing.cancel(dossier, None, by=LATER)
    assert dossier.request is not None
    assert refused.value.facts == {"state": dossier.request.state, "kind": "request", "id": 31}


def test_the_approved_request_of_a_closed_purchase_is_not_taken_back() -> None:
    with pytest.raises(PurchaseClosed) as refused:
        reviewing.cancel(closed(approved()), None, by=LATER)
    assert refused.value.facts == {"kind": "request", "id": 31, "state": PurchaseState.CLOSED}


def test_without_a_request_there_is_nothing_to_take_back() -> None:
    with pytest.raises(RequestNotFound):
        reviewing.cancel(committed(), None, by=LATER)
