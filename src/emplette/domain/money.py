"""Money: whole numbers of the smallest coin, one currency an amount, one rounding.

What a sender wrote is kept to the cent: an amount that is not exact in its currency is refused, never rounded.
Rounding happens in one place, `Money.rounded`, when an amount is converted into another currency.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, ROUND_UP, Context, Decimal, Inexact
from itertools import accumulate, pairwise
from typing import Final, Self

from emplette.domain.currencies import Currency

LONGEST_AMOUNT: Final = 15
"""Significant digits that an amount may have: what every reader of JSON numbers keeps."""

FARTHEST_EXPONENT: Final = 100
"""The power of ten, or of a tenth, beyond which a number is no amount: to write it out would cost something."""

UNREACHED: Final = 10**15
"""Every amount, totals included, has fewer of its smallest coin than this."""

# Wide enough for any product of an amount and a rate: nothing in here rounds unless it says so.
_EXACT: Final = Context(prec=80, rounding=ROUND_HALF_UP)
_RATE: Final = Context(prec=12, rounding=ROUND_HALF_UP)
_AS_WRITTEN: Final = Context(prec=LONGEST_AMOUNT, traps=[Inexact])


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency, counted in its smallest coin."""

    minor: int
    currency: Currency

    @classmethod
    def zero(cls, currency: Currency) -> Self:
        """Nothing, in that currency."""
        return cls(0, currency)

    @classmethod
    def rounded(cls, amount: Decimal, currency: Currency) -> Self:
        """Round half up (away from zero) to the smallest coin: the only rounding in the code."""
        scaled = amount.scaleb(currency.decimals, _EXACT)
        return cls(int(scaled.quantize(Decimal(1), ROUND_HALF_UP, _EXACT)), currency)

    @classmethod
    def exact(cls, amount: Decimal, currency: Currency) -> Self:
        """Take an amount as it was written.

        Raises:
            ValueError: when it is not exact in that currency; `fault_of_amount` tells beforehand.
        """
        fault = fault_of_amount(amount, currency)
        if fault:
            raise ValueError(fault)
        return cls.rounded(amount, currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in the currency's own unit, with all of its decimals."""
        return Decimal(self.minor).scaleb(-self.currency.decimals, _EXACT)

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            message = f"{self.currency} and {other.currency} do not add up."
            raise ValueError(message)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return self + Money(-other.minor, other.currency)

    def times(self, count: int) -> "Money":
        """Multiply by a whole number, without rounding."""
        return Money(self.minor * count, self.currency)

    def split(self, weights: Sequence[int]) -> list["Money"]:
        """Share out by weight; the shares add up to exactly this amount.

        Raises:
            ValueError: when the weights are negative or add up to nothing.
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            message = "Weights are zero or more, and one is more."
            raise ValueError(message)
        marks = [self.minor * part // total for part in accumulate(weights, initial=0)]
        return [Money(end - start, self.currency) for start, end in pairwise(marks)]

    def __str__(self) -> str:
        return f"{self.decimal:f} {self.currency}"


@dataclass(frozen=True, slots=True)
class DualMoney:
    """An amount without taxes in two currencies, and the rate between them."""

    base: Money
    counter: Money
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Conversion:
    """How much of another currency one unit is worth, and the day on which that was published."""

    rate: Decimal
    rate_date: date | None
    """None when both currencies are the same."""
    currency: Currency
    """The counter currency, into which it leads."""

    @classmethod
    def none(cls, currency: Currency) -> Self:
        """Convert a currency into itself."""
        return cls(Decimal(1), None, currency)

    def of(self, money: Money) -> Money:
        """Convert one amount, rounded once."""
        return Money.rounded(_EXACT.multiply(money.decimal, self.rate), self.currency)


@dataclass(frozen=True, slots=True)
class TaxLine:
    """What is due of one type of tax: the amount, as its sender computed it."""

    rate_type_id: int
    tax: Money


@dataclass(frozen=True, slots=True)
class TaxedAmount:
    """An amount without taxes and the taxes on it, all in one currency."""

    excluding: Money
    taxes: tuple[TaxLine, ...] = ()

    @property
    def including(self) -> Money:
        """The sum of the parts."""
        return sum((line.tax for line in self.taxes), start=self.excluding)

    def times(self, count: int) -> "TaxedAmount":
        """The total of so many periods."""
        taxes = tuple(TaxLine(line.rate_type_id, line.tax.times(count)) for line in self.taxes)
        return TaxedAmount(self.excluding.times(count), taxes)

    def converted(self, conversion: Conversion) -> "TaxedAmount":
        """Convert every part, each rounded once; what it adds up to is the sum of the rounded parts."""
        taxes = tuple(TaxLine(line.rate_type_id, conversion.of(line.tax)) for line in self.taxes)
        return TaxedAmount(conversion.of(self.excluding), taxes)


@dataclass(frozen=True, slots=True)
class DualAmount:
    """A taxed amount in the currency of the purchase (base) and in the establishment's own (counter)."""

    base: TaxedAmount
    counter: TaxedAmount
    conversion: Conversion

    @classmethod
    def of(cls, base: TaxedAmount, conversion: Conversion) -> Self:
        """Convert a taxed amount, and keep how."""
        return cls(base, base.converted(conversion), conversion)

    def times(self, count: int) -> "DualAmount":
        """The total of so many periods: the counter of one period is multiplied, not converted again."""
        if count == 1:
            return self
        return DualAmount(self.base.times(count), self.counter.times(count), self.conversion)


def percent_more(before: Money, after: Money) -> Decimal | None:
    """How many percent an amount is more than an earlier one, below 0 when it is less; None when nothing compares them.

    Told whole, and in tenths below one percent, where it is rounded away from zero: only the same is 0 percent more.
    """
    if before.currency != after.currency or before.minor <= 0:
        return None
    percent = _EXACT.divide(Decimal(after.minor - before.minor) * 100, Decimal(before.minor))
    if abs(percent) < 1:
        return percent.quantize(Decimal("0.1"), ROUND_UP)
    return percent.quantize(Decimal(1), ROUND_HALF_UP)


def cross_rate(base_per_euro: Decimal, counter_per_euro: Decimal) -> Decimal:
    """How much of the counter currency one unit of the base currency is worth, to 12 significant digits.

    Both are units of the currency for one euro. The quotient is rounded once, at the end.
    """
    return _RATE.divide(counter_per_euro, base_per_euro)


def fault_of_amount(amount: Decimal, currency: Currency) -> str | None:
    """Say why the amount can't be kept as it was written, if it can't; trailing zeros are no decimals.

    However long or far away the number is, this costs next to nothing.
    """
    if not amount.is_finite() or abs(amount.adjusted()) > FARTHEST_EXPONENT:
        return f"Is beyond every amount: send a number below {_unreached(currency)}."
    if amount and amount.adjusted() + currency.decimals >= LONGEST_AMOUNT:
        return f"Is too large: send a number below {_unreached(currency)}."
    try:
        exponent = _AS_WRITTEN.normalize(amount).as_tuple().exponent
    except Inexact:
        return f"Has more than {LONGEST_AMOUNT} significant digits, of which no more are kept exactly."
    decimals = max(0, -int(exponent))
    if decimals > currency.decimals == 0:
        return f"{currency} has no decimals, and this amount has {decimals}."
    if decimals > currency.decimals:
        return f"{currency} has {currency.decimals} decimals, and this amount has {decimals}."
    return None


def fault_of_limit(limit: Money) -> str | None:
    """Say why a budget can't hold so much, or somebody can't decide up to it, if that is so."""
    if 0 <= limit.minor < UNREACHED:
        return None
    return f"Must be zero or more, and below {_unreached(limit.currency)}."


def fault_of_reach(amount: TaxedAmount) -> str | None:
    """Say that a total is too large to be kept, if it is."""
    if amount.including.minor < UNREACHED:
        return None
    return f"The total, taxes included, must stay below {_unreached(amount.excluding.currency)}."


def _unreached(currency: Currency) -> str:
    return f"{UNREACHED // 10**currency.decimals:,} {currency}"
