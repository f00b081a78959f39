"""Giving a request to somebody else: an administrator's page, with the reason that stays on record."""

from functools import partial
from secrets import token_hex
from typing import Final

from emplette.domain.approvals import NotAsked, OwnRequest, Request, RequestState
from emplette.domain.dossiers import request_of
from emplette.domain.errors import Faults, Invalid
from emplette.domain.people import Permission
from emplette.domain.replacing import AskedAlready
from emplette.domain.text import LONGEST_TITLE, fault_of_text
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.pages.choosing import Choice
from emplette.http.pages.declaring import page
from emplette.http.pages.numbers import id_in
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Visit
from emplette.http.pages.whole_lists import every
from emplette.services.approvals import read_request
from emplette.services.people import list_people
from emplette.services.replacing import reassign_request

_CONFIGURE: Final = (Permission.CONFIGURE,)
_NO_CHOICE: Final = marked("Choose one of the list.")
_NO_REASON: Final = marked("Say why: it stays beside the request.")
_NOT_ASKED: Final = marked("It does not wait for them any more.")
_OWN: Final = marked("They own or wrote what is to be approved: somebody else must decide.")
_ASKED: Final = marked("They are asked already, or have decided: one person counts once.")


@page(GET, "/approvals/{request_id}/reassignment", needs=_CONFIGURE)
async def show_reassignment(visit: Visit, request_id: int) -> Response:
    """Show for whom a request waits, and who could be asked in their place."""
    return await _show(visit, request_id)


@page(POST, "/approvals/{request_id}/reassignment", needs=_CONFIGURE)
async def give_to_another(visit: Visit, request_id: int) -> Response:
    """Ask another one in somebody's place, for a reason."""
    form, faults = visit.form, Faults()
    absent_id, to_id = id_in(form["from"]), id_in(form["to"])
    for name, number in (("from", absent_id), ("to", to_id)):
        if number is None:
            faults.add(name, _NO_CHOICE)
    fault = fault_of_text(form["reason"], longest=LONGEST_TITLE) if form["reason"] else _NO_REASON
    if fault:
        faults.add("reason", fault)
    if faults or absent_id is None or to_id is None:
        return await _show(visit, request_id, faults=faults.as_dict())
    try:
        await reassign_request(visit.work, request_id, absent_id=absent_id, to_id=to_id, reason=form["reason"])
    except NotAsked:
        return await _show(visit, request_id, faults={"from": [_NOT_ASKED]})
    except OwnRequest:
        return await _show(visit, request_id, faults={"to": [_OWN]})
    except AskedAlready:
        return await _show(visit, request_id, faults={"to": [_ASKED]})
    except Invalid:
        return await _show(visit, request_id, faults={"to": [_NO_CHOICE]})
    return visit.go(f"/approvals/{request_id}", said="reassigned")


async def _show(visit: Visit, request_id: int, *, faults: dict[str, list[str]] | None = None) -> Response:
    dossier = await read_request(visit.work, request_id)
    request = request_of(dossier)
    asked = _asked_from_now_on(request)
    people = [each for each in await every(partial(list_people, visit.work, [])) if each.left_on is None]
    return visit.show(
        "approvals/reassignment.html",
        title=dossier.purchase.title,
        request=request,
        asked=asked,
        people=[
            Choice(str(each.id), each.name)
            for each in people
            if each.id not in request.requesters and all(str(each.id) != one.value for one in asked)
        ],
        said={name: visit.form[name] for name in ("from", "to", "reason")},
        faults=faults,
        once=token_hex(16),
    )


def _asked_from_now_on(request: Request) -> list[Choice]:
    """List those for whom it waits now, or will in a later step; nobody when it is decided."""
    if request.state is not RequestState.PENDING:
        return []
    now = {approver.user.id: approver.user.name for approver in request.waits_for}
    later = {
        approver.user.id: approver.user.name
        for step in request.steps
        if step.round == request.round and step.number > request.step
        for approver in step.people
    }
    return [Choice(str(number), name) for number, name in {**now, **later}.items()]
