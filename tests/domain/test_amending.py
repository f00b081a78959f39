"""Amending an approved commitment: what is proposed waits, and counts once it is approved."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from emplette.domain import amending, dossiers
from emplette.domain.amendments import AmendedPart, AmendmentOutdated, AmendmentPending, NothingAmended
from emplette.domain.approvals import PersonNeeded, Request, RequestAction, RequestState, Verdict
from emplette.domain.attachments import Hanging
from emplette.domain.commitments import CommitmentDraft, CommitmentState
from emplette.domain.currencies import EUR
from emplette.domain.dossiers import Dossier, Happening, PurchaseClosed, amounts, content, content_hash
from emplette.domain.drafting import close, list_supplier
from emplette.domain.money import Conversion, DualAmount
from emplette.domain.orders import OrderHappening
from emplette.domain.purchases import PurchaseAction, PurchaseState, PurchaseType, TypeContradicted
from emplette.domain.reviewing import RequestDecided, Ruling, cancel
from emplette.domain.suppliers import PaymentMethod
from emplette.domain.workflow import ActionNotAllowed
from tests.domain.amendments import REQUEST_ID, amended, amendment_of, dearer, proposed, proposing, ruling_on
from tests.fixtures.dossiers import (
    CREATED,
    DRAFTED,
    HEAD,
    IN_FRANCS,
    ONCE,
    OWNER,
    SECOND,
    TAXED,
    TODAY,
    YEARLY,
    approved,
    attachment,
    caller,
    closed,
    committed,
    draft,
    hung,
    stamp,
    step,
    submitted,
)

OFFER, CONTRACT = attachment(), attachment(52, "contract.pdf", content=b"contract")
LATER = stamp(OWNER, minutes=9)


def request_of(dossier: Dossier) -> Request:
    assert dossier.request is not None
    return dossier.request


def types(happenings: tuple[Happening, ...]) -> list[str]:
    return [one.type for one in happenings]


# Proposing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [committed, submitted])
def test_only_an_approved_commitment_is_amended(make: Callable[[], Dossier]) -> None:
    with pytest.raises(ActionNotAllowed):
        amending.refuse_amendment(make(), draft())


def test_the_commitment_of_a_closed_purchase_is_not_amended() -> None:
    with pytest.raises(PurchaseClosed) as refused:
        amending.refuse_amendment(closed(approved()), draft())
    assert refused.value.facts == {"kind": "commitment", "id": 21, "state": PurchaseState.CLOSED}


def test_a_second_amendment_is_refused_with_the_one_that_waits() -> None:
    amending.refuse_amendment(approved(), draft())
    with pytest.raises(AmendmentPending) as refused:
        amending.refuse_amendment(proposed(), draft())
    assert refused.value.facts == {"kind": "request", "id": REQUEST_ID, "state": RequestState.PENDING}


def test_an_amendment_is_of_the_type_that_the_purchase_declared() -> None:
    declared = replace(CREATED, purchase=replace(CREATED.purchase, declared_type=PurchaseType.ONE_TIME))
    with pytest.raises(TypeContradicted):
        amending.refuse_amendment(approved(submitted(committed(declared))), draft(YEARLY))


@pytest.mark.parametrize(
    ("said", "amount", "parts"),
    [
        (draft(), IN_FRANCS.times(2), [AmendedPart.AMOUNT]),
        (draft(YEARLY), IN_FRANCS, [AmendedPart.TERMS]),
        (draft(comment=None), IN_FRANCS, [AmendedPart.COMMENT]),
        (replace(draft(), payment_method=PaymentMethod.DIRECT_DEBIT), IN_FRANCS, [AmendedPart.PAYMENT_METHOD]),
        (draft(YEARLY, comment="More"), IN_FRANCS.times(2), list(AmendedPart)[:3]),
    ],
)
def test_an_amendment_names_what_it_changes(
    said: CommitmentDraft, amount: DualAmount, parts: list[AmendedPart]
) -> None:
    assert list(amendment_of(approved(), said, amount).changes) == parts


def test_other_attachments_are_a_change() -> None:
    before = approved(submitted(committed(attachments=(OFFER,))))
    assert amendment_of(before, amount=IN_FRANCS, hung=hung(CONTRACT)).changes == (AmendedPart.ATTACHMENTS,)


def test_what_says_the_same_is_refused_at_whatever_rate() -> None:
    for same in (IN_FRANCS, DualAmount.of(TAXED, replace(IN_FRANCS.conversion, rate=Decimal(2)))):
        with pytest.raises(NothingAmended) as refused:
            amendment_of(approved(), amount=same)
        assert refused.value.facts == {"kind": "commitment", "id": 21, "state": CommitmentState.PROVISIONED}


def test_until_it_is_approved_nothing_changes_but_that_it_waits() -> None:
    before, after = approved(), proposed()
    assert after.commitment is not None
    assert replace(after.commitment, amendment_id=None) == before.commitment
    assert after.commitment.amendment_id == REQUEST_ID
    assert after.order == before.order
    assert after.purchase.state is PurchaseState.ONGOING
    assert (after.purchase.version, after.purchase.writers) == (before.purchase.version + 1, before.purchase.writers)
    assert (request_of(after).state, request_of(after).assignee) == (RequestState.PENDING, HEAD)


def test_what_is_asked_is_what_it_shall_say_beside_what_it_says() -> None:
    waiting = proposed()
    shown = content(waiting)
    assert shown["excludingTaxesMinor"] == dearer().base.excluding.minor
    replaces = shown["replaces"]
    assert isinstance(replaces, dict)
    assert replaces["excludingTaxesMinor"] == IN_FRANCS.base.excluding.minor
    assert request_of(waiting).content_hash == content_hash(waiting) != content_hash(approved())


def test_an_amendment_shows_the_purchase_as_it_would_be() -> None:
    waiting = proposed()
    assert waiting.asks_for is not None
    for shown in (amending.as_asked(waiting), amending.as_amended(approved(), waiting.asks_for)):
        assert shown.commitment is not None
        assert shown.commitment.amount == dearer()
    assert amending.as_asked(approved()) == approved()


def test_what_shall_hang_on_the_commitment_is_kept_for_it_while_the_amendment_waits() -> None:
    before = approved(submitted(committed(attachments=(OFFER,))))
    kept = Hanging(replace(OFFER, commitment_id=21), had=21)
    both = (kept, *hung(CONTRACT))
    move = proposing(before, amendment_of(before, amount=IN_FRANCS, hung=both), step(1, HEAD), hung=both)
    assert move.hangings == hung(CONTRACT)
    assert types(move.happenings) == ["request.created"]


@pytest.mark.parametrize("rule", ["Rule", None])
def test_without_steps_the_rule_or_the_key_that_asks_approves(rule: str | None) -> None:
    move = proposing(approved(), amendment_of(approved()), rule=rule)
    assert move.after.commitment is not None
    assert (move.after.commitment.amount, move.after.commitment.amendment_id) == (dearer(), None)
    assert request_of(move.after).state is RequestState.APPROVED
    assert len(request_of(move.after).decisions) == (0 if rule else 1)
    assert types(move.happenings) == ["request.created", "order.amended"]


# Deciding ---------------------------------------------------------------------------------------------------


def test_an_approved_amendment_takes_the_place_of_what_was_said_and_the_order_tells() -> None:
    move = ruling_on(proposed(), Verdict.APPROVED)
    commitment, order = move.after.commitment, move.after.order
    assert commitment is not None
    assert (commitment.amount, commitment.state, commitment.amendment_id) == (
        dearer(),
        CommitmentState.PROVISIONED,
        None,
    )
    assert order is not None
    assert [(entry.what, entry.by) for entry in order.history] == [
        (OrderHappening.CREATED, HEAD),
        (OrderHappening.AMENDED, HEAD),
    ]
    assert types(move.happenings) == ["request.approved", "order.amended"]
    assert OWNER.id in move.after.purchase.writers


def test_where_there_is_no_order_none_is_amended() -> None:
    move = ruling_on(replace(proposed(), order=None), Verdict.APPROVED)
    assert (move.after.order, types(move.happenings)) == (None, ["request.approved"])


def test_whoever_proposed_it_may_not_approve_the_next_one() -> None:
    again = proposing(amended(), amendment_of(amended(), amount=IN_FRANCS), step(1, HEAD)).after
    assert OWNER.id in request_of(again).requesters


def test_of_two_steps_the_first_leaves_the_commitment_as_it_is() -> None:
    waiting = proposed(None, step(1, HEAD), step(2, SECOND))
    move = ruling_on(waiting, Verdict.APPROVED)
    assert move.after.commitment == waiting.commitment
    assert types(move.happenings) == ["request.step_approved"]
    assert types(ruling_on(move.after, Verdict.APPROVED, SECOND).happenings) == ["request.approved", "order.amended"]


def test_an_objection_that_leaves_enough_of_them_is_told() -> None:
    either = replace(step(1, HEAD, SECOND), one_denial=False)
    assert types(ruling_on(proposed(None, either), Verdict.DENIED).happenings) == ["request.step_objected"]


def test_a_denied_amendment_leaves_the_commitment_and_lets_go_what_was_kept_for_it() -> None:
    before = approved(submitted(committed(attachments=(OFFER,))))
    waiting = proposing(before, amendment_of(before, hung=hung(CONTRACT)), step(1, HEAD), hung=hung(CONTRACT)).after
    move = ruling_on(waiting, Verdict.DENIED)
    assert move.after.commitment == before.commitment
    assert move.hangings == (Hanging(CONTRACT, had=21),)
    assert types(move.happenings) == ["request.denied"]


def test_an_approved_amendment_lets_go_what_hung_on_the_commitment_before() -> None:
    before = approved(submitted(committed(attachments=(OFFER,))))
    waiting = proposing(before, amendment_of(before, hung=hung(CONTRACT)), step(1, HEAD), hung=hung(CONTRACT)).after
    assert ruling_on(waiting, Verdict.APPROVED).hangings == (Hanging(OFFER, had=21),)


def test_what_would_change_something_else_than_was_shown_can_only_be_denied() -> None:
    before = proposed()
    assert before.commitment is not None
    changed = replace(before, commitment=replace(before.commitment, comment="Other"))
    with pytest.raises(AmendmentOutdated) as refused:
        ruling_on(changed, Verdict.APPROVED)
    assert refused.value.facts == {"kind": "request", "id": REQUEST_ID, "state": RequestState.PENDING}
    assert request_of(ruling_on(changed, Verdict.DENIED).after).state is RequestState.DENIED


def test_what_nobody_can_approve_any_more_is_denied_by_one_whatever_its_step_says() -> None:
    lenient = replace(step(1, HEAD, SECOND), one_denial=False)
    before = proposing(approved(), amendment_of(approved()), lenient).after
    assert before.commitment is not None
    assert request_of(ruling_on(before, Verdict.DENIED).after).state is RequestState.PENDING
    changed = replace(before, commitment=replace(before.commitment, comment="Other"))
    move = ruling_on(changed, Verdict.DENIED)
    assert (request_of(move.after).state, types(move.happenings)) == (RequestState.DENIED, ["request.denied"])
    assert [made.verdict for made in request_of(move.after).decisions] == [Verdict.DENIED]


def test_a_request_for_the_commitment_itself_amends_nothing() -> None:
    with pytest.raises(AmendmentOutdated):
        ruling_on(submitted(), Verdict.APPROVED)
    with pytest.raises(ActionNotAllowed, match="not for an amendment"):
        ruling_on(submitted(), Verdict.DENIED)


# Taking back ------------------------------------------------------------------------------------------------


def test_an_amendment_taken_back_leaves_the_commitment_as_it_was() -> None:
    move = amending.cancel(proposed(), "No longer", by=LATER)
    assert move.after.commitment == approved().commitment
    assert (request_of(move.after).state, request_of(move.after).cancellation_comment) == (
        RequestState.CANCELLED,
        "No longer",
    )
    assert types(move.happenings) == ["request.cancelled"]


def test_an_approved_amendment_is_changed_back_by_another_one_only() -> None:
    with pytest.raises(RequestDecided, match="propose another one"):
        amending.cancel(amended(), None, by=LATER)


def test_an_amendment_is_taken_back_once() -> None:
    with pytest.raises(ActionNotAllowed):
        amending.cancel(amending.cancel(proposed(), None, by=LATER).after, None, by=LATER)


# What can be done beside it ---------------------------------------------------------------------------------


def beside(waiting: Dossier) -> Dossier:
    """Look at the commitment's own request while an amendment waits."""
    return replace(waiting, request=approved().request)


