"""Who stands in today for those who are away: looked at whenever somebody decides, and whenever it is shown."""

from collections.abc import Sequence
from dataclasses import replace

from emplette.domain.absences import StandIn, stand_ins
from emplette.domain.dossiers import Dossier
from emplette.domain.standing_in import as_of
from emplette.services.work import Work
from emplette.storage import approvals
from emplette.storage.lists import Filters


async def with_stand_ins(work: Work, dossier: Dossier) -> Dossier:
    """Return a purchase whose request, if it waits for people, says who stands in for those of them who are away."""
    if dossier.pending_request is None:
        return dossier
    chart = await work.shelf.policies.chart(work.db, work.tenant.id, work.today)
    return as_of(dossier, chart, work.today)


async def with_all_stand_ins(work: Work, found: Sequence[Dossier]) -> tuple[Dossier, ...]:
    """Say of several purchases at once who stands in for those who are asked."""
    return tuple([await with_stand_ins(work, dossier) for dossier in found])


async def with_decidable(work: Work, filters: Filters) -> Filters:
    """Return what is wanted of a list, where it is some assignees', with all requests that they can decide today."""
    found: list[int] = []
    for person_id in filters.values.get("assigneeId", ()):
        places = await places_of(work, person_id)
        found += await approvals.waiting_ids(work.db, work.tenant.id, person_id, places=places)
    return replace(filters, decidable=found)


async def places_of(work: Work, person_id: int) -> tuple[StandIn, ...]:
    """List in whose places a person may decide today."""
    chart = await work.shelf.policies.chart(work.db, work.tenant.id, work.today)
    if not chart.is_there(person_id, work.today):
        return ()
    absences = chart.absences_that_count(work.today)
    return tuple(place for place in stand_ins(absences, work.today) if place.person_id == person_id)
