"""Having the log verified: asked for on a page, done beside by a job worker."""

from emplette.domain.errors import Forbidden
from emplette.domain.inspections import Inspection
from emplette.services.work import Work
from emplette.storage import inspections as storage
from emplette.storage import seals

_ONLY_A_PART = "The log tells of everything: only who may see everything has it verified."


async def ask_inspection(work: Work) -> None:
    """Have the whole log verified; where that is under way already, that one counts.

    Raises:
        Forbidden: the caller may not see everything that happens.
    """
    _check(work)
    number = await work.new_id("inspection")
    await storage.ask(work.db, work.tenant.id, number, asked_by=work.who.user.id)


async def list_inspections(work: Work, *, most: int) -> list[Inspection]:
    """List when the log was verified, the latest first, and what was found.

    Raises:
        Forbidden: the caller may not see everything that happens.
    """
    _check(work)
    return await storage.latest(work.db, work.tenant.id, most=most)


async def count_sealed(work: Work) -> int:
    """Count the events that are sealed: so many are looked at."""
    return (await seals.head(work.db, work.tenant.id)).position


def _check(work: Work) -> None:
    if not work.who.follows:
        raise Forbidden(_ONLY_A_PART)
