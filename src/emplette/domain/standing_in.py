"""Who can decide a request today: with the deputies of those who are away, and without those who may decide no more."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from emplette.domain.absences import stand_ins_for
from emplette.domain.approvals import Approver, Request
from emplette.domain.charts import Chart
from emplette.domain.dossiers import Dossier, commitment_of
from emplette.domain.replacing import lost_the_right


def place_of(dossier: Dossier) -> tuple[int | None, int]:
    """Tell the department and the cost center of a purchase."""
    department = dossier.purchase.department
    return None if department is None else department.id, dossier.purchase.cost_center.id


def as_of(dossier: Dossier, chart: Chart, today: date) -> Dossier:
    """Return a purchase whose request, if it waits for people, says who of them is represented or gone on a day."""
    request = dossier.pending_request
    if request is None or not request.steps:
        return dossier
    found = tuple(_deputies(dossier, request, chart, today)) if chart.absences else ()
    gone = lost_the_right(request, chart, today, place_of(dossier))
    return replace(dossier, request=replace(request, stand_ins=found, gone=gone)) if found or gone else dossier


def as_kept(dossier: Dossier) -> Dossier:
    """Return a purchase without who is represented or gone on a day: as it is kept, the same whenever it is read."""
    request = dossier.request
    if request is None or not (request.stand_ins or request.gone):
        return dossier
    return replace(dossier, request=replace(request, stand_ins=(), gone=frozenset()))


def _deputies(dossier: Dossier, request: Request, chart: Chart, today: date) -> Iterator[Approver]:
    commitment, amendment = commitment_of(dossier), dossier.asks_for
    said = commitment if amendment is None else commitment.saying(amendment.proposed)
    for place in stand_ins_for(
        chart.absences_that_count(today),
        today,
        asked=request.asked,
        cost_center_id=dossier.purchase.cost_center.id,
        amount=said.total.counter.excluding,
        own_to=request.requesters,
    ):
        if chart.is_there(place.person_id, today):
            away = chart.people[place.absent_id].name
            through = "" if place.via is None else f", through {chart.people[place.via].name}"
            reason = f"deputy of {away}, who is away until {place.until}{through}"
            yield Approver(chart.people[place.person_id], reason, in_place_of=place.absent_id)
