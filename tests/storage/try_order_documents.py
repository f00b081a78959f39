"""Calls of the storage about documents of orders, and about what orders print of a company."""

from hashlib import sha256

from emplette.domain.order_documents import OrderDocument
from emplette.domain.parties import Language, Letterhead
from emplette.storage import order_documents, tenants
from tests.storage.trying import NOW, Call, author, case


@case(order_documents.find, alike=True)
async def _find(call: Call) -> object:
    return await order_documents.find(call.db, call.tenant, call.ids.order, 1)


@case(order_documents.edition, alike=True)
async def _edition(call: Call) -> object:
    return await order_documents.edition(call.db, call.tenant, call.ids.order)


@case(order_documents.needs, alike=True)
async def _needs(call: Call) -> object:
    return await order_documents.needs(call.db, call.tenant, sha256(b"mine").digest(), "orders/mine")


@case(order_documents.as_ordered)
async def _as_ordered(call: Call) -> object:
    return await order_documents.as_ordered(call.db, call.tenant, call.ids.purchase, call.ids.order)


@case(order_documents.keep)
async def _keep(call: Call) -> object:
    digest = sha256(b"mine").digest()
    document = OrderDocument(
        order_id=call.ids.order,
        edition=1,
        place=f"orders/{digest.hex()}.mine",
        sha256=digest,
        size=4,
        language=Language.ENGLISH,
        content_hash="v1:mine",
        template="own",
        template_sha256=digest,
        made_at=NOW,
    )
    return await order_documents.keep(call.db, call.tenant, document, author=author())


@case(order_documents.surroundings)
async def _surroundings(call: Call) -> object:
    found = await order_documents.surroundings(
        call.db, call.tenant, establishment_id=call.ids.word, supplier_id=call.ids.word
    )
    return found.establishment, found.legal_unit, found.supplier


@case(order_documents.content_hash)
async def _content_hash(call: Call) -> object:
    return await order_documents.content_hash(call.db, call.tenant, f"PO-{call.ids.order:06d}")


@case(tenants.letterhead, alike=True)
async def _letterhead(call: Call) -> object:
    return await tenants.letterhead(call.db, call.tenant)


@case(tenants.write_letterhead, alike=True)
async def _write_letterhead(call: Call) -> object:
    await tenants.write_letterhead(call.db, call.tenant, Letterhead(registration_id="303265045"), now=NOW)
    return await tenants.letterhead(call.db, call.tenant)
