"""Purchases: list, create, read, change, name the supplier, close."""

from datetime import date, datetime
from typing import Any, ClassVar

import msgspec

from emplette.domain.approvals import NobodyLeftToAsk
from emplette.domain.dossiers import PurchaseClosed
from emplette.domain.drafting import fault_of_closing_date
from emplette.domain.errors import Faults
from emplette.domain.people import Permission
from emplette.domain.policies import RefusedByPolicy
from emplette.domain.purchases import (
    PurchaseNotFound,
    PurchaseState,
    PurchaseType,
    SupplierListedAlready,
    TypeContradicted,
)
from emplette.domain.workflow import ActionNotAllowed
from emplette.http.api import examples
from emplette.http.api.lists import PURCHASE_READERS, filters_of, listed, slice_of
from emplette.http.api.purchases_in import PurchaseIn
from emplette.http.api.purchases_out import PurchaseOut, purchase_out
from emplette.http.api.replies import reply_to_reading, reply_with
from emplette.http.contract import (
    GET,
    OPTIONAL,
    POST,
    PUT,
    Body,
    Call,
    Comment,
    Id,
    Listed,
    Moment,
    PagedQuery,
    Reply,
    ShortText,
    operation,
)
from emplette.http.contract.places import BASE, href
from emplette.http.contract.told import ETAG, LOCATION
from emplette.services import purchases
from emplette.services.commands import NotYours
from emplette.services.work import Work


class PurchasesQuery(PagedQuery):
    """Which purchases to list; several values are joined by commas."""

    ordered_by: ClassVar[Any] = tuple[datetime, int]

    state: list[PurchaseState] = []
    type: list[PurchaseType] = []
    owner_id: list[Id] = []
    cost_center_id: list[Id] = []
    nature_id: list[Id] = []
    supplier_id: list[Id] = []
    created_from: Moment | None = msgspec.field(name="createdAt.from", default=None)
    created_to: Moment | None = msgspec.field(name="createdAt.to", default=None)
    search_terms: ShortText = msgspec.field(name="search.terms", default="")


class SupplierChoiceIn(Body):
    """The listed supplier that a purchase shall have."""

    id: Id


class ClosingIn(Body):
    """How a purchase is closed; without a date, today."""

    on: date | None = msgspec.field(name="date", default=None)
    comment: Comment | None = None


@operation(
    GET,
    f"{BASE}/api/purchases",
    answers={200: Listed[PurchaseOut]},
    needs=PURCHASE_READERS,
    tag="Purchases",
    links={"read_purchase": {"purchase_id": "items.0.id"}},
)
async def list_purchases(work: Work, call: Call, query: PurchasesQuery) -> Listed[PurchaseOut]:
    """List the purchases that the key may see, in the order of their creation.

    `search.terms` looks for every word, or its beginning, in titles and suppliers' names.
    """
    filters = filters_of(
        query,
        state=query.state,
        type=query.type,
        ownerId=query.owner_id,
        costCenterId=query.cost_center_id,
        natureId=query.nature_id,
        supplierId=query.supplier_id,
    )
    page = await purchases.list_purchases(work, filters, slice_of(query, filters))
    return listed(query, page, [purchase_out(dossier, work.tenant, call.base_url) for dossier in page.items])


async def faults_of_purchase(
    work: Work, purchase: PurchaseIn | None, faults: Faults, purchase_id: int | None = None
) -> None:
    """Find what is missing among the things that a purchase with faults refers to."""
    del purchase_id
    if purchase is not None:
        await purchases.note_missing_references(work, purchase.readable_draft(), faults)


@operation(
    POST,
    f"{BASE}/api/purchases",
    answers={201: PurchaseOut},
    tells=(ETAG, LOCATION),
    needs=Permission.PURCHASES,
    tag="Purchases",
    examples=examples.PURCHASE,
    also=faults_of_purchase,
    links={
        "read_purchase": {"purchase_id": "id"},
        "revise_purchase": {"purchase_id": "id"},
        "list_purchase_supplier": {"purchase_id": "id"},
        "create_commitment": {"purchase_id": "id"},
        "create_purchase_commitment": {"purchase_id": "id"},
        "close_purchase": {"purchase_id": "id"},
        "list_comments": {"purchase_id": "id"},
        "create_comment": {"purchase_id": "id"},
    },
)
async def create_purchase(work: Work, call: Call, purchase: PurchaseIn) -> Reply[PurchaseOut]:
    """Write down what somebody wants to buy.

    Without an `Idempotency-Key` each call makes a purchase of its own: send one, and a repeat finds the first.
    """
    done = await purchases.create_purchase(work, purchase.draft())
    created = purchase_out(done.dossier, work.tenant, call.base_url)
    return reply_with(created, done, location=href("purchase", created.id))


