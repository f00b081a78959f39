"""Roles of people: how they are kept, and whom each reaches."""

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
