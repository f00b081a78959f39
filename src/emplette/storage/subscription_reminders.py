"""Reminding of subscriptions: which companies have some, and an event for each reminder, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from emplette.domain.people import Tenant
from emplette.domain.subscriptions import Reminder
from emplette.storage import events
from emplette.storage.database import Session
from emplette.storage.keys import FIRST_USER
from emplette.storage.people import tenant_of

_COMPANIES: Final = """
SELECT t.* FROM tenants t WHERE EXISTS (
    SELECT FROM commitments c
    WHERE c.tenant_id = t.tenant_id AND c.type = 'SubscriptionCommitment' AND c.state = 'Provisioned')
ORDER BY t.tenant_id
"""
# Whoever is second finds the row there, waits for it if it is being written, and tells nothing.
_REMIND: Final = f"""
WITH said AS (
    SELECT * FROM jsonb_to_recordset($2::jsonb) AS s (
        kind text, commitment_id int, purchase_id int, owner_id int, due_date date, days_ahead int)
),
new AS (
    INSERT INTO subscription_reminders (tenant_id, commitment_id, kind, due_date, days_ahead)
    SELECT $1, commitment_id, kind, due_date, days_ahead FROM said
    ORDER BY commitment_id, kind, due_date, days_ahead
    ON CONFLICT DO NOTHING
    RETURNING commitment_id, kind, due_date, days_ahead
),
event AS (
    INSERT INTO events (tenant_id, at, type, object_type, object_id, actor_id, facts)
    SELECT $1, $3, 'subscription.' || kind, 'subscription', commitment_id, {FIRST_USER},
        jsonb_build_object('reminder', to_jsonb(said))
    FROM new JOIN said USING (commitment_id, kind, due_date, days_ahead)
    ORDER BY commitment_id
    RETURNING event_id
),
chained AS (INSERT INTO unsealed (tenant_id, event_id) SELECT $1, event_id FROM event)
SELECT count(*) AS told FROM event
"""
_DAYS: Final = "SELECT reminder_days FROM tenants WHERE tenant_id = $1"
_SET_DAYS: Final = f"""
WITH changed AS (
    UPDATE tenants t SET reminder_days = $2 WHERE t.tenant_id = $1 AND t.reminder_days <> $2 RETURNING t.*
),
{
    events.event(
        "tenant.changed",
        source="changed",
        object_id="tenant_id",
        facts="jsonb_build_object('tenant', to_jsonb(changed) - 'budgets_version')",
        parameters={"tenant": "tenant_id", "at": "$3", "actor": str(FIRST_USER)},
    )
}
SELECT 1 FROM changed
"""
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Reminded:
    """A company with approved subscriptions, and how many days ahead its people are reminded."""

    tenant: Tenant
    days: tuple[int, ...]


async def companies(db: Session) -> list[Reminded]:
    """List the companies that have approved subscriptions: of all, for the job that reminds."""
    return [Reminded(tenant_of(row), tuple(row["reminder_days"])) for row in await db.fetch(_COMPANIES)]


async def days(db: Session, tenant: int) -> tuple[int, ...]:
    """Read how many days ahead a company's people are reminded."""
    (row,) = await db.fetch(_DAYS, tenant)
    return tuple(row["reminder_days"])


async def set_days(db: Session, tenant: int, days: Sequence[int], *, now: datetime) -> None:
    """Write how many days ahead a company's people are reminded from now on."""
    await db.write(_SET_DAYS, tenant, list(days), now)


async def remind(db: Session, tenant: int, reminders: Sequence[Reminder], *, now: datetime) -> int:
    """Write an event for each reminder that there was none of yet; answer how many there are of these."""
    rows = await db.write(_REMIND, tenant, _encode(reminders).decode(), now)
    return int(rows[0]["told"])
