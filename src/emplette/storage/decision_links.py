"""Links by which a person decides one request, once, on the content that they were written to about.

Nothing of a link is kept but its hash.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from emplette.domain.people import User
from emplette.storage.database import Session
from emplette.storage.people import user_of

# What is over is cleared away when the person is given another one.
_MAKE: Final = """
WITH over AS (DELETE FROM decision_links WHERE tenant_id = $1 AND user_id = $3 AND ends_at < $7)
INSERT INTO decision_links (tenant_id, secret_hash, user_id, request_id, content_hash, ends_at)
VALUES ($1, $2, $3, $4, $5, $6) RETURNING 1
"""
_FIND: Final = """
SELECT l.request_id, l.content_hash, l.ends_at, l.used_at,
       u.user_id, u.kind, u.first_name, u.last_name, u.left_on, u.person_id
FROM decision_links l JOIN users u ON u.tenant_id = $1 AND u.user_id = l.user_id
WHERE l.tenant_id = $1 AND l.secret_hash = $2
"""
# Whoever uses it first has used it; all that were made for the same content go with it.
_USE: Final = """
WITH used AS (
    UPDATE decision_links SET used_at = $3
    WHERE tenant_id = $1 AND secret_hash = $2 AND used_at IS NULL AND ends_at > $3
    RETURNING user_id, request_id, content_hash
),
others AS (
    UPDATE decision_links l SET used_at = $3 FROM used
    WHERE l.tenant_id = $1 AND l.user_id = used.user_id AND l.request_id = used.request_id
      AND l.content_hash = used.content_hash AND l.secret_hash <> $2 AND l.used_at IS NULL
)
SELECT request_id FROM used
"""
_GIVE_BACK: Final = """
UPDATE decision_links SET used_at = NULL WHERE tenant_id = $1 AND secret_hash = $2 AND used_at IS NOT NULL RETURNING 1
"""


@dataclass(frozen=True, slots=True)
class DecisionLink:
    """For whom a link decides which request, on which content, until when; and when it was used, if it was."""

    person: User
    request_id: int
    content_hash: str
    ends_at: datetime
    used_at: datetime | None


async def make(db: Session, tenant: int, secret_hash: bytes, link: DecisionLink, *, now: datetime) -> None:
    """Keep a link."""
    await db.write(_MAKE, tenant, secret_hash, link.person.id, link.request_id, link.content_hash, link.ends_at, now)


async def find(db: Session, tenant: int, secret_hash: bytes) -> DecisionLink | None:
    """Find a link, also one that is over."""
    row = await db.fetchrow(_FIND, tenant, secret_hash)
    if row is None:
        return None
    return DecisionLink(user_of(row), row["request_id"], row["content_hash"], row["ends_at"], row["used_at"])


async def use(db: Session, tenant: int, secret_hash: bytes, *, now: datetime) -> bool:
    """Use a link up; False when it was used before, or is over."""
    return bool(await db.write(_USE, tenant, secret_hash, now))


async def give_back(db: Session, tenant: int, secret_hash: bytes) -> None:
    """Let a link be used again with which nothing was decided."""
    await db.write(_GIVE_BACK, tenant, secret_hash)
