"""Amendments of approved commitments: proposing one, a price that follows an index, and those of a commitment."""

from datetime import datetime
from typing import Any, ClassVar, Final

from emplette.domain.amendments import AmendmentPending, NothingAmended
from emplette.domain.approvals import NobodyLeftToAsk, PolicyMissing
from emplette.domain.attachments import AttachmentInUse
from emplette.domain.commitments import CommitmentNotFound
from emplette.domain.dossiers import PurchaseClosed
from emplette.domain.errors import PreconditionRequired
from emplette.domain.exchange_rates import ExchangeRateMissing
from emplette.domain.people import Permission
from emplette.domain.policies import RefusedByPolicy
from emplette.domain.price_rises import PriceRise
from emplette.domain.purchases import TypeContradicted
from emplette.domain.workflow import ActionNotAllowed
from emplette.http.api import examples
from emplette.http.api.approvals_out import RequestOut, request_out
from emplette.http.api.commitments import faults_of_revised_commitment
from emplette.http.api.commitments_in import OneTimeIn, SubscriptionIn
from emplette.http.api.lists import PURCHASE_READERS, listed, slice_of
from emplette.http.api.replies import reply_with
from emplette.http.contract import GET, POST, Amount, Body, Call, Listed, Name, PagedQuery, Reply, operation
from emplette.http.contract.places import BASE, href
from emplette.http.contract.told import ETAG, LOCATION
from emplette.services import amendments
from emplette.services.commands import Done, NotYours
from emplette.services.work import Work

_STANDS_IN_THE_WAY: Final = (
    CommitmentNotFound,
    NotYours,
    PreconditionRequired,
    AmendmentPending,
    NothingAmended,
    TypeContradicted,
    PurchaseClosed,
    ActionNotAllowed,
    AttachmentInUse,
    ExchangeRateMissing,
    PolicyMissing,
    RefusedByPolicy,
    NobodyLeftToAsk,
)
_LEADS_TO: Final = {
    "read_request": {"request_id": "id"},
    "approve_request": {"request_id": "id"},
    "deny_request": {"request_id": "id"},
    "cancel_request": {"request_id": "id"},
    "reassign_request": {"request_id": "id"},
    "list_amendments": {"commitment_id": "businessObject.id"},
}


class AmendmentsQuery(PagedQuery):
    """Which page of the amendments of a commitment to list."""

    ordered_by: ClassVar[Any] = tuple[datetime, int]


@operation(
    POST,
    f"{BASE}/api/commitments/{{commitment_id}}/amendments",
    answers={201: RequestOut},
    tells=(ETAG, LOCATION),
    needs=Permission.PURCHASES,
    tag="Approval",
    problems=_STANDS_IN_THE_WAY,
    examples=examples.AMENDMENTS,
    also=faults_of_revised_commitment,
    links=_LEADS_TO,
    ours=True,
)
async def create_amendment(
    work: Work, call: Call, commitment_id: int, commitment: OneTimeIn | SubscriptionIn
) -> Reply[RequestOut]:
    """Ask for approval of what an approved commitment shall say instead: the whole of it.

    `If-Match` is mandatory: an amendment is made for a version. Until it is approved the commitment, the purchase and
    the order stay as they are; approved, it takes the place of what the commitment said. A key that approves by itself
    answers with an Approved request.
    """
    return _asked(await amendments.propose_amendment(work, commitment_id, commitment.draft()), call)


class PriceRiseIn(Body):
    """The index that a price follows: where it stood when the price was agreed, and where it stands now."""

    index: Name
    before: Amount
    after: Amount


@operation(
    POST,
    f"{BASE}/api/commitments/{{commitment_id}}/price-rises",
    answers={201: RequestOut},
    tells=(ETAG, LOCATION),
    needs=Permission.PURCHASES,
    tag="Approval",
    problems=_STANDS_IN_THE_WAY,
    examples=examples.PRICE_RISE,
    links=_LEADS_TO,
    ours=True,
)
async def create_price_rise(work: Work, call: Call, commitment_id: int, rise: PriceRiseIn) -> Reply[RequestOut]:
    """Ask for approval of the price that an index makes of the one that was approved: an amendment of that alone.

    What each period costs is multiplied by `after` and divided by `before`, and rounded to the cent; taxes grow with
    it. It counts for every period. `If-Match` is mandatory, as for every amendment.
    """
    said = PriceRise(rise.index, rise.before, rise.after)
    return _asked(await amendments.propose_price_rise(work, commitment_id, said), call)


@operation(
    GET,
    f"{BASE}/api/commitments/{{commitment_id}}/amendments",
    answers={200: Listed[RequestOut]},
    needs=PURCHASE_READERS,
    tag="Approval",
    problems=(CommitmentNotFound,),
    links={"read_request": {"request_id": "items.0.id"}},
    ours=True,
)
async def list_amendments(work: Work, call: Call, commitment_id: int, query: AmendmentsQuery) -> Listed[RequestOut]:
    """List the requests for amendments of a commitment, decided or not, in the order of their creation."""
    page = await amendments.list_amendments(work, commitment_id, slice_of(query))
    return listed(query, page, [request_out(dossier, call.base_url) for dossier in page.items])


def _asked(done: Done, call: Call) -> Reply[RequestOut]:
    created = request_out(done.dossier, call.base_url)
    return reply_with(created, done, location=href("request", created.id))
