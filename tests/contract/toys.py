"""A small program behind the contract: a few operations, and a gate that lets one key in."""

# ruff: noqa: RUF012  (each struct gets a list of its own)

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx2
import msgspec
from msgspec import UNSET, Meta, UnsetType

from emplette.domain.errors import Conflict, Faults
from emplette.domain.people import Permission, Principal, Scope, Tenant, User
from emplette.http.contract import (
    GET,
    OPTIONAL,
    POST,
    PUT,
    Amount,
    Answer,
    Body,
    Call,
    Comment,
    Contract,
    Count,
    Cursor,
    Direction,
    Id,
    Listed,
    Moment,
    Name,
    PagedQuery,
    Registry,
    Reply,
    RootField,
    Title,
    operation,
)
from emplette.http.contract.gate import Handler
from emplette.http.contract.receive import Limits
from emplette.services.access import HostUnknown, KeyUnknown

KEY = "a-key-for-the-toys"
HEADERS = {"Authorization": f"lucca application={KEY}", "Host": "toys.example"}
COMPANY = Tenant(1, "toys", "Toys & Sons", ZoneInfo("Europe/Paris"), "EUR", "FR")


@dataclass(slots=True)
class Work:
    """What a toy's handler is given."""

    call: Call
    begun: bool = False


@dataclass(slots=True)
class Gate:
    """Lets one key of one company in, and remembers every call that came as far as the work."""

    permissions: dict[Permission, Scope] = field(default_factory=lambda: {Permission.PURCHASES: Scope.ALL})
    works: list[Work] = field(default_factory=list)

    async def tenant_of_host(self, host: str) -> Tenant:
        if host != "toys.example":
            raise HostUnknown
        return COMPANY

    async def principal_of_key(self, tenant: Tenant, key: str, *, client: str) -> Principal:
        assert client == "" or ip_address(client).version in {4, 6}
        if key != KEY:
            raise KeyUnknown
        assert tenant is COMPANY
        return Principal(User(1, "Connector", ""), 7, "connector", self.permissions, auto_approve=True)

    def work(self, tenant: Tenant, who: Principal, call: Call) -> Work:
        assert (tenant, who.key_id) == (COMPANY, 7)
        self.works.append(Work(call))
        return self.works[-1]


class Unit(StrEnum):
    DAY = "Day"
    MONTH = "Month"


class Duration(Body):
    value: Count
    unit: Unit


class Money(Body):
    value: Amount
    currency: Literal["EUR", "USD"]


class Tax(Body):
    rate_type_id: Id
    value: Amount


class Order(Body, tag_field="type"):
    """What both kinds of order have in common."""

    title: Title
    owner_id: Id
    comment: Comment | None = None
    state: Literal["Created"] = "Created"
    tag_ids: Annotated[list[Id | UUID], Meta(max_length=3)] = []
    urgent: bool = False


class Once(Order, tag="Once"):
    on: date
    price: Money
    taxes: list[Tax] = []

    def check(self, faults: Faults) -> None:
        if not faults.covers("price.value") and self.price.value < 0:
            faults.add("price.value", "Must not be negative.")


class Often(Order, tag="Often"):
    starts_at: Annotated[datetime, Meta(tz=True)]
    every: Duration
    price: Money


class OrderOut(Answer):
    """An order."""

    id: int
    title: str
    price: Amount | UnsetType = UNSET
    rate: Decimal = Decimal("1.5")
    comment: str | None = None


class Label(Body):
    """A change: what is absent is kept, null clears."""

    name: Name | UnsetType = UNSET
    comment: Comment | UnsetType | None = UNSET


class Note(Body):
    comment: Comment | None = None


class Orders(PagedQuery):
    """How orders are looked for."""

    ordered_by: ClassVar[Any] = tuple[datetime, int]

    unit: list[Unit] = []
    owner_id: list[Id] = []
    since: Moment | None = msgspec.field(name="createdAt.from", default=None)
    terms: Annotated[str, Meta(max_length=100)] | None = msgspec.field(name="search.terms", default=None)
    urgent: bool | None = None


async def missing_owners(work: Work, order: Once | Often | None, faults: Faults) -> None:
    assert work.call.body_hash == b""
    if order is not None and order.owner_id == 404:
        faults.add("ownerId", "There is no such user.")


