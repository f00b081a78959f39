"""Roles of people: how they are kept, whom each reaches, and that a company keeps somebody who administrates it.

Two administrators can end each other at one moment, each while the other one is still there. So whatever takes an
administrator away locks all of them first, in one order, and counts those who are left when it is its turn.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from emplette.domain.people import Circle
from emplette.domain.registers import Known
from emplette.domain.roles import Held, Role, RoleGrant
from emplette.storage import registers
from emplette.storage.database import Session
from emplette.storage.registers import Register

_FIELDS: Final = ("user_id", "role", "department_id", "cost_center_id", "granted_at", "ended_at", "version")

_ADMINISTRATORS: Final = """
SELECT g.role_grant_id, g.user_id FROM role_grants g JOIN users u ON u.tenant_id = $1 AND u.user_id = g.user_id
WHERE g.tenant_id = $1 AND g.role = 'administrator' AND g.ended_at IS NULL AND u.left_on IS NULL"""
_GUARD: Final = f"""
administrators AS MATERIALIZED ({_ADMINISTRATORS}
    AND EXISTS (SELECT FROM item WHERE item.read_version IS NOT NULL AND item.j->'row'->>'{{end}}' IS NOT NULL)
    ORDER BY g.user_id FOR NO KEY UPDATE OF u, g
),
guard AS MATERIALIZED (
    SELECT count(*) = 0 OR count(*) FILTER (WHERE NOT EXISTS (
        SELECT FROM item WHERE item.id = a.{{key}} AND item.j->'row'->>'{{end}}' IS NOT NULL)) > 0 AS holds
    FROM administrators a
),"""


def keep_one_administrator(key: str, end: str) -> str:
    """Say the guard of a statement that could take a company's last administrator away.

    Args:
        key: by which number an entry is an administrator's: ``role_grant_id`` or ``user_id``.
        end: the column whose value takes them away.
    """
    return _GUARD.format(key=key, end=end)


def _row(grant: RoleGrant) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(grant)
    del row["id"]
    return row


ROLE_GRANTS: Final = Register(
    kind="role_grant",
    table="role_grants",
    key="role_grant_id",
    decode=msgspec.json.Decoder(list[RoleGrant]).decode,
    shown={field: f"t.{field}" for field in _FIELDS},
    row=_row,
    referred={
        "users": "ARRAY[t.user_id]",
        "departments": "ARRAY[t.department_id]",
        "cost_centers": "ARRAY[t.cost_center_id]",
    },
    filters={"user_id": "t.user_id", "role": "t.role", "is_ended": "t.ended_at IS NOT NULL"},
    told_by_itself={"ended": ("ended_at",)},
    unique=("role_grants_pkey", "role_grants_unique"),
    guard=keep_one_administrator("role_grant_id", "ended_at"),
)

_HELD: Final = """
WITH RECURSIVE held AS MATERIALIZED (
    SELECT g.role, g.department_id, g.cost_center_id FROM role_grants g
    WHERE g.tenant_id = $1 AND g.user_id = $2 AND g.ended_at IS NULL
),
below (root_id, department_id) AS (
    SELECT h.department_id, h.department_id FROM held h WHERE h.department_id IS NOT NULL
    UNION
    SELECT b.root_id, d.department_id FROM departments d JOIN below b
        ON d.tenant_id = $1 AND d.parent_id = b.department_id
)
SELECT h.role, h.department_id, h.cost_center_id, ARRAY(
    SELECT u.user_id FROM below b JOIN users u ON u.tenant_id = $1 AND u.department_id = b.department_id
    WHERE b.root_id = h.department_id) AS people
FROM held h
"""


async def held_by(db: Session, tenant: int, user_id: int) -> list[Held]:
    """List the roles that a person has, each with whom it reaches."""
    return [
        Held(Role(row["role"]), _circle(row["department_id"], row["cost_center_id"], row["people"]))
        for row in await db.fetch(_HELD, tenant, user_id)
    ]


def _circle(department_id: int | None, cost_center_id: int | None, people: Sequence[int]) -> Circle | None:
    if department_id is not None:
        return Circle(people=frozenset(people))
    return None if cost_center_id is None else Circle(cost_centers=frozenset({cost_center_id}))


async def find_held(db: Session, tenant: int, grant: RoleGrant) -> tuple[list[RoleGrant], Known]:
    """Find the same role of the same person, with the names of what it refers to."""
    first = len(ROLE_GRANTS.referred) + 2
    condition = f"""t.user_id = ${first} AND t.role = ${first + 1} AND t.ended_at IS NULL
        AND t.department_id IS NOT DISTINCT FROM ${first + 2}::int
        AND t.cost_center_id IS NOT DISTINCT FROM ${first + 3}::int"""
    arguments = [grant.user_id, grant.role, grant.department_id, grant.cost_center_id]
    return await registers.find_where(db, tenant, ROLE_GRANTS, condition, arguments, grant.references())


async def find_with_administrators(db: Session, tenant: int, role_grant_id: int) -> tuple[list[RoleGrant], Known]:
    """Find a role, and those of all who administrate, with the names of their holders."""
    condition = f"(t.role_grant_id = {ROLE_GRANTS.parameter(1)} OR t.role = 'administrator' AND t.ended_at IS NULL)"
    return await registers.find_where(db, tenant, ROLE_GRANTS, condition, [role_grant_id])


async def find_administrators(db: Session, tenant: int) -> frozenset[int]:
    """Find the administrators of a company who are not going to leave."""
    return frozenset(row["user_id"] for row in await db.fetch(_ADMINISTRATORS, tenant))
