"""What waits for people: in which companies, since when, of what they were reminded; and an event for each reminder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import msgspec

from emplette.domain.approvals import Waiting
from emplette.domain.people import Tenant
from emplette.storage.database import Session
from emplette.storage.keys import FIRST_USER
from emplette.storage.people import tenant_of
from emplette.storage.single_rows import one_row

_COMPANIES: Final = """
SELECT t.* FROM tenants t WHERE EXISTS (
    SELECT FROM requests r
    JOIN request_steps s ON s.tenant_id = t.tenant_id AND s.request_id = r.request_id AND s.step = r.step
    WHERE r.tenant_id = t.tenant_id AND r.state = 'Pending' AND r.asked_at IS NOT NULL
      AND (s.remind_after <> '{}' OR s.escalate_after IS NOT NULL))
ORDER BY t.tenant_id
"""
# Working days are no fewer than days of the calendar: what can't be due yet is not looked at.
_STANDING: Final = f"""
SELECT r.request_id, r.purchase_id, p.version, r.step, r.asked_at, s.remind_after, s.escalate_after, (
    SELECT max(m.after_days) FROM request_reminders m
    WHERE m.tenant_id = $1 AND m.request_id = r.request_id AND m.asked_at = r.asked_at) AS reminded
FROM requests r
JOIN request_steps s ON s.tenant_id = $1 AND s.request_id = r.request_id AND s.step = r.step
JOIN {one_row("p", "purchases", "purchase_id", "r.purchase_id")}
JOIN tenants t ON t.tenant_id = $1
WHERE r.tenant_id = $1 AND r.state = 'Pending'
  AND (r.asked_at AT TIME ZONE t.time_zone)::date + least(s.escalate_after, s.remind_after[1]) <= $2
ORDER BY r.request_id
"""
# The purchase is still at the version at which the request was seen to wait: what was decided meanwhile is not reminded
# of. Whoever is second finds the row there, waits for it if it is being written, and tells nothing.
_REMIND: Final = f"""
WITH said AS (
    SELECT * FROM jsonb_to_recordset($2::jsonb) AS s (
        request_id int, purchase_id int, version int, step int, asked_at timestamptz, after_days int)
),
go AS MATERIALIZED (
    SELECT held.purchase_id FROM (SELECT * FROM said ORDER BY said.purchase_id) AS said
    CROSS JOIN LATERAL (
        SELECT p.purchase_id FROM purchases p
        WHERE p.tenant_id = $1 AND p.purchase_id = said.purchase_id AND p.version = said.version FOR NO KEY UPDATE OF p
    ) AS held
),
new AS (
    INSERT INTO request_reminders (tenant_id, request_id, asked_at, after_days)
    SELECT $1, said.request_id, said.asked_at, said.after_days FROM said JOIN go USING (purchase_id)
    ORDER BY said.request_id
    ON CONFLICT DO NOTHING
    RETURNING request_id
),
event AS (
    INSERT INTO events (tenant_id, at, type, object_type, object_id, purchase_id, actor_id, facts)
    SELECT $1, $3, 'request.reminded', 'request', said.request_id, said.purchase_id, {FIRST_USER},
        jsonb_build_object('reminder', jsonb_build_object('step', said.step, 'after_days', said.after_days))
    FROM new JOIN said USING (request_id)
    ORDER BY said.request_id
    RETURNING event_id
),
chained AS (INSERT INTO unsealed (tenant_id, event_id) SELECT $1, event_id FROM event)
SELECT count(*) AS told FROM event
"""
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Standing:
    """A request that waits: since when its step is asked, what happens then, and of what its people were reminded."""

    request_id: int
    purchase_id: int
    version: int
    step: int
    asked_at: datetime
    waiting: Waiting
    reminded: int | None


@dataclass(frozen=True, slots=True)
class Reminder:
    """That the people of a request are reminded after so many working days; ``version`` is the purchase's."""

    request_id: int
    purchase_id: int
    version: int
    step: int
    asked_at: datetime
    after_days: int


async def companies(db: Session) -> list[Tenant]:
    """List the companies in which people are reminded of what waits: of all, for the job that does so."""
    return [tenant_of(row) for row in await db.fetch(_COMPANIES)]


async def standing(db: Session, tenant: int, *, today: date) -> list[Standing]:
    """List the requests of which people may have to be reminded today, or that may have to go up."""
    return [
        Standing(
            row["request_id"],
            row["purchase_id"],
            row["version"],
            row["step"],
            row["asked_at"],
            Waiting(tuple(row["remind_after"]), row["escalate_after"]),
            row["reminded"],
        )
        for row in await db.fetch(_STANDING, tenant, today)
    ]


async def remind(db: Session, tenant: int, reminders: Sequence[Reminder], *, now: datetime) -> int:
    """Write an event for each reminder that there was none of yet; answer how many there are of these."""
    rows = await db.write(_REMIND, tenant, _encode(reminders).decode(), now)
    return int(rows[0]["told"])
