"""What people do with approved subscriptions: look at what comes, and decide in time what becomes of each."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from emplette.domain import drafting
from emplette.domain.budgeting import days_of
from emplette.domain.budgets import EntryState
from emplette.domain.commitments import CommitmentDraft, CommitmentNotFound, Subscription
from emplette.domain.dates import add
from emplette.domain.dossiers import Dossier, Move
from emplette.domain.errors import Faults
from emplette.domain.purchases import PurchaseDraft, PurchaseNotFound, note_missing
from emplette.domain.registers import Known
from emplette.domain.subscriptions import ACTIONS, LIFE, Act, ActKind, Standing, SubscriptionNotFound, Wanted, last_day
from emplette.services.amounts import amount_of
from emplette.services.charging import forget_book
from emplette.services.commands import Done, by_commitment, carry_out, done_before, may_act, sees, visible
from emplette.services.registers import kept_before, write_entry
from emplette.services.work import IdempotencyKey, Work
from emplette.storage import dossiers, givebacks, subscriptions
from emplette.storage import purchases as purchases_storage
from emplette.storage.changes import Answer, Change
from emplette.storage.database import Together
from emplette.storage.idempotency import KeptEntry
from emplette.storage.lists import Slice
from emplette.storage.subscriptions import ACTS

_RENEWAL = "renewal"


@dataclass(frozen=True, slots=True)
class Seen:
    """An approved subscription: how it stands on a day, and its purchase with all under it."""

    standing: Standing
    dossier: Dossier
    today: date
    status: int = 200
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class SeenPage:
    """A page of subscriptions, by the day by which something should be decided, and the rows beside it."""

    items: tuple[Seen, ...]
    next: tuple[object, ...] | None = None
    prev: tuple[object, ...] | None = None
    count: int | None = None


async def read_terms(work: Work, commitment_id: int) -> tuple[Dossier, Subscription]:
    """Look at the terms of a subscription, whether it was approved or not.

    Raises:
        CommitmentNotFound: it is not there for this caller.
        SubscriptionNotFound: it is bought once.
    """
    dossier = await visible(work, by_commitment(work, commitment_id), CommitmentNotFound)
    terms = None if dossier.commitment is None else dossier.commitment.terms
    if not isinstance(terms, Subscription):
        raise SubscriptionNotFound
    return dossier, terms


async def read_subscription(work: Work, commitment_id: int) -> Seen:
    """Look at an approved subscription.

    Raises:
        SubscriptionNotFound: it is not there for this caller, or is none.
    """
    found = await subscriptions.find(work.db, work.tenant.id, commitment_id)
    if found is None or not sees(work, found[1]):
        raise SubscriptionNotFound
    return Seen(*found, work.today)


async def list_subscriptions(work: Work, wanted: Wanted, owner_ids: Sequence[int], piece: Slice) -> SeenPage:
    """List the approved subscriptions that the caller may see, by the day by which something should be decided."""
    today = work.today
    rows = await list_standings(work, wanted, owner_ids)
    count = len(rows) if piece.counted else None
    begin, end = _bounds(rows, piece)
    page = rows[begin:end]
    if not page:
        return SeenPage((), count=count)
    read = await asyncio.gather(*(dossiers.of_commitment(work.db, work.tenant.id, one.commitment_id) for one in page))
    items = tuple(Seen(one, dossier, today) for one, dossier in zip(page, read, strict=True) if dossier is not None)
    return SeenPage(
        items,
        next=_place(page[-1]) if end < len(rows) else None,
        prev=_place(page[0]) if begin > 0 else None,
        count=count,
    )


async def list_standings(work: Work, wanted: Wanted, owner_ids: Sequence[int] = ()) -> list[Standing]:
    """List how the approved subscriptions stand that the caller may see, all of them, in the same order."""
    found = await subscriptions.standing(work.db, work.tenant.id, work.who.visible, owner_ids)
    return sorted((one for one in found if wanted.meets(one, work.today)), key=_place)


def _place(standing: Standing) -> tuple[object, ...]:
    return standing.decide_by, standing.commitment_id


def _bounds(rows: Sequence[Standing], piece: Slice) -> tuple[int, int]:
    """Say from which row to which the page goes."""
    if piece.before is not None:
        end = sum(_place(row) < tuple(piece.before) for row in rows)
        return max(0, end - piece.limit), end
    begin = piece.offset
    if piece.after is not None:
        begin = sum(_place(row) <= tuple(piece.after) for row in rows)
    return min(begin, len(rows)), min(begin + piece.limit, len(rows))


async def stop(work: Work, commitment_id: int) -> Seen:
    """Decide that a subscription ends: notice is given, or was.

    Raises:
        SubscriptionNotFound, NotYours: it is not there, or not for acting, for this caller.
        ActionNotAllowed: it was stopped or renewed before, or is over.
    """
    return await _decide(work, commitment_id, ActKind.STOP)


async def let_run(work: Work, commitment_id: int) -> Seen:
    """Decide that a subscription runs to its end, with nothing done about it; that may be thought over later.

    Raises:
        SubscriptionNotFound, NotYours: it is not there, or not for acting, for this caller.
        ActionNotAllowed: something was decided before, or it is over.
    """
    return await _decide(work, commitment_id, ActKind.LET_RUN)


async def renew(work: Work, commitment_id: int) -> Seen:
    """Begin the renewal of a subscription: a new purchase with a commitment on the same terms, from the day after.

    It is Created: it can be said anew, and has to be approved like any other. The same caller who asks twice gets the
    same one; the renewal counts until it is denied or cancelled.

    Raises:
        SubscriptionNotFound, NotYours: it is not there, or not for acting, for this caller.
        ActionNotAllowed: it was renewed or stopped before.
        Invalid: its owner, or something else that it refers to, is no longer there.
    """

    async def prepare(seen: Seen) -> int:
        purchase = await _purchase_again(work, seen)
        commitment = await _commitment_again(work, seen, purchase)
        if commitment.dossier.commitment is None:
            raise AssertionError
        return commitment.dossier.commitment.id

    return await _decide(work, commitment_id, ActKind.RENEWAL, prepare)


async def _decide(
    work: Work,
    commitment_id: int,
    kind: ActKind,
    prepare: Callable[[Seen], Awaitable[int]] | None = None,
) -> Seen:
    act_id = await work.new_id("subscription_act")
    renewal_id: int | None = None
    seen: list[Seen] = []

    async def load() -> tuple[Sequence[Act], Known]:
        nonlocal renewal_id
        seen[:] = [await read_subscription(work, commitment_id)]
        may_act(work, seen[0].dossier)
        if prepare is not None and renewal_id is None and await kept_before(work, ACTS) is None:
            _check(work, seen[0].standing, kind)
            renewal_id = await prepare(seen[0])
        return [], Known()

    def decide(_: Sequence[Act], __: Known) -> Change[Act]:
        standing = seen[0].standing
        _check(work, standing, kind)
        number, by = standing.decisions + 1, work.who.user.id
        return Change(None, Act(act_id, commitment_id, number, kind, work.now, work.today, by, renewal_id))

    def keep(act: Act) -> Answer:
        purchase, earlier = seen[0].dossier.purchase, [{"entry": one} for one in seen[0].standing.acts]
        return Answer(ACTS.kind, act.id, purchase.version, report=earlier, purchase_id=purchase.id)

    finish = partial(_give_back, work, seen) if kind is ActKind.STOP else None
    done = await write_entry(work, ACTS, load, decide, finish=finish, keep=keep)
    if done.kept is not None:
        return _seen_then(done.kept, done.entry)
    standing = seen[0].standing
    standing = replace(standing, acts=(*standing.acts, done.entry), decisions=done.entry.number)
    return Seen(standing, seen[0].dossier, work.today, done.status)


async def _give_back(work: Work, seen: Sequence[Seen], together: Together, act: Act) -> None:
    """Give back to budgets the periods that a subscription will not have, now that it was stopped."""
    standing, tenant = seen[0].standing, work.tenant.id
    if last_day(standing.terms, act.decided_on) == standing.terms.end_date:
        return
    await givebacks.alone_with_budgets(together, tenant)
    days = days_of(standing.terms, act.decided_on)
    shares = await givebacks.shares(together, tenant, standing.commitment_id)
    committed = [share for share in shares if share.state is EntryState.COMMITTED]
    kept = [left for share in committed if (left := share.kept(days)) is not None]
    await givebacks.give_back(together, tenant, kept, work.author)
    forget_book(work)


def _seen_then(kept: KeptEntry[Act], act: Act) -> Seen:
    """Tell a subscription as it stood when this was decided, and not as it stands today."""
    dossier = kept.dossier
    terms = None if dossier is None or dossier.commitment is None else dossier.commitment.terms
    if dossier is None or not isinstance(terms, Subscription):
        raise AssertionError
    purchase = dossier.purchase
    standing = Standing(
        commitment_id=act.commitment_id,
        purchase_id=purchase.id,
        owner_id=purchase.owner.id,
        terms=terms,
        title=purchase.title,
        acts=(*(item["entry"] for item in kept.report), act),
        decisions=act.number,
    )
    return Seen(standing, dossier, act.decided_on, kept.status, replayed=True)


def _check(work: Work, standing: Standing, kind: ActKind) -> None:
    state, act = standing.state(work.today), standing.last_act
    facts = {"kind": "commitment", "id": standing.commitment_id}
    if act is not None and act.renewal_id is not None:
        facts["id"] = act.renewal_id
    LIFE.after(state, ACTIONS[kind], **facts)


def _apart(work: Work, seen: Seen, what: str) -> Work:
    """Act under a key of its own, which a repeat of the same decision has again: nothing is made twice."""
    text = f"{what} {seen.standing.commitment_id}.{seen.standing.decisions}"
    key = IdempotencyKey(text, _RENEWAL, text.encode().ljust(32, b".")[:32])
    return replace(work, idempotency=key, if_match=None, status=201)


async def _purchase_again(work: Work, seen: Seen) -> Dossier:
    apart = _apart(work, seen, "purchase")
    done = await done_before(apart)
    if done is not None:
        return done.dossier
    draft = _same(seen.dossier)
    creation = purchases_storage.Creation(await work.new_id("purchase"), draft, work.today, apart.author, apart.key)
    (created,) = await purchases_storage.create(work.db, work.tenant.id, [creation])
    if created.purchase is not None:
        return Dossier(created.purchase)
    done = await done_before(apart)
    if done is not None:
        return done.dossier
    faults = Faults()
    note_missing(draft, created.found, faults, today=work.today)
    faults.raise_if_any()
    raise SubscriptionNotFound


async def _commitment_again(work: Work, seen: Seen, purchase: Dossier) -> Done:
    apart = _apart(work, seen, "commitment")
    done = await done_before(apart)
    if done is not None:
        return done
    number = await work.new_id("commitment")
    draft = _terms_after(seen.dossier)

    async def decide(dossier: Dossier) -> Move:
        drafting.refuse_commitment(dossier, draft)
        amount = await amount_of(work, dossier.purchase, draft, Faults())
        return drafting.commit(dossier, draft, amount, commitment_id=number, by=work.stamp)

    async def load() -> Dossier | None:
        return await dossiers.of_purchase(work.db, work.tenant.id, purchase.purchase.id)

    return await carry_out(apart, load, decide, absent=PurchaseNotFound)


def _same(dossier: Dossier) -> PurchaseDraft:
    """Say the same of a new purchase as of one that is there."""
    purchase = dossier.purchase
    supplier = purchase.supplier
    return PurchaseDraft(
        title=purchase.title,
        owner_id=purchase.owner.id,
        nature_id=purchase.nature.id,
        cost_center_id=purchase.cost_center.id,
        establishment_id=None if purchase.establishment is None else purchase.establishment.id,
        department_id=None if purchase.department is None else purchase.department.id,
        supplier_id=supplier.id,
        supplier_name=None if supplier.id is not None else supplier.name,
        supplier_territory_id=None if supplier.id is not None else supplier.territory_id,
        axis_section_ids=tuple(section.id for section in purchase.axis_sections),
        declared_type=purchase.declared_type,
    )


def _terms_after(dossier: Dossier) -> CommitmentDraft:
    """Say the same of a new commitment as of one that is there, from the day after its end."""
    commitment = dossier.commitment
    if commitment is None or not isinstance(commitment.terms, Subscription):
        raise SubscriptionNotFound
    terms = commitment.terms
    begins = add(terms.start_date, terms.duration)
    first_invoice = begins + (terms.first_invoice_date - terms.start_date)
    renewed = replace(terms, start_date=begins, first_invoice_date=first_invoice)
    return CommitmentDraft(renewed, commitment.amount.base, None, commitment.payment_method)
