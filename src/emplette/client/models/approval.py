"""What is sent and answered: approval; written by scripts/write_client.py, never by hand."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Literal, Required, TypeAlias, TypedDict

from emplette.client.models.shared import (
    Amount,
    AmountInput,
    BudgetKind,
    Commitment,
    DualAmount,
    EntryState,
    ItemProblem,
    OneTimeInput,
    OrderReference,
    PurchaseInput,
    PurchaseReference,
    Reference,
    SubscriptionInput,
    UserReference,
)
from emplette.client.wire import ABSENT, Answer, Versioned

RequestState: TypeAlias = Literal["Approved", "Cancelled", "Denied", "Pending"]
"""Where a request for approval stands."""

RequestKind: TypeAlias = Literal["Amendment", "Commitment"]
"""What approval is asked for: a commitment, or the change of an approved one."""

Verdict: TypeAlias = Literal["Approved", "Denied"]
"""What somebody decided."""

RequestAction: TypeAlias = Literal["approve", "cancel", "deny"]
"""What can happen to a request."""

AmendedPart: TypeAlias = Literal["amount", "attachments", "comment", "paymentMethod", "terms"]
"""What of a commitment an amendment changes: its dates and periods, what it costs, or what else it says."""

Outcome: TypeAlias = Literal["AtOnce", "ByKey", "Steps"]
"""How something is approved: by people in steps, at once by a rule, or by the key that asks."""

Pick: TypeAlias = Literal[
    "costCenterOwner", "headOfDepartment", "holdersOf", "manager", "managersManager", "named", "nextHead"
]
"""By what somebody is asked."""

Cause: TypeAlias = Literal["left", "lostTheRight", "nobody", "ownRequest", "reassigned", "tooFew", "tooSlow", "unknown"]
"""Why somebody whom a step names is not asked, or is asked no more."""

StepState: TypeAlias = Literal["Asked", "Denied", "GivenUp", "Passed", "ToCome"]
"""Where a step stands: to come, asked now, passed, denied, or given up when the request began anew or ended."""

BudgetState: TypeAlias = Literal["over", "uncovered", "within"]
"""How a purchase stands to the budgets: what a policy asks about it."""


class Absence(Versioned, frozen=True, kw_only=True, rename="camel"):
    """An absence; whoever is away may decide all the same."""

    id: int = ABSENT
    user: UserReference = ABSENT
    deputy: UserReference = ABSENT
    start_date: dt.date = ABSENT
    end_date: dt.date = ABSENT
    cost_center: Reference | None = None
    at_most: Amount | None = None
    version: int = ABSENT


class Approver(Answer, frozen=True, kw_only=True, rename="camel"):
    """Somebody who is asked, and why; `inPlaceOf` is who is asked no more, or away, by their id."""

    user: UserReference = ABSENT
    reason: str = ABSENT
    in_place_of: int | None = None


class Step(Answer, frozen=True, kw_only=True, rename="camel"):
    """A step of a request: who is asked, and how many of them must approve."""

    id: int = ABSENT
    name: str = ABSENT
    needed: int = ABSENT
    approvers: list[Approver] = ABSENT


class Decision(Answer, frozen=True, kw_only=True, rename="camel"):
    """What somebody decided, on which content; `stated` when the caller said what was shown. `inPlaceOf` is who was asked, by their id, when another decided as their deputy."""

    step_id: int = ABSENT
    verdict: Verdict | str = ABSENT
    by: UserReference = ABSENT
    in_place_of: int | None = None
    comment: str | None = None
    content_hash: str = ABSENT
    stated: bool = ABSENT
    at: dt.datetime = ABSENT


class Amendment(Answer, frozen=True, kw_only=True, rename="camel"):
    """What an approved commitment shall say instead of what it said: both whole, what changes, what it costs more. `difference` is without taxes, of the whole commitment, in the currency that it had; below zero it costs less."""

    before: Commitment = ABSENT
    after: Commitment = ABSENT
    difference: DualAmount = ABSENT
    changes: list[AmendedPart | str] = ABSENT


class Request(Versioned, frozen=True, kw_only=True, rename="camel"):
    """A request for approval of a commitment, or of its amendment; `stepId` is 0 when a key approved by itself."""

    id: int = ABSENT
    href: str = ABSENT
    owner: UserReference = ABSENT
    assignee: UserReference = ABSENT
    business_object: Commitment = ABSENT
    step_id: int = ABSENT
    workflow_id: str = ABSENT
    template_id: int = ABSENT
    state: RequestState | str = ABSENT
    created_at: dt.datetime = ABSENT
    modified_at: dt.datetime = ABSENT
    author: UserReference = ABSENT
    modifier: UserReference = ABSENT
    kind: RequestKind | str = ABSENT
    content_hash: str = ABSENT
    purchase: PurchaseReference = ABSENT
    steps: list[Step] = ABSENT
    decisions: list[Decision] = ABSENT
    waits_for: list[Approver] = ABSENT
    cancellation_comment: str | None = None
    version: int = ABSENT
    actions: list[RequestAction | str] = ABSENT
    order: OrderReference | None = None
    amendment: Amendment | None = None


class ApprovedItem(Answer, frozen=True, kw_only=True, rename="camel"):
    """What became of one of the requests: it as it is after the approval, or why it was not approved."""

    request_id: int = ABSENT
    request: Request | None = None
    problem: ItemProblem | None = None


class Approvals(Answer, frozen=True, kw_only=True, rename="camel"):
    """What became of each request, in the order of the call."""

    approved: int = ABSENT
    refused: int = ABSENT
    items: list[ApprovedItem] = ABSENT


class Rule(Answer, frozen=True, kw_only=True, rename="camel"):
    """The rule of the policy, and what it is for: all of the conditions hold; without any, it is for everything."""

    name: str = ABSENT
    conditions: list[str] = ABSENT


class Because(Answer, frozen=True, kw_only=True, rename="camel"):
    """Why somebody is asked, as data; `of` is the user, department or cost center that the pick is about."""

    pick: Pick | str = ABSENT
    of: int | None = None
    permission: str | None = None
    instead_of: int | None = None
    cause: Cause | str | None = None


class PlannedApprover(Answer, frozen=True, kw_only=True, rename="camel"):
    """Somebody who is asked, why, and what they have decided."""

    user: UserReference = ABSENT
    reason: str = ABSENT
    because: Because | None = None
    in_place_of: int | None = None
    verdict: Verdict | str | None = None
    waits: bool = ABSENT


class LeftOut(Answer, frozen=True, kw_only=True, rename="camel"):
    """Somebody whom the step names and who is not asked; without an id, nobody was there to be named."""

    user_id: int | None = None
    pick: Pick | str = ABSENT
    cause: Cause | str = ABSENT
    reason: str = ABSENT


class Reminders(Answer, frozen=True, kw_only=True, rename="camel"):
    """After how many working days people are reminded, and after how many it goes up; null is never."""

    after: list[int] = ABSENT
    escalate_after: int | None = None


class IfUndecided(Answer, frozen=True, kw_only=True, rename="camel"):
    """What happens if nobody decides: on which days people are reminded, and when it goes up, to whom by today's rules. `goesUpTo` is empty where nobody is above: then it goes on waiting."""

    asked_at: str = ABSENT
    reminders_on: list[dt.date] = ABSENT
    goes_up_on: dt.date | None = None
    goes_up_to: list[UserReference] = ABSENT
    words: str = ABSENT


