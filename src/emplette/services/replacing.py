"""Asking somebody else: as an administrator says, or since somebody who is asked has left or may decide no more."""

from dataclasses import replace

from emplette.domain.approvals import Request, RequestNotFound, RequestState
from emplette.domain.dossiers import Dossier, Happening, Move, request_of, touched
from emplette.domain.errors import Invalid, Refusal
from emplette.domain.people import Permission, Scope
from emplette.domain.replacing import reassigned, without_gone
from emplette.domain.reviewing import RequestDecided
from emplette.domain.routing import Plan
from emplette.domain.standing_in import place_of
from emplette.services import planning
from emplette.services.commands import Done, anybody, by_request, carry_out
from emplette.services.standing_in import with_stand_ins
from emplette.services.work import Work
from emplette.storage import dossiers


async def reassign_request(work: Work, request_id: int, *, absent_id: int, to_id: int, reason: str) -> Done:
    """Ask another one in somebody's place, for a reason, on record; who was asked stays in the steps.

    Raises:
        RequestNotFound: it is not there for this caller.
        RequestDecided, NotAsked: it waits no more, or not for that one.
        OwnRequest, AskedAlready, Invalid: the other can't be asked.
    """

    async def decide(dossier: Dossier) -> Move:
        request = request_of(dossier)
        if request.state is not RequestState.PENDING:
            raise RequestDecided(kind="request", id=request.id, state=request.state)
        chart = await work.shelf.policies.chart(work.db, work.tenant.id, work.today)
        if not chart.is_there(to_id, work.today):
            raise Invalid.field("toUserId", f"There is no person {to_id}, or they have left.")
        after = reassigned(request, absent_id, chart.people[to_id], reason)
        return _move(work, dossier, after, "request.reassigned")

    async def load() -> Dossier | None:
        found = await dossiers.of_request(work.db, work.tenant.id, request_id)
        return None if found is None else await with_stand_ins(work, found)

    # Whoever configures the company reaches every request for this, whatever they may look at otherwise.
    who = replace(work.who, permissions={**work.who.permissions, Permission.VIEW: Scope.ALL})
    return await carry_out(replace(work, who=who), load, decide, absent=RequestNotFound, allow=anybody)


async def replace_gone(work: Work, request_id: int) -> bool:
    """Replace those who have left, or may decide no more, by whom the policy of the request asks now, or those above.

    Returns:
        Whether anybody was to be replaced, and could be.
    """
    dossier = await dossiers.of_request(work.db, work.tenant.id, request_id)
    if dossier is None or dossier.pending_request is None:
        return False
    plan, chart = await _plan_now(work, dossier), await work.shelf.policies.chart(work.db, work.tenant.id, work.today)

    def replaced(dossier: Dossier) -> Dossier:
        request = without_gone(request_of(dossier), plan, chart, work.today, place=place_of(dossier))
        return replace(dossier, request=request)

    if replaced(dossier) == dossier:
        return False

    async def decide(dossier: Dossier) -> Move:
        return _move(work, dossier, request_of(replaced(dossier)), "request.approver_replaced")

    await carry_out(work, by_request(work, request_id), decide, absent=RequestNotFound, allow=anybody)
    return True


async def _plan_now(work: Work, dossier: Dossier) -> Plan | None:
    """Ask the policy that the request started with whom it asks now; None when it says nobody."""
    request = request_of(dossier)
    in_force = await planning.policy_of(work, request)
    if in_force is None:
        return None
    try:
        return await planning.plan_for(work, dossier, in_force, own_to=request.requesters)
    except Refusal:
        return None


def _move(work: Work, before: Dossier, request: Request, happened: str) -> Move:
    """Write down who is asked now: somebody new in the step that is being asked gets the whole time to decide."""
    asked_before = request_of(before).current_step
    is_new = request.current_step != asked_before
    after = replace(request, modified=work.stamp, asked_at=work.now if is_new else request.asked_at)
    changed = replace(before, purchase=touched(before.purchase, work.stamp), request=after)
    return Move(changed, (Happening(happened, "request", request.id),))
