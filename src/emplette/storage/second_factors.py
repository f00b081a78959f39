"""Second factors: what makes a person's codes, which code was taken last, and the codes on paper that are left."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from emplette.storage import events
from emplette.storage.database import Session

_READ: Final = "SELECT secret, confirmed_at, last_step FROM second_factors WHERE tenant_id = $1 AND user_id = $2"
_BEGIN: Final = """
INSERT INTO second_factors AS f (tenant_id, user_id, secret, made_at)
SELECT $1, u.user_id, $3, $4 FROM users u WHERE u.tenant_id = $1 AND u.user_id = $2 AND u.kind = 'Person'
ON CONFLICT (tenant_id, user_id) DO UPDATE SET secret = excluded.secret, made_at = excluded.made_at, last_step = 0
WHERE f.confirmed_at IS NULL
RETURNING 1
"""
_CONFIRM: Final = f"""
WITH confirmed AS (
    UPDATE second_factors SET confirmed_at = $3, last_step = $4, recovery = $5
    WHERE tenant_id = $1 AND user_id = $2 AND confirmed_at IS NULL
    RETURNING user_id
),
{
    events.event(
        "user.second_factor_set",
        source="confirmed",
        object_id="user_id",
        facts="jsonb_build_object('sign_in', '{}'::jsonb)",
        parameters={"tenant": "$1", "at": "$3", "actor": "$2::int"},
    )
}
SELECT user_id FROM confirmed
"""
_TAKE: Final = """
UPDATE second_factors SET last_step = $3 WHERE tenant_id = $1 AND user_id = $2 AND last_step < $3 RETURNING 1
"""
_TAKE_RECOVERY: Final = """
UPDATE second_factors SET recovery = array_remove(recovery, $3::bytea)
WHERE tenant_id = $1 AND user_id = $2 AND $3::bytea = ANY (recovery) RETURNING 1
"""
_REMOVE: Final = f"""
WITH removed AS (
    DELETE FROM second_factors WHERE tenant_id = $1 AND user_id = $2 RETURNING user_id, confirmed_at
),
counted AS (SELECT user_id FROM removed WHERE confirmed_at IS NOT NULL),
{
    events.event(
        "user.second_factor_removed",
        source="counted",
        object_id="user_id",
        facts="jsonb_build_object('sign_in', '{}'::jsonb)",
        parameters={"tenant": "$1", "at": "$3", "actor": "$4::int"},
    )
}
SELECT user_id FROM removed
"""


@dataclass(frozen=True, slots=True)
class Factor:
    """A second factor: what its codes are made of, since when it counts, and the time step of the last code taken."""

    secret: str = field(repr=False)
    confirmed_at: datetime | None
    last_step: int


async def read(db: Session, tenant: int, user_id: int) -> Factor | None:
    """Find a person's second factor."""
    row = await db.fetchrow(_READ, tenant, user_id)
    return None if row is None else Factor(row["secret"], row["confirmed_at"], row["last_step"])


async def is_set(db: Session, tenant: int, user_id: int) -> bool:
    """Tell whether a person has to show a code at the sign-in."""
    factor = await read(db, tenant, user_id)
    return factor is not None and factor.confirmed_at is not None


async def begin(db: Session, tenant: int, user_id: int, *, secret: str, now: datetime) -> bool:
    """Keep what codes are to be made of; False when codes count already, or there is no such person."""
    return bool(await db.write(_BEGIN, tenant, user_id, secret, now))


async def confirm(db: Session, tenant: int, user_id: int, *, step: int, recovery: list[bytes], now: datetime) -> bool:
    """Let codes count from now on, with these hashes of codes on paper; False when they do already."""
    return bool(await db.write(_CONFIRM, tenant, user_id, now, step, recovery))


async def take(db: Session, tenant: int, user_id: int, step: int) -> bool:
    """Take the code of a time step; False when it, or a later one, was taken before."""
    return bool(await db.write(_TAKE, tenant, user_id, step))


async def take_recovery(db: Session, tenant: int, user_id: int, code_hash: bytes) -> bool:
    """Take a code on paper, which is used up; False when it is none."""
    return bool(await db.write(_TAKE_RECOVERY, tenant, user_id, code_hash))


async def remove(db: Session, tenant: int, user_id: int, *, actor: int, now: datetime) -> bool:
    """Ask for no codes any more; False when none were asked for."""
    return bool(await db.write(_REMOVE, tenant, user_id, now, actor))
