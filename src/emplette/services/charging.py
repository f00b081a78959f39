"""What a command does to budgets, and how a purchase stands to them."""

from emplette.domain.budgeting import coverage_of_dossier, effect_of, refuse_bursting
from emplette.domain.budgets import Book, BudgetState, Charging, Claim, Coverage, EntryState
from emplette.domain.dossiers import Dossier, commitment_of
from emplette.services.work import Work
from emplette.storage import budget_entries


async def charging_of(work: Work, before: Dossier, after: Dossier) -> Charging | None:
    """Work out what a move does to budgets; None when it leaves them as they are.

    Raises:
        BudgetExceeded: a hard budget has not so much left.
    """
    effect = effect_of(before, after)
    if effect is None:
        return None
    claims: tuple[Claim, ...] = ()
    if effect.claims:
        is_new = before.request is None or before.request.id != effect.request_id
        coverage = await coverage_of(work, after, holds=effect.replaces or not is_new)
        refuse_bursting(coverage, commitment_of(after))
        claims = coverage.claims
    book = await book_of(work)
    if effect.claims and not claims:
        # What fell into budgets, and no longer falls into any, is given back.
        request_id = None if effect.replaces else effect.request_id
        return Charging(book.version, EntryState.FREED, effect.commitment_id, request_id)
    return Charging(book.version, effect.becomes, effect.commitment_id, effect.request_id, claims, effect.replaces)


async def coverage_of(work: Work, dossier: Dossier, *, holds: bool = False) -> Coverage:
    """Find what of a purchase falls into which budget, what is not covered by any, and what would burst.

    Args:
        work: the call.
        dossier: the purchase as it shall be.
        holds: whether it holds something of budgets already, which then is its own.
    """
    coverage = await _coverage(work, dossier, holds=holds)
    if coverage.bursting:
        work.book = await work.shelf.books.anew(work.db, work.tenant.id)
        coverage = await _coverage(work, dossier, holds=holds)
    return coverage


async def budget_state(work: Work, dossier: Dossier) -> BudgetState:
    """Tell how a purchase, as it shall be, stands to the budgets: what a policy may ask about it."""
    return (await coverage_of(work, dossier, holds=dossier.request is not None)).state


def forget_book(work: Work) -> None:
    """Forget the budgets with which something was decided that was then not written."""
    work.book = None
    work.shelf.books.forget(work.tenant.id)


async def book_of(work: Work) -> Book:
    """Find the budgets with which the call is decided: the same ones each time, until they are forgotten."""
    if work.book is None:
        work.book = await work.shelf.books.current(work.db, work.tenant.id)
    return work.book


async def _coverage(work: Work, dossier: Dossier, *, holds: bool) -> Coverage:
    book = await book_of(work)
    if not book.lines:
        return Coverage()
    if not holds and dossier.asks_for is None:
        return coverage_of_dossier(dossier, book)
    held = await budget_entries.held_by(work.db, work.tenant.id, commitment_of(dossier).id)
    return coverage_of_dossier(dossier, book.given_back(held.by_budget) if holds else book, held.stopped_on)
