"""Traces: made when their exporter is named and its packages are there, else not at all."""

from types import SimpleNamespace
from typing import Any

import pytest

from emplette.http.contract import tracing
from tests.contract.toys import client_of, contract


class Spans:
    """Stands for all of OpenTelemetry: keeps what it is told."""

    def __init__(self) -> None:
        self.started: list[dict[str, Any]] = []

    def start_span(self, name: str, **told: object) -> "Spans":
        self.started.append({"name": name, **told})
        return self

    def set_status(self, status: str) -> None:
        self.started[-1]["outcome"] = status

    def end(self, *, end_time: int) -> None:
        self.started[-1]["ended"] = end_time

    def extract(self, carrier: dict[str, str]) -> str:
        return f"after {carrier['traceparent']}"

    def __getattr__(self, _: str) -> Any:  # noqa: ANN401 - whatever a package has
        return lambda *_args, **_named: self


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Spans:
    spans = Spans()
    constants = {"SpanKind": SimpleNamespace(SERVER="server"), "StatusCode": SimpleNamespace(ERROR="error")}
    spans.__dict__.update(constants, Resource=spans)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setattr(tracing, "import_module", lambda _: spans)
    return spans


def test_without_the_variable_there_are_no_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    assert tracing.tracer() is None


def test_without_the_packages_there_are_no_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(name)

    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setattr(tracing, "import_module", missing)
    assert tracing.tracer() is None


async def test_each_call_is_a_span_that_follows_the_caller_s_own(spans: Spans) -> None:
    record = tracing.tracer()
    assert record is not None
    async with client_of(contract(observers=[record])) as client:
        answer = await client.get("/api/orders/7", headers={"traceparent": "00-a-b-01"})
        await client.get("/nowhere")
    found, unknown = spans.started
    assert (found["name"], found["context"], unknown["name"]) == ("get_order", "after 00-a-b-01", "GET")
    assert found["attributes"]["emplette.request_id"] == answer.headers["x-request-id"]
    assert found["attributes"]["http.route"] == "/api/orders/{order_id}"
    assert found["ended"] > found["start_time"]
    assert "outcome" not in found