def test_while_an_amendment_waits_the_purchase_is_neither_closed_nor_cancelled() -> None:
    waiting = beside(proposed())
    with pytest.raises(AmendmentPending):
        close(waiting, on=TODAY, comment=None, today=TODAY, by=LATER)
    with pytest.raises(AmendmentPending):
        cancel(waiting, None, by=LATER)
    offered = dossiers.actions(waiting)
    assert not {PurchaseAction.AMEND, PurchaseAction.CLOSE, PurchaseAction.CANCEL} & set(offered)
    assert PurchaseAction.AMEND in dossiers.actions(approved())


def test_what_can_be_done_with_a_request_comes_from_its_table() -> None:
    assert amending.actions(submitted()) == [RequestAction.APPROVE, RequestAction.DENY, RequestAction.CANCEL]
    assert amending.actions(approved()) == [RequestAction.CANCEL]
    assert amending.actions(proposed()) == [RequestAction.APPROVE, RequestAction.DENY, RequestAction.CANCEL]
    assert amending.actions(beside(proposed())) == []
    assert amending.actions(amended()) == []
    assert amending.actions(closed(approved())) == []


def test_what_an_amendment_adds_is_asked_for_and_what_it_takes_away_is_not() -> None:
    assert amounts(proposed(), EUR).requested.base == IN_FRANCS.base.excluding
    cheaper = proposing(amended(), amendment_of(amended(), amount=IN_FRANCS), step(1, HEAD)).after
    assert amounts(cheaper, EUR).requested.base.minor == 0
    assert amounts(cheaper, EUR).committed.base == dearer().base.excluding


