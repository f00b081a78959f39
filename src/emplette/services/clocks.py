"""Moving the clock of a company that was made for trials."""

from dataclasses import replace
from datetime import datetime, timedelta

from emplette.domain.clocks import ClockFixed, moved
from emplette.domain.people import Tenant
from emplette.storage import clocks
from emplette.storage.database import Session


async def move_clock(
    db: Session, tenant: Tenant, *, world: datetime, by: timedelta | None = None, to: datetime | None = None
) -> Tenant:
    """Move a company's clock on by so much, or to a moment; every server follows within 5 seconds.

    Raises:
        ClockFixed: the company is not one for trials.
        Invalid: the clock would be before the world's, or too far ahead.
    """
    return await _set(db, tenant, moved(tenant.ahead, world=world, by=by, to=to), world)


async def reset_clock(db: Session, tenant: Tenant, *, world: datetime) -> Tenant:
    """Let a company's clock be the world's again.

    Raises:
        ClockFixed: the company is not one for trials.
    """
    return await _set(db, tenant, timedelta(0), world)


async def _set(db: Session, tenant: Tenant, ahead: timedelta, world: datetime) -> Tenant:
    after = replace(tenant, ahead=ahead)
    if not await clocks.move(db, tenant.id, ahead, now=after.now(world)):
        detail = (
            f"{tenant.account} was made neither by `emplette demo` nor with `emplette tenant create --movable-clock`."
        )
        raise ClockFixed(detail)
    return after
