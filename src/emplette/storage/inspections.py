"""Inspections: asked for once at a time, claimed by a job worker, and settled by whoever still holds the claim.

All times are the database's, as those of other claims.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

import asyncpg
import msgspec

from emplette.domain.inspections import Figures, Inspection
from emplette.storage.database import Session

_ASK: Final = """
INSERT INTO inspections (tenant_id, inspection_id, asked_by, asked_at) VALUES ($1, $2, $3, now())
ON CONFLICT (tenant_id) WHERE ended_at IS NULL DO NOTHING RETURNING inspection_id
"""
_LATEST: Final = """
SELECT i.inspection_id, i.asked_at, i.looks_at, i.done, i.ended_at, i.figures::text AS figures,
       u.first_name, u.last_name
FROM inspections i JOIN users u ON u.tenant_id = $1 AND u.user_id = i.asked_by
WHERE i.tenant_id = $1 ORDER BY i.inspection_id DESC LIMIT $2
"""
_CLAIM: Final = """
UPDATE inspections i SET claim = $1, claimed_until = now() + $2::interval, looks_at = NULL, done = 0
FROM (
    SELECT tenant_id, inspection_id FROM inspections WHERE ended_at IS NULL AND claimed_until <= now()
    ORDER BY asked_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
) AS waiting
WHERE i.tenant_id = waiting.tenant_id AND i.inspection_id = waiting.inspection_id
RETURNING i.tenant_id, i.inspection_id
"""
_TELL: Final = """
UPDATE inspections SET looks_at = $4, done = $5, claimed_until = now() + $6::interval
WHERE tenant_id = $1 AND inspection_id = $2 AND claim = $3 AND ended_at IS NULL RETURNING 1
"""
_SETTLE: Final = """
UPDATE inspections SET ended_at = now(), figures = $4::jsonb, looks_at = NULL, claim = NULL
WHERE tenant_id = $1 AND inspection_id = $2 AND claim = $3 AND ended_at IS NULL RETURNING 1
"""

_decode = msgspec.json.Decoder(Figures).decode


async def ask(db: Session, tenant: int, number: int, *, asked_by: int) -> bool:
    """Ask for an inspection; False when one is under way."""
    return bool(await db.write(_ASK, tenant, number, asked_by))


async def latest(db: Session, tenant: int, *, most: int) -> list[Inspection]:
    """List the inspections of a company, the latest first."""
    return [_inspection(row) for row in await db.fetch(_LATEST, tenant, most)]


async def claim(db: Session, claim: UUID, *, lease: timedelta) -> tuple[int, int] | None:
    """Claim the inspection that waits longest, whosever it is: answer its company and its number, if there is one."""
    rows = await db.write(_CLAIM, claim, lease)
    return (rows[0]["tenant_id"], rows[0]["inspection_id"]) if rows else None


async def tell(
    db: Session, tenant: int, number: int, claim: UUID, *, looks_at: str | None, done: int, lease: timedelta
) -> bool:
    """Say how far an inspection has come; False when the claim has gone to somebody else."""
    return bool(await db.write(_TELL, tenant, number, claim, looks_at, done, lease))


async def settle(db: Session, tenant: int, number: int, claim: UUID, figures: Figures) -> bool:
    """Write what was found; False when the claim has gone to somebody else."""
    return bool(await db.write(_SETTLE, tenant, number, claim, msgspec.json.encode(figures).decode()))


def _inspection(row: asyncpg.Record) -> Inspection:
    return Inspection(
        id=row["inspection_id"],
        asked_by=f"{row['first_name']} {row['last_name']}".strip(),
        asked_at=row["asked_at"],
        looks_at=row["looks_at"],
        done=row["done"],
        ended_at=row["ended_at"],
        figures=None if row["figures"] is None else _decode(row["figures"]),
    )
