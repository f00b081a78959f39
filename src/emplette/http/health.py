"""Whether this server lives, and whether it can serve."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum

import structlog

from emplette.domain.errors import Unavailable
from emplette.http.contract import GET, Answer, Reply, operation
from emplette.http.contract.gate import Handler
from emplette.http.contract.statuses import status_of
from emplette.http.recent import Recent

log = structlog.get_logger("emplette.health")

_PATIENCE = 2.0
_NOT_READY = status_of(Unavailable)


class HealthState(StrEnum):
    """What was found."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


class Finding(Answer):
    """What one check found."""

    status: HealthState
    detail: str | None = None


class Health(Answer):
    """Whether the server can serve, and what each check found."""

    status: HealthState
    checks: dict[str, Finding] = {}


Check = Callable[[], Awaitable[Finding]]


def health_operations(checks: Mapping[str, Check]) -> list[Handler]:
    """Make the operations that tell how this server is; a check that fails makes it not ready."""

    async def look() -> dict[str, Finding]:
        return dict(zip(checks, await asyncio.gather(*map(_ask, checks.values())), strict=True))

    findings = Recent(look)

    @operation(GET, "/health/live", answers={200: Health}, public=True, tag="Server", ours=True)
    async def get_liveness() -> Health:
        """Tell that this process answers."""
        return Health(status=HealthState.OK)

    @operation(GET, "/health/ready", answers={200: Health, _NOT_READY: Health}, public=True, tag="Server", ours=True)
    async def get_readiness() -> Reply[Health]:
        """Tell whether calls can be served.

        The database has to be reachable and up to date. What should be looked after soon is a warning. An answer may
        be a second old.
        """
        found = await findings.get()
        worst = max((finding.status for finding in found.values()), key=list(HealthState).index, default=HealthState.OK)
        return Reply(Health(status=worst, checks=found), status=_NOT_READY if worst is HealthState.FAILED else None)

    return [get_liveness, get_readiness]


async def _ask(check: Check) -> Finding:
    try:
        async with asyncio.timeout(_PATIENCE):
            return await check()
    except Exception as error:  # noqa: BLE001 - a check that breaks has found something
        log.warning("check.failed", error=type(error).__qualname__)
        return Finding(status=HealthState.FAILED, detail="It could not be asked.")
