"""Who people are to a provider that vouches for them."""

from datetime import datetime
from typing import Final

from emplette.domain.people import User
from emplette.storage import events
from emplette.storage.database import Session
from emplette.storage.people import user_of

_FIND: Final = """
SELECT u.user_id, u.kind, u.first_name, u.last_name, u.left_on, u.person_id
FROM identities i JOIN users u ON u.tenant_id = $1 AND u.user_id = i.user_id
WHERE i.tenant_id = $1 AND i.issuer = $2 AND i.subject = $3
"""
# Bound once: whoever has been somebody to a provider stays it, and nobody is two to one provider.
_BIND: Final = f"""
WITH person AS (
    SELECT min(u.user_id) AS user_id FROM users u
    WHERE u.tenant_id = $1 AND u.kind = 'Person' AND lower(u.email) = $4 HAVING count(*) = 1
),
bound AS (
    INSERT INTO identities (tenant_id, issuer, subject, user_id, bound_at)
    SELECT $1, $2, $3, person.user_id, $5 FROM person
    WHERE NOT EXISTS (SELECT FROM identities i
                      WHERE i.tenant_id = $1 AND i.issuer = $2 AND i.user_id = person.user_id)
    ON CONFLICT DO NOTHING
    RETURNING user_id, issuer
),
{
    events.event(
        "user.identity_bound",
        source="bound",
        object_id="user_id",
        facts="jsonb_build_object('sign_in', jsonb_build_object('issuer', issuer))",
        parameters={"tenant": "$1", "at": "$5", "actor": "bound.user_id"},
    )
}
SELECT user_id FROM bound
"""


async def find(db: Session, tenant: int, issuer: str, subject: str) -> User | None:
    """Find who somebody is to us whom a provider vouches for."""
    row = await db.fetchrow(_FIND, tenant, issuer, subject)
    return None if row is None else user_of(row)


async def bind(db: Session, tenant: int, issuer: str, subject: str, *, login: str, now: datetime) -> bool:
    """Note who has a mail address to a provider; False when nobody has it alone, or is known to it as somebody else."""
    return bool(await db.write(_BIND, tenant, issuer, subject, login, now))
