"""A company's clock: how far ahead of the world's it is."""

from datetime import datetime, timedelta
from typing import Final

from emplette.storage import events
from emplette.storage.database import Session
from emplette.storage.keys import FIRST_USER

_EVENT: Final = events.event(
    "tenant.clock_moved",
    source="moved",
    object_id="tenant_id",
    facts="jsonb_build_object('tenant', jsonb_build_object('clock_ahead_seconds', clock_ahead_seconds))",
    parameters={"tenant": "tenant_id", "at": "$3", "actor": str(FIRST_USER)},
)
_MOVE: Final = f"""
WITH moved AS (
    UPDATE tenants SET clock_ahead_seconds = $2
    WHERE tenant_id = $1 AND (is_demo OR clock_is_movable)
    RETURNING tenant_id, clock_ahead_seconds
),
{_EVENT}
SELECT 1 FROM moved
"""


async def move(db: Session, tenant: int, ahead: timedelta, *, now: datetime) -> bool:
    """Write how far ahead a company's clock is; False when it is none that can be moved."""
    return bool(await db.write(_MOVE, tenant, int(ahead.total_seconds()), now))
