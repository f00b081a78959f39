"""Approved subscriptions: their schedule, what has to be decided by when, and the decisions."""

from datetime import date
from typing import Annotated, Any, ClassVar

from msgspec import UNSET, Meta, UnsetType

from emplette.domain.commitments import CommitmentNotFound, Subscription
from emplette.domain.dossiers import Dossier
from emplette.domain.people import Permission
from emplette.domain.subscriptions import (
    LIFE,
    Act,
    ActKind,
    Standing,
    SubscriptionAction,
    SubscriptionNotFound,
    SubscriptionState,
    Wanted,
    schedule_of,
)
from emplette.domain.workflow import ActionNotAllowed
from emplette.http.api.amounts import DualTaxedAmountOut, dual_taxed_amount_out
from emplette.http.api.lists import PURCHASE_READERS, listed, slice_of
from emplette.http.api.references import (
    PurchaseReferenceOut,
    SupplierOut,
    UserOut,
    purchase_reference_out,
    supplier_out,
    user_out,
)
from emplette.http.contract import GET, POST, Answer, Call, Id, Instant, Listed, PagedQuery, Reply, instant, operation
from emplette.http.contract.places import BASE, href
from emplette.services import subscriptions
from emplette.services.commands import NotYours
from emplette.services.subscriptions import Seen
from emplette.services.work import Work

_TAG = "Subscriptions"
_ONE = f"{BASE}/api/commitments/{{commitment_id}}"
_LED_TO = {"read_purchase": {"purchase_id": "purchase.id"}, "read_commitment": {"commitment_id": "id"}}
_DECIDED_BY = ("read_schedule", "let_subscription_run", "stop_subscription", "renew_subscription")
_ACTIONS = {
    SubscriptionAction.RENEW: "renewals",
    SubscriptionAction.STOP: "stops",
    SubscriptionAction.LET_RUN: "continuations",
}


class SubscriptionsQuery(PagedQuery):
    """Which subscriptions to list; several values are joined by commas."""

    ordered_by: ClassVar[Any] = tuple[date, int]

    state: list[SubscriptionState] = []
    owner_id: list[Id] = []
    notice_before: Annotated[
        date | None, Meta(description="Only those whose last safe day to give notice is before this one.")
    ] = None


class PeriodOut(Answer):
    """A period of a subscription: its days, when its invoice is expected, and how much it will be about."""

    number: int
    start_date: date
    end_date: date
    invoice_date: date | None
    amount_including_taxes: DualTaxedAmountOut


class CommitmentPointerOut(Answer):
    """A reference to a commitment."""

    id: int
    href: str


class ScheduleOut(Answer):
    """The schedule of a subscription, period by period.

    `lastNoticeDate` is the last safe day to give notice, where notice has to be given.
    """

    id: int
    href: str
    purchase: PurchaseReferenceOut
    subscription_start_date: date
    subscription_end_date: date
    contractual_end_date: date | None
    last_notice_date: date | None
    amount_including_taxes: DualTaxedAmountOut
    periods: list[PeriodOut]


class ActOut(Answer):
    """What was decided about a subscription, when, by which user, and whether notice could still be given then.

    A renewal names the commitment as which it goes on.
    """

    kind: ActKind
    at: Instant
    date: date
    by_id: int
    in_time: bool
    renewal: CommitmentPointerOut | UnsetType = UNSET


class SubscriptionOut(Answer):
    """An approved subscription: what has to be decided by when, what was, and what can be.

    `endDate` is its last day: that of the obligation, when it was stopped in time for that. `actions` are what can be
    decided now: `renewals`, `stops`, `continuations`, each to be sent to the commitment's path.
    """

    id: int
    href: str
    state: SubscriptionState
    purchase: PurchaseReferenceOut
    owner: UserOut
    supplier: SupplierOut
    amount_including_taxes_per_period: DualTaxedAmountOut
    start_date: date
    end_date: date
    contractual_end_date: date | None
    last_notice_date: date | None
    days_left: int
    acts: list[ActOut]
    actions: list[str]


@operation(
    GET,
    f"{BASE}/api/subscriptions",
    answers={200: Listed[SubscriptionOut]},
    needs=PURCHASE_READERS,
    tag=_TAG,
    links={"read_subscription": {"commitment_id": "items.0.id"}},
    ours=True,
)
async def list_subscriptions(work: Work, call: Call, query: SubscriptionsQuery) -> Listed[SubscriptionOut]:
    """List the approved subscriptions that the key may see, by the day by which something should be decided.

    That is the last safe day to give notice, or the last day where no notice has to be given.
    """
    wanted = Wanted(tuple(query.state), query.notice_before)
    page = await subscriptions.list_subscriptions(work, wanted, query.owner_id, slice_of(query))
    return listed(query, page, [_subscription_out(call, seen) for seen in page.items])


@operation(
    GET,
    f"{BASE}/api/subscriptions/{{commitment_id}}",
    answers={200: SubscriptionOut},
    needs=PURCHASE_READERS,
    tag=_TAG,
    problems=(SubscriptionNotFound,),
    links=_LED_TO | {name: {"commitment_id": "id"} for name in _DECIDED_BY},
    ours=True,
)
async def read_subscription(work: Work, call: Call, commitment_id: int) -> SubscriptionOut:
    """Read an approved subscription, by the number of its commitment."""
    return _subscription_out(call, await subscriptions.read_subscription(work, commitment_id))


