"""Prices that follow an index: what each period costs when the index has moved, and what is asked for then.

A price that rises is an amendment like any other: it is approved before it holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from emplette.domain.commitments import Commitment, CommitmentDraft
from emplette.domain.errors import Faults
from emplette.domain.money import Money, TaxedAmount, TaxLine
from emplette.domain.taxes import VatRate
from emplette.domain.text import LONGEST_COMMENT, fault_of_name

_BEYOND: Final = Decimal(10**9)
_FINEST: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class PriceRise:
    """That a price follows an index: which one, where it stood when the price was agreed, and where it stands now."""

    index: str
    before: Decimal
    after: Decimal

    @property
    def told(self) -> str:
        """Say it in one line, as the commitment will say why it costs what it costs."""
        return f"{self.index.strip()}: {self.before:f} → {self.after:f}"


def note_faults(rise: PriceRise, faults: Faults) -> None:
    """Say everything that is wrong with it."""
    fault = fault_of_name(rise.index)
    if fault is not None:
        faults.add("index", fault)
    for path, value in (("before", rise.before), ("after", rise.after)):
        if not 0 < value < _BEYOND or value % _FINEST:
            faults.add(path, "Must be above zero and below 1,000,000,000, with at most 6 decimals.")
    if not faults and rise.before == rise.after:
        faults.add("after", "Is what it was: the price stays.")


def repriced(amount: TaxedAmount, excluding: Money, rates: Mapping[int, VatRate]) -> TaxedAmount:
    """Say an amount anew for another price without taxes.

    A tax that was what its rate makes of the price is so again; others grow as the price does, each rounded once.
    """
    lines = tuple(TaxLine(line.rate_type_id, _tax(amount, line, excluding, rates)) for line in amount.taxes)
    return TaxedAmount(excluding, lines)


def _tax(amount: TaxedAmount, line: TaxLine, excluding: Money, rates: Mapping[int, VatRate]) -> Money:
    rate, before = rates.get(line.rate_type_id), amount.excluding
    if rate is not None and Money.rounded(before.decimal * rate.percentage, before.currency) == line.tax:
        return Money.rounded(excluding.decimal * rate.percentage, excluding.currency)
    if not before.minor:
        return line.tax
    return Money.rounded(line.tax.decimal * excluding.decimal / before.decimal, line.tax.currency)


def risen(commitment: Commitment, rise: PriceRise, rates: Mapping[int, VatRate]) -> CommitmentDraft:
    """Say the commitment anew at the price that the index makes of the one it has: of each period, and all of them."""
    amount = commitment.amount.base
    excluding = Money.rounded(amount.excluding.decimal * rise.after / rise.before, amount.excluding.currency)
    comment = "\n".join(text for text in (commitment.comment, rise.told) if text)
    return CommitmentDraft(
        terms=commitment.terms,
        amount=repriced(amount, excluding, rates),
        comment=comment if len(comment) <= LONGEST_COMMENT else commitment.comment,
        payment_method=commitment.payment_method,
    )
