"""Serving pages: the order in which a visit is looked at. What is no page is for the API.

Path, method, company, session, permission, then the form: a form counts when its session made it. A page that needs
somebody sends whoever has not signed in to the sign-in, which leads back.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from time import perf_counter
from typing import Final
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from emplette.domain.errors import Faults, Forbidden, OutcomeUnknown, Refusal, Unavailable
from emplette.domain.files import LARGEST_FILE
from emplette.domain.parties import Language
from emplette.domain.people import Permission, Tenant
from emplette.http.contract import refusals
from emplette.http.contract.deadline import Deadline
from emplette.http.contract.download import Download, response_with
from emplette.http.contract.exchange import Exchange, Observer, report
from emplette.http.contract.gate import Call
from emplette.http.contract.headers import Headers
from emplette.http.contract.origin import Origins
from emplette.http.contract.receive import MEBIBYTE, Limits, Receive, Scope, Send, body_of, drain
from emplette.http.contract.registry import GET, POST, Operation
from emplette.http.contract.replies import EVERYWHERE, Response
from emplette.http.contract.routes import Place, Routes
from emplette.http.contract.serve import LONGEST_ADDRESS, Contract
from emplette.http.contract.statuses import OK, SEE_OTHER, status_of
from emplette.http.contract.upload import Upload, upload_of
from emplette.http.pages.assets import ROOT, by_address
from emplette.http.pages.declaring import Page
from emplette.http.pages.rendering import Look
from emplette.http.pages.trouble import explanation_of
from emplette.http.pages.verify import preferred
from emplette.http.pages.visits import (
    LANGUAGE_COOKIE,
    SESSION_COOKIE,
    THEME_COOKIE,
    Reception,
    Values,
    Visit,
    Visitor,
    bound,
)
from emplette.services.approvals import count_waiting

SIGN_IN: Final = "/sign-in"
LARGEST_FORM: Final = MEBIBYTE

_FORM: Final = "application/x-www-form-urlencoded"
_UTC: Final = ZoneInfo("UTC")
_THEMES: Final = frozenset({"light", "dark"})


class Site:
    """The pages, and behind them the API."""

    def __init__(
        self,
        pages: Iterable[Page],
        reception: Reception,
        contract: Contract,
        *,
        room: Callable[[], Path],
        origins: Origins | None = None,
        limits: Limits | None = None,
        observers: Sequence[Observer] = (),
    ) -> None:
        self._reception = reception
        self._contract = contract
        self._room = room
        self._origins = origins or Origins()
        self._limits = limits or Limits()
        self._observers = observers
        self._routes: Routes[Page] = Routes()
        for made in pages:
            self._routes.add(made.operation.method, made.operation.path, made)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call: a page, something that pages are made of, or what the API answers."""
        path = _raw_path(scope)
        if scope["type"] != "http" or (not path.startswith(ROOT) and not self._is_page(scope, path)):
            await self._contract(scope, receive, send)
            return
        exchange = Exchange(scope, receive, send, token_hex(10), perf_counter(), Headers(()))
        try:
            response = await self._answer(exchange, path)
        except Refusal as refusal:
            response = self._explain(exchange, refusal)
        except Exception as error:  # noqa: BLE001 - whatever it is, the visitor gets an answer
            report(error, exchange)
            response = self._explain(exchange, refusals.InternalFault("The log knows the request id."))
        await exchange.answer(response, self._observers, patience=self._limits.download_pause)
        if not exchange.received and scope["method"] == POST:
            await drain(receive, self._limits)

    def _is_page(self, scope: Scope, path: str) -> bool:
        """Tell whether a path is a page's; what a browser asks for that nothing answers gets a page that says so."""
        return self._routes.knows(path) or (_of_browser(scope) and not self._contract.knows(path))

    async def _answer(self, exchange: Exchange, path: str) -> Response:
        exchange.headers = headers = Headers(exchange.scope["headers"])
        exchange.request_id = headers.request_id or exchange.request_id
        exchange.base_url = self._origins.base_url(exchange.scope, headers)
        exchange.client = self._origins.client(exchange.scope)
        if len(path) + len(exchange.scope["query_string"]) > LONGEST_ADDRESS:
            raise refusals.AddressTooLong(f"At most {LONGEST_ADDRESS} bytes are read.")
        if path.startswith(ROOT):
            return self._asset(exchange, path)
        place = self._routes.find(path)
        method = exchange.scope["method"]
        found = place.methods.get(GET if method == "HEAD" else method)
        if found is None:
            allowed = ", ".join(sorted(place.methods))
            raise refusals.MethodNotAllowed(f"This path takes {allowed}.", allow=allowed)
        exchange.operation = found.operation
        deadline = Deadline(self._limits.answer, lambda: self._announce(exchange))
        try:
            return await self._visit(exchange, found, place, deadline)
        except asyncio.CancelledError:
            if not deadline.expired:
                raise
            deadline.forgive()
            raise Unavailable("Nothing was begun within the time for an answer; try again.") from None
        finally:
            deadline.stop()

    async def _visit(self, exchange: Exchange, found: Page, place: Place[Page], deadline: Deadline) -> Response:
        operation = found.operation
        exchange.host = self._origins.host(exchange.scope, exchange.headers)
        _start(deadline, operation)
        tenant, cookies, visitor = _NOBODYS, exchange.headers.cookies, None
        if found.has_company:
            exchange.tenant = tenant = await self._reception.tenant_of_host(exchange.host)
            visitor = await self._visitor(tenant, cookies, exchange)
        if visitor is None and not operation.public:
            return _to_sign_in(exchange, self._nearest_page(exchange.raw_path))
        if visitor is not None:
            exchange.who = visitor.who
            if operation.needs and not any(each in visitor.who.permissions for each in operation.needs):
                raise Forbidden
        arguments = operation.arguments_from_path(place.values)
        query = Values.of_address(exchange.scope["query_string"])
        form, upload = await self._body(exchange, found, deadline)
        try:
            call = _call(exchange, operation.path, form)
            look = _look(exchange, cookies, visitor, tenant)
            sent = query if found.takes_upload else Values(form.pairs, look.language)
            visit = Visit(self._reception, tenant, visitor, call, query, sent, look, cookies, upload)
            if operation.method == POST and (visitor is not None or not operation.public):
                visit.check_form()
            if visitor is not None:
                deadline.command = visit.work
                visit.waiting = await self._waiting(visit)
                visit.here = self._nearest_page(exchange.raw_path)
            answer = await operation.handler(visit, **arguments)
        finally:
            if upload is not None:
                upload.discard()
        if isinstance(answer, Download):
            head = exchange.scope["method"] == "HEAD"
            return await response_with(answer, exchange.headers, if_match=None, head=head)
        if not isinstance(answer, Response):
            raise TypeError(f"{operation.name} answered {type(answer)}.")
        return answer

    def _nearest_page(self, path: str) -> str:
        """Find where one can come back to: this path or, when only a form leads here, the nearest page above it."""
        while path:
            with suppress(refusals.PathUnknown):
                if GET in self._routes.find(path).methods:
                    return path
            path = path.rpartition("/")[0]
        return "/"

    async def _waiting(self, visit: Visit) -> int:
        """Count what waits for the visitor, where a page shows it."""
        if visit.call.method != GET or visit.partly or not visit.may(Permission.APPROVE):
            return 0
        return await count_waiting(visit.work)

    async def _visitor(self, tenant: Tenant, cookies: dict[str, str], exchange: Exchange) -> Visitor | None:
        session = cookies.get(bound(SESSION_COOKIE, secure=exchange.base_url.startswith("https:")))
        return await self._reception.visitor_of(tenant, session) if session else None

    async def _body(self, exchange: Exchange, found: Page, deadline: Deadline) -> tuple[Values, Upload | None]:
        if found.operation.method != POST:
            return Values(), None
        deadline.stop()
        if found.takes_upload:
            faults = Faults()
            pause = self._limits.upload_pause
            upload = await upload_of(
                exchange.headers, exchange.receive, faults, room=self._room, largest=LARGEST_FILE, pause=pause
            )
            exchange.received = True
            faults.raise_if_any()
            _start(deadline, found.operation)
            return Values(), upload
        kind = (exchange.headers.get(b"content-type") or "").partition(";")[0].strip().lower()
        if kind not in {"", _FORM}:
            raise refusals.MediaTypeUnsupported(f"Send the form as {_FORM}.")
        raw = await body_of(exchange.headers, exchange.receive, LARGEST_FORM, self._limits)
        exchange.received = True
        _start(deadline, found.operation)
        return Values.parse(raw), None

    def _asset(self, exchange: Exchange, path: str) -> Response:
        found = by_address().get(path)
        if found is None or exchange.scope["method"] not in {GET, "HEAD"}:
            raise refusals.PathUnknown(f"Nothing answers at {path}.")
        codings = exchange.headers.get(b"accept-encoding") or ""
        return found.response(takes_gzip="gzip" in codings)

    def _explain(self, exchange: Exchange, refusal: Refusal) -> Response:
        """Answer with a page that says what went wrong, and where to go from here; in part, with a line of one."""
        exchange.received = exchange.received or isinstance(refusal, refusals.BrokenBody)
        look = _look(exchange, exchange.headers.cookies, None, exchange.tenant)
        visit = Visit(self._reception, _NOBODYS, None, _call(exchange, "", Values()), Values(), Values(), look, {})
        status = status_of(type(refusal))
        return visit.show(
            "parts/refused.html" if look.partly else "error.html",
            status=status,
            problem=explanation_of(refusal, status),
            request_id=exchange.request_id,
            signed_in=exchange.who is not None,
        )

    async def _announce(self, exchange: Exchange) -> None:
        """Tell the visitor that the outcome is not known yet."""
        refusal = OutcomeUnknown("What was asked may still happen: look at the page again before repeating it.")
        await exchange.answer(self._explain(exchange, refusal), self._observers)


