"""What a refusal looks like."""

import json
from typing import Any

import httpx2
import pytest
import structlog
from structlog.testing import capture_logs

from emplette.domain import errors
from emplette.http.contract import refusals, statuses
from tests.contract.toys import ONCE, send_order

STATUSES = {
    errors.Invalid: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.PreconditionFailed: 412,
    errors.KeyReused: 422,
    errors.PreconditionRequired: 428,
    errors.Unavailable: 503,
    errors.OutcomeUnknown: 504,
    refusals.BrokenBody: 400,
    refusals.MalformedJson: 400,
    refusals.PathUnknown: 404,
    refusals.TooManyRequests: 429,
    refusals.KeysTriedOften: 429,
    refusals.SignInTriedOften: 429,
}


@pytest.mark.parametrize(("kind", "status"), STATUSES.items(), ids=lambda value: getattr(value, "__name__", value))
def test_a_refusal_has_the_status_of_its_kind(kind: type[errors.Refusal], status: int) -> None:
    assert statuses.status_of(kind) == status


def _below(kind: type[errors.Refusal]) -> list[type[errors.Refusal]]:
    return [deeper for child in kind.__subclasses__() for deeper in (child, *_below(child))]


@pytest.mark.parametrize("kind", _below(refusals.WireRefusal), ids=lambda kind: kind.__name__)
def test_every_refusal_of_the_wire_has_a_status_of_its_own(kind: type[errors.Refusal]) -> None:
    assert kind in statuses.BY_KIND


async def test_a_problem_says_what_kind_it_is_what_happened_and_where(client: httpx2.AsyncClient) -> None:
    answer = await send_order(client, json.dumps({**ONCE, "title": "broken"}).encode())
    assert answer.status_code == 409
    assert answer.json() == {
        "type": "/problems/conflict",
        "title": "The object is not in a state that allows this.",
        "status": 409,
        "detail": "It fell.",
        "instance": "/api/orders",
        "code": "conflict",
        "requestId": answer.headers["x-request-id"],
        "id": 7,
        "href": "/api/orders/7",
        "state": "Broken",
    }


async def test_a_failure_of_ours_tells_the_caller_nothing_and_the_log_where(client: httpx2.AsyncClient) -> None:
    structlog.reset_defaults()
    with capture_logs() as lines:
        answer = await send_order(client, json.dumps({**ONCE, "title": "bug"}).encode())
    assert answer.status_code == 500
    assert answer.json()["code"] == "internal"
    assert "secret" not in answer.text
    (failed,) = [line for line in lines if line["event"] == "failed"]
    assert (failed["request_id"], failed["operation"]) == (answer.headers["x-request-id"], "create_order")
    assert failed["error"] == "RuntimeError"
    assert "toys.py" in failed["where"][-1]
    assert "secret" not in str(failed)


async def test_every_answer_carries_a_request_id_and_may_do_nothing_in_a_browser(client: httpx2.AsyncClient) -> None:
    for answer in (await client.get("/api/open"), await client.get("/nowhere"), await client.get("/api/orders/0")):
        assert len(answer.headers["x-request-id"]) == 20
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert "strict-transport-security" not in answer.headers


async def test_two_calls_never_share_a_request_id(client: httpx2.AsyncClient) -> None:
    assert len({(await client.get("/api/open")).headers["x-request-id"] for _ in range(20)}) == 20


async def test_a_success_says_where_it_is_which_version_and_whether_it_is_a_repeat(client: httpx2.AsyncClient) -> None:
    first = await send_order(client, json.dumps(ONCE).encode())
    assert (first.status_code, first.headers["location"], first.headers["etag"]) == (201, "/api/orders/12", '"12.1"')
    assert "idempotency-replayed" not in first.headers
    again = await send_order(client, json.dumps({**ONCE, "title": "again"}).encode())
    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("unprintable", [b'"\\ud800": 1, ', b'"\\u0000": 1, '])
async def test_a_problem_about_text_that_can_t_be_written_is_itself_readable(
    client: httpx2.AsyncClient, unprintable: bytes
) -> None:
    answer = await send_order(client, json.dumps(ONCE).encode().replace(b'"type"', unprintable + b'"type"'))
    errors_by_path: dict[str, Any] = answer.json()["errors"]
    assert [path.isprintable() for path in errors_by_path] == [True]
