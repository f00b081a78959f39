"""From a refusal to a problem (RFC 9457)."""

from emplette.domain.errors import Invalid, OutcomeUnknown, Refusal, Unauthenticated, Unavailable
from emplette.http.contract.places import href
from emplette.http.contract.refusals import MethodNotAllowed, RangeUnsatisfiable, TooManyRequests
from emplette.http.contract.replies import RawHeaders, Response, response_of_problem
from emplette.http.contract.statuses import status_of

RETRY_AFTER = 2
"""Seconds after which a call that could not be served, or whose outcome is unknown, may be tried again."""


def type_of(code: str) -> str:
    """Name the kind of a problem: a reference to the page that explains it."""
    return f"/problems/{code}"


def response_of(refusal: Refusal, *, instance: str, request_id: str) -> Response:
    """Make the answer of a refusal to a call."""
    status = status_of(type(refusal))
    problem: dict[str, object] = {
        "type": type_of(refusal.code),
        "title": refusal.title(),
        "status": status,
        "detail": refusal.detail,
        "instance": instance,
        "code": refusal.code,
        "requestId": request_id,
    }
    for name, value in facts_of(refusal).items():
        problem.setdefault(name, value)
    if isinstance(refusal, Invalid):
        problem["errors"] = refusal.faults
    return response_of_problem(status, problem, _headers_of(refusal))


def facts_of(refusal: Refusal) -> dict[str, object]:
    """List what the refusal tells a program; what exists is pointed at by its id and href."""
    facts = dict(refusal.facts)
    kind, number = facts.pop("kind", None), facts.get("id")
    if isinstance(kind, str) and isinstance(number, int):
        facts["href"] = href(kind, number)
    return facts


def _headers_of(refusal: Refusal) -> RawHeaders:
    if isinstance(refusal, Unauthenticated):
        return [(b"www-authenticate", b"lucca")]
    if isinstance(refusal, MethodNotAllowed):
        return [(b"allow", str(refusal.facts["allow"]).encode())]
    if isinstance(refusal, RangeUnsatisfiable):
        return [(b"content-range", f"bytes */{refusal.facts['size']}".encode())]
    if isinstance(refusal, (Unavailable, OutcomeUnknown)):
        return [(b"retry-after", str(refusal.facts.get("retryAfter", RETRY_AFTER)).encode())]
    if isinstance(refusal, TooManyRequests):
        return [(b"retry-after", str(refusal.facts.get("retryAfter", refusal.retry_after)).encode())]
    return []
