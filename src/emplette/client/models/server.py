"""What is sent and answered: server; written by scripts/write_client.py, never by hand."""

from typing import Literal, TypeAlias

from emplette.client.wire import ABSENT, Answer

HealthState: TypeAlias = Literal["failed", "ok", "warning"]
"""What was found."""


class Finding(Answer, frozen=True, kw_only=True, rename="camel"):
    """What one check found."""

    status: HealthState | str = ABSENT
    detail: str | None = None


class Health(Answer, frozen=True, kw_only=True, rename="camel"):
    """Whether the server can serve, and what each check found."""

    status: HealthState | str = ABSENT
    checks: dict[str, Finding] | None = None