@operation(
    POST,
    "/api/orders",
    answers={201: OrderOut},
    needs=Permission.PURCHASES,
    tag="Orders",
    also=missing_owners,
    problems=(Conflict,),
    links={"get_order": {"order_id": "id"}},
    examples={"once": {"type": "Once", "title": "A toy", "ownerId": 1}},
)
async def create_order(work: Work, order: Once | Often) -> Reply[OrderOut]:
    """Order a toy.

    It is made at once.
    """
    if order.title == "broken":
        raise Conflict("It fell.", id=7, href="/api/orders/7", state="Broken")
    if order.title == "bug":
        raise RuntimeError(f"secret of {work.call.request_id}")
    body = OrderOut(id=12, title=order.title, price=order.price.value, comment=order.comment)
    return Reply(body, location="/api/orders/12", etag='"12.1"', replayed=order.title == "again")


@operation(GET, "/api/orders/{order_id}", answers={200: OrderOut}, tag="Orders")
async def get_order(work: Work, order_id: int) -> OrderOut:
    """Read an order."""
    assert work.call.method == "GET"
    return OrderOut(id=order_id, title="A toy")


@operation(PUT, "/api/orders/{order_id}", answers={200: dict[str, str | None]}, tag="Orders", ours=True)
async def label_order(work: Work, order_id: int, label: Label) -> dict[str, str | None]:
    """Label an order."""
    assert work.call.path == f"/api/orders/{order_id}"
    fields = {"name": label.name, "comment": label.comment}
    return {name: value for name, value in fields.items() if not isinstance(value, UnsetType)}


@operation(POST, "/api/orders/{order_id}/requests", answers={201: OrderOut}, tag="Orders")
async def request_approval(work: Work, order_id: int) -> OrderOut:
    """Ask for approval."""
    return OrderOut(id=order_id, title=work.call.method)


@operation(POST, "/api/orders/{order_id}/closing", answers={201: OrderOut}, body=OPTIONAL, tag="Orders")
async def close_order(work: Work, order_id: int, note: Note) -> OrderOut:
    """Close an order."""
    return OrderOut(id=order_id, title=work.call.method, comment=note.comment)


@operation(GET, "/api/orders", answers={200: Listed[OrderOut]}, needs=Permission.PURCHASES, tag="Orders")
async def list_orders(query: Orders) -> Listed[OrderOut]:
    """List orders."""
    keys = (datetime.fromisoformat("2025-04-14T00:00:00+00:00"), 12)
    return Listed(
        items=[OrderOut(id=12, title=f"{type(query.position).__name__} {query.since} {query.limit}")],
        next=query.token(Direction.NEXT, keys) if query.asks_for(RootField.NEXT) else UNSET,
        prev="start" if isinstance(query.position, Cursor) else UNSET,
        count=1 if query.asks_for(RootField.COUNT) else UNSET,
    )


@operation(GET, "/api/files/{file_id}", answers={200: bytes}, media_type="application/pdf", tag="Files")
async def get_file(file_id: UUID, call: Call) -> Reply[bytes]:
    """Read a file."""
    return Reply(f"{file_id} at {call.base_url}".encode())


@operation(GET, "/api/open", answers={200: dict[str, bool]}, public=True, tag="Open")
async def look_in() -> dict[str, bool]:
    """Answer anybody."""
    return {"open": True}


TOYS: list[Handler] = [
    create_order,
    get_order,
    label_order,
    request_approval,
    close_order,
    list_orders,
    get_file,
    look_in,
]

ONCE = {"type": "Once", "title": "A toy", "ownerId": 1, "on": "2025-04-14", "price": {"value": 120, "currency": "EUR"}}
OFTEN = {
    "type": "Often",
    "title": "A toy",
    "ownerId": 1,
    "startsAt": "2025-04-14T09:30:00+02:00",
    "every": {"value": 1, "unit": "Month"},
    "price": {"value": 120, "currency": "EUR"},
}


def contract(gate: Gate | None = None, *more: Handler, limits: Limits | None = None, **options: Any) -> Contract:  # noqa: ANN401
    """Make the program."""
    return Contract(Registry([*TOYS, *more]), gate or Gate(), limits=limits, **options)


@asynccontextmanager
async def client_of(app: Callable[..., Any]) -> AsyncIterator[httpx2.AsyncClient]:
    """Call a program without a socket in between."""
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://toys.example", headers=HEADERS) as client:
        yield client


async def send_order(client: httpx2.AsyncClient, body: bytes, **headers: str) -> httpx2.Response:
    """Send bytes as they are."""
    sent = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return await client.post("/api/orders", content=body, headers=sent)


def faults_of(answer: httpx2.Response) -> dict[str, list[str]]:
    """Read which fields are at fault, after looking whether this is a problem about fields at all."""
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    errors: dict[str, list[str]] = answer.json()["errors"]
    return errors


def fields_at_fault(answer: httpx2.Response) -> Sequence[str]:
    """Read which fields are at fault, in the order of their names."""
    return sorted(faults_of(answer))
