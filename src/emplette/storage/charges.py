"""Budgets in a command on a purchase: how its statement holds to them, reserves of them, commits and frees.

Locked after the purchase: the company's row, for sharing, then the budgets by id. The command must have been decided
with the very budgets that there are: whoever makes or changes one locks the company's row against all who charge, so
that what began before is waited for, and what comes after is decided anew.

What new claims want of a budget is summed up in the order of the items; one that would not find what it was decided
with (room in a hard budget, and in a soft one what its policy was told) gets nowhere, with all its claims. The sum is
taken over all that want something, also over those that get nowhere for another reason: so it may refuse one that would
fit, and that is decided anew.
"""

from typing import Any, Final

import msgspec

from emplette.domain.budgets import Charging

BOOKS: Final = """
books AS MATERIALIZED (SELECT t.budgets_version FROM tenants t WHERE t.tenant_id = $1 FOR SHARE)"""
AS_DECIDED: Final = """ JOIN books ON books.budgets_version = (item.j->'charging'->>'books')::int"""
"""Joined to the items that hold their purchase: those decided with the budgets that there are."""
_OF_ITEM: Final = f"""item JOIN go USING (n) {AS_DECIDED}"""
# Looked up by itself: joined, PostgreSQL may read all entries of a company that it takes for a small one.
_OF_COMMITMENT: Final = """LATERAL (
        SELECT * FROM budget_entries
        WHERE tenant_id = $1 AND commitment_id = ({item}.j->'charging'->>'commitment_id')::int OFFSET 0)"""
