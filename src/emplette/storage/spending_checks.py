"""What is summed up, held against the purchases that it sums up: the lines of each, and all sums against the lines.

The purchases themselves are held against their events; what is not counted yet is left out.
"""

from typing import Any, Final

from emplette.domain.spending import Line, lines_of
from emplette.storage.checks import Rebuilt
from emplette.storage.database import Session
from emplette.storage.rebuilding import UNREADABLE, Rows, decode
from emplette.storage.spending import COUNTED, FACETS, SINCE
from emplette.storage.spending_counts import COST, read_costs

_LINES: Final = f"""
WITH {COUNTED},
late AS MATERIALIZED ({SINCE})
SELECT p.purchase_id AS id, (
        SELECT json_agg(to_jsonb(l) - 'tenant_id') FROM spending_lines l
        WHERE l.tenant_id = $1 AND l.purchase_id = p.purchase_id) AS lines,
    (SELECT json_agg(x) FROM (SELECT {COST} FROM commitments c
        WHERE c.tenant_id = $1 AND c.commitment_id = p.commitment_id) AS x) AS costs,
    NOT EXISTS (SELECT FROM counted) OR EXISTS (SELECT FROM late WHERE late.purchase_id = p.purchase_id) AS is_late
FROM (SELECT * FROM purchases WHERE tenant_id = $1 AND purchase_id > $2 ORDER BY purchase_id LIMIT $3) p
ORDER BY p.purchase_id
"""
_WRONG: Final = f"""
SELECT format('The sum of %s %s in %s, %s %s,', facet, of_id, to_char(month, 'YYYY-MM'), state, currency) AS what,
    'is not what its lines come to: changed past the log.' AS why
FROM (
    SELECT l.month, f.facet, f.of_id, l.currency, l.state, sum(l.minor) AS minor
    FROM spending_lines l {FACETS} WHERE l.tenant_id = $1 GROUP BY 1, 2, 3, 4, 5) AS x
FULL JOIN (SELECT * FROM spending_sums WHERE tenant_id = $1) AS s USING (month, facet, of_id, currency, state)
WHERE coalesce(x.minor, 0) <> coalesce(s.minor, 0)
UNION ALL
SELECT DISTINCT format('What purchase %s costs', l.purchase_id), 'is counted, and there is no such purchase: inserted.'
FROM spending_lines l WHERE l.tenant_id = $1
  AND NOT EXISTS (SELECT FROM purchases p WHERE p.tenant_id = $1 AND p.purchase_id = l.purchase_id)
ORDER BY what LIMIT $2
"""
_NAME: Final = "What purchase {} costs in {:.7}"


async def lines(db: Session, tenant: int, *, after: int, most: int) -> list[Rebuilt]:
    """Read what was counted of the purchases behind a number, and what they cost."""
    found = []
    for row in await db.fetch(_LINES, tenant, after, most):
        number = row["id"]
        there: Rows = {_NAME.format(number, line["month"]): line for line in decode(row["lines"] or "[]")}
        try:
            costs = [line for cost in read_costs(row["costs"]) for line in lines_of(cost)]
        except UNREADABLE:
            # It was changed past everything: it is found where purchases are held against their events.
            found.append(Rebuilt(number, {}, {}))
            continue
        told: Rows = {_NAME.format(number, line.month.isoformat()): _row(line) for line in costs}
        found.append(Rebuilt(number, {}, {}) if row["is_late"] else Rebuilt(number, there, told))
    return found


async def wrong(db: Session, tenant: int, *, most: int) -> list[str]:
    """List the sums that are not what their lines come to, and lines of no purchase."""
    return [f"{row['what']} {row['why']}" for row in await db.fetch(_WRONG, tenant, most)]


def _row(line: Line) -> dict[str, Any]:
    return {
        "purchase_id": line.purchase_id,
        "month": line.month.isoformat(),
        "state": str(line.state),
        "currency": line.currency,
        "nature_id": line.nature_id,
        "cost_center_id": line.cost_center_id,
        "supplier_id": line.supplier_id,
        "minor": line.minor,
    }
