"""Reading a taxed amount as its sender wrote it: every fault by its field, or the amount to the cent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from emplette.domain.currencies import CURRENCIES, Currency, fault_of_currency
from emplette.domain.errors import Faults
from emplette.domain.money import Money, TaxedAmount, TaxLine, fault_of_amount, fault_of_reach


@dataclass(frozen=True, slots=True)
class AmountAsSent:
    """A value and a currency code; None is what is absent, or at fault already."""

    value: Decimal | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class TaxAsSent:
    """The amount of one tax; without a currency it is in that of the amount."""

    rate_type_id: int | None = None
    value: Decimal | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class TaxedAmountAsSent:
    """A taxed amount before anything is known about it."""

    excluding: AmountAsSent = AmountAsSent()
    taxes: Sequence[TaxAsSent] = ()
    including: AmountAsSent | None = None


def read_taxed_amount(sent: TaxedAmountAsSent, *, on: date | None, faults: Faults, path: str) -> TaxedAmount | None:
    """Take the amount to the cent, or note every field at fault and give None.

    What is None in it is passed over: whether it had to be there is for the caller to say. ``on`` is the day on which
    the currency must have been money, None when that day is at fault itself.
    """
    found = Faults()
    currency = _read_currency(sent.excluding.currency, on, found, f"{path}.excludingTaxes.currency")
    excluding = _read_amount(sent.excluding, currency, found, f"{path}.excludingTaxes")
    taxes = [_read_tax(tax, currency, found, f"{path}.taxes[{index}]") for index, tax in enumerate(sent.taxes)]
    lines = tuple(tax for tax in taxes if tax is not None)
    including = _read_amount(sent.including, currency, found, f"{path}.includingTaxes") if sent.including else None
    amount = TaxedAmount(excluding, lines) if excluding is not None and len(lines) == len(taxes) else None
    if amount is not None:
        _check_total(amount, including, found, path)
    for field, messages in found:
        for message in messages:
            faults.add(field, message)
    return None if found else amount


def _check_total(amount: TaxedAmount, including: Money | None, faults: Faults, path: str) -> None:
    """Hold the sum against what the sender made it, and against what can be kept."""
    if including is not None and including != amount.including:
        message = f"Must be the sum of excludingTaxes and taxes, {amount.including.decimal:f}, or be left out."
        faults.add(f"{path}.includingTaxes.value", message)
    beyond = fault_of_reach(amount)
    if beyond:
        faults.add(path, beyond)


def _read_currency(code: str | None, on: date | None, faults: Faults, path: str) -> Currency | None:
    """Look up the one currency of the amount, and note why it can't be used on that day."""
    if code is None:
        return None
    fault = fault_of_currency(code, on=on)
    if fault:
        faults.add(path, fault)
    return CURRENCIES.get(code)


def _read_amount(sent: AmountAsSent, currency: Currency | None, faults: Faults, path: str) -> Money | None:
    """Read one amount in the currency that all parts share."""
    if sent.value is not None and sent.value.is_signed() and not sent.value.is_zero():
        faults.add(f"{path}.value", "Must be zero or more.")
        return None
    if currency is not None and sent.currency is not None and sent.currency != currency.code:
        faults.add(f"{path}.currency", f"Must be {currency}, as that of excludingTaxes: one amount has one currency.")
        return None
    if currency is None or currency.is_refused or sent.value is None:
        return None
    fault = fault_of_amount(sent.value, currency)
    if fault:
        faults.add(f"{path}.value", fault)
        return None
    return Money.exact(sent.value, currency)


def _read_tax(sent: TaxAsSent, currency: Currency | None, faults: Faults, path: str) -> TaxLine | None:
    """Read one line of taxes; that its rate type exists is known only where rates are."""
    tax = _read_amount(AmountAsSent(sent.value, sent.currency), currency, faults, path)
    if tax is None or sent.rate_type_id is None:
        return None
    return TaxLine(sent.rate_type_id, tax)
