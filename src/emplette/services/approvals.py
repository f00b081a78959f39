"""Asking for approval, deciding, taking back, and looking at requests."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from emplette.domain import amending, reviewing
from emplette.domain.approvals import Request, RequestNotFound, Verdict
from emplette.domain.commitments import CommitmentNotFound
from emplette.domain.deciding import decider
from emplette.domain.dossiers import Dossier, Move, as_it_stands, request_of
from emplette.domain.errors import KeyReused, Refusal
from emplette.domain.planning import OneByOne, refuse_several
from emplette.domain.reviewing import Ruling
from emplette.services.commands import Done, Load, anybody, by_request, carry_out, visible
from emplette.services.planning import policy_of
from emplette.services.standing_in import places_of, with_all_stand_ins, with_decidable, with_stand_ins
from emplette.services.submitting import Submitting
from emplette.services.work import IdempotencyKey, Work
from emplette.storage import approvals as storage
from emplette.storage import dossiers, lists
from emplette.storage.lists import Filters, Page, Slice


async def submit_commitment(work: Work, commitment_id: int) -> Done:
    """Ask for approval of a commitment; a key that may approves by itself, and the order exists.

    Raises:
        CommitmentNotFound, NotYours: the commitment is not there, or not for acting, for this caller.
        RequestExists, PurchaseClosed, ActionNotAllowed: what is there stands in the way.
        PolicyMissing, RefusedByPolicy, NobodyLeftToAsk: the company's policy does not say who decides.
    """
    asking = await Submitting.of(work, await work.new_id("request"), await work.new_id("order"))

    async def decide(dossier: Dossier) -> Move:
        reviewing.refuse_second_request(dossier)
        return reviewing.submit(dossier, await asking.submission(dossier), who=work.who, by=work.stamp)

    return await carry_out(
        work,
        lambda: asking.load(commitment_id),
        decide,
        absent=CommitmentNotFound,
        remembered=None if asking.looks_up else work.recall("commitment", commitment_id),
    )


async def decide_request(
    work: Work,
    request_id: int,
    verdict: Verdict,
    *,
    comment: str | None,
    content_hash: str | None,
    several: bool = False,
) -> Done:
    """Approve or deny as the person to whom the key is bound; of ``several`` at once, when the policy lets them be.

    Raises:
        PersonNeeded: the key is bound to nobody.
        RequestNotFound, NotAsked, OwnRequest: the request is not there, or not for this person to decide.
        RequestDecided, ContentChanged, ContentHashNeeded: what is there is not what was to be decided, or may not be.
        AmendmentOutdated: it would change what is no longer what it was.
        OneByOne: the policy wants it to be decided by itself.
    """
    decider(work.who)
    order_id = await work.new_id("order")
    ruling = Ruling(verdict, comment, content_hash)

    async def decide(dossier: Dossier) -> Move:
        if several:
            await _refuse_several(work, dossier)
        if dossier.asks_for is not None:
            return amending.decide(dossier, ruling, who=work.who, by=work.stamp)
        return reviewing.decide(dossier, ruling, who=work.who, order_id=order_id, by=work.stamp)

    return await carry_out(work, _load_to_decide(work, request_id), decide, absent=RequestNotFound, allow=anybody)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request of several: the purchase as it is now, or why it was not approved."""

    request_id: int
    dossier: Dossier | None = None
    refusal: Refusal | None = None
    replayed: bool = False


async def approve_several(work: Work, shown: Mapping[int, str], *, comment: str | None) -> list[Outcome]:
    """Approve several requests at once, each on the content hash that was shown; one after the other, each by itself.

    What is refused leaves the others as they are. Under an idempotency key each takes effect once: the first that does
    is kept under the key itself, so that it says no other call; the others under keys made of it.

    Raises:
        PersonNeeded: the key is bound to nobody.
        KeyReused: the idempotency key was used for another request.
    """
    decider(work.who)
    first: int | None = None
    outcomes = []
    for request_id, content_hash in shown.items():
        outcome = await _approve_one(_under(work, request_id, first), request_id, content_hash, comment)
        if outcome.dossier is not None and request_of(outcome.dossier).id != request_id:
            # The call is repeated, and another one was the first that time.
            first = request_of(outcome.dossier).id
            outcome = await _approve_one(_under(work, request_id, first), request_id, content_hash, comment)
        if first is None and outcome.dossier is not None:
            first = request_id
        outcomes.append(outcome)
    return outcomes