class PlannedStep(Answer, frozen=True, kw_only=True, rename="camel"):
    """A step: how many of whom must approve; `round` counts how often the request has begun."""

    id: int = ABSENT
    name: str = ABSENT
    round: int = ABSENT
    needed: int = ABSENT
    distinct: bool = ABSENT
    one_denial_denies: bool = ABSENT
    self_approval: bool = ABSENT
    approvers: list[PlannedApprover] = ABSENT
    left_out: list[LeftOut] = ABSENT
    state: StepState | str = ABSENT
    reminders: Reminders | None = None
    if_undecided: IfUndecided | None = None


class BudgetShare(Answer, frozen=True, kw_only=True, rename="camel"):
    """What of a purchase falls into a budget, and what is free of that without the purchase and with it. `beyond` is how much of it is more than the budget has; `state` is absent (null) as long as nothing was asked for."""

    budget: Reference = ABSENT
    kind: BudgetKind | str = ABSENT
    start_date: dt.date = ABSENT
    end_date: dt.date = ABSENT
    state: EntryState | str | None = None
    amount: Amount = ABSENT
    periods: int = ABSENT
    free_before: Amount = ABSENT
    free_after: Amount = ABSENT
    beyond: Amount = ABSENT


class Budgets(Answer, frozen=True, kw_only=True, rename="camel"):
    """How a purchase stands to the company's budgets: what falls into which, and the days that none of them covers."""

    state: BudgetState | str = ABSENT
    shares: list[BudgetShare] = ABSENT
    not_covered: list[dt.date] = ABSENT


