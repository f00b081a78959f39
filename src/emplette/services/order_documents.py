"""Sending orders: the document of one, made when it is first asked for; and whether a printed hash is right."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import replace
from hashlib import sha256

import structlog

from emplette.domain.amending import as_asked
from emplette.domain.dossiers import Dossier
from emplette.domain.errors import Refusal
from emplette.domain.order_documents import Edition, OrderDocument, letter_of, same_hash
from emplette.domain.orders import Order, OrderNotFound, OrderState
from emplette.domain.people import Tenant
from emplette.services.amounts import rates_of
from emplette.services.commands import by_order, visible
from emplette.services.work import Work
from emplette.storage import dossiers
from emplette.storage import order_documents as storage
from emplette.storage.database import Session
from emplette.storage.stores import ORDERS, new_place

log = structlog.get_logger("emplette.order_documents")


async def read_order_document(work: Work, order_id: int) -> tuple[Order, OrderDocument]:
    """Look at the document of an order that holds; when there is none yet, it is made now, once, whoever else asks.

    A call that waits too long ends, and the making goes on: the next call finds what it made.

    Raises:
        OrderNotFound: the order is not there for this caller.
        TemplateBroken: the template can't be used; the order stays as it is.
        DocumentUnmade: making it took more than it may.
    """
    dossier = await visible(work, by_order(work, order_id), OrderNotFound)
    if dossier.order is None:
        raise OrderNotFound
    edition = await storage.edition(work.db, work.tenant.id, order_id)
    document = await storage.find(work.db, work.tenant.id, order_id, edition.number)
    if document is None:
        document = await asyncio.shield(_making(work, dossier, order_id, edition))
    return dossier.order, document


async def open_document(work: Work, document: OrderDocument, *, first: int, last: int) -> AsyncGenerator[bytes, None]:
    """Begin to read the bytes of a document, from the first to the last one of them."""
    return await work.store.open(work.tenant.id, document.place, first=first, last=last)


async def verify_order(db: Session, tenant: Tenant, *, number: str, told: str) -> bool:
    """Tell whether an order of this number has this hash; nothing else is told to anybody."""
    content_hash = await storage.content_hash(db, tenant.id, number)
    return same_hash(told, content_hash or "")


def _making(work: Work, dossier: Dossier, order_id: int, edition: Edition) -> "asyncio.Task[OrderDocument]":
    """Find the making that is under way in this process, or begin it; it does not end with the call."""
    name, under_way = (work.tenant.id, order_id, edition.number), work.shelf.making
    if name not in under_way:
        apart = replace(work, db=work.db.database.session(), idempotency=None, if_match=None)
        task = under_way[name] = asyncio.create_task(_make(apart, dossier, order_id, edition))

        def done(ended: "asyncio.Task[OrderDocument]") -> None:
            under_way.pop(name, None)
            failure = None if ended.cancelled() else ended.exception()
            if failure is not None:
                reason = failure.detail if isinstance(failure, Refusal) else type(failure).__qualname__
                log.warning("order.document_unmade", order_id=order_id, reason=reason)

        task.add_done_callback(done)
    return under_way[name]


async def _make(work: Work, dossier: Dossier, order_id: int, edition: Edition) -> OrderDocument:
    """Make the document, store its bytes, then write it down; what somebody else wrote down first is taken.

    As long as nobody knows how it ended, a note of the place stays for the job worker to clear up.
    """
    dossier = await _as_ordered(work, dossier, order_id, edition)
    purchase, tenant = dossier.purchase, work.tenant
    around = await storage.surroundings(
        work.db,
        tenant.id,
        establishment_id=None if purchase.establishment is None else purchase.establishment.id,
        supplier_id=purchase.supplier.id,
    )
    letter = letter_of(dossier, around, tenant, await rates_of(work, dossier), edition)
    made = await work.press.make(letter, made_at=work.now)
    digest = sha256(made.pdf).digest()
    document = OrderDocument(
        order_id=order_id,
        edition=edition.number,
        place=new_place(digest, above=ORDERS),
        sha256=digest,
        size=len(made.pdf),
        language=letter.language,
        content_hash=letter.content_hash,
        template=made.template,
        template_sha256=made.template_sha256,
        made_at=work.now,
    )
    note = work.spool.note(tenant.id, document.place)
    await work.store.put_bytes(tenant.id, document.place, made.pdf)
    is_first = await storage.keep(work.db, tenant.id, document, author=work.author)
    if not is_first:
        await work.store.remove(tenant.id, document.place)
    note.forget()
    return document if is_first else await storage.find(work.db, tenant.id, order_id, edition.number) or document


async def _as_ordered(work: Work, dossier: Dossier, order_id: int, edition: Edition) -> Dossier:
    """Find what is ordered, and on which request: what an amendment says of it, where one was approved.

    After a cancellation the purchase may be another one by now: then it is told as it was when it was ordered.
    """
    ordered = dossier
    if dossier.order is not None and dossier.order.state is OrderState.CANCELLED:
        then = await storage.as_ordered(work.db, work.tenant.id, dossier.purchase.id, order_id)
        if then is not None:
            ordered = replace(dossier, purchase=then.purchase, commitment=then.commitment)
    if edition.request_id is None:
        return ordered
    amended = await dossiers.of_request(work.db, work.tenant.id, edition.request_id)
    if amended is None:
        raise OrderNotFound
    asked = as_asked(amended)
    return replace(ordered, commitment=asked.commitment, request=asked.request)
