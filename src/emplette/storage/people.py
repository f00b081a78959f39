"""People, the keys that act for them, and the companies they work for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import asyncpg
import msgspec

from emplette.domain.organisation import Person
from emplette.domain.people import Principal, Tenant, User, UserKind, parse_permissions
from emplette.domain.working_days import WorkCalendar
from emplette.storage.absences import stood_in_for
from emplette.storage.database import Session
from emplette.storage.registers import Register
from emplette.storage.roles import keep_one_administrator

_TENANT: Final = """
SELECT t.* FROM tenants t LEFT JOIN tenant_hosts h ON h.tenant_id = t.tenant_id AND h.host = $1
WHERE h.host IS NOT NULL OR t.is_default ORDER BY h.host NULLS LAST LIMIT 1
"""
_BY_ACCOUNT: Final = "SELECT * FROM tenants WHERE account = $1"
_BY_ID: Final = """
SELECT user_id, kind, first_name, last_name, left_on, person_id FROM users
WHERE tenant_id = $1 AND user_id = ANY ($2::int[])
"""
# Folded as the words are: without case and accents.
_FIND: Final = """
SELECT u.user_id
FROM users u, LATERAL (SELECT regexp_replace(
    normalize(lower(u.first_name || ' ' || u.last_name || ' ' || coalesce(u.email, '')), NFKD),
    '[\\u0300-\\u036f]', '', 'g') AS words) AS folded
WHERE u.tenant_id = $1 AND u.kind = 'Person' AND u.user_id > $3
  AND NOT EXISTS (SELECT FROM unnest($2::text[]) AS word WHERE position(word IN folded.words) = 0)
ORDER BY u.user_id LIMIT $4
"""
_KEY: Final = """
SELECT k.api_key_id, k.name, k.permissions, k.auto_approve, k.created_status, k.expires_on, k.revoked_at,
       k.last_used_on, k.user_id, k.person_id, NULL::timestamptz AS good_until
FROM api_keys k WHERE k.tenant_id = $1 AND k.secret_hash = $2
UNION ALL
SELECT k.api_key_id, k.name, k.permissions, k.auto_approve, k.created_status, k.expires_on, k.revoked_at,
       f.last_used_on, k.user_id, k.person_id, f.good_until
