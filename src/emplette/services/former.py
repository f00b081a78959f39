"""What a request asked for when somebody looked at it last, for those who have to decide on what it became."""

from emplette.domain.dossiers import Dossier
from emplette.storage import former
from emplette.storage.database import Session
from emplette.storage.former import Former


async def asked_before(db: Session, tenant: int, dossier: Dossier, person_id: int | None) -> Former | None:
    """Tell what a request that waits asked for when this person decided last, or else when it was first asked.

    It is None for what waits no more, and for an amendment, which shows by itself what it changes.
    """
    request = dossier.pending_request
    if request is None or dossier.asks_for is not None:
        return None
    decided = [made.at for made in request.decisions if made.by.id == person_id]
    since = max(decided, default=request.created.at)
    return await former.said_at(db, tenant, request.purchase_id, request.commitment_id, since)