@operation(
    GET,
    f"{_ONE}/schedule",
    answers={200: ScheduleOut},
    needs=PURCHASE_READERS,
    tag=_TAG,
    problems=(CommitmentNotFound, SubscriptionNotFound),
    links=_LED_TO,
    ours=True,
)
async def read_schedule(work: Work, commitment_id: int) -> ScheduleOut:
    """Read the schedule of a subscription, whether it was approved or not: periods, invoices, notice, end."""
    dossier, terms = await subscriptions.read_terms(work, commitment_id)
    return _schedule_out(dossier, terms)


@operation(
    POST,
    f"{_ONE}/renewals",
    answers={201: SubscriptionOut},
    needs=Permission.PURCHASES,
    tag=_TAG,
    problems=(SubscriptionNotFound, ActionNotAllowed, NotYours),
    ours=True,
)
async def renew_subscription(work: Work, call: Call, commitment_id: int) -> Reply[SubscriptionOut]:
    """Begin the renewal of a subscription: a new purchase with a commitment on the same terms, from the day after.

    The new commitment is Created: say it anew with a PUT where something changes, and send it for approval. While it
    was neither denied nor cancelled, the subscription is renewed.
    """
    return _reply(call, await subscriptions.renew(work, commitment_id))


@operation(
    POST,
    f"{_ONE}/stops",
    answers={201: SubscriptionOut},
    needs=Permission.PURCHASES,
    tag=_TAG,
    problems=(SubscriptionNotFound, ActionNotAllowed, NotYours),
    ours=True,
)
async def stop_subscription(work: Work, call: Call, commitment_id: int) -> Reply[SubscriptionOut]:
    """Decide that a subscription is stopped: notice is given, and it ends as soon as it can."""
    return _reply(call, await subscriptions.stop(work, commitment_id))


@operation(
    POST,
    f"{_ONE}/continuations",
    answers={201: SubscriptionOut},
    needs=Permission.PURCHASES,
    tag=_TAG,
    problems=(SubscriptionNotFound, ActionNotAllowed, NotYours),
    ours=True,
)
async def let_subscription_run(work: Work, call: Call, commitment_id: int) -> Reply[SubscriptionOut]:
    """Decide that a subscription runs to its end; nobody is reminded of it any more. That may be thought over."""
    return _reply(call, await subscriptions.let_run(work, commitment_id))


def _reply(call: Call, seen: Seen) -> Reply[SubscriptionOut]:
    return Reply(_subscription_out(call, seen), status=seen.status, replayed=seen.replayed)


def _subscription_out(call: Call, seen: Seen) -> SubscriptionOut:
    standing, purchase, commitment = seen.standing, seen.dossier.purchase, seen.dossier.commitment
    if commitment is None:
        raise SubscriptionNotFound
    state = standing.state(seen.today)
    return SubscriptionOut(
        id=standing.commitment_id,
        href=f"{BASE}/api/subscriptions/{standing.commitment_id}",
        state=state,
        purchase=purchase_reference_out(purchase),
        owner=user_out(purchase.owner, call.base_url),
        supplier=supplier_out(purchase.supplier),
        amount_including_taxes_per_period=dual_taxed_amount_out(commitment.amount),
        start_date=standing.terms.start_date,
        end_date=standing.end_date,
        contractual_end_date=standing.terms.contractual_end_date,
        last_notice_date=standing.terms.last_notice_date,
        days_left=(standing.decide_by - seen.today).days,
        acts=[_act_out(standing, act) for act in standing.acts],
        actions=[_ACTIONS[action] for action in LIFE.actions(state)],
    )


def _act_out(standing: Standing, act: Act) -> ActOut:
    number = act.renewal_id
    return ActOut(
        kind=act.kind,
        at=instant(act.decided_at),
        date=act.decided_on,
        by_id=act.decided_by,
        in_time=standing.was_in_time(act),
        renewal=UNSET if number is None else CommitmentPointerOut(id=number, href=href("commitment", number)),
    )


def _schedule_out(dossier: Dossier, terms: Subscription) -> ScheduleOut:
    commitment = dossier.commitment
    if commitment is None:
        raise SubscriptionNotFound
    each = dual_taxed_amount_out(commitment.amount)
    return ScheduleOut(
        id=commitment.id,
        href=f"{href('commitment', commitment.id)}/schedule",
        purchase=purchase_reference_out(dossier.purchase),
        subscription_start_date=terms.start_date,
        subscription_end_date=terms.end_date,
        contractual_end_date=terms.contractual_end_date,
        last_notice_date=terms.last_notice_date,
        amount_including_taxes=dual_taxed_amount_out(commitment.total),
        periods=[
            PeriodOut(
                number=period.number,
                start_date=period.start_date,
                end_date=period.end_date,
                invoice_date=period.invoice_date,
                amount_including_taxes=each,
            )
            for period in schedule_of(terms)
        ],
    )
