"""How pages look to each person: read with the session, written when they choose."""

from typing import Final

import asyncpg

from emplette.domain.appearances import Appearance, Theme
from emplette.domain.parties import Language
from emplette.storage.database import Session

_CHOOSE: Final = """
INSERT INTO appearances (tenant_id, user_id, language, theme) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant_id, user_id) DO UPDATE SET language = excluded.language, theme = excluded.theme
RETURNING 1
"""


async def choose(db: Session, tenant: int, user_id: int, appearance: Appearance) -> None:
    """Write how pages look to somebody from now on."""
    await db.write(_CHOOSE, tenant, user_id, appearance.language, appearance.theme)


def appearance_of(row: asyncpg.Record) -> Appearance:
    """Read how pages look to somebody."""
    language, theme = row["language"], row["theme"]
    return Appearance(Language(language) if language else None, Theme(theme) if theme else None)
