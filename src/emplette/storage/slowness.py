"""Whom requests wait for, and since when: of those in the step that is being asked who have not decided yet."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import asyncpg

from emplette.domain.people import Visible
from emplette.storage.database import Session
from emplette.storage.visibility import REQUESTS

# Whoever was replaced is not waited for. Who is asked is looked up request by request, as approvals.py does it.
_PENDING: Final = """
SELECT a.user_id, r.request_id, r.purchase_id, r.asked_at AS since
FROM requests r CROSS JOIN LATERAL (
    SELECT i.user_id, i.position FROM request_approvers i
    WHERE i.tenant_id = $1 AND i.request_id = r.request_id AND i.step = r.step OFFSET 0) AS a
WHERE r.tenant_id = $1 AND r.state = 'Pending' {of_person} {seen}
  AND NOT EXISTS (
    SELECT FROM request_decisions d
    WHERE d.tenant_id = $1 AND d.request_id = r.request_id AND d.step = r.step AND d.content_hash = r.content_hash
      AND a.user_id IN (d.user_id, d.in_place_of))
  AND NOT EXISTS (
    SELECT FROM request_approvers b
    WHERE b.tenant_id = $1 AND b.request_id = r.request_id AND b.step = r.step AND b.in_place_of = a.user_id
      AND b.position > a.position)"""
_BY_PERSON: Final = """
WITH pending AS (SELECT DISTINCT w.user_id, w.request_id, w.since FROM ({pending}) w)
SELECT pending.user_id, u.first_name, u.last_name, count(*) AS requests, min(pending.since) AS since
FROM pending JOIN users u ON u.tenant_id = $1 AND u.user_id = pending.user_id
GROUP BY 1, 2, 3 ORDER BY since, pending.user_id
"""
_OF_PERSON: Final = """
WITH pending AS (
    SELECT DISTINCT w.user_id, w.request_id, w.purchase_id, w.since FROM ({pending}) w
    ORDER BY w.since, w.request_id LIMIT $3
)
SELECT pending.request_id, pending.since, p.title, u.first_name, u.last_name,
    coalesce(s.name, p.supplier_name) AS supplier
FROM pending JOIN purchases p ON p.tenant_id = $1 AND p.purchase_id = pending.purchase_id
JOIN users u ON u.tenant_id = $1 AND u.user_id = p.owner_id
LEFT JOIN suppliers s ON s.tenant_id = $1 AND s.supplier_id = p.supplier_id
ORDER BY pending.since, pending.request_id
"""


@dataclass(frozen=True, slots=True)
class WaitedFor:
    """Somebody whom requests wait for: how many, and since when the oldest of them."""

    user_id: int
    name: str
    requests: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits for somebody, and since when."""

    request_id: int
    title: str
    owner: str
    supplier: str
    since: datetime


async def by_person(db: Session, tenant: int, visible: Visible | None) -> list[WaitedFor]:
    """List whom the requests that may be seen wait for, who has kept one waiting longest first."""
    arguments: list[Any] = [tenant]
    seen = _seen(visible, arguments)
    rows = await db.fetch(_BY_PERSON.format(pending=_PENDING.format(of_person="", seen=seen)), *arguments)
    return [WaitedFor(row["user_id"], _name(row), row["requests"], row["since"]) for row in rows]


async def of_person(db: Session, tenant: int, visible: Visible | None, user_id: int, *, most: int) -> list[Waiting]:
    """List the requests that may be seen and wait for somebody, the oldest first."""
    arguments: list[Any] = [tenant, user_id, most]
    seen = _seen(visible, arguments)
    pending = _PENDING.format(of_person="AND a.user_id = $2", seen=seen)
    rows = await db.fetch(_OF_PERSON.format(pending=pending), *arguments)
    return [Waiting(row["request_id"], row["title"], _name(row), row["supplier"], row["since"]) for row in rows]


def _seen(visible: Visible | None, arguments: list[Any]) -> str:
    if visible is None:
        return ""
    first = len(arguments) + 1
    arguments += [sorted(visible.people), sorted(visible.asked), sorted(visible.cost_centers)]
    return f"AND {REQUESTS.condition(f'${first}::int[]', f'ANY (${first + 1}::int[])', f'${first + 2}::int[]')}"


def _name(row: asyncpg.Record) -> str:
    return f"{row['first_name']} {row['last_name']}".strip()
