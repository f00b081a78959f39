"""``emplette listen``."""

import asyncio
import secrets
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Protocol, TypeVar

import httpx2
import msgspec
import typer

from emplette.cli.acting import work_of
from emplette.cli.reaching import DataDir, Json, place_in_log, say, with_database
from emplette.domain.addresses import Reach
from emplette.domain.deliveries import Verdict
from emplette.domain.errors import Faults, Invalid, Unavailable
from emplette.domain.events import note_unknown
from emplette.domain.seals import Cursor
from emplette.domain.webhooks import SECRET_BYTES, SECRET_PREFIX, Target, secret_text, signatures
from emplette.formats.events import write_event
from emplette.formats.places import BASE
from emplette.formats.posting import Poster
from emplette.services.feeds import follow
from emplette.services.work import Work
from emplette.storage import seals
from emplette.storage.database import Session
from emplette.storage.feeds import EventFilters

KEY_VARIABLE: Final = "LUCCA_KEY"
_WAIT: Final = 20
_AT_ONCE: Final = 100
_AGAIN_AFTER: Final = 2.0
_BEYOND: Final = "9" * 18
_ANYWHERE: Final = Reach.parse(["0.0.0.0/0", "::/0"])

T = TypeVar("T")

Tenant = Annotated[
    str | None, typer.Option(metavar="ACCOUNT", help="The company, by its account: `emplette tenant list`.")
]
ForwardTo = Annotated[
    str | None, typer.Option(metavar="URL", help="Where to send each event, signed: http://localhost:3000/hooks.")
]
Types = Annotated[
    list[str] | None,
    typer.Option("--types", metavar="TYPES", help="Only events of these types, comma-separated; may be repeated."),
]
ObjectTypes = Annotated[
    list[str] | None,
    typer.Option("--object-types", metavar="KINDS", help="Only of things of these kinds, in the same way."),
]
After = Annotated[
    str | None, typer.Option(metavar="CURSOR", help="From which place of the log on, 0 for the beginning; else now.")
]
Url = Annotated[str | None, typer.Option(metavar="URL", help="A server elsewhere, asked over HTTP with --key.")]
Key = Annotated[
    str | None,
    typer.Option(metavar="KEY", envvar=KEY_VARIABLE, show_envvar=False, help="The API key there; better in LUCCA_KEY."),
]
Secret = Annotated[
    str | None, typer.Option(metavar="SECRET", help="What forwarded events are signed with; else one is made up.")
]
Count = Annotated[int | None, typer.Option(min=1, metavar="NUMBER", help="End after so many events.")]


class _Told(msgspec.Struct):
    """What is printed of an event."""

    type: str
    at: datetime
    position: int
    epoch: int
    object: "_Object"


class _Object(msgspec.Struct):
    type: str
    id: int


class _Source(Protocol):
    """Where events come from."""

    async def end(self) -> str:
        """Say where the log ends."""

    async def after(self, place: str) -> tuple[list[bytes], str]:
        """Read what happened after a place, and wait for it for a while; say where to go on."""


