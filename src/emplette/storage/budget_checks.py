"""What events tell of budgets beside their own entries: what hangs on each, and the numbers that this makes.

What hangs on a budget is told with the purchase that it is of, or by the budget that took it over.
"""

from typing import Any, Final

from emplette.storage.checks import Rebuilt
from emplette.storage.database import Session
from emplette.storage.rebuilding import UNREADABLE, Row, Rows, decode, name_of

_BUDGETS: Final = """
SELECT b.budget_id AS id, b.amount_minor, jsonb_build_object(
        'reserved_minor', b.reserved_minor, 'committed_minor', b.committed_minor, 'spent_minor', b.spent_minor,
        'overrun_minor', b.overrun_minor) AS numbers,
    (SELECT jsonb_agg(to_jsonb(x)) FROM budget_entries x WHERE x.tenant_id = $1 AND x.budget_id = b.budget_id)
        AS entries, (
    SELECT jsonb_agg(w.fact ORDER BY e.event_id) FROM events e
    CROSS JOIN LATERAL jsonb_array_elements(e.facts->'budget_entries') AS w (fact)
    WHERE e.tenant_id = $1 AND e.facts ? 'budget_entries'
      AND e.facts->'budget_entries' @> jsonb_build_array(jsonb_build_object('budget_id', b.budget_id))
      AND w.fact->'budget_id' = to_jsonb(b.budget_id)) AS told
FROM (SELECT * FROM budgets WHERE tenant_id = $1 AND budget_id > $2 ORDER BY budget_id LIMIT $3) b
ORDER BY b.budget_id
"""
_NUMBERS: Final = "The numbers of budget {}"


async def hanging(db: Session, tenant: int, *, after: int, most: int) -> list[Rebuilt]:
    """Read what hangs on the budgets behind a number, and their numbers, each also as events tell it."""
    found = []
    for row in await db.fetch(_BUDGETS, tenant, after, most):
        name = _NUMBERS.format(row["id"])
        there: Rows = {name: decode(row["numbers"])} | _entries(row["entries"])
        found.append(Rebuilt(row["id"], there, _told(name, row["told"], row["amount_minor"])))
    return found


def _told(name: str, entries: str | None, amount: int) -> Rows | None:
    """Name what hangs on a budget as events tell it, and the numbers that it makes; None when that can't be read."""
    try:
        told = _entries(entries)
        return told | {name: _numbers(told, amount)}
    except UNREADABLE:
        return None


def _entries(rows: str | None) -> Rows:
    """Name what hangs on a budget; of what is told again, what was told last counts."""
    return {name_of("entry", row): row for row in (decode(rows) if rows else ())}


def _numbers(told: Rows, amount: int) -> Row:
    def held(state: str) -> int:
        return sum(row["held_minor"] for row in told.values() if row["state"] == state)

    reserved, committed = held("Reserved"), held("Committed")
    spent = sum(row["spent_minor"] for row in told.values())
    numbers: dict[str, Any] = {
        "reserved_minor": reserved,
        "committed_minor": committed,
        "spent_minor": spent,
        "overrun_minor": max(0, reserved + committed + spent - amount),
    }
    return numbers
