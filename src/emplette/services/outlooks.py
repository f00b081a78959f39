"""How a purchase stands to the budgets, for those who look at it: what each had for it, and what is left."""

from emplette.domain.amending import as_asked
from emplette.domain.budgeting import days_of
from emplette.domain.commitments import LIVE
from emplette.domain.dossiers import Dossier, commitment_of
from emplette.domain.outlooks import Outlooks, foreseen, holding
from emplette.domain.purchases import PurchaseState
from emplette.services.charging import book_of, coverage_of
from emplette.services.work import Work
from emplette.storage import budget_entries


async def outlooks_of(work: Work, dossier: Dossier, *, of_request: bool = False) -> Outlooks | None:
    """Tell what a purchase leaves of the budgets; what was not asked for yet, is foreseen.

    It is None where there is nothing to tell: the company has no budgets, nothing was said about the costs, or it is
    over. With ``of_request``, only what the request asks for: of an amendment, what it adds.
    """
    commitment, request = dossier.commitment, dossier.request
    if commitment is None or commitment.state not in LIVE or dossier.purchase.state is PurchaseState.CLOSED:
        return None
    book = await book_of(work)
    if not book.lines:
        return None
    if request is None:
        return foreseen(await coverage_of(work, dossier), await book_of(work))
    shares, stopped_on = await budget_entries.shares_of(work.db, work.tenant.id, commitment.id)
    if of_request:
        shares = [share for share in shares if share.request_id == request.id]
    return holding(shares, days_of(commitment_of(as_asked(dossier)).terms, stopped_on))
