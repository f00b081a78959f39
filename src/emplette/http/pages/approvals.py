"""Approvals: what waits for somebody, and one request with everything that decides it."""

from dataclasses import dataclass
from secrets import token_hex
from typing import Final

from emplette.domain.amending import as_asked
from emplette.domain.approvals import ContentChanged, NotAsked, Request, RequestNotFound, RequestState, Verdict
from emplette.domain.deciding import may_decide
from emplette.domain.dossiers import Dossier, request_of
from emplette.domain.errors import Faults, Invalid, KeyReused, Refusal
from emplette.domain.people import Permission
from emplette.domain.purchases import PurchaseState
from emplette.domain.reviewing import RequestDecided
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.contract.statuses import CONFLICT, OK, REFUSED, status_of
from emplette.http.pages.budget_bars import shares_shown
from emplette.http.pages.changes import changes_of, changes_since, comparison_of
from emplette.http.pages.declaring import page
from emplette.http.pages.numbers import id_in
from emplette.http.pages.outcomes import Outcome, outcome_of
from emplette.http.pages.shown import Brief, brief, lines_of, newest
from emplette.http.pages.steps import steps_of
from emplette.http.pages.telling import telling
from emplette.http.pages.translations import marked
from emplette.http.pages.typed import comment_in
from emplette.http.pages.visits import Visit
from emplette.services.approvals import (
    approve_several,
    decide_request,
    decided_together,
    list_waiting,
    read_request,
    waiting_ids,
)
from emplette.services.commitments import offers_change
from emplette.services.former import asked_before
from emplette.services.outlooks import outlooks_of
from emplette.services.prospects import prospect_of
from emplette.services.purchases import list_purchases
from emplette.storage.lists import Filters

_A_PAGE: Final = 50
_MOST_PAST: Final = 5
_NO_COMMENT: Final = marked("Say why: whoever asked has to know what to change.")
_CHANGED: Final = marked("It was changed while you looked at it. Look at what is here now, then decide.")
_NONE_CHOSEN: Final = marked("Tick those that shall be approved.")
_DIGITS: Final = 10
_READERS: Final = (Permission.PURCHASES, Permission.VIEW, Permission.APPROVE)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What waits beside a request: its place in the list, and what comes before and after it."""

    place: int
    count: int
    previous: int | None
    next: int | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits: in one line, and what stands for it on a form where it may be approved with others."""

    one: Brief
    chosen_as: str


@page(GET, "/approvals", needs=(Permission.APPROVE,))
async def show_approvals(visit: Visit) -> Response:
    """List what waits for the visitor's decision, the oldest first."""
    return await _list(visit)


@page(POST, "/approvals", needs=(Permission.APPROVE,))
async def approve_chosen(visit: Visit) -> Response:
    """Approve several at once, each as the list showed it; what can't be is told."""
    shown = dict(_read_chosen(text) for text in visit.form.all("request")[:_A_PAGE])
    if not shown:
        return await _list(visit, status=REFUSED, refused=[Refused("", _NONE_CHOSEN)])
    outcomes = await approve_several(visit.work, shown, comment=None)
    refused = [each for each in outcomes if each.refusal is not None]
    if not refused:
        return visit.go("/approvals", said="approved-several")
    told = [Refused(await _title(visit, each.request_id), each.refusal.detail) for each in refused if each.refusal]
    return await _list(visit, status=CONFLICT, refused=told)


@page(GET, "/approvals/{request_id}", needs=_READERS)
async def show_request(visit: Visit, request_id: int) -> Response:
    """Show a request with everything that decides it."""
    return await show(visit, await read_request(visit.work, request_id))


@page(POST, "/approvals/{request_id}/approval", needs=(Permission.APPROVE,))
async def approve_request(visit: Visit, request_id: int) -> Response:
    """Approve what was shown, and go on to the next one."""
    return await _decide(visit, request_id, Verdict.APPROVED)


@page(POST, "/approvals/{request_id}/denial", needs=(Permission.APPROVE,))
async def deny_request(visit: Visit, request_id: int) -> Response:
    """Deny what was shown, say why, and go on to the next one."""
    if not visit.form["comment"]:
        dossier = await read_request(visit.work, request_id)
        return await show(visit, dossier, faults={"comment": [_NO_COMMENT]})
    return await _decide(visit, request_id, Verdict.DENIED)


@dataclass(frozen=True, slots=True)
class Refused:
    """One of several that was not approved, and why."""

    title: str
    why: str


async def _list(visit: Visit, *, status: int = OK, refused: list[Refused] | None = None) -> Response:
    last = id_in(visit.query["after"])
    after = None if last is None else (await read_request(visit.work, last)).request
    found = await list_waiting(visit.work, limit=_A_PAGE + 1, after=after)
    waiting = found[:_A_PAGE]
    together = await decided_together(visit.work, waiting)
    return visit.show(
        "approvals/list.html",
        status=status,
        waiting=[
            Waiting(
                brief(each, as_request=True),
                f"{request.id}-{request.content_hash}" if request.id in together else "",
            )
            for each in waiting
            if (request := each.request) is not None
        ],
        several=bool(together),
        is_later=after is not None,
        later=waiting[-1].request if len(found) > _A_PAGE else None,
        count=max(visit.waiting, len(waiting)),
        refused=refused or [],
        once=token_hex(16),
    )


