"""Who is asked and has left, or may decide no more: in which companies, about which requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from emplette.domain.people import Permission, Tenant
from emplette.storage.database import Session
from emplette.storage.people import tenant_of
from emplette.storage.single_rows import one_row

_COMPANIES: Final = """
SELECT t.* FROM tenants t
WHERE EXISTS (SELECT FROM requests r WHERE r.tenant_id = t.tenant_id AND r.state = 'Pending')
ORDER BY t.tenant_id
"""
# Of whom another one is asked instead, nobody is missed any more.
_DOUBTFUL: Final = f"""
SELECT r.request_id, a.user_id, p.department_id, p.cost_center_id,
       CASE WHEN u.left_on <= $2 THEN NULL ELSE a.because->>'permission' END AS permission
FROM requests r
JOIN {one_row("p", "purchases", "purchase_id", "r.purchase_id")}
JOIN request_approvers a ON a.tenant_id = $1 AND a.request_id = r.request_id AND a.step >= r.step
JOIN {one_row("u", "users", "user_id", "a.user_id")}
WHERE r.tenant_id = $1 AND r.state = 'Pending' AND (u.left_on <= $2 OR a.because->>'pick' = 'holdersOf')
  AND NOT EXISTS (
    SELECT FROM request_approvers b
    WHERE b.tenant_id = $1 AND b.request_id = r.request_id AND b.step = a.step AND b.in_place_of = a.user_id)
ORDER BY r.request_id, a.user_id
"""


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Somebody who is asked about a request: they have left, or are asked since they hold a permission there."""

    request_id: int
    user_id: int
    department_id: int | None
    cost_center_id: int
    permission: Permission | None


async def companies(db: Session) -> list[Tenant]:
    """List the companies in which something waits for people: of all, for the job that replaces who has left."""
    return [tenant_of(row) for row in await db.fetch(_COMPANIES)]


async def doubtful(db: Session, tenant: int, *, today: date) -> Sequence[Doubtful]:
    """List who is asked and has left, and who is asked for a permission that they may hold no more."""
    return [
        Doubtful(
            row["request_id"],
            row["user_id"],
            row["department_id"],
            row["cost_center_id"],
            None if row["permission"] is None else Permission(row["permission"]),
        )
        for row in await db.fetch(_DOUBTFUL, tenant, today)
    ]
