"""Changing what waits for approval, by whom the policy lets: what becomes of the request is shown before it is done."""

from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Final

from emplette.domain.approvals import Request, RequestState
from emplette.domain.commitments import CommitmentDraft
from emplette.domain.dossiers import Dossier, commitment_of, request_of
from emplette.domain.errors import Faults, Refusal
from emplette.domain.people import Permission
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.contract.statuses import OK, status_of
from emplette.http.pages.approvals import show
from emplette.http.pages.changes import Change, changes_between
from emplette.http.pages.declaring import page
from emplette.http.pages.outcomes import outcome_of
from emplette.http.pages.revising import Reading, as_faults, fields_of, offered, rates_of, renewed
from emplette.http.pages.shown import brief
from emplette.http.pages.steps import ShownStep, steps_of
from emplette.http.pages.telling import telling
from emplette.http.pages.translations import marked
from emplette.http.pages.trouble import detail_of
from emplette.http.pages.visits import Values, Visit
from emplette.services.approvals import read_request
from emplette.services.commands import NotYours, version_tag
from emplette.services.commitments import foresee_change, offers_change, revise_commitment

_NEEDS: Final = (Permission.PURCHASES,)
_NOTHING: Final = marked("Nothing is changed yet.")


@dataclass(frozen=True, slots=True)
class _Foreseen:
    """What a change would lead to: what is different then, and the steps in which it is asked for anew."""

    changes: tuple[Change, ...] = ()
    steps: tuple[ShownStep, ...] = ()
    trouble: str = ""
    says_the_same: bool = False


@page(GET, "/approvals/{request_id}/change", needs=_NEEDS)
async def show_change(visit: Visit, request_id: int) -> Response:
    """Show what waits for approval as a form to change it, and at which step the request would begin anew."""
    dossier = await read_request(visit.work, request_id)
    if request_of(dossier).state is not RequestState.PENDING:
        return visit.go(f"/approvals/{request_id}")
    return await _show(visit, dossier, Values(fields_of(dossier)))


@page(POST, "/approvals/{request_id}/change", needs=_NEEDS)
async def change(visit: Visit, request_id: int) -> Response:
    """Change what waits for approval: the request begins anew."""
    dossier, form = await read_request(visit.work, request_id), visit.form
    if form["then"] == "look":
        return await _show(visit, dossier, form)
    draft, faults = await _read(visit, dossier, form)
    if draft is None:
        return await _show(visit, dossier, form, faults=faults)
    if form["version"] == version_tag(dossier) and (await _foresee(visit, dossier, form)).says_the_same:
        faults.add("$", _NOTHING)
        return await _show(visit, dossier, form, faults=faults)
    work = replace(visit.work, if_match=(form["version"],))
    try:
        await revise_commitment(work, commitment_of(dossier).id, draft)
    except Refusal as refusal:
        status = status_of(type(refusal))
        outcome = outcome_of(request_of(dossier), visit.who.user.id)
        if request_of(dossier).state is not RequestState.PENDING and outcome is not None:
            return await show(visit, dossier, status=status, outcome=outcome)
        return await _show(visit, dossier, renewed(form, dossier), status=status, faults=as_faults(refusal))
    return visit.go(f"/approvals/{request_id}", said="changed-anew")


@page(POST, "/approvals/{request_id}/change/beside", needs=_NEEDS)
async def look_at_change(visit: Visit, request_id: int) -> Response:
    """Show beside the form what would be different, and who would be asked anew."""
    dossier = await read_request(visit.work, request_id)
    return visit.show("approvals/foreseen.html", foreseen=await _foresee(visit, dossier, visit.form))


async def _read(visit: Visit, dossier: Dossier, form: Values) -> tuple[CommitmentDraft | None, Faults]:
    faults = Faults()
    return Reading(form, commitment_of(dossier), await rates_of(visit, dossier), faults).draft(), faults


async def _foresee(visit: Visit, dossier: Dossier, form: Values) -> _Foreseen:
    """Work out what the form would lead to, as far as it can be read."""
    draft, _ = await _read(visit, dossier, form)
    if draft is None:
        return _Foreseen()
    try:
        after = await foresee_change(visit.work, commitment_of(dossier).id, draft)
    except NotYours:
        raise
    except Refusal as refusal:
        trouble = detail_of(refusal)
        return _Foreseen(trouble=(await telling(visit, [trouble]))(trouble))
    was, becomes = commitment_of(dossier), commitment_of(after)
    return _Foreseen(
        changes_between(was, becomes),
        tuple(await steps_of(visit, _of_this_round(request_of(after)))),
        says_the_same=was.content == becomes.content,
    )


def _of_this_round(request: Request) -> Request:
    return replace(request, steps=tuple(step for step in request.steps if step.round == request.round))


async def _show(
    visit: Visit, dossier: Dossier, form: Values, *, status: int = OK, faults: Faults | None = None
) -> Response:
    if not await offers_change(visit.work, dossier):
        raise NotYours
    return visit.show(
        "approvals/change.html",
        status=status,
        one=brief(dossier),
        request=request_of(dossier),
        faults={} if faults is None else faults.as_dict(),
        foreseen=await _foresee(visit, dossier, form),
        once=token_hex(16),
        **await offered(visit, dossier, form),
    )