_NOBODYS: Final = Tenant(0, "", "", _UTC, "EUR", "FR")


def _raw_path(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or b""
    return raw.decode("latin-1")


def _of_browser(scope: Scope) -> bool:
    """Tell whether somebody looks, and no program asks: it says in so many words that it takes HTML."""
    accepted = b",".join(value for name, value in scope["headers"] if name == b"accept")
    return scope["method"] in {GET, "HEAD"} and b"text/html" in accepted and not _raw_path(scope).startswith("/api/")


def _start(deadline: Deadline, operation: Operation) -> None:
    if operation.timed:
        deadline.start()


def _to_sign_in(exchange: Exchange, nearest: str) -> Response:
    """Send somebody to the sign-in, and from there back to the page, that of a form when they sent one.

    A part of a page takes its page along, and leads back to that.
    """
    query = exchange.scope["query_string"].decode("latin-1") if exchange.scope["method"] == GET else ""
    page = f"{nearest}?{query}" if query else nearest
    if around := exchange.headers.get(b"hx-current-url"):
        page = urlsplit(around)._replace(scheme="", netloc="", fragment="").geturl()
    back = urlencode({"next": page}) if page != "/" else ""
    to = f"{SIGN_IN}?{back}" if back else SIGN_IN
    headers = [*EVERYWHERE, (b"cache-control", b"no-store")]
    if exchange.headers.get(b"hx-request"):
        return Response(OK, b"", [*headers, (b"hx-redirect", to.encode())])
    return Response(SEE_OTHER, b"", [*headers, (b"location", to.encode())])


def _look(exchange: Exchange, cookies: dict[str, str], visitor: Visitor | None, tenant: Tenant | None) -> Look:
    chosen = None if visitor is None else visitor.appearance.theme
    theme = chosen or cookies.get(THEME_COOKIE, "")
    return Look(
        language=_language(exchange, cookies, visitor),
        zone=_UTC if tenant is None else tenant.time_zone,
        now=datetime.now(UTC),
        theme=theme if theme in _THEMES else "",
        partly=bool(exchange.headers.get(b"hx-request")),
    )


def _language(exchange: Exchange, cookies: dict[str, str], visitor: Visitor | None) -> Language:
    """Choose the language: the person's own, what this browser was told, what it asks for."""
    if visitor is not None and visitor.appearance.language is not None:
        return visitor.appearance.language
    chosen = cookies.get(LANGUAGE_COOKIE, "")
    if chosen in set(Language):
        return Language(chosen)
    return preferred(exchange.headers.get(b"accept-language") or "")


def _call(exchange: Exchange, path: str, form: Values) -> Call:
    """Say what the wire knows of a visit; a form carries the key under which it takes effect once."""
    meant = repr([pair for pair in form.pairs if pair[0] not in {"csrf", "once"}])
    once = form["once"]
    return Call(
        method=exchange.scope["method"],
        path=exchange.scope["path"] if path else "",
        base_url=exchange.base_url,
        request_id=exchange.request_id,
        idempotency_key=once if once.isascii() and once.isalnum() else None,
        body_hash=sha256(meant.encode()).digest(),
        if_match=None,
        status=OK,
        host=exchange.host,
        client=exchange.client,
        languages=exchange.headers.get(b"accept-language") or "",
        program=exchange.headers.get(b"user-agent") or "",
    )