@pytest.mark.parametrize("of", [REQUEST_ID, None])
def test_an_amendment_is_the_one_that_waits_while_the_commitment_says_so(of: int | None) -> None:
    waiting = proposed()
    assert waiting.commitment is not None
    dossier = replace(waiting, commitment=replace(waiting.commitment, amendment_id=of))
    assert (dossier.pending_amendment is not None) is (of is not None)
    assert replace(waiting, commitment=None).pending_amendment is None


def test_everybody_asked_beside_may_see_the_purchase() -> None:
    assert replace(approved(), asked_beside=frozenset({SECOND.id})).asked == {HEAD.id, SECOND.id}
    assert replace(committed(), asked_beside=frozenset({SECOND.id})).asked == {SECOND.id}


def test_in_another_currency_the_difference_is_reckoned_back_at_the_rate_that_the_commitment_has() -> None:
    francs = DualAmount.of(IN_FRANCS.counter, Conversion.none(IN_FRANCS.counter.excluding.currency)).times(2)
    difference = amendment_of(approved(), amount=francs).difference
    assert difference.counter == IN_FRANCS.counter.excluding
    assert difference.base == IN_FRANCS.base.excluding
    assert difference.rate == IN_FRANCS.conversion.rate


def test_the_difference_of_a_subscription_is_that_of_all_its_periods() -> None:
    before = approved(submitted(committed(terms=YEARLY)))
    assert amendment_of(before, draft(YEARLY)).difference.base == IN_FRANCS.base.excluding.times(12)
    assert amendment_of(before, draft(ONCE), IN_FRANCS).difference.base == IN_FRANCS.base.excluding.times(-11)


def test_a_listed_supplier_outdates_what_was_proposed() -> None:
    drafted = replace(CREATED, purchase=replace(CREATED.purchase, supplier=DRAFTED))
    waiting = proposed(approved(submitted(committed(drafted))))
    listed = list_supplier(beside(waiting), replace(DRAFTED, id=7), by=LATER).after
    with pytest.raises(AmendmentOutdated):
        ruling_on(replace(listed, request=waiting.request), Verdict.APPROVED)


def test_a_key_without_a_person_decides_no_amendment() -> None:
    with pytest.raises(PersonNeeded):
        amending.decide(proposed(), Ruling(Verdict.APPROVED, None, None), who=caller(), by=LATER)