@operation(
    GET,
    f"{BASE}/api/purchases/{{purchase_id}}",
    answers={200: PurchaseOut},
    tells=(ETAG,),
    needs=PURCHASE_READERS,
    tag="Purchases",
    problems=(PurchaseNotFound,),
)
async def read_purchase(work: Work, call: Call, purchase_id: int) -> Reply[PurchaseOut]:
    """Read a purchase with its live or last commitment, its money and its order."""
    dossier = await purchases.read_purchase(work, purchase_id)
    return reply_to_reading(purchase_out(dossier, work.tenant, call.base_url), dossier)


@operation(
    PUT,
    f"{BASE}/api/purchases/{{purchase_id}}",
    answers={200: PurchaseOut},
    tells=(ETAG,),
    needs=Permission.PURCHASES,
    tag="Purchases",
    problems=(PurchaseNotFound, NotYours, ActionNotAllowed, TypeContradicted),
    examples=examples.PURCHASE,
    also=faults_of_purchase,
    ours=True,
)
async def revise_purchase(work: Work, call: Call, purchase_id: int, purchase: PurchaseIn) -> Reply[PurchaseOut]:
    """Say anew, and as a whole, what is to be bought: while Created, Denied or Cancelled.

    The rate and the taxes of a commitment that nobody was asked about are checked and computed anew.
    """
    done = await purchases.revise_purchase(work, purchase_id, purchase.draft())
    return reply_with(purchase_out(done.dossier, work.tenant, call.base_url), done)


@operation(
    PUT,
    f"{BASE}/api/purchases/{{purchase_id}}/supplier",
    answers={200: PurchaseOut},
    tells=(ETAG,),
    needs=Permission.MANAGE,
    tag="Purchases",
    problems=(PurchaseNotFound, SupplierListedAlready, PurchaseClosed, RefusedByPolicy, NobodyLeftToAsk),
    examples=examples.SUPPLIER,
    ours=True,
)
async def list_purchase_supplier(
    work: Work, call: Call, purchase_id: int, supplier: SupplierChoiceIn
) -> Reply[PurchaseOut]:
    """Put a listed supplier in the place of the one that the buyer only wrote down.

    In every state but Closed; under review it changes what is to be approved.
    """
    done = await purchases.list_supplier(work, purchase_id, supplier.id)
    return reply_with(purchase_out(done.dossier, work.tenant, call.base_url), done)


async def faults_of_closing(work: Work, closing: ClosingIn | None, faults: Faults, purchase_id: int) -> None:
    """Look at the day of a closing that has faults elsewhere."""
    del purchase_id
    fault = None if closing is None or closing.on is None else fault_of_closing_date(closing.on, today=work.today)
    if fault is not None:
        faults.add("date", fault)


@operation(
    POST,
    f"{BASE}/api/purchases/{{purchase_id}}/closing",
    answers={201: PurchaseOut},
    tells=(ETAG, LOCATION),
    needs=Permission.PURCHASES,
    tag="Purchases",
    body=OPTIONAL,
    also=faults_of_closing,
    problems=(PurchaseNotFound, NotYours, PurchaseClosed, ActionNotAllowed),
    examples=examples.CLOSING,
)
async def close_purchase(work: Work, call: Call, purchase_id: int, closing: ClosingIn) -> Reply[PurchaseOut]:
    """Close a purchase whose invoices are all settled; its order closes with it, and nothing of it changes any more.

    A purchase that waits for approval can't be closed: cancel its request first.
    """
    done = await purchases.close_purchase(work, purchase_id, on=closing.on, comment=closing.comment)
    return reply_with(
        purchase_out(done.dossier, work.tenant, call.base_url), done, location=href("purchase", purchase_id)
    )
