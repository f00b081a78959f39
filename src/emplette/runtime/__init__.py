"""Processes: the supervisor, the embedded database and the workers."""

import sys
from importlib import import_module


def _import_plainly(module: str, without: str) -> None:
    """Import a module as if another one were not installed, which others may still import."""
    if module in sys.modules or without in sys.modules:
        return
    sys.modules[without] = None  # type: ignore[assignment]
    try:
        import_module(module)
    finally:
        del sys.modules[without]


# structlog imports rich, which typer has brought, for tracebacks in colour that nobody here asks for: a quarter of a
# second and 10 MB in each process.
_import_plainly("structlog", without="rich")
