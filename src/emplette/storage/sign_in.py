"""How people come in: their passwords, the sessions that they have, the links by which they set a password."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg

from emplette.domain.appearances import Appearance
from emplette.domain.people import Principal, User
from emplette.domain.roles import signed_in
from emplette.domain.sign_in import Session as SignedIn
from emplette.storage import events, roles
from emplette.storage.absences import stood_in_for
from emplette.storage.appearances import appearance_of
from emplette.storage.database import Session, Together
from emplette.storage.people import SUPERVISED, user_of

_USER: Final = "u.user_id, u.kind, u.first_name, u.last_name, u.left_on, u.person_id"

_CREDENTIALS: Final = f"""
SELECT {_USER}, p.hash,
    EXISTS (SELECT FROM known_browsers b
            WHERE b.tenant_id = $1 AND b.user_id = u.user_id AND b.secret_hash = $3) AS is_known
FROM users u LEFT JOIN passwords p ON p.tenant_id = $1 AND p.user_id = u.user_id
WHERE u.tenant_id = $1 AND u.kind = 'Person' AND lower(u.email) = $2
ORDER BY p.hash IS NULL, u.user_id LIMIT 2
"""
_PERSON: Final = f"""
SELECT {_USER}, u.email, p.hash, p.set_at FROM users u
LEFT JOIN passwords p ON p.tenant_id = $1 AND p.user_id = u.user_id
WHERE u.tenant_id = $1 AND u.user_id = $2 AND u.kind = 'Person'
"""
_REHASH: Final = "UPDATE passwords SET hash = $4 WHERE tenant_id = $1 AND user_id = $2 AND hash = $3 RETURNING 1"

# A new password ends what the old one let in, but for the session in which it was set, and every link to set one.
_SET_PASSWORD: Final = f"""
WITH person AS (
    SELECT u.user_id FROM users u WHERE u.tenant_id = $1 AND u.user_id = $2 AND u.kind = 'Person' FOR NO KEY UPDATE
),
link AS (
    DELETE FROM password_links l USING person
    WHERE l.tenant_id = $1 AND l.user_id = person.user_id
    RETURNING l.secret_hash, l.ends_at
),
go AS MATERIALIZED (
    SELECT user_id FROM person
    WHERE $7::bytea IS NULL OR EXISTS (SELECT FROM link WHERE link.secret_hash = $7 AND link.ends_at > $4)
),
set_one AS (
    INSERT INTO passwords AS p (tenant_id, user_id, hash, set_at) SELECT $1, user_id, $3, $4 FROM go
    ON CONFLICT (tenant_id, user_id) DO UPDATE SET hash = excluded.hash, set_at = excluded.set_at
    RETURNING user_id
),
ended AS (
    DELETE FROM sessions s USING go
    WHERE s.tenant_id = $1 AND s.user_id = go.user_id AND s.session_id IS DISTINCT FROM $6::bigint
    RETURNING s.session_id
),
forgotten AS (DELETE FROM known_browsers b USING go WHERE b.tenant_id = $1 AND b.user_id = go.user_id),
{
    events.event(
        "user.password_set",
        source="set_one",
        object_id="user_id",
        facts="jsonb_build_object('sign_in', jsonb_build_object('by_link', $7::bytea IS NOT NULL))",
        parameters={"tenant": "$1", "at": "$4", "actor": "$5::int"},
    )
}
SELECT user_id FROM set_one
"""
_BEGIN: Final = """
WITH over AS (
    DELETE FROM sessions WHERE tenant_id = $1 AND user_id = $2 AND (ends_at <= $4 OR used_at <= $8)
),
browser AS (
    INSERT INTO known_browsers (tenant_id, user_id, secret_hash, used_on)
    SELECT $1, $2, $9::bytea, ($4::timestamptz AT TIME ZONE 'UTC')::date WHERE $9::bytea IS NOT NULL AND NOT $10
    ON CONFLICT (tenant_id, user_id, secret_hash) DO UPDATE SET used_on = excluded.used_on
),
too_many AS (
    DELETE FROM known_browsers WHERE (tenant_id, user_id, secret_hash) IN (
        SELECT tenant_id, user_id, secret_hash FROM known_browsers WHERE tenant_id = $1 AND user_id = $2
        ORDER BY used_on DESC OFFSET 20)
)
INSERT INTO sessions (tenant_id, user_id, secret_hash, begun_at, used_at, ends_at, address, browser, awaits_code)
SELECT $1, u.user_id, $3, $4, $4, $5, $6, $7, $10 FROM users u
WHERE u.tenant_id = $1 AND u.user_id = $2 AND u.kind = 'Person'
RETURNING session_id
"""
_SESSION_COLUMNS: Final = (
    "s.session_id, s.user_id, s.begun_at, s.used_at, s.ends_at, s.address, s.browser, s.awaits_code"
)
_SESSION: Final = f"""
SELECT {_SESSION_COLUMNS}, u.kind, u.first_name, u.last_name, u.left_on, u.person_id, a.language, a.theme
FROM sessions s JOIN users u ON u.tenant_id = $1 AND u.user_id = s.user_id
LEFT JOIN appearances a ON a.tenant_id = $1 AND a.user_id = s.user_id
WHERE s.tenant_id = $1 AND s.secret_hash = $2
"""
_NOTE_USE: Final = """
UPDATE sessions SET used_at = $3 WHERE tenant_id = $1 AND session_id = $2 AND used_at < $3 RETURNING 1
"""
_COMPLETE: Final = """
UPDATE sessions SET awaits_code = false, used_at = $3, ends_at = $4
WHERE tenant_id = $1 AND secret_hash = $2 AND awaits_code AND ends_at > $3 RETURNING user_id
"""
_SESSIONS_OF: Final = f"""
SELECT {_SESSION_COLUMNS} FROM sessions s WHERE s.tenant_id = $1 AND s.user_id = $2 ORDER BY s.used_at DESC
"""
_SIGN_OUT: Final = "DELETE FROM sessions WHERE tenant_id = $1 AND user_id = $2 AND session_id = $3 RETURNING session_id"
# What somebody does to others' sessions is told; that a person signed out is their own business.
_END: Final = f"""
WITH ended AS (
    DELETE FROM sessions s
    WHERE s.tenant_id = $1 AND s.user_id = $2 AND ($5::bigint IS NULL OR s.session_id = $5)
    RETURNING s.user_id
),
counted AS (SELECT user_id, count(*) AS sessions FROM ended GROUP BY user_id),
{
    events.event(
        "user.sessions_ended",
        source="counted",
        object_id="user_id",
        facts="jsonb_build_object('sign_in', jsonb_build_object('sessions', sessions))",
        parameters={"tenant": "$1", "at": "$3", "actor": "$4::int"},
    )
}
SELECT sessions FROM counted
"""
_MAKE_LINK: Final = f"""
WITH person AS (
    SELECT u.user_id FROM users u WHERE u.tenant_id = $1 AND u.user_id = $2 AND u.kind = 'Person' FOR NO KEY UPDATE
),
former AS (DELETE FROM password_links l USING person WHERE l.tenant_id = $1 AND l.user_id = person.user_id),
made AS (
    INSERT INTO password_links (tenant_id, secret_hash, user_id, made_at, ends_at)
    SELECT $1, $3, user_id, $4, $5 FROM person
    RETURNING user_id, ends_at
),
{
    events.event(
        "user.link_made",
        source="made",
        object_id="user_id",
        facts="jsonb_build_object('sign_in', jsonb_build_object('ends_at', ends_at))",
        parameters={"tenant": "$1", "at": "$4", "actor": "$6::int"},
    )
}
SELECT user_id FROM made
"""
_LINK: Final = f"""
SELECT {_USER} FROM password_links l JOIN users u ON u.tenant_id = $1 AND u.user_id = l.user_id
WHERE l.tenant_id = $1 AND l.secret_hash = $2 AND l.ends_at > $3
"""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Whom a mail address belongs to, and what is kept of their password; none is set for some."""

    user: User
    hash: str | None
    is_known: bool


