"""Files that hang on purchases, as they were uploaded and as pictures, and orders as documents."""

from uuid import UUID

from emplette.http.api import displays
from emplette.http.api import files as wire
from emplette.http.api import order_documents as documents
from emplette.http.contract.download import Download
from emplette.http.contract.registry import GET
from emplette.http.pages.declaring import page
from emplette.http.pages.visits import Visit


@page(GET, "/files/{file_id}")
async def read_file(visit: Visit, file_id: UUID) -> Download:
    """Save a file."""
    return await wire.read_file(visit.work, file_id)


@page(GET, "/files/{file_id}/look")
async def look_at_file(visit: Visit, file_id: UUID) -> Download:
    """Show a file in the browser, where it may run nothing."""
    return await displays.display_file(visit.work, file_id)


@page(GET, "/files/{file_id}/pages/{page_number}")
async def look_at_page(visit: Visit, file_id: UUID, page_number: int) -> Download:
    """Show a page of a file as a picture."""
    return await displays.display_page(visit.work, file_id, page_number)


@page(GET, "/orders/{order_id}/document")
async def read_order_document(visit: Visit, order_id: int) -> Download:
    """Save the document of an order."""
    return await documents.read_order_pdf(visit.work, order_id)
