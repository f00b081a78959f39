"""The requests of a stretch of time, with what a policy would have wanted to know of each at its moment."""

from datetime import datetime
from typing import Final

from emplette.domain.dossiers import Dossier
from emplette.domain.planning import LookedUp
from emplette.storage.database import Session
from emplette.storage.dossiers import AROUND_REQUEST, COLUMNS, read

_BEHIND: Final = f"""
SELECT {COLUMNS},
    NOT EXISTS (SELECT FROM orders n WHERE n.tenant_id = $1 AND n.supplier_id = p.supplier_id
                AND n.created_at < r.created_at) AS is_new,
    EXISTS (SELECT FROM suppliers f WHERE f.tenant_id = $1 AND f.supplier_id = p.supplier_id AND f.flag = 'Flagged')
        AS is_flagged
FROM requests r {AROUND_REQUEST}
WHERE r.tenant_id = $1 AND (r.created_at, r.request_id) > ($2, $3)
ORDER BY r.created_at, r.request_id LIMIT $4
"""


async def requests_behind(
    db: Session, tenant: int, behind: tuple[datetime, int], *, most: int
) -> list[tuple[Dossier, LookedUp]]:
    """Read the requests behind one, by its moment and id, the oldest first, each with its purchase as it is today."""
    found = []
    for row in await db.fetch(_BEHIND, tenant, *behind, most):
        dossier = read(row)
        if dossier is not None:
            found.append((dossier, LookedUp(supplier_is_new=row["is_new"], supplier_is_flagged=row["is_flagged"])))
    return found
