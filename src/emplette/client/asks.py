"""One call, as everything that is needed to make it, and to read its answer; it is the same for both clients."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar
from uuid import uuid4

import httpx2
from msgspec.structs import force_setattr

from emplette.client import errors, wire
from emplette.client.uploads import Upload
from emplette.client.wire import UNSET, Unset, Versioned

T = TypeVar("T")

_KEY = re.compile(r"[!-~]{1,255}")
_REPEATABLE = frozenset({"GET", "PUT", "DELETE"})
"""What may be asked twice; a POST may as well, because of its key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(Generic[T]):
    """What is asked of the server."""

    method: str
    path: str
    answer: Any
    query: Mapping[str, object] = field(default_factory=dict)
    body: object = UNSET
    upload: Upload | None = None
    idempotency_key: str | None = None
    if_match: str | Versioned | None = None

    def with_query(self, **changes: object) -> "Ask[T]":
        """Ask the same with other parameters; ``fields_root`` is `fields.root` on the wire."""
        return replace(self, query={**self.query, **{name.replace("_", "."): v for name, v in changes.items()}})

    def with_key(self) -> "Ask[T]":
        """Ask in such a way that all attempts together take effect once: a POST gets a key, if it has none."""
        if self.method != "POST" or self.idempotency_key is not None:
            return self
        return replace(self, idempotency_key=str(uuid4()))

    @property
    def repeatable(self) -> bool:
        """Tell whether the call can be made again when nobody knows whether it took effect."""
        can_be_read_again = self.upload is None or self.upload.rewindable
        return can_be_read_again and (self.method in _REPEATABLE or self.idempotency_key is not None)

    def parameters(self) -> dict[str, str]:
        """Write the parameters of the query."""
        given = {name: value for name, value in self.query.items() if value is not None and value is not UNSET}
        return {name: wire.query_text(value) for name, value in given.items()}

    @property
    def seconds_waited(self) -> float:
        """How long the server is asked to wait before it answers."""
        wait = self.query.get("wait")
        return float(wait) if isinstance(wait, int) else 0.0

    def content(self) -> bytes | None:
        """Write the body."""
        return None if isinstance(self.body, Unset) else wire.encode(self.body)

    def headers(self) -> dict[str, str]:
        """Write the headers that are this call's own."""
        written: dict[str, str] = {}
        if not isinstance(self.body, Unset):
            written["Content-Type"] = "application/json"
        if self.idempotency_key is not None:
            if not _KEY.fullmatch(self.idempotency_key):
                raise ValueError("An idempotency key is 1 to 255 visible ASCII characters.")
            written["Idempotency-Key"] = self.idempotency_key
        tag = self.if_match.etag if isinstance(self.if_match, Versioned) else self.if_match
        if tag is not None:
            written["If-Match"] = tag
        elif self.if_match is not None:
            raise ValueError("What was read in a list carries no etag: read it by itself, and change that version.")
        return written

    def read(self, response: httpx2.Response, *, lost: bool = False) -> T:
        """Read the answer.

        Raises:
            Problem: the server refused.
            AnswerUnreadable: the answer is not one of this API.
        """
        if not response.is_success:
            raise self._problem(response, lost=lost)
        if self.answer is bytes:
            return response.content  # type: ignore[return-value]  # T is what self.answer is
        if self.answer is str:
            return response.text  # type: ignore[return-value]
        found: T = wire.decode(response.content, self.answer)
        if isinstance(found, Versioned):
            force_setattr(found, "etag", response.headers.get("ETag"))
        return found

    def _problem(self, response: httpx2.Response, *, lost: bool) -> errors.Problem:
        made = errors.problem(response.status_code, wire.plain(response.content), idempotency_key=self.idempotency_key)
        if lost and isinstance(made, errors.VersionStale | errors.Conflict):
            made.add_note("An earlier attempt got no answer: it may have been the one that is in the way.")
        return made
