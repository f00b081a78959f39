"""Absences: who is away when, and who decides in their place meanwhile."""

from datetime import date
from typing import Annotated

from msgspec import Meta

from emplette.domain import absences as domain
from emplette.domain.absences import AbsenceLoops, AbsenceNotFound, NotYourAbsence
from emplette.domain.approvals import NotAsked, OwnRequest, RequestNotFound
from emplette.domain.currencies import CURRENCIES
from emplette.domain.dates import fault_of_last_day
from emplette.domain.errors import Faults
from emplette.domain.money import Money
from emplette.domain.people import Permission
from emplette.domain.registers import Known
from emplette.domain.replacing import AskedAlready
from emplette.domain.reviewing import RequestDecided
from emplette.http.api import examples
from emplette.http.api.amounts import AmountIn, AmountOut, amount_out, note_faults_of_amount
from emplette.http.api.approvals_out import RequestOut, request_out
from emplette.http.api.lists import REGISTER_READERS, listed, slice_of
from emplette.http.api.readable import readable
from emplette.http.api.references import NamedOut, UserOut, user_out
from emplette.http.api.replies import reply_with, reply_with_entry
from emplette.http.contract import GET, POST, Answer, Body, Call, Id, Listed, PagedQuery, Reply, Title, operation
from emplette.http.contract.places import BASE, href
from emplette.http.contract.told import ETAG, LOCATION
from emplette.services import absences, replacing
from emplette.services.absences import AbsenceDraft
from emplette.services.work import Work

_ALL = f"{BASE}/api/absences"
_TAG = "Approval"
_USERS = (*REGISTER_READERS, Permission.CONFIGURE)


class AbsencesQuery(PagedQuery):
    """Which absences to list: by who is away, and by who decides meanwhile."""

    user_id: list[Id] = []
    deputy_id: list[Id] = []


class AbsenceIn(Body):
    """That somebody is away from a first day to a last, who decides in their place, of which cost center, and how much.

    Without `userId` it is the absence of the person to whom the key is bound. `atMost` is compared with the whole
    amount without taxes in the counter currency; what is in another currency is not for the deputy then.
    """

    deputy_id: Id
    start_date: date
    end_date: date
    user_id: Id | None = None
    cost_center_id: Id | None = None
    at_most: AmountIn | None = None

    def check(self, faults: Faults) -> None:
        """Find days in the wrong order, and an amount that can't be one."""
        start, end = readable(self.start_date), readable(self.end_date)
        fault = fault_of_last_day(start, end) if start and end else None
        if fault:
            faults.add("endDate", fault)
        most = readable(self.at_most)
        if most is not None and not faults.covers("atMost"):
            note_faults_of_amount(most, faults, "atMost")

    def draft(self) -> AbsenceDraft:
        """Take what was sent."""
        said = self.at_most
        most = None if said is None else Money.exact(said.value, CURRENCIES[said.currency])
        return AbsenceDraft(self.user_id, self.deputy_id, self.start_date, self.end_date, self.cost_center_id, most)


class AbsenceOut(Answer):
    """An absence; whoever is away may decide all the same."""

    id: int
    user: UserOut
    deputy: UserOut
    start_date: date
    end_date: date
    cost_center: NamedOut | None
    at_most: AmountOut | None
    version: int


@operation(
    GET,
    _ALL,
    answers={200: Listed[AbsenceOut]},
    needs=_USERS,
    tag=_TAG,
    links={"end_absence": {"absence_id": "items.0.id"}},
    ours=True,
)
async def list_absences(work: Work, call: Call, query: AbsencesQuery) -> Listed[AbsenceOut]:
    """List the absences that were not taken back, by id."""
    filters = {"userId": query.user_id, "deputyId": query.deputy_id}
    page = await absences.list_absences(work, filters, slice_of(query))
    return listed(query, page, [absence_out(absence, page.known, call.base_url) for absence in page.items])


