"""Calendars of people: the links that open them, each as a hash."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from emplette.domain.people import User
from emplette.storage import events
from emplette.storage.database import Session
from emplette.storage.people import user_of

_FACTS: Final = "jsonb_build_object('calendar_feed', jsonb_build_object('user_id', user_id))"
# A new link ends the one before it.
_MAKE: Final = f"""
WITH made AS (
    INSERT INTO calendar_feeds AS f (tenant_id, user_id, secret_hash, made_at)
    SELECT $1, u.user_id, $3, $4 FROM users u
    WHERE u.tenant_id = $1 AND u.user_id = $2 AND u.kind = 'Person' AND (u.left_on IS NULL OR u.left_on > $6::date)
    ON CONFLICT (tenant_id, user_id) DO UPDATE SET secret_hash = excluded.secret_hash, made_at = excluded.made_at
    RETURNING f.user_id
),
{
    events.event(
        "calendar_feed.made",
        source="made",
        object_id="user_id",
        facts=_FACTS,
        parameters={"tenant": "$1", "at": "$4", "actor": "$5::int"},
    )
}
SELECT user_id FROM made
"""
_REVOKE: Final = f"""
WITH revoked AS (DELETE FROM calendar_feeds WHERE tenant_id = $1 AND user_id = $2 RETURNING user_id),
{
    events.event(
        "calendar_feed.revoked",
        source="revoked",
        object_id="user_id",
        facts=_FACTS,
        parameters={"tenant": "$1", "at": "$3", "actor": "$4::int"},
    )
}
SELECT user_id FROM revoked
"""
_USER: Final = "u.user_id, u.kind, u.first_name, u.last_name, u.left_on, u.person_id"
_FIND: Final = f"""
SELECT {_USER} FROM calendar_feeds f JOIN users u ON u.tenant_id = $1 AND u.user_id = f.user_id
WHERE f.tenant_id = $1 AND f.secret_hash = $2
"""
_MADE_AT: Final = "SELECT made_at FROM calendar_feeds WHERE tenant_id = $1 AND user_id = $2"
_ALL: Final = f"""
SELECT {_USER}, f.made_at FROM calendar_feeds f JOIN users u ON u.tenant_id = $1 AND u.user_id = f.user_id
WHERE f.tenant_id = $1 ORDER BY f.user_id
"""


@dataclass(frozen=True, slots=True)
class Feed:
    """That there is a link to somebody's calendar, since when."""

    user: User
    made_at: datetime


async def make(
    db: Session, tenant: int, user_id: int, *, secret_hash: bytes, actor: int, now: datetime, today: date
) -> bool:
    """Keep a new link to a person's calendar; False when there is no such person, or they have left."""
    return bool(await db.write(_MAKE, tenant, user_id, secret_hash, now, actor, today))


async def revoke(db: Session, tenant: int, user_id: int, *, actor: int, now: datetime) -> bool:
    """Take the link to a person's calendar away; False when there was none."""
    return bool(await db.write(_REVOKE, tenant, user_id, now, actor))


async def person_of(db: Session, tenant: int, secret_hash: bytes) -> User | None:
    """Find whose calendar a link opens."""
    row = await db.fetchrow(_FIND, tenant, secret_hash)
    return None if row is None else user_of(row)


async def made_at(db: Session, tenant: int, user_id: int) -> datetime | None:
    """Find since when there is a link to a person's calendar."""
    row = await db.fetchrow(_MADE_AT, tenant, user_id)
    return None if row is None else row["made_at"]


async def find_every(db: Session, tenant: int) -> Sequence[Feed]:
    """List the links that there are, by whose they are."""
    return [Feed(user_of(row), row["made_at"]) for row in await db.fetch(_ALL, tenant)]
