"""Who stands in today for those who are away: looked at whenever somebody decides, and whenever it is shown."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from emplette.domain.absences import StandIn, stand_ins, stand_ins_for
from emplette.domain.approvals import Approver, Request, RequestState
from emplette.domain.charts import Chart
from emplette.domain.dossiers import Dossier
from emplette.domain.replacing import lost_the_right
from emplette.services.work import Work
from emplette.storage import approvals
from emplette.storage.lists import Filters


async def with_stand_ins(work: Work, dossier: Dossier) -> Dossier:
    """Return a purchase whose request, if it waits for people, says who stands in for those of them who are away."""
    request = dossier.request
    if request is None or request.state is not RequestState.PENDING or not request.steps:
        return dossier
    chart = await work.shelf.policies.chart(work.db, work.tenant.id, work.today)
    found = tuple(_deputies(work, chart, request, dossier.purchase.cost_center.id)) if chart.absences else ()
    gone = lost_the_right(request, chart, work.today, place_of(dossier))
    return replace(dossier, request=replace(request, stand_ins=found, gone=gone)) if found or gone else dossier


def place_of(dossier: Dossier) -> tuple[int | None, int]:
    """Tell the department and the cost center of a purchase."""
    department = dossier.purchase.department
    return None if department is None else department.id, dossier.purchase.cost_center.id


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
    return tuple(place for place in stand_ins(chart.absences, work.today) if place.person_id == person_id)


def _deputies(work: Work, chart: Chart, request: Request, cost_center_id: int) -> Iterator[Approver]:
    for place in stand_ins_for(
        chart.absences, work.today, asked=request.asked, cost_center_id=cost_center_id, own_to=request.requesters
    ):
        if chart.is_there(place.person_id, work.today):
            away = chart.people[place.absent_id].name
            through = "" if place.via is None else f", through {chart.people[place.via].name}"
            reason = f"deputy of {away}, who is away until {place.until}{through}"
            yield Approver(chart.people[place.person_id], reason, in_place_of=place.absent_id)
