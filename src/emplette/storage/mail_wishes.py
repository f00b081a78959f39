"""How somebody wants to be written to; whoever has said nothing is told in the language of their pages."""

from typing import Final

import asyncpg

from emplette.domain.mails import MailMode, MailWish
from emplette.domain.parties import Language, language_of
from emplette.storage.database import Session

_WISH: Final = """
SELECT w.mode, w.language, w.quiet_from, w.quiet_until, look.language AS of_pages, t.country
FROM tenants t
LEFT JOIN mail_wishes w ON w.tenant_id = t.tenant_id AND w.user_id = $2
LEFT JOIN appearances look ON look.tenant_id = t.tenant_id AND look.user_id = $2
WHERE t.tenant_id = $1
"""
_SET_WISH: Final = """
INSERT INTO mail_wishes (tenant_id, user_id, mode, language, quiet_from, quiet_until) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant_id, user_id) DO UPDATE SET mode = excluded.mode, language = excluded.language,
    quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until
RETURNING 1
"""


async def wish_of(db: Session, tenant: int, user_id: int) -> MailWish:
    """Read how somebody wants to be told, or how everybody is who has said nothing."""
    (row,) = await db.fetch(_WISH, tenant, user_id)
    return wish_from(row, row["country"])


async def set_wish(db: Session, tenant: int, user_id: int, wish: MailWish) -> None:
    """Write how somebody wants to be told from now on."""
    await db.write(_SET_WISH, tenant, user_id, wish.mode, wish.language, wish.quiet_from, wish.quiet_until)


def wish_from(row: asyncpg.Record, country: str) -> MailWish:
    """Read a wish of a row, or how people of the country are told who have said nothing."""
    if row["mode"] is None:
        chosen = row["of_pages"]
        return MailWish(language=language_of(country) if chosen is None else Language(chosen))
    return MailWish(MailMode(row["mode"]), Language(row["language"]), row["quiet_from"], row["quiet_until"])
