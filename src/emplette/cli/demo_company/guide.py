"""The guide's calls, played over HTTP against the server that runs, with all that is sent and all that comes shown."""

import http.client
import json
import ssl
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import msgspec
import yaml

from emplette.cli.demo_company.showing import in_short, whole
from emplette.runtime.exits import StartRefused

_PATIENCE = 30
_HIDDEN_KEY = "lucca application={API_KEY}"


class AnsweredOtherwise(StartRefused):
    """A call of the guide is not answered as it promises."""


class Call(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One call of the guide; ``{name}`` in it stands for what an earlier answer ``keeps`` under that name."""

    says: str
    method: str
    path: str
    expects: int
    keeps: dict[str, str] = {}
    body: Any = None


def read_guide(text: str) -> list[Call]:
    """Read the file."""
    return msgspec.convert(yaml.safe_load(text), list[Call])


def play_guide(calls: list[Call], *, url: str, key: str, show: Callable[[str], None]) -> None:
    """Make the calls one after the other and show them.

    Raises:
        AnsweredOtherwise: one was not answered as the guide promises.
    """
    kept: dict[str, Any] = {}
    connection = _connect(url)
    try:
        for call in calls:
            path, body = call.path.format(**kept), _filled(call.body, kept)
            show(_request(call, path, body))
            began = time.perf_counter()
            status, reason, answer = _send(connection, call.method, path, body, key)
            show(_answer(status, reason, answer, time.perf_counter() - began))
            if status != call.expects:
                raise AnsweredOtherwise(
                    f"{call.method} {path} was answered with {status}; the guide promises {call.expects}"
                )
            kept |= {name: _found(answer, place) for name, place in call.keeps.items()}
    finally:
        connection.close()


def _connect(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    if parts.scheme == "http":
        return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_PATIENCE)
    # It is our own server, at the address that it listens at; its certificate is for the name that others call.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(parts.hostname or "", parts.port, timeout=_PATIENCE, context=context)


def _send(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: Any,  # noqa: ANN401  (any JSON)
    key: str,
) -> tuple[int, str, Any]:
    content = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"lucca application={key}", "Accept": "application/json"}
    if content is not None:
        headers["Content-Type"] = "application/json"
    try:
        connection.request(method, path, body=content, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.reason, json.loads(answer.read(), parse_float=Decimal)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise StartRefused(f"{method} {path} was not answered: {error}") from None


def _found(answer: Any, place: str) -> Any:  # noqa: ANN401  (any JSON)
    """Find what stands at a place like ``order.href``."""
    for name in place.split("."):
        answer = answer[name]
    return answer


def _filled(body: Any, kept: Mapping[str, Any]) -> Any:  # noqa: ANN401  (any JSON)
    """Put what earlier answers kept in the places of a body that name it."""
    if isinstance(body, dict):
        return {name: _filled(value, kept) for name, value in body.items()}
    if isinstance(body, str) and body.startswith("{") and body.endswith("}"):
        return kept[body[1:-1]]
    return body


def _request(call: Call, path: str, body: Any) -> str:  # noqa: ANN401  (any JSON)
    lines = [f"{call.method} {path}", f"Authorization: {_HIDDEN_KEY}"]
    if body is not None:
        lines += ["Content-Type: application/json", "", *whole(body).splitlines()]
    elif call.method == "POST":
        lines += ["Content-Length: 0"]
    return "\n".join(["", call.says, "", *(f"  > {line}".rstrip() for line in lines), ""])


def _answer(status: int, reason: str, answer: Any, seconds: float) -> str:  # noqa: ANN401  (any JSON)
    lines = [f"{status} {reason}   ({seconds * 1000:.0f} ms)", *in_short(answer).splitlines()]
    return "\n".join(f"  < {line}" for line in lines)
