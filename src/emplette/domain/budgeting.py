"""What a purchase costs the budgets, and what a move of it does to them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from emplette.domain import dates, subscriptions
from emplette.domain.approvals import Request, RequestKind, RequestState
from emplette.domain.budgets import Book, BudgetExceeded, Charge, Coverage, EntryState, Place
from emplette.domain.commitments import Commitment, OneTime, Terms
from emplette.domain.currencies import CURRENCIES
from emplette.domain.dossiers import Dossier, commitment_of, request_of
from emplette.domain.money import Money, TaxedAmount
from emplette.domain.purchases import PurchaseState

Recovered = Callable[[int], Decimal]
"""How much of a type of tax is got back, as a fraction."""

_BECOMES = {
    RequestState.PENDING: EntryState.RESERVED,
    RequestState.APPROVED: EntryState.COMMITTED,
    RequestState.DENIED: EntryState.FREED,
    RequestState.CANCELLED: EntryState.FREED,
}


@dataclass(frozen=True, slots=True)
class Effect:
    """What a move does to budgets: what hangs on them of a commitment, or of a request only, becomes this.

    ``claims`` when that is to be worked out anew: something is asked for, or what is asked for has changed.
    ``replaces`` when it takes the place of all that hung on budgets of the commitment.
    """

    becomes: EntryState
    commitment_id: int
    request_id: int | None
    claims: bool = False
    replaces: bool = False


def effect_of(before: Dossier, after: Dossier) -> Effect | None:
    """Tell what a move does to budgets; None when it leaves them as they are."""
    commitment, request, had = after.commitment, after.request, before.request
    if commitment is None or request is None:
        return None
    if request.kind is RequestKind.AMENDMENT:
        return _effect_of_amendment(commitment.id, had, request)
    is_new = had is None or had.id != request.id
    if is_new or (request.state is RequestState.PENDING and _charged(before) != _charged(after)):
        return Effect(_BECOMES[request.state], commitment.id, request.id, claims=True)
    if had is not None and had.state is not request.state:
        ends_all = request.state is RequestState.CANCELLED
        return Effect(_BECOMES[request.state], commitment.id, None if ends_all else request.id)
    if after.purchase.state is PurchaseState.CLOSED and before.purchase.state is PurchaseState.ONGOING:
        return Effect(EntryState.FREED, commitment.id, None)
    return None


def _effect_of_amendment(commitment_id: int, had: Request | None, request: Request) -> Effect | None:
    """Tell what an amendment does: what it adds is reserved while it waits, and the whole is committed anew at last."""
    if had is not None and had.id == request.id and had.state is request.state:
        return None
    if request.state is RequestState.APPROVED:
        return Effect(EntryState.COMMITTED, commitment_id, request.id, claims=True, replaces=True)
    return Effect(_BECOMES[request.state], commitment_id, request.id, claims=request.state is RequestState.PENDING)


def coverage_of_dossier(dossier: Dossier, book: Book, stopped_on: date | None = None) -> Coverage:
    """Find what of a purchase falls into which budget: of an amendment that waits, what it adds to the commitment.

    Of a subscription that was stopped on a day, only the periods until the end that this led to.
    """
    coverage, amendment = book.coverage(charge_of_dossier(dossier, book, stopped_on)), dossier.asks_for
    if amendment is None or request_of(dossier).state is not RequestState.PENDING:
        return coverage
    proposed = replace(dossier, commitment=commitment_of(dossier).saying(amendment.proposed))
    return book.difference(coverage, book.coverage(charge_of_dossier(proposed, book, stopped_on)))


def _charged(dossier: Dossier) -> object:
    """What of a purchase the budgets see."""
    purchase, commitment = dossier.purchase, commitment_of(dossier)
    place = (purchase.cost_center, purchase.nature, purchase.department, purchase.establishment, purchase.axis_sections)
    return place, commitment.amount, commitment.terms


def charge_of_dossier(dossier: Dossier, book: Book, stopped_on: date | None = None) -> Charge:
    """Tell what a purchase costs on which days, and where it is charged."""
    purchase, commitment = dossier.purchase, commitment_of(dossier)
    place = Place(
        cost_center_id=purchase.cost_center.id,
        nature_id=purchase.nature.id,
        department_id=None if purchase.department is None else purchase.department.id,
        establishment_id=None if purchase.establishment is None else purchase.establishment.id,
        axis_section_ids=frozenset(section.id for section in purchase.axis_sections),
    )
    return charge_of(place, commitment.amount.counter, days_of(commitment.terms, stopped_on), book)


def charge_of(place: Place, amount: TaxedAmount, days: tuple[date, ...], book: Book) -> Charge:
    """Tell what is charged there on these days; the amount is that of one of them, in the counter currency."""

    def recovered(rate_type_id: int) -> Decimal:
        return book.recovered(rate_type_id, place.nature_id)

    return Charge(place, amount.excluding.currency.code, cost_of(amount, recovered).minor, days)


def cost_of(amount: TaxedAmount, recovered: Recovered) -> Money:
    """Tell what an amount costs: without taxes, with what of each tax is not got back, rounded once a line."""
    currency = amount.excluding.currency
    kept = [Money.rounded(line.tax.decimal * (1 - recovered(line.rate_type_id)), currency) for line in amount.taxes]
    return sum(kept, start=amount.excluding)


def days_of(terms: Terms, stopped_on: date | None = None) -> tuple[date, ...]:
    """List the days on which a commitment costs something: its cost date, or the first day of each period.

    A subscription that was stopped on a day costs nothing after the end that this led to.
    """
    if isinstance(terms, OneTime):
        return (terms.cost_date,)
    days = (dates.add(terms.start_date, terms.frequency, times) for times in range(terms.periods_count))
    if stopped_on is None:
        return tuple(days)
    last_day = subscriptions.last_day(terms, stopped_on)
    return tuple(day for day in days if day <= last_day)


def refuse_bursting(coverage: Coverage, commitment: Commitment) -> None:
    """Check that no hard budget would burst.

    Raises:
        BudgetExceeded: names each that would, what is free of it and what was asked for.
    """
    if not coverage.bursting:
        return
    told: list[dict[str, object]] = []
    words: list[str] = []
    for line, claim in coverage.bursting:
        currency = CURRENCIES[line.budget.currency]
        free, asked = Money(line.free_minor, currency), Money(claim.amount_minor, currency)
        told.append(
            {
                "id": line.budget.id,
                "name": line.budget.name,
                "startDate": line.budget.starts_on,
                "endDate": line.budget.ends_on,
                "free": free.decimal,
                "asked": asked.decimal,
                "currency": currency.code,
            }
        )
        words.append(f"{line.budget.name} has {free} free, and {asked} was asked for")
    detail = f"{'; '.join(words)}."
    raise BudgetExceeded(detail, kind="commitment", id=commitment.id, state=commitment.state, budgets=tuple(told))