@dataclass(frozen=True, slots=True)
class Member:
    """A person, their mail address, and since when they have a password, if they have one."""

    user: User
    email: str | None
    hash: str | None
    set_at: datetime | None


@dataclass(frozen=True, slots=True)
class SessionFound:
    """A session, who has it with all that they may do, and how pages look to them."""

    session: SignedIn
    principal: Principal
    appearance: Appearance


async def credentials(db: Session, tenant: int, login: str, *, browser_hash: bytes) -> Credentials | None:
    """Find whom a mail address belongs to; nobody, when it is that of several who have a password."""
    rows = await db.fetch(_CREDENTIALS, tenant, login, browser_hash)
    if not rows or (len(rows) > 1 and rows[1]["hash"] is not None):
        return None
    return Credentials(user_of(rows[0]), rows[0]["hash"], rows[0]["is_known"])


async def member(db: Session, tenant: int, user_id: int) -> Member | None:
    """Find a person by their number."""
    row = await db.fetchrow(_PERSON, tenant, user_id)
    return None if row is None else Member(user_of(row), row["email"], row["hash"], row["set_at"])


async def rehash(db: Session, tenant: int, user_id: int, *, before: str, after: str) -> None:
    """Keep the same password in another form."""
    await db.write(_REHASH, tenant, user_id, before, after)


