"""What a command does to budgets, and how a purchase stands to them."""

from emplette.domain.approvals import Request
from emplette.domain.budgeting import charge_of_dossier, effect_of, refuse_bursting
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
        coverage = await coverage_of(work, after, had=before.request)
        refuse_bursting(coverage, commitment_of(after))
        claims = coverage.claims
    book = await _book(work)
    # What fell into budgets, and no longer falls into any, is given back.
    becomes = effect.becomes if claims or not effect.claims else EntryState.FREED
    return Charging(book.version, becomes, effect.commitment_id, effect.request_id, claims)


async def coverage_of(work: Work, dossier: Dossier, *, had: Request | None = None) -> Coverage:
    """Find what of a purchase falls into which budget, what is not covered by any, and what would burst.

    Args:
        work: the call.
        dossier: the purchase as it shall be.
        had: the request that waits for it already, if there is one: what that holds is its own.
    """
    coverage = await _coverage(work, dossier, had)
    if coverage.bursting:
        work.book = await work.shelf.books.anew(work.db, work.tenant.id)
        coverage = await _coverage(work, dossier, had)
    return coverage


async def budget_state(work: Work, dossier: Dossier) -> BudgetState:
    """Tell how a purchase, as it shall be, stands to the budgets: what a policy may ask about it."""
    return (await coverage_of(work, dossier, had=dossier.request)).state


def forget_book(work: Work) -> None:
    """Forget the budgets with which something was decided that was then not written."""
    work.book = None
    work.shelf.books.forget(work.tenant.id)


async def _book(work: Work) -> Book:
    if work.book is None:
        work.book = await work.shelf.books.current(work.db, work.tenant.id)
    return work.book


async def _coverage(work: Work, dossier: Dossier, had: Request | None) -> Coverage:
    book = await _book(work)
    if not book.lines:
        return Coverage()
    if had is not None:
        book = book.given_back(await budget_entries.held_by(work.db, work.tenant.id, had.id))
    return book.coverage(charge_of_dossier(dossier, book))
