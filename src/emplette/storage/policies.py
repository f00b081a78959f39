"""Policies: each version is kept for ever, the highest is in force."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from emplette.domain.approvals import Policy, PolicyStep
from emplette.domain.people import User
from emplette.storage import people
from emplette.storage.database import Session

_CURRENT: Final = "SELECT version, rules FROM policies WHERE tenant_id = $1 ORDER BY version DESC LIMIT 1"
_LOAD: Final = """
INSERT INTO policies (tenant_id, version, source, rules, loaded_at)
SELECT $1, coalesce(max(version), 0) + 1, $2, $3, $4 FROM policies WHERE tenant_id = $1
RETURNING version
"""


async def current(db: Session, tenant: int) -> Policy | None:
    """Read the policy in force."""
    row = await db.fetchrow(_CURRENT, tenant)
    if row is None:
        return None
    rules: dict[str, Any] = msgspec.json.decode(row["rules"])
    steps = tuple(PolicyStep(step["name"], tuple(step["anyOf"])) for step in rules["steps"])
    return Policy(row["version"], steps)


async def people_named(db: Session, tenant: int, policy: Policy) -> dict[int, User]:
    """Read the people whom a policy names; who is not there is missing from the answer."""
    return await people.by_id(db, tenant, {user_id for step in policy.steps for user_id in step.any_of})


async def load(db: Session, tenant: int, *, source: str, steps: Sequence[PolicyStep], now: datetime) -> Policy:
    """Put a new version in force."""
    rules = {"steps": [{"name": step.name, "anyOf": step.any_of} for step in steps]}
    rows = await db.write(_LOAD, tenant, source, msgspec.json.encode(rules).decode(), now)
    return Policy(rows[0]["version"], tuple(steps))
