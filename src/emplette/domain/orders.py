"""Orders: what an approved commitment becomes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from emplette.domain.errors import NotFound
from emplette.domain.people import Stamp, User
from emplette.domain.workflow import Workflow


class OrderState(StrEnum):
    """Where an order stands."""

    OPEN = "Open"
    CLOSED = "Closed"
    CANCELLED = "Cancelled"


class OrderAction(StrEnum):
    """What can happen to an order: it follows its purchase."""

    CLOSE = "close"
    CANCEL = "cancel"


class OrderHappening(StrEnum):
    """What the history of an order tells."""

    CREATED = "Created"
    AMENDED = "Amended"
    CLOSED = "Closed"
    CANCELLED = "Cancelled"


LIFE: Final = Workflow(
    "order",
    {
        (OrderState.OPEN, OrderAction.CLOSE): OrderState.CLOSED,
        (OrderState.OPEN, OrderAction.CANCEL): OrderState.CANCELLED,
    },
)


class OrderNotFound(NotFound):
    """There is no such order."""

    code = "order.not_found"


@dataclass(frozen=True, slots=True)
class OrderEntry:
    """One line of an order's history."""

    at: datetime
    what: OrderHappening
    by: User


@dataclass(frozen=True, slots=True)
class Order:
    """An approved purchase, with a number of its own. ``history`` tells what happened to it, oldest first."""

    id: int
    number: str
    state: OrderState
    purchase_id: int
    commitment_id: int
    approved_at: datetime
    created: Stamp
    history: tuple[OrderEntry, ...] = ()


def number_of(order_id: int) -> str:
    """Make the number of an order: unique in its company, with gaps, and telling nothing."""
    return f"PO-{order_id:06d}"
