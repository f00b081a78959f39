"""The document of an order, as it is sent to the supplier."""

from collections.abc import AsyncGenerator

from emplette.domain.order_documents import DocumentUnmade, TemplateBroken
from emplette.domain.orders import OrderNotFound
from emplette.http.api.lists import PURCHASE_READERS
from emplette.http.contract import GET, Download, operation
from emplette.http.contract.places import BASE
from emplette.services import order_documents as documents
from emplette.services.work import Work

PDF = "application/pdf"


@operation(
    GET,
    f"{BASE}/api/orders/{{order_id}}/pdf",
    answers={200: bytes, 206: bytes, 304: None},
    needs=PURCHASE_READERS,
    tag="Orders",
    problems=(OrderNotFound, TemplateBroken, DocumentUnmade),
    media_type=PDF,
    ours=True,
)
async def read_order_pdf(work: Work, order_id: int) -> Download:
    """Read the document of an order: a PDF/A-3 with the order as Order-X attached, in French or in English.

    It is made at the first call and kept; its bytes never change after, whatever becomes of the order, the supplier or
    the template, and it stays when the order is closed or cancelled. A first call that takes too long is answered 503
    with `Retry-After` while the document is being made: call again.
    """
    order, document = await documents.read_order_document(work, order_id)

    async def read(first: int, last: int) -> AsyncGenerator[bytes, None]:
        return await documents.open_document(work, document, first=first, last=last)

    return Download(f"{order.number}.pdf", PDF, document.size, document.sha256.hex(), read)
