"""Orders: list and read what approved commitments became."""

from datetime import datetime
from typing import Any, ClassVar

import msgspec

from emplette.domain.approvals import Verdict
from emplette.domain.dossiers import Dossier
from emplette.domain.orders import OrderHappening, OrderNotFound, OrderState
from emplette.http.api.amounts import DualTaxedAmountOut, dual_taxed_amount_out
from emplette.http.api.commitments_out import AnyCommitmentOut, commitment_out
from emplette.http.api.lists import PURCHASE_READERS, filters_of, listed, slice_of
from emplette.http.api.references import (
    PurchaseReferenceOut,
    SupplierOut,
    UserOut,
    purchase_reference_out,
    supplier_out,
    user_out,
)
from emplette.http.api.replies import reply_to_reading
from emplette.http.contract import (
    GET,
    Answer,
    Call,
    Id,
    Instant,
    Listed,
    Moment,
    PagedQuery,
    Reply,
    instant,
    operation,
)
from emplette.http.contract.places import BASE, href
from emplette.http.contract.told import ETAG
from emplette.services import orders
from emplette.services.work import Work


class OrdersQuery(PagedQuery):
    """Which orders to list; several values are joined by commas."""

    ordered_by: ClassVar[Any] = tuple[datetime, int]

    state: list[OrderState] = []
    purchase_id: list[Id] = []
    supplier_id: list[Id] = []
    owner_id: list[Id] = []
    created_from: Moment | None = msgspec.field(name="createdAt.from", default=None)
    created_to: Moment | None = msgspec.field(name="createdAt.to", default=None)


class OrderEntryOut(Answer):
    """One line of an order's history."""

    at: Instant
    what: OrderHappening
    by: UserOut


class OrderOut(Answer):
    """An order: what is bought, for how much, who approved it and when, and what happened to it."""

    id: int
    href: str
    number: str
    state: OrderState
    purchase: PurchaseReferenceOut
    commitment: AnyCommitmentOut
    owner: UserOut
    supplier: SupplierOut
    amount_including_taxes: DualTaxedAmountOut
    approved_at: Instant
    approved_by: list[UserOut]
    created_at: Instant
    history: list[OrderEntryOut]
    version: int


@operation(
    GET,
    f"{BASE}/api/orders",
    answers={200: Listed[OrderOut]},
    needs=PURCHASE_READERS,
    tag="Orders",
    links={"read_order": {"order_id": "items.0.id"}},
    ours=True,
)
async def list_orders(work: Work, call: Call, query: OrdersQuery) -> Listed[OrderOut]:
    """List the orders that the key may see, in the order of their creation."""
    filters = filters_of(
        query,
        state=query.state,
        purchaseId=query.purchase_id,
        supplierId=query.supplier_id,
        ownerId=query.owner_id,
    )
    page = await orders.list_orders(work, filters, slice_of(query, filters))
    return listed(query, page, [order_out(dossier, call.base_url) for dossier in page.items])


@operation(
    GET,
    f"{BASE}/api/orders/{{order_id}}",
    answers={200: OrderOut},
    tells=(ETAG,),
    needs=PURCHASE_READERS,
    tag="Orders",
    problems=(OrderNotFound,),
    links={
        "read_purchase": {"purchase_id": "purchase.id"},
        "read_commitment": {"commitment_id": "commitment.id"},
        "read_order_pdf": {"order_id": "id"},
    },
    ours=True,
)
async def read_order(work: Work, call: Call, order_id: int) -> Reply[OrderOut]:
    """Read an order: its number, its state, what it came from, who approved it, its history."""
    dossier = await orders.read_order(work, order_id)
    return reply_to_reading(order_out(dossier, call.base_url), dossier)


def order_out(dossier: Dossier, base_url: str) -> OrderOut:
    """Tell an order."""
    order, commitment, request = dossier.order, dossier.commitment, dossier.request
    if order is None or commitment is None:
        raise OrderNotFound
    decisions = () if request is None else request.decisions
    return OrderOut(
        id=order.id,
        href=href("order", order.id),
        number=order.number,
        state=order.state,
        purchase=purchase_reference_out(dossier.purchase),
        commitment=commitment_out(dossier, base_url),
        owner=user_out(dossier.purchase.owner, base_url),
        supplier=supplier_out(dossier.purchase.supplier),
        amount_including_taxes=dual_taxed_amount_out(commitment.total),
        approved_at=instant(order.approved_at),
        approved_by=[user_out(made.by, base_url) for made in decisions if made.verdict is Verdict.APPROVED],
        created_at=instant(order.created.at),
        history=[
            OrderEntryOut(at=instant(entry.at), what=entry.what, by=user_out(entry.by, base_url))
            for entry in order.history
        ],
        version=dossier.purchase.version,
    )
