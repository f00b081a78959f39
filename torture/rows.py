"""The tables after a schedule, as they are: read past everything that serves them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from torture.server import Connection

Row = Mapping[str, Any]

_TABLES: Final = (
    *("purchases", "commitments", "commitment_taxes", "requests", "request_decisions", "orders", "suppliers"),
    *("budgets", "budget_entries", "absences", "tenants"),
    *("events", "sealed", "unsealed", "idempotency_keys", "chains"),
)
_LOCKED: Final = """
SELECT DISTINCT a.pid, a.state, l.relation::regclass::text AS relation, l.mode
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE a.usename = 'emplette' AND (NOT l.granted OR l.locktype IN ('advisory', 'transactionid', 'relation'))
"""
_ACTIVE: Final = """
SELECT count(*) FROM pg_stat_activity WHERE usename = 'emplette' AND state <> 'idle' AND backend_type = 'client backend'
"""
_WAITING: Final = "SELECT count(*) FROM unsealed"


@dataclass(frozen=True, slots=True)
class Tables:
    """The rows of one company, by table."""

    purchases: Sequence[Row]
    commitments: Sequence[Row]
    commitment_taxes: Sequence[Row]
    requests: Sequence[Row]
    request_decisions: Sequence[Row]
    orders: Sequence[Row]
    suppliers: Sequence[Row]
    budgets: Sequence[Row]
    budget_entries: Sequence[Row]
    absences: Sequence[Row]
    tenants: Sequence[Row]
    events: Sequence[Row]
    sealed: Sequence[Row]
    unsealed: Sequence[Row]
    idempotency_keys: Sequence[Row]
    chains: Sequence[Row]


async def read_tables(connection: Connection, tenant: int) -> Tables:
    """Read them all at one moment."""
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=msgspec.json.decode)
    rows: dict[str, list[Row]] = {}
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        for table in _TABLES:
            found = await connection.fetch(f"SELECT * FROM {table} WHERE tenant_id = $1", tenant)  # noqa: S608  names of ours
            rows[table] = [dict(row) for row in found]
    return Tables(**rows)


async def is_busy(connection: Connection) -> bool:
    """Tell whether the server says anything to the database just now, or has something to seal."""
    return bool(await connection.fetchval(_ACTIVE)) or bool(await connection.fetchval(_WAITING))


async def locks(connection: Connection) -> list[str]:
    """List the locks that the server holds or waits for: at rest, none."""
    found = await connection.fetch(_LOCKED)
    return [f"backend {row['pid']} ({row['state']}): {row['mode']} on {row['relation']}" for row in found]
