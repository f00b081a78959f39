"""Deciding by a link that came by mail: looking at what it decides, which uses nothing up, and deciding, once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from emplette.domain.dossiers import Dossier, content_hash
from emplette.domain.errors import OutcomeUnknown, Refusal
from emplette.domain.keys import hash_of_secret
from emplette.domain.people import Principal, Tenant
from emplette.domain.sign_in import LinkOver
from emplette.services.work import Work
from emplette.storage import decision_links as storage
from emplette.storage import dossiers, sign_in
from emplette.storage.database import Session
from emplette.storage.decision_links import DecisionLink


class Standing(Enum):
    """Whether a link decides, and if not, why not."""

    GOOD = "good"
    USED = "used"
    OVER = "over"
    CHANGED = "changed"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Offer:
    """A link, what it decides, and how it stands."""

    link: DecisionLink
    dossier: Dossier
    standing: Standing


async def look_at(db: Session, tenant: Tenant, secret: str, *, now: datetime) -> Offer:
    """Look at what a link decides. It is not used up by that, however often a program opens it.

    Raises:
        LinkOver: there is no such link, or its owner has left.
    """
    link = await storage.find(db, tenant.id, hash_of_secret(secret))
    if link is None or not link.person.is_active(tenant.today(now)):
        raise LinkOver
    dossier = await dossiers.of_request(db, tenant.id, link.request_id)
    if dossier is None:
        raise LinkOver
    return Offer(link, dossier, _standing(link, dossier, now))


async def principal_of(db: Session, tenant: Tenant, offer: Offer) -> Principal:
    """Say as whom a link decides: as its owner, who may no more by it than after signing in."""
    return await sign_in.principal(db, tenant.id, offer.link.person)


async def use_up(work: Work, secret: str, offer: Offer, decide: Callable[[], Awaitable[object]]) -> Standing:
    """Decide by a link, which is used up before: of several at once, one decides. Answer how the link stood.

    Raises:
        Refusal: the decision was refused; the link can be used again then.
    """
    if offer.standing is not Standing.GOOD:
        return offer.standing
    hashed = hash_of_secret(secret)
    if not await storage.use(work.db, work.tenant.id, hashed, now=work.now):
        return Standing.USED
    try:
        await decide()
    except OutcomeUnknown:
        raise
    except Refusal:
        await storage.give_back(work.db, work.tenant.id, hashed)
        raise
    return Standing.GOOD


def _standing(link: DecisionLink, dossier: Dossier, now: datetime) -> Standing:
    if link.used_at is not None:
        return Standing.USED
    request = dossier.pending_request
    if request is None:
        return Standing.DECIDED
    if content_hash(dossier) != link.content_hash:
        return Standing.CHANGED
    if all(approver.user.id != link.person.id for approver in request.waits_for):
        return Standing.DECIDED
    return Standing.GOOD if now < link.ends_at else Standing.OVER
