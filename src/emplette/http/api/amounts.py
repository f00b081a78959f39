"""Amounts on the wire: flat or in two currencies as they are sent, both ways at once as they are answered."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType

from emplette.domain.amounts import AmountAsSent, TaxAsSent, TaxedAmountAsSent, read_taxed_amount
from emplette.domain.commitments import RatesWanted
from emplette.domain.currencies import CURRENCIES
from emplette.domain.errors import Faults
from emplette.domain.money import DualAmount, DualMoney, Money, TaxedAmount, fault_of_amount, fault_of_limit
from emplette.http.api.readable import readable
from emplette.http.contract import Amount, Answer, Body, Id

CODES: Final = list(CURRENCIES)
OURS: Final = [code for code, currency in CURRENCIES.items() if currency.is_ours]

NO_CURRENCY: Final = "Must be the code of a currency, such as EUR."

Currency = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=255,
        description="A currency by its ISO 4217 code.",
        extra_json_schema={"enum": CODES, "x-emplette-ours": OURS},
    ),
]


class AmountIn(Body):
    """An amount of money."""

    value: Amount
    currency: Currency


def note_faults_of_amount(amount: AmountIn, faults: Faults, path: str) -> None:
    """Note why an amount can't be that of a budget, or of what somebody may decide."""
    value, code = readable(amount.value), readable(amount.currency)
    currency = None if code is None else CURRENCIES.get(code)
    if code is not None and (currency is None or currency.is_refused):
        faults.add(f"{path}.currency", NO_CURRENCY)
    if value is None or currency is None or currency.is_refused:
        return
    fault = fault_of_amount(value, currency) or fault_of_limit(Money.exact(value, currency))
    if fault:
        faults.add(f"{path}.value", fault)


class TaxIn(Body):
    """The amount of one tax, as the sender computed it; without a currency it is in that of the amount."""

    rate_type_id: Id
    value: Amount
    currency: Currency | None = None


Taxes = Annotated[list[TaxIn], Meta(max_length=100)]
"""As many lines as any invoice has kinds of tax, and more."""


class TaxedAmountIn(Body):
    """An amount without taxes, the taxes on it, and what they add up to."""

    excluding_taxes: AmountIn
    taxes: Taxes | None = None
    including_taxes: AmountIn | None = None


class MoneyIn(Body):
    """A taxed amount, flat; or in two currencies, of which the base counts (the rate is ours to find)."""

    ignored_beside = {"base": ("excludingTaxes", "taxes", "includingTaxes")}

    excluding_taxes: AmountIn | None = None
    taxes: Taxes | None = None
    including_taxes: AmountIn | None = None
    base: TaxedAmountIn | None = None

    def flat(self) -> "MoneyIn":
        """Say the same in the flat form, with what may be left out filled in."""
        said = self.base or self
        return MoneyIn(excluding_taxes=said.excluding_taxes, taxes=said.taxes or [])


def read_money(money: MoneyIn, *, on: date | None, faults: Faults, path: str) -> TaxedAmount | None:
    """Take an amount to the cent, or note every field of it that is at fault."""
    said, place = money.base or money, place_of(money, path)
    if said.excluding_taxes is None:
        missing = f"{place}.excludingTaxes"
        if not faults.covers(missing) and not _covered_within(faults, missing):
            faults.add(missing, "Is missing: say the value and the currency.")
        return None
    sent = TaxedAmountAsSent(
        excluding=AmountAsSent(said.excluding_taxes.value, said.excluding_taxes.currency),
        taxes=[TaxAsSent(tax.rate_type_id, tax.value, tax.currency) for tax in said.taxes or ()],
        including=None if said.including_taxes is None else _as_sent(said.including_taxes),
    )
    return read_taxed_amount(sent, on=on, faults=faults, path=place)


def place_of(money: MoneyIn, path: str) -> str:
    """Name the field in which an amount was written: flat in its own, or in the base."""
    return path if money.base is None else f"{path}.base"


def rates_of(money: MoneyIn, place: str, on: date, faults: Faults) -> RatesWanted:
    """List the rates that an amount needs on a day, as far as it could be read."""
    said, path = money.base or money, f"{place}.excludingTaxes.currency"
    code = None if said.excluding_taxes is None else readable(said.excluding_taxes.currency)
    return RatesWanted(
        on=on,
        rate_types={
            f"{place}.taxes[{number}].rateTypeId": tax.rate_type_id
            for number, tax in enumerate(said.taxes or ())
            if readable(tax.rate_type_id) is not None
        },
        currency=None if code is None or faults.covers(path) else CURRENCIES.get(code),
        currency_path=path,
    )


def _as_sent(amount: AmountIn) -> AmountAsSent:
    return AmountAsSent(amount.value, amount.currency)


def _covered_within(faults: Faults, path: str) -> bool:
    return any(known.startswith(f"{path}.") for known, _ in faults)


class AmountOut(Answer):
    """An amount of money."""

    value: Decimal
    currency: str


class TaxOut(Answer):
    """The amount of one tax."""

    rate_type_id: int
    value: Decimal
    currency: str


class TaxedAmountOut(Answer):
    """An amount without taxes, the taxes on it, and what they add up to."""

    excluding_taxes: AmountOut
    taxes: list[TaxOut]
    including_taxes: AmountOut


class DualTaxedAmountOut(TaxedAmountOut):
    """A taxed amount in two currencies; flat, it is that of the base."""

    base: TaxedAmountOut
    counter: TaxedAmountOut
    rate: Decimal
    rate_date: date | UnsetType = UNSET


class DualAmountOut(Answer):
    """An amount in two currencies."""

    base: AmountOut
    counter: AmountOut
    rate: Decimal


def amount_out(money: Money) -> AmountOut:
    """Tell an amount."""
    return AmountOut(value=money.decimal, currency=money.currency.code)


def taxed_amount_out(amount: TaxedAmount) -> TaxedAmountOut:
    """Tell a taxed amount."""
    return TaxedAmountOut(
        excluding_taxes=amount_out(amount.excluding),
        taxes=[
            TaxOut(rate_type_id=line.rate_type_id, value=line.tax.decimal, currency=line.tax.currency.code)
            for line in amount.taxes
        ],
        including_taxes=amount_out(amount.including),
    )


def dual_taxed_amount_out(amount: DualAmount) -> DualTaxedAmountOut:
    """Tell a taxed amount in both currencies, and flat."""
    base, conversion = taxed_amount_out(amount.base), amount.conversion
    return DualTaxedAmountOut(
        base=base,
        counter=taxed_amount_out(amount.counter),
        rate=conversion.rate,
        rate_date=UNSET if conversion.rate_date is None else conversion.rate_date,
        excluding_taxes=base.excluding_taxes,
        taxes=base.taxes,
        including_taxes=base.including_taxes,
    )


def dual_amount_out(amount: DualMoney) -> DualAmountOut:
    """Tell an amount in both currencies."""
    return DualAmountOut(base=amount_out(amount.base), counter=amount_out(amount.counter), rate=amount.rate)
