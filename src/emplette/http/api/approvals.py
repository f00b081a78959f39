"""Requests for approval: ask, look, decide, take back."""

from datetime import datetime
from typing import Any, ClassVar

import msgspec

from emplette.domain.amendments import AmendmentOutdated, AmendmentPending
from emplette.domain.approvals import (
    ContentChanged,
    ContentHashNeeded,
    NobodyLeftToAsk,
    NotAsked,
    OwnRequest,
    PersonNeeded,
    PolicyMissing,
    RequestKind,
    RequestNotFound,
    RequestState,
    Verdict,
)
from emplette.domain.commitments import CommitmentNotFound
from emplette.domain.deciding import decider
from emplette.domain.dossiers import PurchaseClosed
from emplette.domain.errors import Faults
from emplette.domain.exchange_rates import ExchangeRateMissing
from emplette.domain.people import Permission
from emplette.domain.policies import RefusedByPolicy
from emplette.domain.reviewing import RequestDecided, RequestExists
from emplette.domain.workflow import ActionNotAllowed
from emplette.http.api import examples
from emplette.http.api.approvals_out import RequestOut, request_out
from emplette.http.api.lists import PURCHASE_READERS, filters_of, listed, slice_of
from emplette.http.api.replies import reply_to_reading, reply_with
from emplette.http.contract import (
    GET,
    OPTIONAL,
    POST,
    Body,
    Call,
    Comment,
    Id,
    Listed,
    Moment,
    PagedQuery,
    Reason,
    Reply,
    ShortText,
    operation,
)
from emplette.http.contract.places import BASE, href
from emplette.http.contract.told import ETAG, LOCATION
from emplette.services import approvals
from emplette.services.commands import NotYours
from emplette.services.work import Work

_IN_THE_WAY = (
    RequestNotFound,
    PersonNeeded,
    NotAsked,
    OwnRequest,
    RequestDecided,
    ContentChanged,
    ContentHashNeeded,
)


class RequestsQuery(PagedQuery):
    """Which requests to list; several values are joined by commas."""

    ordered_by: ClassVar[Any] = tuple[datetime, int]

    state: list[RequestState] = []
    kind: list[RequestKind] = []
    assignee_id: list[Id] = []
    owner_id: list[Id] = []
    commitment_id: list[Id] = []
    created_from: Moment | None = msgspec.field(name="createdAt.from", default=None)
    created_to: Moment | None = msgspec.field(name="createdAt.to", default=None)


class ApprovalIn(Body):
    """An approval; the content hash says what was shown."""

    comment: Comment | None = None
    content_hash: ShortText | None = None


class DenialIn(Body):
    """A denial, which says why; the content hash says what was shown."""

    comment: Reason
    content_hash: ShortText | None = None


class CancellationIn(Body):
    """Why a request is taken back."""

    comment: Comment | None = None


@operation(
    POST,
    f"{BASE}/api/commitments/{{commitment_id}}/requests",
    answers={201: RequestOut},
    tells=(ETAG, LOCATION),
    needs=Permission.PURCHASES,
    tag="Approval",
    problems=(
        CommitmentNotFound,
        NotYours,
        RequestExists,
        PurchaseClosed,
        ActionNotAllowed,
        PolicyMissing,
        RefusedByPolicy,
        NobodyLeftToAsk,
        ExchangeRateMissing,
    ),
    links={
        "read_request": {"request_id": "id"},
        "approve_request": {"request_id": "id"},
        "deny_request": {"request_id": "id"},
        "cancel_request": {"request_id": "id"},
        "reassign_request": {"request_id": "id"},
        "create_amendment": {"commitment_id": "businessObject.id"},
        "create_price_rise": {"commitment_id": "businessObject.id"},
        "read_subscription": {"commitment_id": "businessObject.id"},
    },
)
async def create_request(work: Work, call: Call, commitment_id: int) -> Reply[RequestOut]:
    """Ask for approval of a commitment.

    A key that approves by itself answers with an Approved request, and the order exists. Otherwise the company's
    policy says who is asked, and the request is Pending.
    """
    done = await approvals.submit_commitment(work, commitment_id)
    created = request_out(done.dossier, call.base_url)
    return reply_with(created, done, location=href("request", created.id))


