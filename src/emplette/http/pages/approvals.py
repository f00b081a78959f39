"""Approvals: what waits for somebody, and one request with everything that decides it."""

from dataclasses import dataclass
from secrets import token_hex
from typing import Final

from emplette.domain.amending import as_asked
from emplette.domain.approvals import Request, RequestState, Verdict
from emplette.domain.deciding import may_decide
from emplette.domain.dossiers import Dossier
from emplette.domain.errors import Invalid, Refusal
from emplette.domain.people import Permission
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.pages.changes import changes_of
from emplette.http.pages.declaring import page
from emplette.http.pages.shown import Brief, brief, lines_of, newest
from emplette.http.pages.steps import steps_of
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Visit
from emplette.services.approvals import decide_request, list_waiting, read_request
from emplette.services.purchases import list_purchases
from emplette.storage.lists import Filters

_MOST_WAITING: Final = 200
_MOST_PAST: Final = 5
_NO_COMMENT: Final = marked("Say why: whoever asked has to know what to change.")
_READERS: Final = (Permission.PURCHASES, Permission.VIEW, Permission.APPROVE)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What waits beside a request: its place in the list, and what comes before and after it."""

    place: int
    count: int
    previous: int | None
    next: int | None


@page(GET, "/approvals", needs=(Permission.APPROVE,))
async def show_approvals(visit: Visit) -> Response:
    """List what waits for the visitor's decision, the oldest first."""
    waiting = await list_waiting(visit.work, limit=_MOST_WAITING)
    return visit.show("approvals/list.html", waiting=[brief(each, as_request=True) for each in waiting])


@page(GET, "/approvals/{request_id}", needs=_READERS)
async def show_request(visit: Visit, request_id: int) -> Response:
    """Show a request with everything that decides it."""
    return await _show(visit, await read_request(visit.work, request_id))


@page(POST, "/approvals/{request_id}/approval", needs=(Permission.APPROVE,))
async def approve_request(visit: Visit, request_id: int) -> Response:
    """Approve what was shown, and go on to the next one."""
    return await _decide(visit, request_id, Verdict.APPROVED)


@page(POST, "/approvals/{request_id}/denial", needs=(Permission.APPROVE,))
async def deny_request(visit: Visit, request_id: int) -> Response:
    """Deny what was shown, say why, and go on to the next one."""
    if not visit.form["comment"]:
        dossier = await read_request(visit.work, request_id)
        return await _show(visit, dossier, status=400, faults={"comment": [_NO_COMMENT]})
    return await _decide(visit, request_id, Verdict.DENIED)


async def _decide(visit: Visit, request_id: int, verdict: Verdict) -> Response:
    beside = _beside(await list_waiting(visit.work, limit=_MOST_WAITING), request_id)
    try:
        await decide_request(
            visit.work,
            request_id,
            verdict,
            comment=visit.form["comment"] or None,
            content_hash=visit.form["contentHash"],
        )
    except Invalid as invalid:
        return await _show(visit, await read_request(visit.work, request_id), status=400, faults=invalid.faults)
    following = beside.next or beside.previous
    said = "approved" if verdict is Verdict.APPROVED else "denied"
    if following is None:
        return visit.go("/approvals", said=f"{said}-last")
    return visit.go(f"/approvals/{following}", said=said)


async def _show(
    visit: Visit, dossier: Dossier, *, status: int = 200, faults: dict[str, list[str]] | None = None
) -> Response:
    request, commitment, purchase = dossier.request, as_asked(dossier).commitment, dossier.purchase
    if request is None or commitment is None:
        raise AssertionError
    waiting = await list_waiting(visit.work, limit=_MOST_WAITING) if visit.may(Permission.APPROVE) else ()
    decides = _may_decide(visit, request)
    return visit.show(
        "approvals/request.html",
        status=status,
        one=brief(dossier, as_request=True),
        purchase=purchase,
        commitment=commitment,
        changes=changes_of(dossier.asks_for),
        request=request,
        steps=steps_of(request),
        why=_why(visit, request),
        lines=lines_of(commitment),
        past=await _past(visit, dossier),
        beside=_beside(waiting, request.id),
        decides=decides,
        is_new_supplier=purchase.supplier.is_draft,
        changed=any(made.content_hash != request.content_hash for made in request.decisions),
        faults=faults or {},
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


def _why(visit: Visit, request: Request) -> list[str]:
    """Say why the visitor is asked, in the words of the policy."""
    step, person = request.current_step, visit.who.person
    if step is None or person is None:
        return []
    return [approver.reason for approver in step.approvers if approver.user.id == person.id]


async def _past(visit: Visit, dossier: Dossier) -> list[Brief]:
    """Show what was bought from the supplier before, as far as the visitor may see it."""
    supplier = dossier.purchase.supplier
    if supplier.id is None:
        return []
    found = await list_purchases(visit.work, Filters({"supplierId": [supplier.id]}), newest(_MOST_PAST + 1))
    return [brief(each) for each in reversed(found.items) if each.purchase.id != dossier.purchase.id][:_MOST_PAST]


def _beside(waiting: tuple[Dossier, ...], request_id: int) -> Neighbours:
    ids = [each.request.id for each in waiting if each.request is not None]
    if request_id not in ids:
        return Neighbours(0, len(ids), None, ids[0] if ids else None)
    place = ids.index(request_id)
    return Neighbours(
        place + 1,
        len(ids),
        ids[place - 1] if place else None,
        ids[place + 1] if place + 1 < len(ids) else None,
    )