class Plan(Answer, frozen=True, kw_only=True, rename="camel"):
    """Who is asked to approve something, in which order, and why; `words` says all of it. `budgets` is what it leaves of the company's budgets; null where there are none, or when it is over."""

    outcome: Outcome | str = ABSENT
    words: str = ABSENT
    policy_version: int | None = None
    rule: Rule | None = None
    must_state_content_hash: bool = ABSENT
    steps: list[PlannedStep] = ABSENT
    budgets: Budgets | None = None
    request_id: int | None = None
    state: RequestState | str | None = None
    step_id: int | None = None


class AbsenceInput(TypedDict, total=False):
    """That somebody is away from a first day to a last, who decides in their place, of which cost center, and how much. Without `userId` it is the absence of the person to whom the key is bound. `atMost` is compared with the whole amount without taxes in the counter currency; what is in another currency is not for the deputy then."""

    deputy_id: Required[int]
    start_date: Required[dt.date]
    end_date: Required[dt.date]
    user_id: int | None
    cost_center_id: int | None
    at_most: AmountInput | None


class ReassignmentInput(TypedDict, total=False):
    """Who is asked no more, who is asked in their place, by their ids, and why."""

    from_user_id: Required[int]
    """Who is asked no more."""
    to_user_id: Required[int]
    """Who is asked in their place."""
    reason: Required[str]


class ApprovalInput(TypedDict, total=False):
    """An approval; the content hash says what was shown."""

    comment: str | None
    content_hash: str | None


class DenialInput(TypedDict, total=False):
    """A denial, which says why; the content hash says what was shown."""

    comment: Required[str]
    content_hash: str | None


class CancellationInput(TypedDict, total=False):
    """Why a request is taken back."""

    comment: str | None


class ShownRequestInput(TypedDict, total=False):
    """A request that shall be approved, and the content hash with which it was shown."""

    request_id: Required[int]
    content_hash: Required[str]


class ApprovalsInput(TypedDict, total=False):
    """Which requests shall be approved, each once, and a comment on all of them."""

    items: Required[Sequence[ShownRequestInput]]
    comment: str | None


class PriceRiseInput(TypedDict, total=False):
    """The index that a price follows: where it stood when the price was agreed, and where it stands now."""

    index: Required[str]
    before: Required[Decimal | int]
    """An exact decimal number of at most 15 significant digits."""
    after: Required[Decimal | int]
    """An exact decimal number of at most 15 significant digits."""


class DraftInput(TypedDict, total=False):
    """A purchase and its commitment, as they would be sent."""

    purchase: Required[PurchaseInput]
    commitment: Required[OneTimeInput | SubscriptionInput]
