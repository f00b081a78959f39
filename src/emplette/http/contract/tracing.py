"""OpenTelemetry: a span for each call, when its exporter is configured and the packages are installed."""

import os
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from emplette.http.contract.exchange import Exchange

_VARIABLES = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_FAILED = 500


def tracer() -> Callable[[Exchange, int], None] | None:
    """Make the observer that records spans; None when nobody asked for traces or nothing can make them."""
    if not any(os.environ.get(variable) for variable in _VARIABLES):
        return None
    try:
        trace: Any = import_module("opentelemetry.trace")
        sdk: Any = import_module("opentelemetry.sdk.trace")
        export: Any = import_module("opentelemetry.sdk.trace.export")
        otlp: Any = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
        propagation: Any = import_module("opentelemetry.trace.propagation.tracecontext")
        resources: Any = import_module("opentelemetry.sdk.resources")
    except ModuleNotFoundError:
        return None
    resource = resources.Resource.create({"service.name": os.environ.get("OTEL_SERVICE_NAME", "emplette")})
    provider = sdk.TracerProvider(resource=resource)
    provider.add_span_processor(export.BatchSpanProcessor(otlp.OTLPSpanExporter()))
    spans = provider.get_tracer("emplette")
    propagator = propagation.TraceContextTextMapPropagator()

    def record(exchange: Exchange, status: int) -> None:
        ended = time.time_ns()
        parent = propagator.extract({"traceparent": exchange.headers.get(b"traceparent") or ""})
        span = spans.start_span(
            exchange.operation.name if exchange.operation else exchange.scope["method"],
            context=parent,
            kind=trace.SpanKind.SERVER,
            start_time=ended - int(exchange.seconds * 1e9),
            attributes={
                "http.request.method": exchange.scope["method"],
                "http.response.status_code": status,
                "http.route": exchange.operation.path if exchange.operation else "",
                "emplette.request_id": exchange.request_id,
            },
        )
        if status >= _FAILED:
            span.set_status(trace.StatusCode.ERROR)
        span.end(end_time=ended)

    return record
