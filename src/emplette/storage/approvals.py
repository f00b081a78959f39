"""What waits for somebody's decision."""

from typing import Final

from emplette.domain.dossiers import Dossier
from emplette.storage.database import Session
from emplette.storage.dossiers import AROUND_REQUEST, COLUMNS, read

# Asked in the step that is being asked, about what is to be approved now, and not heard yet.
_WAITING: Final = """
    SELECT r.request_id AS id, r.created_at FROM request_approvers a
    JOIN requests r ON r.tenant_id = $1 AND r.request_id = a.request_id AND r.step = a.step AND r.state = 'Pending'
    WHERE a.tenant_id = $1 AND a.user_id = $2 AND NOT EXISTS (
        SELECT FROM request_decisions d
        WHERE d.tenant_id = $1 AND d.request_id = r.request_id AND d.step = r.step
          AND d.content_hash = r.content_hash AND d.user_id = $2)"""
_COUNT: Final = f"SELECT count(DISTINCT id) FROM ({_WAITING}) AS waiting"
_LIST: Final = f"""
    WITH page AS MATERIALIZED (
        SELECT DISTINCT id, created_at FROM ({_WAITING}) AS waiting ORDER BY created_at, id LIMIT $3
    )
    SELECT {COLUMNS} FROM page
    JOIN requests r ON r.tenant_id = $1 AND r.request_id = page.id {AROUND_REQUEST}
    ORDER BY page.created_at, page.id"""


async def count_waiting(db: Session, tenant: int, person_id: int) -> int:
    """Count the requests that a person is asked to decide now."""
    row = await db.fetchrow(_COUNT, tenant, person_id)
    return 0 if row is None else int(row[0])


async def waiting(db: Session, tenant: int, person_id: int, *, limit: int) -> tuple[Dossier, ...]:
    """List the requests that a person is asked to decide now, the oldest first."""
    rows = await db.fetch(_LIST, tenant, person_id, limit)
    return tuple(found for found in map(read, rows) if found is not None)
