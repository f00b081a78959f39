"""What of the overview is asked for: which months, which currency, and what makes up one of its numbers."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, ClassVar, Final

import msgspec
from msgspec import Meta

from emplette.domain.currencies import CURRENCIES
from emplette.domain.errors import Faults, Invalid
from emplette.domain.people import Tenant
from emplette.domain.spending import LONGEST_SPAN, NO_MONTH, Months, SpendingStage, Wanted, month_written
from emplette.http.api.amounts import NO_CURRENCY, Currency
from emplette.http.contract import PagedQuery, Query
from emplette.http.contract.fields import LARGEST_INT32

MOST_ROWS: Final = 1_000
FARTHEST_NUMBERED: Final = 10_000
"""So many lines are reached by the number of a page; behind them only tokens lead on."""

_PATTERN: Final = {"pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"}
_From = Annotated[
    str,
    Meta(
        max_length=255,
        description="The first month, as 2026-04; January of this year, when nothing is said.",
        extra_json_schema=_PATTERN,
    ),
]
_To = Annotated[
    str,
    Meta(
        max_length=255,
        description=f"The last month, as 2026-12; of at most {LONGEST_SPAN}.",
        extra_json_schema=_PATTERN,
    ),
]
_Supplier = Annotated[
    int, Meta(ge=0, le=LARGEST_INT32, description="A supplier by its id; 0 for those that are only written down.")
]
_One = Annotated[int, Meta(ge=1, le=LARGEST_INT32)]


class OverviewQuery(Query):
    """Which months to sum up, in which currency, and how many rows of each table to tell."""

    first: _From | None = msgspec.field(name="from", default=None)
    last: _To | None = msgspec.field(name="to", default=None)
    currency: Currency | None = None
    limit: Annotated[int, Meta(ge=1, le=MOST_ROWS, description="How many rows a table has at most, largest first.")] = (
        100
    )

    def check(self, faults: Faults) -> None:
        """Find months, or a currency, that are none."""
        _note_faults(self.first, self.last, self.currency, faults)

    @classmethod
    def check_rest(cls, read: Mapping[str, Any], faults: Faults) -> None:
        """Find months, or a currency, that are none beside what else is wrong."""
        _note_faults(read.get("first"), read.get("last"), read.get("currency"), faults)

    def months(self, today: date) -> Months:
        """Say which months are meant.

        Raises:
            Invalid: the last is before the first, or there are too many.
        """
        return _months(self.first, self.last, today)


class SpendingQuery(PagedQuery):
    """Which lines to list: of which months, currency and states, and of one nature, cost center or supplier."""

    ordered_by: ClassVar[Any] = tuple[date, int]

    first: _From | None = msgspec.field(name="from", default=None)
    last: _To | None = msgspec.field(name="to", default=None)
    currency: Currency | None = None
    state: list[SpendingStage] = []
    nature_id: _One | None = None
    cost_center_id: _One | None = None
    supplier_id: _Supplier | None = None

    def check(self, faults: Faults) -> None:
        """Find months, or a currency, that are none, and a page that can't be one."""
        super().check(faults)
        _note_faults(self.first, self.last, self.currency, faults)

    @classmethod
    def check_rest(cls, read: Mapping[str, Any], faults: Faults) -> None:
        """Find months, or a currency, that are none beside what else is wrong."""
        super().check_rest(read, faults)
        _note_faults(read.get("first"), read.get("last"), read.get("currency"), faults)

    def wanted(self, tenant: Tenant, today: date) -> Wanted:
        """Say which lines are meant; of the company's currency, when nothing is said.

        Raises:
            Invalid: the last month is before the first, or there are too many.
        """
        return Wanted(
            _months(self.first, self.last, today),
            self.currency or tenant.currency,
            frozenset(self.state or SpendingStage),
            nature_id=self.nature_id,
            cost_center_id=self.cost_center_id,
            supplier_id=self.supplier_id,
        )

    def refuse_far(self, offset: int) -> None:
        """Check that a page that is named by its number is not too far out.

        Raises:
            Invalid: only a token leads there.
        """
        if offset > FARTHEST_NUMBERED:
            message = f"Pages have numbers up to {FARTHEST_NUMBERED:,} items; go on with the token of next."
            raise Invalid.field("page", message)


def _note_faults(first: str | None, last: str | None, currency: str | None, faults: Faults) -> None:
    if currency is not None and currency not in CURRENCIES:
        faults.add("currency", NO_CURRENCY)
    for name, text in (("from", first), ("to", last)):
        if text is not None and month_written(text) is None:
            faults.add(name, NO_MONTH)


def _months(first: str | None, last: str | None, today: date) -> Months:
    return Months.named(
        None if first is None else month_written(first), None if last is None else month_written(last), today
    )
