"""What an amount comes to: its taxes looked up, its currency converted into that of who buys."""

from collections.abc import Mapping, Sequence
from datetime import date

from emplette.domain.commitments import Commitment, CommitmentDraft, RatesWanted, note_faults_of_total
from emplette.domain.currencies import CURRENCIES
from emplette.domain.dossiers import Dossier, commitment_of
from emplette.domain.errors import Faults
from emplette.domain.exchange_rates import ExchangeRateMissing
from emplette.domain.money import Conversion, DualAmount, Money
from emplette.domain.purchases import Purchase
from emplette.domain.taxes import VatRate, fault_of_rate_type
from emplette.domain.territories import TERRITORIES
from emplette.services.conversions import Rates
from emplette.services.work import Work
from emplette.storage.database import Session


async def amount_of(work: Work, purchase: Purchase, draft: CommitmentDraft, faults: Faults) -> DualAmount:
    """Check the taxes of a draft and convert its amount into the establishment's currency; refuse all faults."""
    try:
        conversion = await conversion_of(work, purchase, draft.rates, faults)
    except ExchangeRateMissing as missing:
        if not faults:
            raise
        faults.add_all(missing.faults)
        conversion = None
    faults.raise_if_any()
    if conversion is None:
        raise AssertionError
    amount = DualAmount.of(draft.amount, conversion)
    note_faults_of_total(amount, draft.terms, faults, path=draft.amount_path)
    faults.raise_if_any()
    return amount


async def rates_of(work: Work, dossier: Dossier) -> Mapping[int, VatRate]:
    """Find the rates of the day that counts, by their types: those that a line of taxes of the purchase may name."""
    purchase, on = dossier.purchase, commitment_of(dossier).terms.starts_on
    own = [] if purchase.establishment is None else [purchase.establishment.territory_id]
    places = [TERRITORIES[code] for code in (purchase.supplier.territory_id, *own) if code in TERRITORIES]
    found = [
        known.rate
        for place in places
        for known in await work.shelf.taxes.rates_on(work.db, work.tenant.id, territory=place, on=on)
    ]
    return {rate.rate_type.id: rate for rate in found}


async def conversion_of(work: Work, purchase: Purchase, wanted: RatesWanted, faults: Faults) -> Conversion | None:
    """Note the types of rate that do not exist, and find how the currency is converted, if it is known.

    Raises:
        ExchangeRateMissing: it can't be converted.
    """
    territories = _territories(purchase)
    if wanted.rate_types:
        valid = await work.shelf.taxes.rate_types_valid(
            work.db, work.tenant.id, days=[wanted.on], territory_ids=territories
        )
        for path, rate_type_id in wanted.rate_types.items():
            fault = fault_of_rate_type(rate_type_id, valid.values(), on=wanted.on, territory_ids=territories)
            if fault is not None:
                faults.add(path, fault)
    if wanted.currency is None:
        return None
    establishment = purchase.establishment
    return await work.shelf.rates.conversion(
        work.db,
        work.tenant.id,
        wanted.currency,
        CURRENCIES[establishment.currency if establishment is not None else work.tenant.currency],
        on=wanted.on,
        today=work.today,
        path=wanted.currency_path,
    )


def _territories(purchase: Purchase) -> Sequence[str]:
    """The supplier's territory and the establishment's: the rates of both may be charged."""
    establishment = purchase.establishment
    own = [] if establishment is None else [establishment.territory_id]
    return [purchase.supplier.territory_id, *own]


async def amount_in(
    db: Session, tenant: int, commitment: Commitment, wanted: str | None, *, rates: Rates, today: date
) -> Money:
    """Tell the whole amount without taxes in a currency; in the counter currency when none is said.

    Raises:
        ExchangeRateMissing: it can't be converted.
    """
    known = commitment.total_in(wanted)
    if known is not None or wanted is None:
        return known or commitment.total.counter.excluding
    base, on = commitment.total.base.excluding, commitment.terms.starts_on
    counter = CURRENCIES[wanted]
    conversion = await rates.conversion(db, tenant, base.currency, counter, on=on, today=today, path="policy.currency")
    return conversion.of(base)
