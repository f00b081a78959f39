"""Reminding people of what waits for them, and asking those above when it has waited too long."""

from collections.abc import Sequence
from dataclasses import replace

from emplette.domain.approvals import NotAsked, Request, RequestNotFound
from emplette.domain.dossiers import Dossier, Happening, Move, request_of, touched
from emplette.domain.escalating import deadlines_from, deadlines_of, escalated
from emplette.formats.working_days import days_of
from emplette.services.commands import anybody, by_request, carry_out
from emplette.services.prospects import goes_up
from emplette.services.work import Work
from emplette.storage import escalating as storage
from emplette.storage.escalating import Reminder, Standing


async def standing(work: Work) -> list[Standing]:
    """List what may have waited long enough."""
    return await storage.standing(work.db, work.tenant.id, today=work.today)


def is_slow(one: Standing, work: Work) -> bool:
    """Tell whether a request has waited so long that those above are asked."""
    return deadlines_from(one.asked_at, one.waiting, work.tenant, days_of).is_slow(work.today)


async def remind_of_requests(work: Work, waiting: Sequence[Standing]) -> int:
    """Write down as events of which requests people are to be reminded today, each once; answer how many are new.

    Reminders that were missed are not made up for: the last one stands for them.
    """
    due = [reminder for one in waiting if (reminder := _due(one, work)) is not None]
    return await storage.remind(work.db, work.tenant.id, due, now=work.now) if due else 0


def _due(one: Standing, work: Work) -> Reminder | None:
    after = deadlines_from(one.asked_at, one.waiting, work.tenant, days_of).reminder_due(work.today)
    if after is None or (one.reminded is not None and one.reminded >= after):
        return None
    return Reminder(one.request_id, one.purchase_id, one.version, one.step, one.asked_at, after)


async def escalate_request(work: Work, request_id: int) -> bool:
    """Ask those above in the place of who has kept a request waiting for longer than its policy lets them.

    Returns:
        Whether it has gone up: not where somebody decided meanwhile, and not where nobody is above.
    """
    load = by_request(work, request_id)
    dossier = await load()
    if dossier is None or await _gone_up(work, dossier) is None:
        return False

    async def decide(dossier: Dossier) -> Move:
        after = await _gone_up(work, dossier)
        if after is None:
            detail = "It waits no more, or has gone up just now."
            raise NotAsked(detail)
        changed = replace(dossier, purchase=touched(dossier.purchase, work.stamp), request=after)
        return Move(changed, (Happening("request.escalated", "request", request_id),))

    await carry_out(work, load, decide, absent=RequestNotFound, allow=anybody)
    return True


async def _gone_up(work: Work, dossier: Dossier) -> Request | None:
    request = request_of(dossier)
    if not deadlines_of(request, work.tenant, days_of).is_slow(work.today):
        return None
    found = await goes_up(work, dossier)
    if found is None:
        return None
    chart, above = found
    after = escalated(request, above, chart, work.today)
    return None if after == request else replace(after, asked_at=work.now, modified=work.stamp)