@operation(
    GET,
    f"{BASE}/api/requests",
    answers={200: Listed[RequestOut]},
    needs=PURCHASE_READERS,
    tag="Approval",
    links={"read_request": {"request_id": "items.0.id"}},
    ours=True,
)
async def list_requests(work: Work, call: Call, query: RequestsQuery) -> Listed[RequestOut]:
    """List the requests that the key may see, in the order of their creation."""
    filters = filters_of(
        query,
        state=query.state,
        kind=query.kind,
        assigneeId=query.assignee_id,
        ownerId=query.owner_id,
        commitmentId=query.commitment_id,
    )
    page = await approvals.list_requests(work, filters, slice_of(query, filters))
    return listed(query, page, [request_out(dossier, call.base_url) for dossier in page.items])


@operation(
    GET,
    f"{BASE}/api/requests/{{request_id}}",
    answers={200: RequestOut},
    tells=(ETAG,),
    needs=PURCHASE_READERS,
    tag="Approval",
    problems=(RequestNotFound,),
    links={"read_purchase": {"purchase_id": "purchase.id"}, "read_request_plan": {"request_id": "id"}},
    ours=True,
)
async def read_request(work: Work, call: Call, request_id: int) -> Reply[RequestOut]:
    """Read a request: what is to be approved and the hash of it, who is asked, who decided what."""
    dossier = await approvals.read_request(work, request_id)
    return reply_to_reading(request_out(dossier, call.base_url), dossier)


async def refuse_without_person(work: Work, decision: Body | None, faults: Faults, **in_path: int) -> None:
    """Refuse a key that decides for nobody, whatever else is wrong with its call."""
    del decision, faults, in_path
    decider(work.who)


@operation(
    POST,
    f"{BASE}/api/requests/{{request_id}}/approvals",
    answers={201: RequestOut},
    tells=(ETAG, LOCATION),
    needs=Permission.APPROVE,
    tag="Approval",
    body=OPTIONAL,
    also=refuse_without_person,
    problems=(*_IN_THE_WAY, AmendmentOutdated),
    examples=examples.COMMENT,
    links={
        "read_order": {"order_id": "order.id"},
        "close_purchase": {"purchase_id": "purchase.id"},
        "cancel_request": {"request_id": "id"},
        "create_amendment": {"commitment_id": "businessObject.id"},
        "create_price_rise": {"commitment_id": "businessObject.id"},
        "read_subscription": {"commitment_id": "businessObject.id"},
    },
    ours=True,
)
async def approve_request(work: Work, call: Call, request_id: int, approval: ApprovalIn) -> Reply[RequestOut]:
    """Approve, as the person to whom the key is bound; the last step's approval makes the order, or amends it."""
    done = await approvals.decide_request(
        work, request_id, Verdict.APPROVED, comment=approval.comment, content_hash=approval.content_hash
    )
    return reply_with(request_out(done.dossier, call.base_url), done, location=href("request", request_id))


@operation(
    POST,
    f"{BASE}/api/requests/{{request_id}}/denials",
    answers={201: RequestOut},
    tells=(ETAG, LOCATION),
    needs=Permission.APPROVE,
    tag="Approval",
    also=refuse_without_person,
    problems=_IN_THE_WAY,
    examples=examples.COMMENT,
    links={"create_purchase_commitment": {"purchase_id": "purchase.id"}},
    ours=True,
)
async def deny_request(work: Work, call: Call, request_id: int, denial: DenialIn) -> Reply[RequestOut]:
    """Deny, as the person to whom the key is bound, and say why; one denial denies, unless the policy says else."""
    done = await approvals.decide_request(
        work, request_id, Verdict.DENIED, comment=denial.comment, content_hash=denial.content_hash
    )
    return reply_with(request_out(done.dossier, call.base_url), done, location=href("request", request_id))


@operation(
    POST,
    f"{BASE}/api/requests/{{request_id}}/cancellations",
    answers={201: RequestOut},
    tells=(ETAG, LOCATION),
    needs=Permission.PURCHASES,
    tag="Approval",
    body=OPTIONAL,
    problems=(RequestNotFound, NotYours, PurchaseClosed, ActionNotAllowed, AmendmentPending, RequestDecided),
    examples=examples.COMMENT,
    links={"create_purchase_commitment": {"purchase_id": "purchase.id"}},
)
async def cancel_request(work: Work, call: Call, request_id: int, cancellation: CancellationIn) -> Reply[RequestOut]:
    """Take a request back, Pending or Approved, and with it the commitment, the purchase and the order.

    One for an amendment is taken back alone, and only while it is Pending; the commitment stays what it is.
    """
    done = await approvals.cancel_request(work, request_id, comment=cancellation.comment)
    return reply_with(request_out(done.dossier, call.base_url), done, location=href("request", request_id))
