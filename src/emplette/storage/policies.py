"""Policies: each version is kept for ever, the highest is in force."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from emplette.domain.approvals import Policy, PolicyStep
from emplette.domain.people import User
from emplette.storage import events, people
from emplette.storage.database import Session

_CURRENT: Final = "SELECT version, rules FROM policies WHERE tenant_id = $1 ORDER BY version DESC LIMIT 1"
_SOURCE: Final = "SELECT version, source FROM policies WHERE tenant_id = $1 ORDER BY version DESC LIMIT 1"
_EVENT_OF_LOADING: Final = events.event(
    "policy.loaded",
    source="loaded",
    object_id="version",
    facts="jsonb_build_object('policy', jsonb_build_object('version', version, 'rules', rules))",
    parameters={"tenant": "$1", "at": "$4", "actor": "$5::int"},
)
# Of two that are loaded at once, one waits for the other's number.
_LOAD: Final = f"""
WITH drawn AS (
    INSERT INTO id_blocks AS b (tenant_id, kind, next_id)
    SELECT $1, 'policy', coalesce(max(version), 0) + 2 FROM policies WHERE tenant_id = $1
    ON CONFLICT (tenant_id, kind) DO UPDATE SET next_id = greatest(b.next_id + 1, excluded.next_id)
    RETURNING next_id - 1 AS version
),
loaded AS (
    INSERT INTO policies (tenant_id, version, source, rules, loaded_at)
    SELECT $1, version, $2, $3, $4 FROM drawn
    RETURNING *
),
{_EVENT_OF_LOADING}
SELECT version FROM loaded
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


async def current_source(db: Session, tenant: int) -> tuple[int, str] | None:
    """Read the version of the policy in force, and the text that it was loaded from."""
    row = await db.fetchrow(_SOURCE, tenant)
    return None if row is None else (row["version"], row["source"])


async def load(
    db: Session, tenant: int, *, source: str, steps: Sequence[PolicyStep], actor: int, now: datetime
) -> Policy:
    """Put a new version in force."""
    rules = {"steps": [{"name": step.name, "anyOf": step.any_of} for step in steps]}
    rows = await db.write(_LOAD, tenant, source, msgspec.json.encode(rules).decode(), now, actor)
    return Policy(rows[0]["version"], tuple(steps))
