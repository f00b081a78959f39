"""On which days a company works: written with its event."""

from datetime import datetime
from typing import Final

from emplette.domain.working_days import WorkCalendar
from emplette.storage import events
from emplette.storage.database import Session

_EVENT: Final = events.event(
    "tenant.working_days_set",
    source="changed",
    object_id="tenant_id",
    facts="""jsonb_build_object('tenant', jsonb_build_object(
        'working_weekdays', working_weekdays, 'holidays_of', holidays_of, 'days_off', days_off))""",
    parameters={"tenant": "$1", "at": "$5", "actor": "$6::int"},
)
_SET: Final = f"""
WITH changed AS (
    UPDATE tenants SET working_weekdays = $2, holidays_of = $3, days_off = $4 WHERE tenant_id = $1
    RETURNING tenant_id, working_weekdays, holidays_of, days_off
),
{_EVENT}
SELECT 1 FROM changed
"""


async def set_calendar(db: Session, tenant: int, calendar: WorkCalendar, *, actor: int, now: datetime) -> None:
    """Write on which days a company works from now on."""
    weekdays, days_off = sorted(calendar.weekdays), sorted(calendar.days_off)
    await db.write(_SET, tenant, weekdays, calendar.holidays_of, days_off, now, actor)