def _read_chosen(text: str) -> tuple[int, str]:
    """Read which request was ticked, and as what it was shown.

    Raises:
        Invalid: no list has such a line.
    """
    number, _, content_hash = text.partition("-")
    if not (number.isascii() and number.isdecimal() and len(number) < _DIGITS and content_hash):
        raise Invalid.field("request", "Is no request of the list.")
    return int(number), content_hash


async def _title(visit: Visit, request_id: int) -> str:
    try:
        return (await read_request(visit.work, request_id)).purchase.title
    except RequestNotFound:
        return str(request_id)


async def _decide(visit: Visit, request_id: int, verdict: Verdict) -> Response:
    beside, faults = _beside(await waiting_ids(visit.work), request_id), Faults()
    comment = comment_in(visit.form, faults)
    if faults:
        return await show(visit, await read_request(visit.work, request_id), faults=faults.as_dict())
    try:
        await decide_request(
            visit.work,
            request_id,
            verdict,
            comment=comment,
            content_hash=visit.form["contentHash"],
        )
    except Invalid as invalid:
        return await show(visit, await read_request(visit.work, request_id), faults=invalid.faults)
    except (RequestDecided, NotAsked, KeyReused) as refusal:
        dossier = await read_request(visit.work, request_id)
        outcome = _outcome(visit, dossier)
        if outcome is None:
            raise
        return await show(visit, dossier, status=status_of(type(refusal)), outcome=outcome)
    except ContentChanged:
        return await show(visit, await read_request(visit.work, request_id), status=CONFLICT, faults={"$": [_CHANGED]})
    following = beside.next or beside.previous
    said = "approved" if verdict is Verdict.APPROVED else "denied"
    if following is None:
        return visit.go("/approvals", said=f"{said}-last")
    return visit.go(f"/approvals/{following}", said=said)


def _outcome(visit: Visit, dossier: Dossier) -> Outcome | None:
    person = visit.who.person
    return outcome_of(request_of(dossier), None if person is None else person.id)


async def show(
    visit: Visit,
    dossier: Dossier,
    *,
    status: int = OK,
    faults: dict[str, list[str]] | None = None,
    outcome: Outcome | None = None,
) -> Response:
    """Show a request; with what became of it, to whoever comes too late with what they sent."""
    request, commitment, purchase = dossier.request, as_asked(dossier).commitment, dossier.purchase
    if request is None or commitment is None:
        raise AssertionError
    waiting = await waiting_ids(visit.work) if visit.may(Permission.APPROVE) else []
    decides = _may_decide(visit, request)
    past = await _past(visit, dossier)
    person = visit.who.person
    former = await asked_before(visit.work.db, visit.tenant.id, dossier, None if person is None else person.id)
    return visit.show(
        "approvals/request.html",
        status=status,
        one=brief(dossier, as_request=True),
        purchase=purchase,
        commitment=commitment,
        changes=changes_of(dossier.asks_for),
        request=request,
        steps=await steps_of(visit, request),
        prospect=await prospect_of(visit.work, dossier),
        changeable=visit.may(Permission.PURCHASES) and await offers_change(visit.work, dossier),
        reassigns=request.state is RequestState.PENDING and visit.may(Permission.CONFIGURE),
        why=await _why(visit, request),
        lines=lines_of(commitment),
        budgets=shares_shown(await outlooks_of(visit.work, dossier, of_request=True)),
        past=[brief(each) for each in past],
        last=comparison_of(dossier, past),
        beside=_beside(waiting, request.id),
        decides=decides,
        is_new_supplier=purchase.supplier.is_draft,
        since=changes_since(dossier, former),
        has_decided=person is not None and any(made.by.id == person.id for made in request.decisions),
        changed=any(made.content_hash != request.content_hash for made in request.decisions),
        faults=faults,
        outcome=outcome,
        comment=visit.form["comment"],
        once=token_hex(16),
    )


def _may_decide(visit: Visit, request: Request) -> bool:
    person = visit.who.person
    if person is None or request.state is not RequestState.PENDING or not visit.may(Permission.APPROVE):
        return False
    try:
        may_decide(request, person.id)
    except Refusal:
        return False
    return True


async def _why(visit: Visit, request: Request) -> list[str]:
    """Say why the visitor is asked."""
    person = visit.who.person
    reasons = [one.reason for one in request.deciders if person is not None and one.user.id == person.id]
    return list(map(await telling(visit, reasons), reasons))


async def _past(visit: Visit, dossier: Dossier) -> list[Dossier]:
    """Show what was bought from the supplier before, as far as the visitor may see it."""
    supplier = dossier.purchase.supplier
    if supplier.id is None:
        return []
    bought = Filters({"supplierId": [supplier.id], "state": [PurchaseState.ONGOING, PurchaseState.CLOSED]})
    found = await list_purchases(visit.work, bought, newest(_MOST_PAST + 1))
    return [each for each in reversed(found.items) if each.purchase.id != dossier.purchase.id][:_MOST_PAST]


def _beside(ids: list[int], request_id: int) -> Neighbours:
    if request_id not in ids:
        return Neighbours(0, len(ids), None, ids[0] if ids else None)
    place = ids.index(request_id)
    return Neighbours(
        place + 1,
        len(ids),
        ids[place - 1] if place else None,
        ids[place + 1] if place + 1 < len(ids) else None,
    )
