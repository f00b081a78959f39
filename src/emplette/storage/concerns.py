"""What there is to look after in a company, counted."""

from typing import Final

from emplette.domain.concerns import Concern, Outlook
from emplette.storage.database import Session

# A log is of concern as long as the last verification has found something.
_COUNT: Final = """
SELECT
    (NOT EXISTS (SELECT FROM policies WHERE tenant_id = $1))::int AS policy,
    (SELECT jsonb_array_length(i.figures->'findings') FROM inspections i
     WHERE i.tenant_id = $1 AND i.figures IS NOT NULL ORDER BY i.ended_at DESC LIMIT 1) AS log,
    (SELECT count(*) FROM webhooks w JOIN webhook_progress p ON p.tenant_id = $1 AND p.webhook_id = w.webhook_id
     WHERE w.tenant_id = $1 AND w.status = 'active' AND w.deleted_at IS NULL
       AND (p.suspended_at IS NOT NULL OR EXISTS (
           SELECT FROM webhook_deliveries d
           WHERE d.tenant_id = $1 AND d.webhook_id = w.webhook_id AND d.parked_at IS NOT NULL))) AS webhooks,
    (SELECT count(*) FROM mails WHERE tenant_id = $1 AND state = 'Parked') AS mails,
    (SELECT count(*) FROM api_keys
     WHERE tenant_id = $1 AND revoked_at IS NULL AND expires_on BETWEEN $2 AND $4) AS keys,
    (SELECT count(*) FROM requests WHERE tenant_id = $1 AND state = 'Pending' AND created_at < $3) AS requests,
    (SELECT count(*) FROM budgets
     WHERE tenant_id = $1 AND overrun_minor > 0 AND $2 BETWEEN starts_on AND ends_on) AS budgets
"""


async def count(db: Session, tenant: int, outlook: Outlook) -> dict[Concern, int]:
    """Count what there is of each concern; what there is none of is left out."""
    (row,) = await db.fetch(_COUNT, tenant, outlook.today, outlook.waits_since, outlook.ends_by)
    return {concern: row[concern] for concern in Concern if row[concern]}
