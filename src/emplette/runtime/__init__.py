"""Processes: the supervisor, the embedded database and the workers."""

import sys

# structlog imports rich, which typer has brought, for tracebacks in colour that nobody here asks for: a quarter of a
# second and 10 MB in each process. Python reads None as "not installed".
sys.modules.setdefault("rich", None)  # type: ignore[arg-type]