def listen(
    tenant: Tenant = None,
    forward_to: ForwardTo = None,
    types: Types = None,
    object_types: ObjectTypes = None,
    after: After = None,
    url: Url = None,
    key: Key = None,
    secret: Secret = None,
    count: Count = None,
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    r"""Print events as they happen, until Ctrl-C; with --forward-to, send each as a webhook would be sent it.

    It needs no webhook, and the receiver may be on this machine. With --tenant the events are those of the server
    here; with --url and a key with the permission `configure` or `view:all`, those of another one.

    \b
    emplette listen --tenant acme
    emplette listen --tenant acme --forward-to http://localhost:3000/hooks --types order.created,request.approved
    LUCCA_KEY=... emplette listen --url https://acme.example --after 1-42 --json

    \b
    Exit codes: 0 as many as --count, 1 refused, 2 not understood, 130 interrupted; those of `emplette serve` when the
    database can't be reached.
    """
    if after is not None:
        place_in_log(after)
    filters = EventFilters(_words(types), _words(object_types))
    listener = _Listener(_target(forward_to), _secret(secret), after, count, as_json=json)
    if url is not None:
        if not key:
            raise Invalid.field("key", f"Is missing: give it in the environment, as {KEY_VARIABLE}.")
        asyncio.run(listener.run(_Elsewhere(_server(url), key, filters)))
        return
    if tenant is None:
        raise Invalid.field("tenant", "Is missing: name the company, or a server elsewhere with --url.")
    account = tenant
    # Nobody waits for what can't happen; a server elsewhere knows its own types.
    faults = Faults()
    note_unknown(filters.types, filters.object_types, faults, names=("types", "objectTypes"))
    faults.raise_if_any()

    async def hear(db: Session) -> None:
        await listener.run(_Here(await work_of(db, account), filters))

    with_database("emplette listen", data_dir, hear)


@dataclass(slots=True)
class _Listener:
    target: Target | None
    secret: bytes
    place: str | None
    left: int | None
    as_json: bool
    poster: Poster = field(default_factory=lambda: Poster(_ANYWHERE))

    async def run(self, source: _Source) -> None:
        """Print and forward, whatever happens to the connection meanwhile."""
        place = self.place or await source.end()
        if self.target is not None:
            say(f"forwarding to {self.target.scheme}://{self.target.authority}, signed with {secret_text(self.secret)}")
        say(f"listening after {place}; Ctrl-C ends")
        while self.left is None or self.left > 0:
            try:
                events, place = await source.after(place)
            except (httpx2.TransportError, Unavailable) as error:
                say(f"lost for the moment: {error}")
                await asyncio.sleep(_AGAIN_AFTER)
                continue
            for event in events[: self.left]:
                await self._tell(event)
            self.left = None if self.left is None else self.left - len(events)

    async def _tell(self, body: bytes) -> None:
        told = msgspec.json.decode(body, type=_Told)
        cursor = Cursor(told.epoch, told.position)
        line = f"{cursor}  {told.at.astimezone(UTC):%H:%M:%S}  {told.type}  {told.object.type} {told.object.id}"
        answer = "" if self.target is None else await self._forward(self.target, str(cursor), body)
        typer.echo(body.decode() if self.as_json else line + answer)
        if self.as_json and answer:
            say(line + answer)

    async def _forward(self, target: Target, name: str, body: bytes) -> str:
        headers = {"Content-Type": "application/json"} | signatures([self.secret], name, body, datetime.now(UTC))
        async with self.poster.line(target, width=1) as line:
            answered = await line.post(headers, body)
        return f"  -> {answered.status}" if answered.verdict is Verdict.DELIVERED else f"  -> {answered.reason}"


@dataclass(frozen=True, slots=True)
class _Here:
    """The database of the server here."""

    work: Work
    filters: EventFilters

    async def end(self) -> str:
        head = await seals.head(self.work.db, self.work.tenant.id)
        return str(Cursor(head.epoch, head.position))

    async def after(self, place: str) -> tuple[list[bytes], str]:
        wait = timedelta(seconds=_WAIT)
        page = await follow(self.work, after=Cursor.parse(place), filters=self.filters, limit=_AT_ONCE, wait=wait)
        return [write_event(event) for event in page.items], str(page.next)


class _Page(msgspec.Struct):
    items: list[msgspec.Raw]
    next: str


class _Gone(msgspec.Struct):
    after: str


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """A server that is asked over HTTP."""

    url: str
    key: str
    filters: EventFilters

    async def end(self) -> str:
        # A place beyond the end is answered with the place to go on from.
        try:
            answer = await self._ask({"after": _BEYOND})
        except httpx2.TransportError as error:
            raise Invalid.field("url", f"Cannot be reached: {error}") from None
        return _decoded(answer, _Gone).after

    async def after(self, place: str) -> tuple[list[bytes], str]:
        asked = {"after": place, "wait": str(_WAIT), "limit": str(_AT_ONCE)}
        if self.filters.types:
            asked["type"] = ",".join(self.filters.types)
        if self.filters.object_types:
            asked["objectType"] = ",".join(self.filters.object_types)
        answer = await self._ask(asked)
        if answer.status_code != httpx2.codes.OK:
            raise Invalid.field("url", f"Answered {answer.status_code}: {answer.text[:300]}")
        page = _decoded(answer, _Page)
        return [bytes(one) for one in page.items], page.next

    async def _ask(self, asked: dict[str, str]) -> httpx2.Response:
        headers = {"Authorization": f"lucca application={self.key}"}
        async with httpx2.AsyncClient(headers=headers, timeout=_WAIT + 10.0) as client:
            answer = await client.get(f"{self.url.rstrip('/')}{BASE}/api/events", params=asked)
        if answer.status_code >= httpx2.codes.INTERNAL_SERVER_ERROR:
            raise Unavailable(f"Answered {answer.status_code}.")
        if answer.status_code in {httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN}:
            raise Invalid.field("key", f"Does not let in there: {answer.status_code}.")
        return answer


def _decoded(answer: httpx2.Response, form: type[T]) -> T:
    try:
        return msgspec.json.decode(answer.content, type=form)
    except msgspec.MsgspecError:
        raise Invalid.field("url", f"Answered {answer.status_code}, and not as Emplette does.") from None


def _server(url: str) -> str:
    try:
        Target.parse(url)
    except ValueError:
        raise Invalid.field("url", "Must be an address such as https://acme.example.com.") from None
    return url


def _words(texts: list[str] | None) -> list[str]:
    return [word.strip() for text in texts or () for word in text.split(",") if word.strip()]


def _target(url: str | None) -> Target | None:
    try:
        return None if url is None else Target.parse(url)
    except ValueError as error:
        raise Invalid.field("forwardTo", str(error)) from None


def _secret(text: str | None) -> bytes:
    if text is None:
        return secrets.token_bytes(SECRET_BYTES)
    try:
        return b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except NotBase64:
        raise Invalid.field("secret", f"Must be {SECRET_PREFIX} and base64, as that of a webhook.") from None
