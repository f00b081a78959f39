"""What a stopped subscription gives back to budgets: the periods that it will not have.

Said in one transaction with the decision, which counts the company's budgets up as whoever makes one does: so nobody
is in the middle of charging them, and who comes after is decided anew, with the end that there is now.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from emplette.domain.budgets import Share
from emplette.storage import events
from emplette.storage.commands import Author
from emplette.storage.database import Together

# A company without budgets stays one that has never had any.
_ALONE: Final = """
UPDATE tenants SET budgets_version = budgets_version + (budgets_version > 0)::int WHERE tenant_id = $1
"""
_SHARES: Final = """
SELECT e.budget_id, e.request_id, e.amount_minor, e.periods, e.first_date, e.last_date, e.state FROM budget_entries e
WHERE e.tenant_id = $1 AND e.commitment_id = $2 AND e.state <> 'Freed' ORDER BY e.budget_id, e.request_id
"""
_EVENT: Final = events.event(
    "budget.given_back",
    source="told",
    object_id="budget_id",
    facts="jsonb_build_object('budget_entries', entries)",
    parameters={"tenant": "$1", "at": "$3", "actor": "$4::int"},
)
_GIVE_BACK: Final = f"""
WITH kept AS MATERIALIZED (
    SELECT x.*, e.held_minor AS was_held
    FROM jsonb_to_recordset($2::jsonb) AS x(
        budget_id int, request_id int, amount_minor bigint, periods int, last_date date, state text)
    CROSS JOIN LATERAL (
        SELECT held_minor FROM budget_entries
        WHERE tenant_id = $1 AND budget_id = x.budget_id AND request_id = x.request_id OFFSET 0) AS e
),
locked AS MATERIALIZED (
    SELECT b.budget_id FROM budgets b
    WHERE b.tenant_id = $1 AND b.budget_id = ANY (ARRAY(SELECT kept.budget_id FROM kept))
    ORDER BY b.budget_id FOR NO KEY UPDATE
),
entry AS (
    UPDATE budget_entries e SET
        state = kept.state,
        amount_minor = kept.amount_minor,
        held_minor = CASE WHEN kept.state = 'Committed' THEN greatest(0, kept.amount_minor - e.spent_minor) ELSE 0 END,
        periods = kept.periods,
        last_date = kept.last_date
    FROM kept JOIN locked USING (budget_id)
    WHERE e.tenant_id = $1 AND e.budget_id = kept.budget_id AND e.request_id = kept.request_id
      AND e.request_id = ANY (ARRAY(SELECT kept.request_id FROM kept))
    RETURNING e.*
),
told AS (
    SELECT entry.budget_id, jsonb_agg(to_jsonb(entry) ORDER BY entry.request_id) AS entries,
           sum(kept.was_held - entry.held_minor) AS freed
    FROM entry JOIN kept USING (budget_id, request_id) GROUP BY entry.budget_id
),
charged AS (
    UPDATE budgets b SET
        committed_minor = b.committed_minor - told.freed,
        overrun_minor = greatest(0, b.reserved_minor + b.committed_minor + b.spent_minor - told.freed
                                    - b.amount_minor)
    FROM told WHERE b.tenant_id = $1 AND b.budget_id = told.budget_id
),
{_EVENT}
SELECT budget_id FROM told
"""
_encode = msgspec.json.Encoder().encode


async def alone_with_budgets(db: Together, tenant: int) -> None:
    """Wait for all who charge budgets of the company, and let whoever comes decide anew."""
    await db.write(_ALONE, tenant)


async def shares(db: Together, tenant: int, commitment_id: int) -> list[Share]:
    """Read what of a commitment hangs on which budgets."""
    return [msgspec.convert(dict(row), Share) for row in await db.write(_SHARES, tenant, commitment_id)]


async def give_back(db: Together, tenant: int, kept: Sequence[Share], author: Author) -> None:
    """Let what hangs on budgets be so much less, and be told by them."""
    if kept:
        items = _encode([_item(one) for one in kept]).decode()
        await db.write(_GIVE_BACK, tenant, items, author.at, author.who.user.id)


def _item(share: Share) -> dict[str, Any]:
    item: dict[str, Any] = msgspec.to_builtins(share)
    return item
