"""What was written down of what a command did."""

from dataclasses import dataclass
from typing import Any

import msgspec

from tests.fixtures.database import OwnerConnection


@dataclass(frozen=True, slots=True)
class Written:
    """One event, with its text beside it."""

    type: str
    object_id: int
    actor: str
    facts: dict[str, Any]
    texts: dict[str, Any] | None
    is_to_be_sealed: bool


async def events_of(owner: OwnerConnection, tenant: int) -> list[Written]:
    """Read what happened in a company, oldest first."""
    rows = await owner.fetch(
        """SELECT e.*, t.texts, u.first_name, s.event_id IS NOT NULL AS is_to_be_sealed
        FROM events e JOIN users u ON u.tenant_id = $1 AND u.user_id = e.actor_id
        LEFT JOIN event_texts t ON t.tenant_id = $1 AND t.event_id = e.event_id
        LEFT JOIN unsealed s ON s.tenant_id = $1 AND s.event_id = e.event_id
        WHERE e.tenant_id = $1 ORDER BY e.event_id""",
        tenant,
    )
    return [
        Written(
            row["type"],
            row["object_id"],
            row["first_name"],
            msgspec.json.decode(row["facts"]),
            None if row["texts"] is None else msgspec.json.decode(row["texts"]),
            row["is_to_be_sealed"],
        )
        for row in rows
    ]
