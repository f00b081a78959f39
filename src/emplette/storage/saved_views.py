"""Views of the list of purchases that people keep, each for themselves."""

from collections.abc import Sequence
from typing import Final

import msgspec

from emplette.domain.errors import Overtaken
from emplette.domain.saved_views import MOST_VIEWS, SavedView
from emplette.storage.database import Session

_OF_PERSON: Final = "SELECT name, filters FROM saved_views WHERE tenant_id = $1 AND user_id = $2 ORDER BY place"
# A known name keeps its place; a new one takes the first that is free. Who sends the same form twice keeps one view;
# two names that take the same place at the same moment are told apart by the key.
_KEEP: Final = """
WITH known AS (
    UPDATE saved_views SET filters = $4 WHERE tenant_id = $1 AND user_id = $2 AND name = $3 RETURNING place
),
room AS (
    SELECT min(n) AS place FROM generate_series(1, $5::int) AS n WHERE NOT EXISTS (
        SELECT FROM saved_views v WHERE v.tenant_id = $1 AND v.user_id = $2 AND v.place = n)
),
kept AS (
    INSERT INTO saved_views AS v (tenant_id, user_id, place, name, filters)
    SELECT $1, $2, room.place, $3, $4 FROM room
    WHERE room.place IS NOT NULL AND NOT EXISTS (SELECT FROM known)
    ON CONFLICT (tenant_id, user_id, place) DO UPDATE SET filters = excluded.filters WHERE v.name = excluded.name
    RETURNING v.place
)
SELECT room.place IS NULL AS is_full, EXISTS (SELECT FROM known UNION ALL SELECT FROM kept) AS is_kept FROM room
"""
_REMOVE: Final = "DELETE FROM saved_views WHERE tenant_id = $1 AND user_id = $2 AND name = $3 RETURNING 1"

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[tuple[str, str], ...]).decode


async def of_person(db: Session, tenant: int, user_id: int) -> Sequence[SavedView]:
    """List the views that somebody keeps, in the order of their places."""
    return [SavedView(row["name"], _decode(row["filters"])) for row in await db.fetch(_OF_PERSON, tenant, user_id)]


async def keep(db: Session, tenant: int, user_id: int, view: SavedView) -> bool:
    """Keep a view, in the place of one of the same name; False when somebody keeps as many as they may.

    Raises:
        Overtaken: another one took its place at the same moment.
    """
    filters = _encode(view.filters).decode()
    (row,) = await db.write(_KEEP, tenant, user_id, view.name, filters, MOST_VIEWS)
    if not row["is_kept"] and not row["is_full"]:
        raise Overtaken("Another view was kept at the same moment: send it again.")
    return bool(row["is_kept"])


async def remove(db: Session, tenant: int, user_id: int, name: str) -> None:
    """Keep a view no longer; one that is not there is gone already."""
    await db.write(_REMOVE, tenant, user_id, name)
