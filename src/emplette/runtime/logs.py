"""One line an event, on standard error: JSON for machines or text for people, from every process alike."""

import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from emplette.runtime.log_lines import Lines
from emplette.settings import Settings


def configure_logs(settings: Settings, *, process: str) -> None:
    """Set how this process logs; lines of libraries go the same way.

    Args:
        settings: which lines, and in which form.
        process: what this process is called in each of its lines.
    """
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    lines = Lines(sys.stderr.buffer)

    def sign(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {"process": process, **event, "at": msgspec.to_builtins(datetime.now(UTC))}

    for_people: list[Processor] = [structlog.dev.ConsoleRenderer(colors=False), _as_bytes]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            sign,
            structlog.processors.ExceptionRenderer(_traceback_without_values),
            *([_JSON] if settings.log_format == "json" else for_people),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_ToOurLines()], level=max(level, logging.WARNING), force=True)


def _encode(event: EventDict, **_: object) -> bytes:
    return msgspec.json.encode(event, enc_hook=str)


_JSON = structlog.processors.JSONRenderer(serializer=_encode)


def _as_bytes(_logger: WrappedLogger, _method: str, line: Any) -> bytes:  # noqa: ANN401  (structlog's own signature)
    return str(line).encode()


def _traceback_without_values(exc_info: Any) -> str:  # noqa: ANN401  (structlog's own signature)
    """Write where it happened; local variables, which may hold keys and names, are left out."""
    return "".join(traceback.format_exception(*exc_info)).rstrip()


class _ToOurLines(logging.Handler):
    """Hands the lines of libraries that use the standard logging to ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say the same again."""
        log = structlog.get_logger(record.name)
        log.log(record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info)
