"""Calls from the pages of other origins: refused by browsers unless a setting names the origin."""

from collections.abc import Collection

from emplette.http.contract.headers import Headers
from emplette.http.contract.replies import RawHeaders

_SENT = b"authorization, content-type, idempotency-key, if-match, x-request-id"
_SHOWN = b"etag, location, idempotency-replayed, retry-after, x-request-id"
_SECONDS = b"600"


class Cors:
    """Which origins may call, and how a browser is told."""

    def __init__(self, origins: Collection[str] = ()) -> None:
        self._origins = frozenset(origins)

    def headers_for(self, headers: Headers, *, preflight: str | None = None) -> RawHeaders:
        """Write what a browser has to know; ``preflight`` lists the methods when it asks before it calls."""
        if not self._origins:
            return []
        origin = headers.get(b"origin")
        if origin is None or origin not in self._origins:
            return [(b"vary", b"origin")]
        told: RawHeaders = [(b"vary", b"origin"), (b"access-control-allow-origin", origin.encode())]
        if preflight is None:
            return [*told, (b"access-control-expose-headers", _SHOWN)]
        return [
            *told,
            (b"access-control-allow-methods", preflight.encode()),
            (b"access-control-allow-headers", _SENT),
            (b"access-control-max-age", _SECONDS),
        ]
