"""What is sent and answered: subscriptions; written by scripts/write_client.py, never by hand."""

import datetime as dt
from typing import Literal, Required, TypeAlias, TypedDict

from emplette.client.models.shared import (
    DualTaxedAmount,
    PurchaseReference,
    PurchaseSupplier,
    UserReference,
)
from emplette.client.wire import ABSENT, Answer

SubscriptionState: TypeAlias = Literal[
    "Closed", "Ended", "LetRun", "RanOutUndecided", "Renewed", "Running", "Stopped", "Stopping"
]
"""Where a subscription stands on a day."""

ActKind: TypeAlias = Literal["LetRun", "Renewal", "Stop"]
"""What was decided about a subscription."""


class CommitmentPointer(Answer, frozen=True, kw_only=True, rename="camel"):
    """A reference to a commitment."""

    id: int = ABSENT
    href: str = ABSENT


class Act(Answer, frozen=True, kw_only=True, rename="camel"):
    """What was decided about a subscription, when, by which user, and whether notice could still be given then. A renewal names the commitment as which it goes on."""

    kind: ActKind | str = ABSENT
    at: dt.datetime = ABSENT
    date: dt.date = ABSENT
    by_id: int = ABSENT
    in_time: bool = ABSENT
    renewal: CommitmentPointer | None = None


class Subscription(Answer, frozen=True, kw_only=True, rename="camel"):
    """An approved subscription: what has to be decided by when, what was, and what can be. `endDate` is its last day: that of the obligation, when it was stopped in time for that. `actions` are what can be decided now: `renewals`, `stops`, `continuations`, each to be sent to the commitment's path."""

    id: int = ABSENT
    href: str = ABSENT
    state: SubscriptionState | str = ABSENT
    purchase: PurchaseReference = ABSENT
    owner: UserReference = ABSENT
    supplier: PurchaseSupplier = ABSENT
    amount_including_taxes_per_period: DualTaxedAmount = ABSENT
    start_date: dt.date = ABSENT
    end_date: dt.date = ABSENT
    contractual_end_date: dt.date | None = None
    last_notice_date: dt.date | None = None
    days_left: int = ABSENT
    acts: list[Act] = ABSENT
    actions: list[str] = ABSENT


class Period(Answer, frozen=True, kw_only=True, rename="camel"):
    """A period of a subscription: its days, when its invoice is expected, and how much it will be about."""

    number: int = ABSENT
    start_date: dt.date = ABSENT
    end_date: dt.date = ABSENT
    invoice_date: dt.date | None = None
    amount_including_taxes: DualTaxedAmount = ABSENT


class Schedule(Answer, frozen=True, kw_only=True, rename="camel"):
    """The schedule of a subscription, period by period. `lastNoticeDate` is the last safe day to give notice, where notice has to be given."""

    id: int = ABSENT
    href: str = ABSENT
    purchase: PurchaseReference = ABSENT
    subscription_start_date: dt.date = ABSENT
    subscription_end_date: dt.date = ABSENT
    contractual_end_date: dt.date | None = None
    last_notice_date: dt.date | None = None
    amount_including_taxes: DualTaxedAmount = ABSENT
    periods: list[Period] = ABSENT


class CalendarLink(Answer, frozen=True, kw_only=True, rename="camel"):
    """Whether a link opens the calendar, and since when; the link itself is told once, to whom it was made."""

    is_open: bool = ABSENT
    made_at: dt.datetime | None = None
    url: str | None = None
    """The link; only in the answer to the call that made it."""


class CalendarLinkInput(TypedDict, total=False):
    """Whether a link shall open the calendar of the person to whom the key is bound."""

    is_open: Required[bool]
