"""How a command on a purchase is carried out: read, decide, write with the guard; on a lost race say why.

At most one read and one write when it succeeds; what the same key wrote here a moment ago is not read. A refusal
looks at the idempotency key first: what has been done under it is answered again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from emplette.domain.dossiers import Dossier, Move
from emplette.domain.errors import Forbidden, PreconditionFailed, Refusal, Unavailable
from emplette.domain.people import Permission, Principal
from emplette.domain.standing_in import as_kept
from emplette.services.charging import charging_of, forget_book
from emplette.services.memory import Remembered
from emplette.services.work import Work
from emplette.storage import commands, dossiers, idempotency
from emplette.storage.references import Still

ATTEMPTS: Final = 20


class NotYours(Forbidden):
    """The purchase may be seen, and not acted on, with this key."""

    code = "permission.scope"


@dataclass(frozen=True, slots=True)
class Done:
    """What a command led to: the purchase after it, how that is answered, and whether it was done before.

    The purchase is as it is kept, without the deputies of today: so repeats are answered alike on any other day.
    ``references`` are those of a purchase that was remembered, and may be remembered again.
    """

    dossier: Dossier
    status: int
    replayed: bool = False
    references: str | None = None


Load = Callable[[], Awaitable[Dossier | None]]
Decide = Callable[[Dossier], Awaitable[Move]]
Allow = Callable[[Work, Dossier], None]
Absent = Callable[[], Refusal]
"""Makes the refusal for a purchase that is not there: a NotFound, or a fault of the field that named it."""


def by_purchase(work: Work, purchase_id: int) -> Load:
    """Find a purchase by its own number."""
    return partial(dossiers.of_purchase, work.db, work.tenant.id, purchase_id)


def by_commitment(work: Work, commitment_id: int) -> Load:
    """Find a purchase by its commitment."""
    return partial(dossiers.of_commitment, work.db, work.tenant.id, commitment_id)


def by_request(work: Work, request_id: int) -> Load:
    """Find a purchase by one of its requests, as the request has it."""
    return partial(dossiers.of_request, work.db, work.tenant.id, request_id)


def by_order(work: Work, order_id: int) -> Load:
    """Find a purchase by its order."""
    return partial(dossiers.of_order, work.db, work.tenant.id, order_id)


def may_act(work: Work, dossier: Dossier) -> None:
    """Check that the caller may act on the purchase.

    Raises:
        NotYours: it may only be seen.
    """
    if not work.who.reaches(Permission.PURCHASES, dossier.purchase.people, dossier.purchase.cost_center.id):
        raise NotYours


def anybody(work: Work, dossier: Dossier) -> None:
    """Ask nothing more of the caller: the operation's permission, or the request itself, says who may."""


def sees(work: Work, dossier: Dossier) -> bool:
    """Tell whether the caller may see the purchase."""
    return seen_by(work.who, dossier)


def seen_by(who: Principal, dossier: Dossier) -> bool:
    """Tell whether somebody may see the purchase: by permission, or because they are asked to approve it."""
    purchase = dossier.purchase
    return who.sees(purchase.people, purchase.cost_center.id) or who.is_asked(dossier.asked)


async def visible(work: Work, load: Load, absent: Absent) -> Dossier:
    """Read a purchase that the caller may see; any other is not there.

    Raises:
        Refusal: as ``absent`` makes it.
    """
    return _seen(work, await load(), absent)


def _seen(work: Work, dossier: Dossier | None, absent: Absent) -> Dossier:
    if dossier is None or not sees(work, dossier):
        raise absent()
    return dossier


async def carry_out(
    work: Work,
    load: Load,
    decide: Decide,
    *,
    absent: Absent,
    allow: Allow = may_act,
    still: Still = Still.NOTHING,
    remembered: Remembered | None = None,
) -> Done:
    """Carry out a command on one purchase.

    With what is ``remembered`` of it, nothing is read unless the command comes to nothing.

    Raises:
        PreconditionFailed: it is not at a version that the caller accepts.
        KeyReused: the idempotency key was used for another request.
        Refusal: what ``absent`` makes, and what ``decide`` says.
    """
    for _ in range(ATTEMPTS):
        known, remembered = remembered, None
        try:
            dossier = _seen(work, await load() if known is None else known.dossier, absent)
            allow(work, dossier)
            _check_version(work, dossier)
            move = await decide(dossier)
            charging = await charging_of(work, dossier, move.after)
        except Refusal:
            if known is not None:
                continue
            done = await done_before(work)
            if done is not None:
                return done
            raise
        command = commands.Command(
            before=dossier,
            after=move.after,
            happenings=move.happenings,
            author=work.author,
            key=work.key,
            answers=move.happenings[0],
            today=work.today,
            still=still,
            hangings=move.hangings,
            references=None if known is None else known.references,
            charging=charging,
        )
        if (await commands.write(work.db, work.tenant.id, [command]))[0]:
            return Done(as_kept(move.after), work.status, references=command.references)
        forget_book(work)
        done = await done_before(work)
        if done is not None:
            return done
    reason = "Too many others are changing this purchase just now."
    raise Unavailable(reason)


async def done_before(work: Work) -> Done | None:
    """Find what was done under the call's idempotency key, if it has one.

    Raises:
        KeyReused: for another request.
    """
    kept = await work.kept(idempotency.find)
    if kept is None:
        return None
    return Done(kept.dossier, kept.status, replayed=True)


async def refuse_version(work: Work) -> Done | None:
    """Refuse a creation that is meant for a version, since nothing has one yet, or find that it was done before.

    Raises:
        PreconditionFailed: nothing was done under the call's idempotency key.
    """
    if work.if_match is None:
        return None
    done = await done_before(work)
    if done is None:
        work.refuse_version()
    return done


def version_tag(dossier: Dossier) -> str:
    """Name the version of a purchase and all under it: the ETag of each."""
    return f"{dossier.purchase.id}.{dossier.purchase.version}"


def _check_version(work: Work, dossier: Dossier) -> None:
    if work.if_match is None or version_tag(dossier) in work.if_match:
        return
    detail = "It has changed since it was read: read it again."
    raise PreconditionFailed(detail, etag=f'"{version_tag(dossier)}"')
