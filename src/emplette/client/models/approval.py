"""What is sent and answered: approval; written by scripts/write_client.py, never by hand."""

import datetime as dt
from typing import Literal, Required, TypeAlias, TypedDict

from emplette.client.models.shared import (
    Commitment,
    OrderReference,
    PurchaseReference,
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


class Approver(Answer, frozen=True, kw_only=True, rename="camel"):
    """Somebody who is asked, and why."""

    user: UserReference = ABSENT
    reason: str = ABSENT


class Step(Answer, frozen=True, kw_only=True, rename="camel"):
    """A step of a request: who is asked, and how many of them must approve."""

    id: int = ABSENT
    name: str = ABSENT
    needed: int = ABSENT
    approvers: list[Approver] = ABSENT


class Decision(Answer, frozen=True, kw_only=True, rename="camel"):
    """What somebody decided, on which content; `stated` when the caller said what was shown."""

    step_id: int = ABSENT
    verdict: Verdict | str = ABSENT
    by: UserReference = ABSENT
    comment: str | None = None
    content_hash: str = ABSENT
    stated: bool = ABSENT
    at: dt.datetime = ABSENT


class Request(Versioned, frozen=True, kw_only=True, rename="camel"):
    """A request for approval of a commitment; its `stepId` is 0 when a key approved by itself."""

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
    cancellation_comment: str | None = None
    version: int = ABSENT
    actions: list[RequestAction | str] = ABSENT
    order: OrderReference | None = None


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
