"""The requests of a stretch of time, with what a policy would have wanted to know of each at its moment."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from emplette.domain.dossiers import Dossier
from emplette.domain.planning import LookedUp
from emplette.storage.database import Session
from emplette.storage.dossiers import AROUND_REQUEST, COLUMNS, read

_AT_ONCE: Final = 500
_SINCE: Final = f"""
SELECT r.created_at AS asked_at, r.request_id, {COLUMNS},
    NOT EXISTS (SELECT FROM orders n WHERE n.tenant_id = $1 AND n.supplier_id = p.supplier_id
                AND n.created_at < r.created_at) AS is_new,
    EXISTS (SELECT FROM suppliers f WHERE f.tenant_id = $1 AND f.supplier_id = p.supplier_id AND f.flag = 'Flagged')
        AS is_flagged
FROM requests r {AROUND_REQUEST}
WHERE r.tenant_id = $1 AND (r.created_at, r.request_id) > ($2, $3)
ORDER BY r.created_at, r.request_id LIMIT $4
"""


async def requests_since(db: Session, tenant: int, since: datetime) -> AsyncIterator[tuple[Dossier, LookedUp]]:
    """Read the requests that were made since then, the oldest first, each with its purchase as it is today."""
    behind: tuple[datetime, int] = (since, 0)
    while True:
        rows = await db.fetch(_SINCE, tenant, *behind, _AT_ONCE)
        for row in rows:
            dossier = read(row)
            if dossier is not None:
                yield dossier, LookedUp(supplier_is_new=row["is_new"], supplier_is_flagged=row["is_flagged"])
        if len(rows) < _AT_ONCE:
            return
        behind = rows[-1]["asked_at"], rows[-1]["request_id"]
