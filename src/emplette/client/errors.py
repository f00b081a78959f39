"""What can go wrong with a call, as classes: a problem that the server answered, or no answer that can be used."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar


class EmpletteError(Exception):
    """Any failure of a call."""


class NoAnswer(EmpletteError):
    """No attempt got an answer; whether the call took effect is unknown.

    Repeat it with the same ``idempotency_key``: it takes effect once, whatever happened to the attempts before.
    """

    def __init__(self, detail: str, *, idempotency_key: str | None = None) -> None:
        super().__init__(detail)
        self.idempotency_key = idempotency_key


class AnswerUnreadable(EmpletteError):
    """The server answered, and not as this API does."""


class Problem(EmpletteError):
    """The server refused, or failed: a problem as RFC 9457 describes it.

    ``code`` is for programs and never changes; ``detail`` is for people. ``errors`` names every field at fault;
    ``id``, ``href`` and ``state`` are those of what stands in the way, if there is something.
    """

    statuses: ClassVar[tuple[int, ...]] = ()

    def __init__(self, status: int, facts: Mapping[str, Any], *, idempotency_key: str | None = None) -> None:
        self.status = status
        self.code = str(facts.get("code") or "")
        self.type = str(facts.get("type") or "about:blank")
        self.title = str(facts.get("title") or "")
        self.detail = str(facts.get("detail") or "")
        self.instance = str(facts.get("instance") or "")
        self.request_id = str(facts.get("requestId") or "")
        errors = facts.get("errors")
        self.errors: Mapping[str, list[str]] = errors if isinstance(errors, Mapping) else {}
        self.id: Any = facts.get("id")
        self.href: str | None = facts.get("href")
        self.state: str | None = facts.get("state")
        self.idempotency_key = idempotency_key
        self.facts: Mapping[str, Any] = MappingProxyType(dict(facts))
        """All members of the problem, as they were sent."""
        super().__init__(self._told())

    def _told(self) -> str:
        said = self.detail or self.title or "the server answered without a problem"
        told = f"{self.status} {self.code}: {said}" if self.code else f"{self.status}: {said}"
        faults = "; ".join(f"{field}: {_joined(messages)}" for field, messages in self.errors.items())
        return f"{told} ({faults})" if faults else told


def _joined(messages: object) -> str:
    """Join the messages of a field, in whichever form a server sends them."""
    return " ".join(map(str, messages)) if isinstance(messages, list) else str(messages)


class BadRequest(Problem):
    """Something is wrong with what was sent; ``errors`` says which fields."""

    statuses = (400,)


class Unauthenticated(Problem):
    """The key is missing, unknown, expired or revoked."""

    statuses = (401,)


class Forbidden(Problem):
    """The key may not do this."""

    statuses = (403,)


class NotFound(Problem):
    """There is no such thing, or none that this key may see."""

    statuses = (404,)


class Conflict(Problem):
    """The state of things forbids it; ``id`` and ``href`` say what exists already, ``state`` how it stands."""

    statuses = (409,)


class VersionStale(Problem):
    """Somebody changed it since the version of ``if_match``: read it again."""

    statuses = (412,)


class TooLarge(Problem):
    """More was sent than the server takes."""

    statuses = (413,)


class KeyReused(Problem):
    """The idempotency key belongs to another call."""

    statuses = (422,)


class VersionMissing(Problem):
    """The call has to say with ``if_match`` for which version it was made."""

    statuses = (428,)


class TooManyRequests(Problem):
    """The server asked for patience for longer than there was."""

    statuses = (429,)


class ServerFault(Problem):
    """The server failed."""

    statuses: ClassVar[tuple[int, ...]] = (500, 502)


class Unavailable(ServerFault):
    """The server can't be used at the moment; nothing was begun."""

    statuses = (503,)


class OutcomeUnknown(ServerFault):
    """The server doesn't know yet whether the call took effect: repeat it with the same ``idempotency_key``."""

    statuses = (504,)


_KINDS: Mapping[int, type[Problem]] = {
    status: kind
    for kind in (
        BadRequest,
        Unauthenticated,
        Forbidden,
        NotFound,
        Conflict,
        VersionStale,
        TooLarge,
        KeyReused,
        VersionMissing,
        TooManyRequests,
        ServerFault,
        Unavailable,
        OutcomeUnknown,
    )
    for status in kind.statuses
}


def problem(status: int, facts: Mapping[str, Any], *, idempotency_key: str | None = None) -> Problem:
    """Make the error that a refused call raises."""
    kind = _KINDS.get(status, ServerFault if status >= min(ServerFault.statuses) else Problem)
    return kind(status, facts, idempotency_key=idempotency_key)