FROM former_secrets f JOIN api_keys k ON k.tenant_id = $1 AND k.api_key_id = f.api_key_id
WHERE f.tenant_id = $1 AND f.secret_hash = $2
"""
SUPERVISED: Final = """
WITH RECURSIVE led (user_id) AS (
    SELECT u.user_id FROM users u WHERE u.tenant_id = $1 AND u.manager_id = $2
    UNION
    SELECT u.user_id FROM users u JOIN led ON u.tenant_id = $1 AND u.manager_id = led.user_id
),
headed (department_id) AS (
    SELECT d.department_id FROM departments d WHERE d.tenant_id = $1 AND d.head_id = $2
    UNION
    SELECT d.department_id FROM departments d JOIN headed ON d.tenant_id = $1 AND d.parent_id = headed.department_id
)
SELECT user_id FROM led
UNION
SELECT u.user_id FROM users u JOIN headed USING (department_id) WHERE u.tenant_id = $1
"""
_USED: Final = """
WITH former AS (
    UPDATE former_secrets SET last_used_on = $3
    WHERE tenant_id = $1 AND secret_hash = $4 AND api_key_id = $2 AND last_used_on IS DISTINCT FROM $3
)
UPDATE api_keys SET last_used_on = $3
WHERE tenant_id = $1 AND api_key_id = $2 AND last_used_on IS DISTINCT FROM $3 RETURNING 1
"""


def _row(person: Person) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(person)
    del row["id"]
    return row


# Whoever has left is let in no more, whatever stands here; should they come back, it is not by an old session or link.
_WHEN_THEY_LEAVE: Final = """
gone AS MATERIALIZED (
    SELECT fit.id FROM fit
    WHERE fit.read_version IS NOT NULL AND (fit.j->'row'->>'left_on')::date <= ($4::jsonb->>'at')::timestamptz::date
),
sessions_gone AS (DELETE FROM sessions s USING gone WHERE s.tenant_id = $1 AND s.user_id = gone.id),
links_gone AS (DELETE FROM password_links l USING gone WHERE l.tenant_id = $1 AND l.user_id = gone.id),"""
_COLUMNS: Final = (
    "kind",
    "first_name",
    "last_name",
    "email",
    "manager_id",
    "department_id",
    "establishment_id",
    "left_on",
    "version",
)
PEOPLE: Final = Register(
    kind="user",
    table="users",
    key="user_id",
    decode=msgspec.json.Decoder(list[Person]).decode,
    shown={column: f"t.{column}" for column in _COLUMNS},
    row=_row,
    referred={
        "users": "ARRAY[t.manager_id]",
        "departments": "ARRAY[t.department_id]",
        "establishments": "ARRAY[t.establishment_id]",
    },
    filters={"id": "t.user_id", "kind": "t.kind"},
    told_apart=("first_name", "last_name", "email"),
    # What becomes of whatever waits for somebody hangs on this.
    told_by_itself={"left": ("left_on",)},
    told_back={"left": "returned"},
    unique=("users_pkey",),
    beside=_WHEN_THEY_LEAVE,
    guard=keep_one_administrator("user_id", "left_on"),
)


@dataclass(frozen=True, slots=True)
class KeyFound:
    """An API key as it is kept, with who acts through it.

    ``good_until`` is when a secret ends that was replaced; ``last_used_on`` the last day of the secret it was found by.
    """

    principal: Principal
    expires_on: date | None
    revoked_at: datetime | None
    last_used_on: date | None
    good_until: datetime | None


async def tenant_of_host(db: Session, host: str) -> Tenant | None:
    """Find the company that answers under a host name, or the one that answers under all others."""
    row = await db.fetchrow(_TENANT, host)
    return None if row is None else tenant_of(row)


async def tenant_of_account(db: Session, account: str) -> Tenant | None:
    """Find a company by the name of its account."""
    row = await db.fetchrow(_BY_ACCOUNT, account)
    return None if row is None else tenant_of(row)


def tenant_of(row: asyncpg.Record) -> Tenant:
    """Read a company."""
    zone = ZoneInfo(row["time_zone"])
    ahead = timedelta(seconds=row["clock_ahead_seconds"])
    calendar = WorkCalendar(frozenset(row["working_weekdays"]), row["holidays_of"], frozenset(row["days_off"]))
    return Tenant(row["tenant_id"], row["account"], row["name"], zone, row["currency"], row["country"], ahead, calendar)


async def find(db: Session, tenant: int, words: Sequence[str], *, after: int, limit: int) -> list[int]:
    """Find the people whose name or mail address holds all of some folded words, behind a number, by number."""
    return [row["user_id"] for row in await db.fetch(_FIND, tenant, list(words), after, limit)]


async def by_id(db: Session, tenant: int, ids: Collection[int]) -> dict[int, User]:
    """Read users; who is not there is missing from the answer."""
    rows = await db.fetch(_BY_ID, tenant, sorted(ids))
    return {row["user_id"]: user_of(row) for row in rows}


def user_of(row: asyncpg.Record) -> User:
    """Read a user."""
    kind = UserKind(row["kind"])
    return User(row["user_id"], row["first_name"], row["last_name"], kind, row["left_on"], row["person_id"])


async def key(db: Session, tenant: int, secret_hash: bytes) -> KeyFound | None:
    """Find an API key by the hash of its secret, with who acts through it and whom they lead."""
    row = await db.fetchrow(_KEY, tenant, secret_hash)
    if row is None:
        return None
    users = await by_id(db, tenant, {row["user_id"], row["person_id"] or row["user_id"]})
    led = [] if row["person_id"] is None else await db.fetch(SUPERVISED, tenant, row["person_id"])
    absent = frozenset[int]() if row["person_id"] is None else await stood_in_for(db, tenant, row["person_id"])
    principal = Principal(
        user=users[row["user_id"]],
        key_id=row["api_key_id"],
        key_name=row["name"],
        permissions=parse_permissions(row["permissions"]),
        auto_approve=row["auto_approve"],
        created_status=row["created_status"],
        person=None if row["person_id"] is None else users[row["person_id"]],
        supervised=frozenset(person["user_id"] for person in led),
        stands_in_for=absent,
    )
    return KeyFound(principal, row["expires_on"], row["revoked_at"], row["last_used_on"], row["good_until"])


async def note_use(db: Session, tenant: int, api_key_id: int, *, secret_hash: bytes, on: date) -> None:
    """Note the day on which a key was used last, and which of its secrets."""
    await db.write(_USED, tenant, api_key_id, on, secret_hash)
