"""Looking at orders: what approved commitments became."""

from emplette.domain.dossiers import Dossier
from emplette.domain.orders import OrderNotFound
from emplette.services.commands import by_order, visible
from emplette.services.work import Work
from emplette.storage import lists
from emplette.storage.lists import Filters, Page, Slice


async def read_order(work: Work, order_id: int) -> Dossier:
    """Look at an order.

    Raises:
        OrderNotFound: it is not there for this caller.
    """
    return await visible(work, by_order(work, order_id), OrderNotFound)


async def list_orders(work: Work, filters: Filters, piece: Slice) -> Page:
    """List the orders of the purchases that the caller may see, in the order of their creation."""
    return await lists.orders(work.db, work.tenant.id, work.who.visible, filters, piece)