async def faults_of_absence(work: Work, absence: AbsenceIn | None, faults: Faults) -> None:
    """Find what is missing among the things that an absence with faults names."""
    named = {"user_id": "users", "deputy_id": "users", "cost_center_id": "cost_centers"}
    found = {name: readable(getattr(absence, name, None)) for name in named}
    await absences.note_missing(work, {name: number for name, number in found.items() if number is not None}, faults)


@operation(
    POST,
    _ALL,
    answers={201: AbsenceOut},
    tells=(ETAG,),
    needs=_USERS,
    tag=_TAG,
    problems=(NotYourAbsence, AbsenceLoops),
    examples=examples.ABSENCE,
    also=faults_of_absence,
    links={"end_absence": {"absence_id": "id"}},
    ours=True,
)
async def create_absence(work: Work, call: Call, absence: AbsenceIn) -> Reply[AbsenceOut]:
    """Enter an absence, one's own or, with the permission to configure, anybody's: what waits moves to the deputy.

    From the first day to the last the deputy can decide what the absent one is asked, and sees it. Is the deputy away
    as well, their own deputy can; the question is not passed on a second time. It counts within 5 seconds.
    """
    done = await absences.enter_absence(work, absence.draft())
    return reply_with_entry(absence_out(done.entry, done.known, call.base_url), done)


@operation(
    POST,
    f"{_ALL}/{{absence_id}}/ending",
    answers={200: AbsenceOut},
    tells=(ETAG,),
    needs=_USERS,
    tag=_TAG,
    problems=(AbsenceNotFound, NotYourAbsence),
    ours=True,
)
async def end_absence(work: Work, call: Call, absence_id: int) -> Reply[AbsenceOut]:
    """Take an absence back: what waits comes back, and the deputy can decide no more, within 5 seconds."""
    done = await absences.end_absence(work, absence_id)
    return reply_with_entry(absence_out(done.entry, done.known, call.base_url), done)


class ReassignmentIn(Body):
    """Who is asked no more, who is asked in their place, by their ids, and why."""

    from_user_id: Annotated[Id, Meta(description="Who is asked no more.")]
    to_user_id: Annotated[Id, Meta(description="Who is asked in their place.")]
    reason: Title


@operation(
    POST,
    f"{BASE}/api/requests/{{request_id}}/reassignments",
    answers={201: RequestOut},
    tells=(ETAG, LOCATION),
    needs=Permission.CONFIGURE,
    tag=_TAG,
    problems=(RequestNotFound, RequestDecided, NotAsked, OwnRequest, AskedAlready),
    examples=examples.REASSIGNMENT,
    links={"read_request": {"request_id": "id"}},
    ours=True,
)
async def reassign_request(work: Work, call: Call, request_id: int, reassignment: ReassignmentIn) -> Reply[RequestOut]:
    """Ask another one in somebody's place, for a reason: in the step that is being asked and in those after it.

    Who was asked stays in the steps, beside who is asked instead and why.
    """
    done = await replacing.reassign_request(
        work,
        request_id,
        absent_id=reassignment.from_user_id,
        to_id=reassignment.to_user_id,
        reason=reassignment.reason,
    )
    return reply_with(request_out(done.dossier, call.base_url), done, location=href("request", request_id))


def absence_out(absence: domain.Absence, known: Known, base_url: str) -> AbsenceOut:
    """Tell an absence."""
    center = None if absence.cost_center_id is None else known.word("cost_centers", absence.cost_center_id)
    return AbsenceOut(
        id=absence.id,
        user=user_out(known.users[absence.user_id], base_url),
        deputy=user_out(known.users[absence.deputy_id], base_url),
        start_date=absence.starts_on,
        end_date=absence.ends_on,
        cost_center=None
        if center is None
        else NamedOut(id=center.id, name=center.name, href=href("cost_center", center.id)),
        at_most=None if absence.most is None else amount_out(absence.most),
        version=absence.version,
    )