# What the same request held before is its own: of what it wants, only more than that must be free.
CLAIMS: Final = f"""
claim AS MATERIALIZED (
    SELECT item.n, item.purchase_id, (item.j->'charging'->>'commitment_id')::int AS commitment_id,
           (item.j->'charging'->>'request_id')::int AS request_id, item.j->'charging'->>'becomes' AS becomes, c.*,
           coalesce(had.held_minor, 0) AS had_minor
    FROM {_OF_ITEM}
    CROSS JOIN jsonb_to_recordset(item.j->'charging'->'claims') AS c(
        budget_id int, amount_minor bigint, is_over boolean, periods int, first_date date, last_date date)
    LEFT JOIN LATERAL (
        SELECT e.state, e.held_minor FROM budget_entries e
        WHERE e.tenant_id = $1 AND e.budget_id = c.budget_id
          AND e.request_id = (item.j->'charging'->>'request_id')::int OFFSET 0
    ) AS had ON had.state = 'Reserved'
),
dropped AS MATERIALIZED (
    SELECT item.n, e.budget_id, e.request_id, e.state, e.held_minor
    FROM {_OF_ITEM}
    JOIN {_OF_COMMITMENT.format(item="item")} AS e ON e.state <> 'Freed'
    WHERE CASE WHEN e.request_id = (item.j->'charging'->>'request_id')::int
        THEN NOT item.j->'charging'->'claims' @> jsonb_build_array(jsonb_build_object('budget_id', e.budget_id))
        ELSE (item.j->'charging'->>'replaces')::boolean END
),
held AS MATERIALIZED (
    SELECT b.budget_id, b.kind, b.amount_minor, b.reserved_minor, b.committed_minor, b.spent_minor, b.overrun_minor,
           b.free_minor
    FROM budgets b
    WHERE b.tenant_id = $1
      AND b.budget_id = ANY (ARRAY(SELECT claim.budget_id FROM claim UNION SELECT dropped.budget_id FROM dropped))
    ORDER BY b.budget_id FOR NO KEY UPDATE
),
misjudged AS MATERIALIZED (
    SELECT asked.n FROM (
        SELECT claim.n, claim.is_over, held.kind, held.free_minor,
               sum(greatest(0, claim.amount_minor - claim.had_minor - coalesce((
                   SELECT sum(d.held_minor) FROM dropped d WHERE d.n = claim.n AND d.budget_id = claim.budget_id), 0)))
                   OVER (PARTITION BY claim.budget_id ORDER BY claim.n) AS minor
        FROM claim LEFT JOIN held USING (budget_id)) AS asked
    WHERE (asked.minor > asked.free_minor) IS DISTINCT FROM asked.is_over OR (asked.is_over AND asked.kind = 'Hard')
)"""
AS_JUDGED: Final = " AND item.n NOT IN (SELECT misjudged.n FROM misjudged)"
# What is said twice of a request is so that each entry is found by its whole key, not among all of its budget.
# All numbers are written from the locked row, also those that stay: PostgreSQL tries the first draft of a row, made of
# what the statement saw when it began, against the constraints, before it looks whether somebody has written it since.
CLAIMED: Final = """
entry_claimed AS (
    INSERT INTO budget_entries (tenant_id, budget_id, request_id, commitment_id, purchase_id, state, amount_minor,
                                held_minor, periods, first_date, last_date)
    SELECT $1, c.budget_id, c.request_id, c.commitment_id, c.purchase_id, c.becomes, c.amount_minor,
           CASE WHEN c.becomes = 'Committed' THEN c.amount_minor
                ELSE greatest(0, least(c.amount_minor, c.free_minor + c.had_minor - c.before)) END,
           c.periods, c.first_date, c.last_date
    FROM (SELECT claim.*, held.free_minor,
                 coalesce(sum(greatest(0, claim.amount_minor - claim.had_minor)) OVER (
                     PARTITION BY claim.budget_id ORDER BY claim.n
                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
          FROM claim JOIN fit USING (n) JOIN held USING (budget_id)) AS c
    ON CONFLICT (tenant_id, budget_id, request_id) DO UPDATE SET
        state = excluded.state, amount_minor = excluded.amount_minor, held_minor = excluded.held_minor,
        periods = excluded.periods, first_date = excluded.first_date, last_date = excluded.last_date
    RETURNING *
),
entry_dropped AS (
    UPDATE budget_entries e SET state = 'Freed', held_minor = 0
    FROM dropped JOIN fit USING (n) JOIN held USING (budget_id)
    WHERE e.tenant_id = $1 AND e.budget_id = dropped.budget_id AND e.request_id = dropped.request_id
      AND e.request_id = ANY (ARRAY(SELECT dropped.request_id FROM dropped))
    RETURNING e.*
),
entry_changed AS (SELECT * FROM entry_claimed UNION ALL SELECT * FROM entry_dropped),
budget_charged AS (
    UPDATE budgets b SET
        amount_minor = held.amount_minor,
        spent_minor = held.spent_minor,
        reserved_minor = held.reserved_minor + d.reserved,
        committed_minor = held.committed_minor + d.committed,
        overrun_minor = least(
            CASE WHEN d.committed <= 0 THEN held.overrun_minor END,
            greatest(0, held.reserved_minor + held.committed_minor + held.spent_minor + d.reserved + d.committed
                        - held.amount_minor))
    FROM (SELECT budget_id, sum(reserved) AS reserved, sum(committed) AS committed
          FROM (SELECT e.budget_id, CASE WHEN e.state = 'Reserved' THEN e.held_minor ELSE 0 END - claim.had_minor
                           AS reserved,
                       CASE WHEN e.state = 'Committed' THEN e.held_minor ELSE 0 END AS committed
                FROM entry_claimed e JOIN claim USING (budget_id, request_id)
                UNION ALL
                SELECT budget_id, CASE WHEN dropped.state = 'Reserved' THEN -dropped.held_minor ELSE 0 END,
                       CASE WHEN dropped.state = 'Committed' THEN -dropped.held_minor ELSE 0 END
                FROM entry_dropped JOIN dropped USING (budget_id, request_id)
               ) AS one GROUP BY budget_id) AS d JOIN held USING (budget_id)
    WHERE b.tenant_id = $1 AND b.budget_id = d.budget_id
)"""
MOVED: Final = f"""
moving AS MATERIALIZED (
    SELECT e.*, fit.j->'charging'->>'becomes' AS becomes
    FROM fit JOIN {_OF_COMMITMENT.format(item="fit")} AS e
        ON e.request_id = coalesce((fit.j->'charging'->>'request_id')::int, e.request_id)
    WHERE e.state <> 'Freed'
),
held AS MATERIALIZED (
    SELECT b.budget_id FROM budgets b
    WHERE b.tenant_id = $1 AND b.budget_id = ANY (ARRAY(SELECT moving.budget_id FROM moving))
    ORDER BY b.budget_id FOR NO KEY UPDATE
),
entry_changed AS (
    UPDATE budget_entries e SET state = moving.becomes,
        held_minor = CASE WHEN moving.becomes = 'Committed' THEN greatest(0, e.amount_minor - e.spent_minor) ELSE 0 END
    FROM moving JOIN held USING (budget_id)
    WHERE e.tenant_id = $1 AND e.budget_id = moving.budget_id AND e.request_id = moving.request_id
      AND e.request_id = ANY (ARRAY(SELECT moving.request_id FROM moving))
    RETURNING e.*
),
budget_charged AS (
    UPDATE budgets b SET
        reserved_minor = b.reserved_minor - d.was_reserved,
        committed_minor = b.committed_minor + d.committed - d.was_committed,
        overrun_minor = greatest(0, b.reserved_minor + b.committed_minor + b.spent_minor
                                    + d.committed - d.was_committed - d.was_reserved - b.amount_minor)
    FROM (SELECT moving.budget_id,
                 coalesce(sum(moving.held_minor) FILTER (WHERE moving.state = 'Reserved'), 0) AS was_reserved,
                 coalesce(sum(moving.held_minor) FILTER (WHERE moving.state = 'Committed'), 0) AS was_committed,
                 coalesce(sum(e.held_minor) FILTER (WHERE e.state = 'Committed'), 0) AS committed
          FROM moving JOIN entry_changed e USING (budget_id, request_id) GROUP BY moving.budget_id) AS d
    WHERE b.tenant_id = $1 AND b.budget_id = d.budget_id
)"""
FACTS: Final = """CASE WHEN e.position = 0 THEN e.facts || coalesce((
        SELECT jsonb_build_object('budget_entries', jsonb_agg(to_jsonb(x) ORDER BY x.budget_id, x.request_id))
        FROM entry_changed x WHERE x.purchase_id = fit.purchase_id HAVING count(*) > 0), '{}') ELSE e.facts END"""
"""What an event tells: what hangs on budgets of its purchase now, beside its facts."""


def parts_of(charging: Charging) -> set[str]:
    """Name the parts of the statement that a command needs to hold to the budgets, and to charge them."""
    if charging.claims:
        return {"books", "claims"}
    return {"books", "entries"} if charging.books else {"books"}


def item_of(charging: Charging) -> dict[str, Any]:
    """Write down what a command does to budgets."""
    item: dict[str, Any] = msgspec.to_builtins(charging)
    return item
