"""Serving a call: the order in which a call is looked at, from its path to its answer.

Path, method, company, key, permission, media types, then parameters and body: who may not call learns nothing more,
and no byte of a body is read for nothing.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from secrets import token_hex
from time import perf_counter
from typing import Any

from emplette.domain.errors import Faults, Forbidden, Invalid, OutcomeUnknown, Refusal, Unavailable
from emplette.domain.people import Principal
from emplette.http.contract import messages, refusals
from emplette.http.contract.cors import Cors
from emplette.http.contract.deadline import Deadline
from emplette.http.contract.decode import expect_a_body, hash_of, refuse_anything
from emplette.http.contract.download import ANY, Download, response_with
from emplette.http.contract.exchange import Exchange, Observer, report
from emplette.http.contract.gate import Call, Gate
from emplette.http.contract.headers import Headers, accepts, is_json
from emplette.http.contract.origin import Origins
from emplette.http.contract.problems import response_of
from emplette.http.contract.query import refuse_parameters
from emplette.http.contract.rate import RateLimit
from emplette.http.contract.receive import Limits, Receive, Scope, Send, body_of, drain, is_bodiless
from emplette.http.contract.registry import EMPTY, GET, POST, REQUIRED, Operation
from emplette.http.contract.replies import EVERYWHERE, JSON, Reply, Response, response_to
from emplette.http.contract.routes import Place, Routes
from emplette.http.contract.statuses import NO_CONTENT
from emplette.http.contract.structs import Body
from emplette.http.contract.upload import Upload, upload_of

ADMITTED_FOR = 4.0
"""Seconds after which a call that takes long is looked at again: its key may have been revoked meanwhile."""
LONGEST_ADDRESS = 32 * 1024
"""Bytes of a path and a query: room for a filter of some thousand ids."""


def _no_room() -> Path:
    """Stand for the making of files to receive uploads in, where there are none."""
    raise Unavailable("Nothing can be uploaded here.")


class Contract:
    """The operations of a registry, served over ASGI."""

    def __init__(
        self,
        operations: Iterable[Operation],
        gate: Gate,
        *,
        limits: Limits | None = None,
        origins: Origins | None = None,
        cors: Cors | None = None,
        rate_limit: RateLimit | None = None,
        observers: Sequence[Observer] = (),
        room: Callable[[], Path] = _no_room,
    ) -> None:
        self._gate = gate
        self._limits = limits or Limits()
        self._room = room
        self._origins = origins or Origins()
        self._cors = cors or Cors()
        self._rate_limit = rate_limit
        self._observers = observers
        self._routes: Routes[Operation] = Routes()
        for made in operations:
            self._routes.add(made.method, made.path, made)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        exchange = Exchange(scope, receive, send, token_hex(10), perf_counter(), _NO_HEADERS)
        try:
            response = await self._answer(exchange)
        except Refusal as refusal:
            response = response_of(refusal, instance=exchange.raw_path, request_id=exchange.request_id)
            # Nothing more comes of such a body. Whoever hung up does not read the answer either.
            exchange.received = exchange.received or isinstance(refusal, refusals.BrokenBody)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets an answer
            report(error, exchange)
            fault = refusals.InternalFault("Nothing more can be said here; the log knows the request id.")
            response = response_of(fault, instance=exchange.raw_path, request_id=exchange.request_id)
        await self._send(exchange, response)
        if not exchange.received and exchange.scope["method"] not in _WITHOUT_BODY:
            await drain(exchange.receive, self._limits)

    def knows(self, raw_path: str) -> bool:
        """Tell whether an operation lives at a path."""
        return self._routes.knows(raw_path)

    async def _answer(self, exchange: Exchange) -> Response:
        scope = exchange.scope
        exchange.headers = headers = Headers(scope["headers"])
        exchange.request_id = headers.request_id or exchange.request_id
        if not headers.get(b"host") and scope.get("http_version") not in _WITHOUT_HOST:
            raise Invalid.field("Host", messages.MISSING)
        exchange.base_url = self._origins.base_url(scope, headers)
        exchange.client = self._origins.client(scope)
        if len(exchange.raw_path) + len(scope["query_string"]) > LONGEST_ADDRESS:
            raise refusals.AddressTooLong(f"At most {LONGEST_ADDRESS} bytes are read.")
        place = self._routes.find(exchange.raw_path)
        method = scope["method"]
        if method == "OPTIONS":
            allowed = _allowed(place)
            told = self._cors.headers_for(headers, preflight=allowed)
            return Response(NO_CONTENT, b"", [*EVERYWHERE, (b"allow", allowed.encode()), *told])
        found = place.methods.get(GET if method == "HEAD" else method)
        if found is None:
            raise refusals.MethodNotAllowed(f"This path takes {_allowed(place)}.", allow=_allowed(place))
        exchange.operation = found
        deadline = Deadline(self._limits.answer, lambda: self._announce(exchange))
        if found.timed:
            deadline.start()
        try:
            return await self._operate(exchange, found, place, deadline)
        except asyncio.CancelledError:
            if not deadline.expired:
                raise
            deadline.forgive()
            raise Unavailable("Nothing was begun within the time for an answer; try again.") from None
        finally:
            deadline.stop()

    async def _operate(
        self, exchange: Exchange, found: Operation, place: Place[Operation], deadline: Deadline
    ) -> Response:
        if found.local and not self._origins.is_local(exchange.scope, exchange.headers):
            raise refusals.OnlyFromHere
        await self._admit(exchange, found)
        _check_media_types(exchange.headers, found)
        arguments = found.arguments_from_path(place.values)
        faults = Faults()
        self._read_query(exchange, found, arguments, faults)
        body = await self._read_body(exchange, found, deadline, faults)
        try:
            await self._admit_again(exchange, found)
            call = _call(exchange, found, body, faults)
            if faults and found.also:
                in_path = {name: arguments[name] for name in found.variables}
                await found.also(self._work(exchange, call), body, faults, **in_path)
            faults.raise_if_any()
            if found.takes_work:
                deadline.command = arguments["work"] = self._work(exchange, call)
            if found.body_kind is not None:
                arguments[found.body_argument] = body
            if found.takes_call:
                arguments["call"] = call
            reply = await found.handler(**arguments)
            if found.method == GET:
                await self._admit_again(exchange, found)
        finally:
            if isinstance(body, Upload):
                body.discard()
        if isinstance(reply, Download):
            head = exchange.scope["method"] == "HEAD"
            return await response_with(reply, exchange.headers, if_match=call.if_match, head=head)
        if not isinstance(reply, Reply):
            reply = Reply(reply)
        return response_to(reply, status=found.status, media_type=found.media_type)

    async def _admit(self, exchange: Exchange, found: Operation) -> None:
        headers = exchange.headers
        if not found.public or found.takes_call:
            exchange.host = self._origins.host(exchange.scope, headers)
        if found.public:
            return
        exchange.tenant = tenant = await self._gate.tenant_of_host(exchange.host)
        exchange.who = who = await self._gate.principal_of_key(tenant, headers.api_key, client=exchange.client)
        _check_permission(who, found)
        if self._rate_limit is not None:
            self._rate_limit.take(who.key_id)

    async def _admit_again(self, exchange: Exchange, found: Operation) -> None:
        """Ask again who calls, when a body took its time to come, or an answer was waited for."""
        if exchange.tenant is not None and exchange.seconds > ADMITTED_FOR:
            key = exchange.headers.api_key
            exchange.who = await self._gate.principal_of_key(exchange.tenant, key, client=exchange.client)
            _check_permission(exchange.who, found)

    def _work(self, exchange: Exchange, call: Call) -> Any:  # noqa: ANN401 - what it is, only the handler knows
        if exchange.tenant is None or exchange.who is None:
            raise TypeError("A public operation has no one to work for.")
        return self._gate.work(exchange.tenant, exchange.who, call)

    def _read_query(self, exchange: Exchange, found: Operation, arguments: dict[str, Any], faults: Faults) -> None:
        raw: bytes = exchange.scope["query_string"]
        if found.query_decoder is None:
            if raw:
                refuse_parameters(raw, faults)
            return
        zone = exchange.tenant.time_zone if exchange.tenant else None
        arguments[found.query_argument] = found.query_decoder.decode(raw, faults, zone)

    async def _read_body(
        self, exchange: Exchange, found: Operation, deadline: Deadline, faults: Faults
    ) -> Body | Upload | None:
        if found.body_rule is None:
            return None
        if found.takes_upload:
            deadline.stop()
            return await self._receive_upload(exchange, found, faults)
        raw = await self._receive(exchange, found, deadline)
        if found.body_decoder is None:
            refuse_anything(raw, faults)
            return None
        if not raw.strip():
            if found.body_rule is REQUIRED:
                expect_a_body(faults)
            return found.body_decoder.decode_nothing(faults)
        if not is_json(exchange.headers.get(b"content-type") or ""):
            raise refusals.MediaTypeUnsupported("Send the body as `Content-Type: application/json`, in UTF-8.")
        return found.body_decoder.decode(raw, faults)

    async def _receive(self, exchange: Exchange, found: Operation, deadline: Deadline) -> bytes:
        # Asking the server for what doesn't come takes a turn of the event loop, and watching the clock meanwhile.
        if is_bodiless(exchange.scope, exchange.headers):
            exchange.received = True
            return b""
        deadline.stop()
        raw = await body_of(exchange.headers, exchange.receive, found.largest_body, self._limits)
        exchange.received = True
        if found.timed:
            deadline.start()
        return raw

    async def _receive_upload(self, exchange: Exchange, found: Operation, faults: Faults) -> Upload | None:
        upload = await upload_of(
            exchange.headers,
            exchange.receive,
            faults,
            room=self._room,
            largest=found.largest_body,
            pause=self._limits.upload_pause,
        )
        exchange.received = True
        return upload

    async def _announce(self, exchange: Exchange) -> None:
        """Tell the caller that the outcome is not known yet."""
        refusal = OutcomeUnknown("What was asked may still happen; repeat it with the same Idempotency-Key.")
        response = response_of(refusal, instance=exchange.raw_path, request_id=exchange.request_id)
        await self._send(exchange, response)

    async def _send(self, exchange: Exchange, response: Response) -> None:
        asks_before = exchange.scope["method"] == "OPTIONS"
        beside = [] if asks_before else self._cors.headers_for(exchange.headers)
        await exchange.answer(response, self._observers, beside=beside, patience=self._limits.download_pause)


_NO_HEADERS = Headers(())
_POLICY_VIOLATION = 1008
_WITHOUT_HOST = frozenset({"1", "1.0"})
_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def _allowed(place: Place[Operation]) -> str:
    methods = set(place.methods)
    if GET in methods:
        methods.add("HEAD")
    return ", ".join(sorted(methods | {"OPTIONS"}))


def _check_permission(who: Principal, found: Operation) -> None:
    if found.needs and not any(permission in who.permissions for permission in found.needs):
        needed = " or ".join(f"`{permission}`" for permission in found.needs)
        raise Forbidden(f"The key needs the permission {needed}.")


def _check_media_types(headers: Headers, found: Operation) -> None:
    accept = headers.get(b"accept")
    # Programs say JSON in every call, also in those that answer a picture or a PDF: refusals are JSON everywhere.
    good = {found.media_type.partition(";")[0], JSON}
    if accept and found.media_type != ANY and not any(accepts(accept, each) for each in good):
        raise refusals.NotAcceptable(f"This operation answers {found.media_type}.")
    coding = headers.get(b"content-encoding")
    if found.body_rule is not None and coding and coding.lower() != "identity":
        raise refusals.MediaTypeUnsupported("Send the body without a content coding.")


def _call(exchange: Exchange, found: Operation, body: Body | Upload | None, faults: Faults) -> Call:
    headers = exchange.headers
    key = headers.idempotency_key(faults) if found.method == POST else None
    accepted = headers.if_match(faults)
    meant = b""
    if not faults and found.body_rule not in {None, EMPTY}:
        meant = body.meant if isinstance(body, Upload) else hash_of(body)
    return Call(
        method=found.method,
        path=exchange.scope["path"],
        base_url=exchange.base_url,
        request_id=exchange.request_id,
        idempotency_key=key,
        body_hash=meant,
        if_match=accepted,
        status=found.status,
        host=exchange.host,
        client=exchange.client,
        languages=headers.get(b"accept-language") or "",
    )
