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

    # One step instead of four: a line is written for each call.
    def sign(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        told = _with_level(logger, method, event)
        if "exc_info" in told:
            told = _with_exceptions(logger, method, told)
        return {"process": process, **told, "at": datetime.now(UTC)}

    def sign_and_encode(logger: WrappedLogger, method: str, event: EventDict) -> bytes:
        return _encode(sign(logger, method, event))

    for_people: list[Processor] = [sign, structlog.dev.ConsoleRenderer(colors=False), _as_bytes]
    structlog.configure(
        processors=[sign_and_encode] if settings.log_format == "json" else for_people,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_ToOurLines()], level=max(level, logging.WARNING), force=True)


_encode = msgspec.json.Encoder(enc_hook=str).encode
_with_level = structlog.processors.add_log_level


def _as_bytes(_logger: WrappedLogger, _method: str, line: Any) -> bytes:  # noqa: ANN401  (structlog's own signature)
    return str(line).encode()


def _traceback_without_values(exc_info: Any) -> str:  # noqa: ANN401  (structlog's own signature)
    """Write where it happened; local variables, which may hold keys and names, are left out."""
    return "".join(traceback.format_exception(*exc_info)).rstrip()


_with_exceptions = structlog.processors.ExceptionRenderer(_traceback_without_values)


class _ToOurLines(logging.Handler):
    """Hands the lines of libraries that use the standard logging to ours."""

    def emit(self, record: logging.LogRecord) -> None:
        """Say the same again."""
        log = structlog.get_logger(record.name)
        log.log(record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info)