def _under(work: Work, request_id: int, first: int | None) -> Work:
    """Take the idempotency key under which one of several is approved: the call's own, unless another one has that."""
    key = work.idempotency
    if key is None or first in {None, request_id}:
        return work
    return replace(work, idempotency=IdempotencyKey(f"{key.text}-{request_id}", key.scope, key.body_hash))


async def _approve_one(work: Work, request_id: int, content_hash: str, comment: str | None) -> Outcome:
    try:
        done = await decide_request(
            work, request_id, Verdict.APPROVED, comment=comment, content_hash=content_hash, several=True
        )
    except KeyReused:
        raise
    except Refusal as refusal:
        return Outcome(request_id, refusal=refusal)
    return Outcome(request_id, done.dossier, replayed=done.replayed)


async def decided_together(work: Work, dossiers: Sequence[Dossier]) -> frozenset[int]:
    """Find which requests the policy lets be approved several at once."""
    found: set[int] = set()
    for dossier in dossiers:
        with suppress(OneByOne):
            await _refuse_several(work, dossier)
            found.add(request_of(dossier).id)
    return frozenset(found)


async def _refuse_several(work: Work, dossier: Dossier) -> None:
    request = request_of(dossier)
    in_force = await policy_of(work, request)
    refuse_several(None if in_force is None else in_force.policy, request)


async def cancel_request(work: Work, request_id: int, *, comment: str | None) -> Done:
    """Take a request back: that for an amendment alone, any other with the commitment, the purchase and the order.

    Raises:
        RequestNotFound, NotYours: the request is not there, or not for acting, for this caller.
        PurchaseClosed, ActionNotAllowed, RequestDecided: it has ended already.
        AmendmentPending: an amendment of what it is about waits for approval.
    """

    async def decide(dossier: Dossier) -> Move:
        cancel = reviewing.cancel if dossier.asks_for is None else amending.cancel
        return cancel(dossier, comment, by=work.stamp)

    return await carry_out(work, by_request(work, request_id), decide, absent=RequestNotFound)


async def read_request(work: Work, request_id: int) -> Dossier:
    """Look at a request.

    Raises:
        RequestNotFound: it is not there for this caller.
    """
    return as_it_stands(await visible(work, _load_to_decide(work, request_id), RequestNotFound))


async def list_requests(work: Work, filters: Filters, piece: Slice) -> Page:
    """List the requests that the caller may see: of visible purchases, and those in which they are asked.

    An assignee's are also those that they can decide beside others, or in the place of somebody who is away.
    """
    wanted = await with_decidable(work, filters)
    page = await lists.requests(work.db, work.tenant.id, work.who.visible, wanted, piece)
    items = tuple(as_it_stands(each) for each in await with_all_stand_ins(work, page.items))
    return Page(items, page.next, page.prev, page.count)


async def count_waiting(work: Work) -> int:
    """Count the requests that the caller can decide now, also in the place of those who are away."""
    person = work.who.person
    if person is None:
        return 0
    places = await places_of(work, person.id)
    return await storage.count_waiting(work.db, work.tenant.id, person.id, places=places)


async def list_waiting(work: Work, *, limit: int, after: Request | None = None) -> tuple[Dossier, ...]:
    """List the requests that the caller can decide now, also in the place of those who are away, the oldest first.

    With ``after``, those behind that one, whether it still waits or not.
    """
    person = work.who.person
    if person is None:
        return ()
    places = await places_of(work, person.id)
    behind = storage.THE_FIRST if after is None else (after.created.at, after.id)
    found = await storage.waiting(work.db, work.tenant.id, person.id, limit=limit, places=places, after=behind)
    return tuple(as_it_stands(each) for each in await with_all_stand_ins(work, found))


async def waiting_ids(work: Work) -> list[int]:
    """List the same requests by their ids."""
    person = work.who.person
    if person is None:
        return []
    return await storage.waiting_ids(work.db, work.tenant.id, person.id, places=await places_of(work, person.id))


def _load_to_decide(work: Work, request_id: int) -> Load:
    """Read a request with who stands in today for those who are asked."""

    async def load() -> Dossier | None:
        found = await dossiers.of_request(work.db, work.tenant.id, request_id)
        return None if found is None else await with_stand_ins(work, found)

    return load
