"""What a command does to budgets, and how a purchase stands to them."""

from emplette.domain.budgeting import charge_of_dossier, effect_of, refuse_bursting
from emplette.domain.budgets import Book, BudgetState, Charging, Coverage
from emplette.domain.dossiers import Dossier, commitment_of
from emplette.services.work import Work


async def charging_of(work: Work, before: Dossier, after: Dossier) -> Charging | None:
    """Work out what a move does to budgets; None when it leaves them as they are.

    Raises:
        BudgetExceeded: a hard budget has not so much left.
    """
    effect = effect_of(before, after)
    if effect is None:
        return None
    claims = (await coverage_of(work, after)).claims if effect.is_new else ()
    book = await _book(work)
    return Charging(book.version, effect.becomes, effect.commitment_id, effect.request_id, claims)


async def coverage_of(work: Work, dossier: Dossier) -> Coverage:
    """Find what of a purchase falls into which budget, and what is not covered by any.

    Raises:
        BudgetExceeded: a hard budget has not so much left.
    """
    coverage = await _coverage(work, dossier)
    if coverage.bursting:
        work.book = await work.shelf.books.anew(work.db, work.tenant.id)
        coverage = await _coverage(work, dossier)
        refuse_bursting(coverage, commitment_of(dossier))
    return coverage


async def budget_state(work: Work, dossier: Dossier) -> BudgetState:
    """Tell how a purchase stands to the budgets: what a policy may ask about it.

    Raises:
        BudgetExceeded: a hard budget has not so much left.
    """
    return (await coverage_of(work, dossier)).state


def forget_book(work: Work) -> None:
    """Forget the budgets with which something was decided that was then not written."""
    work.book = None
    work.shelf.books.forget(work.tenant.id)


async def _book(work: Work) -> Book:
    if work.book is None:
        work.book = await work.shelf.books.current(work.db, work.tenant.id)
    return work.book


async def _coverage(work: Work, dossier: Dossier) -> Coverage:
    book = await _book(work)
    return book.coverage(charge_of_dossier(dossier, book)) if book.lines else Coverage()