async def set_password(
    db: Session | Together,
    tenant: int,
    user_id: int,
    *,
    hashed: str,
    actor: int,
    now: datetime,
    keeps: int | None = None,
    link_hash: bytes | None = None,
) -> bool:
    """Set a person's password, and end their sessions but the one it ``keeps``; False when the link is not good."""
    rows = await db.write(_SET_PASSWORD, tenant, user_id, hashed, now, actor, keeps, link_hash)
    return bool(rows)


async def begin(
    db: Session,
    tenant: int,
    session: SignedIn,
    *,
    secret_hash: bytes,
    idle_since: datetime,
    browser_hash: bytes | None,
) -> int | None:
    """Begin a session, and clear away what is over of the person's others; None when there is no such person."""
    rows = await db.write(
        _BEGIN,
        tenant,
        session.user_id,
        secret_hash,
        session.begun_at,
        session.ends_at,
        session.address,
        session.browser,
        idle_since,
        browser_hash,
        session.awaits_code,
    )
    return rows[0]["session_id"] if rows else None


async def find(db: Session, tenant: int, secret_hash: bytes) -> SessionFound | None:
    """Find a session by the hash of its secret, with who has it."""
    row = await db.fetchrow(_SESSION, tenant, secret_hash)
    if row is None:
        return None
    who = await principal(db, tenant, user_of(row), session_id=row["session_id"])
    return SessionFound(_session(row), who, appearance_of(row))


async def principal(db: Session, tenant: int, person: User, *, session_id: int | None = None) -> Principal:
    """Say what a person may do: what everybody may, and what their roles add."""
    led = await db.fetch(SUPERVISED, tenant, person.id)
    return signed_in(
        person,
        await roles.held_by(db, tenant, person.id),
        supervised=frozenset(one["user_id"] for one in led),
        stands_in_for=await stood_in_for(db, tenant, person.id),
        session_id=session_id,
    )


async def note_use(db: Session, tenant: int, session_id: int, *, at: datetime) -> None:
    """Note when a session was used last."""
    await db.write(_NOTE_USE, tenant, session_id, at)


async def find_session(db: Session, tenant: int, secret_hash: bytes) -> SignedIn | None:
    """Find a session by the hash of its secret, without what its owner may do."""
    row = await db.fetchrow(_SESSION, tenant, secret_hash)
    return None if row is None else _session(row)


async def complete(db: Session, tenant: int, secret_hash: bytes, *, now: datetime, ends_at: datetime) -> bool:
    """Let a session in that awaited a code; False when there is none that does."""
    return bool(await db.write(_COMPLETE, tenant, secret_hash, now, ends_at))


async def sessions_of(db: Session, tenant: int, user_id: int) -> list[SignedIn]:
    """List a person's sessions, the one used last first."""
    return [_session(row) for row in await db.fetch(_SESSIONS_OF, tenant, user_id)]


async def sign_out(db: Session, tenant: int, user_id: int, session_id: int) -> bool:
    """End a session of one's own; False when there is none."""
    return bool(await db.write(_SIGN_OUT, tenant, user_id, session_id))


async def end_sessions(
    db: Session, tenant: int, user_id: int, *, actor: int, now: datetime, session_id: int | None = None
) -> int:
    """End a session of somebody, or all; answer how many there were."""
    rows: Sequence[asyncpg.Record] = await db.write(_END, tenant, user_id, now, actor, session_id)
    return rows[0]["sessions"] if rows else 0


async def make_link(
    db: Session, tenant: int, user_id: int, *, secret_hash: bytes, ends_at: datetime, actor: int, now: datetime
) -> bool:
    """Make a link to set a password, instead of any before it; False when there is no such person."""
    return bool(await db.write(_MAKE_LINK, tenant, user_id, secret_hash, now, ends_at, actor))


async def person_of_link(db: Session, tenant: int, secret_hash: bytes, *, now: datetime) -> User | None:
    """Find whose password a link sets, while it is good."""
    row = await db.fetchrow(_LINK, tenant, secret_hash, now)
    return None if row is None else user_of(row)


def _session(row: asyncpg.Record) -> SignedIn:
    return SignedIn(
        row["session_id"],
        row["user_id"],
        row["begun_at"],
        row["used_at"],
        row["ends_at"],
        row["address"],
        row["browser"],
        row["awaits_code"],
    )
