"""What a rule of a policy looks at: the facts of a purchase, and the conditions that hold for them or don't.

Every fact but the amount and the requesters is a set of values, so that one comparison serves all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from emplette.domain.money import Money


class Field(StrEnum):
    """What a condition can look at."""

    AMOUNT = "amount"
    TYPE = "type"
    NATURE = "nature"
    COST_FAMILY = "costFamily"
    COST_CENTER = "costCenter"
    DEPARTMENT = "department"
    ESTABLISHMENT = "establishment"
    SUPPLIER = "supplier"
    AXIS_SECTION = "axisSection"
    BUDGET = "budget"
    REQUESTER = "requester"


class SupplierTrait(StrEnum):
    """What a condition can say of a supplier without naming it.

    New: no order of it yet. Flagged: marked for another look. Unknown: only written down on the purchase. Listed: the
    opposite of unknown.
    """

    NEW = "new"
    FLAGGED = "flagged"
    UNKNOWN = "unknown"
    LISTED = "listed"


Value = int | str
NOTHING: Final[frozenset[Value]] = frozenset()


@dataclass(frozen=True, slots=True)
class Requester:
    """Somebody who wants the purchase or wrote it, with the departments that they are in: their own and all above."""

    id: int
    departments: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """A purchase as a policy sees it.

    ``amount`` is the whole amount without taxes in the counter currency, or in the currency that the policy reckons in.
    ``own_to`` are all who own or wrote any of it; ``requesters`` are the persons among them. ``department_id`` and
    ``cost_center_id`` say where it is charged, ``owner_id`` whose it is.
    """

    amount: Money
    owner_id: int
    cost_center_id: int
    department_id: int | None
    requesters: tuple[Requester, ...]
    own_to: frozenset[int]
    values: Mapping[Field, frozenset[Value]] = field(default_factory=dict)
    compared: Decimal = field(init=False, repr=False)
    """The amount as conditions compare it."""
    requester_ids: frozenset[int] = field(init=False, repr=False)
    requester_departments: frozenset[int] = field(init=False, repr=False)
    """The departments that any of the requesters is in."""

    def __post_init__(self) -> None:
        """Write out once, for however many rules, what they compare."""
        object.__setattr__(self, "compared", self.amount.decimal)
        object.__setattr__(self, "requester_ids", frozenset(one.id for one in self.requesters))
        departments = frozenset[int]().union(*(one.departments for one in self.requesters))
        object.__setattr__(self, "requester_departments", departments)


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a range of amounts; ``included`` when the end itself is in it."""

    value: Decimal
    included: bool


@dataclass(frozen=True, slots=True)
class AmountRange:
    """Holds for amounts between two ends, each of which may be missing."""

    low: Bound | None = None
    high: Bound | None = None

    @property
    def looks_at(self) -> Field:
        """What it looks at."""
        return Field.AMOUNT

    def holds(self, facts: Facts) -> bool:
        """Tell whether it does."""
        amount, low, high = facts.compared, self.low, self.high
        if low is not None and (amount < low.value or (amount == low.value and not low.included)):
            return False
        return high is None or amount < high.value or (amount == high.value and high.included)

    def words(self) -> str:
        """Say it."""
        parts = []
        if self.low is not None:
            parts.append(f"{'at least' if self.low.included else 'over'} {self.low.value:,}")
        if self.high is not None:
            parts.append(f"{'at most' if self.high.included else 'below'} {self.high.value:,}")
        return f"amount {' and '.join(parts)}"


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Holds when the fact is one of these values; ``negated``, when it is none of them."""

    looks_at: Field
    values: frozenset[Value]
    negated: bool = False

    def holds(self, facts: Facts) -> bool:
        """Tell whether it does."""
        return self.values.isdisjoint(facts.values.get(self.looks_at, NOTHING)) is self.negated

    def words(self) -> str:
        """Say it."""
        listed = " or ".join(str(value) for value in sorted(self.values, key=str))
        return f"{NAMES[self.looks_at]} {'not ' if self.negated else ''}{listed}"


@dataclass(frozen=True, slots=True)
class RequestedBy:
    """Holds when one of the requesters is among these people or in these departments; ``every``, when each of them is.

    A rule that approves at once wants every one: nobody passes by writing a purchase down for somebody else.
    """

    people: frozenset[int]
    departments: frozenset[int]
    every: bool = False

    @property
    def looks_at(self) -> Field:
        """What it looks at."""
        return Field.REQUESTER

    def holds(self, facts: Facts) -> bool:
        """Tell whether it does."""
        if self.every:
            return all(
                one.id in self.people or not self.departments.isdisjoint(one.departments) for one in facts.requesters
            )
        is_one = not self.people.isdisjoint(facts.requester_ids)
        return is_one or not self.departments.isdisjoint(facts.requester_departments)

    def words(self) -> str:
        """Say it."""
        people = [f"user {one}" for one in sorted(self.people)]
        departments = [f"somebody of department {one}" for one in sorted(self.departments)]
        return f"requested by {' or '.join(people + departments)}"


Condition = AmountRange | AnyOf | RequestedBy
NAMES: Final[Mapping[Field, str]] = {
    Field.TYPE: "type",
    Field.NATURE: "nature",
    Field.COST_FAMILY: "cost family",
    Field.COST_CENTER: "cost center",
    Field.DEPARTMENT: "department (or one below)",
    Field.ESTABLISHMENT: "establishment",
    Field.SUPPLIER: "supplier",
    Field.AXIS_SECTION: "axis section",
    Field.BUDGET: "budget",
}


_SEVERAL: Final = frozenset({Field.DEPARTMENT, Field.SUPPLIER, Field.AXIS_SECTION})
"""What a purchase can have several values of: a department stands for all above it as well."""


def covers(wider: Condition | None, narrower: Condition | None) -> bool:
    """Tell whether the first holds wherever the second does; a missing condition holds everywhere."""
    if wider is None or wider == narrower:
        return True
    if isinstance(wider, AmountRange) and isinstance(narrower, AmountRange):
        return _starts_before(wider.low, narrower.low) and _ends_after(wider.high, narrower.high)
    if isinstance(wider, AnyOf) and isinstance(narrower, AnyOf):
        return wider.looks_at == narrower.looks_at and _takes_in(wider, narrower)
    if isinstance(wider, RequestedBy) and isinstance(narrower, RequestedBy):
        more = narrower.people <= wider.people and narrower.departments <= wider.departments
        return more and (narrower.every or not wider.every)
    return False


def _takes_in(wider: AnyOf, narrower: AnyOf) -> bool:
    if not wider.negated:
        return not narrower.negated and narrower.values <= wider.values
    if narrower.negated:
        return wider.values <= narrower.values
    # Where there can be several, such as sections, one of the values has others beside it.
    return wider.looks_at not in _SEVERAL and wider.values.isdisjoint(narrower.values)


def _starts_before(one: Bound | None, other: Bound | None) -> bool:
    if one is None or other is None:
        return one is None
    return one.value < other.value or (one.value == other.value and (one.included or not other.included))


def _ends_after(one: Bound | None, other: Bound | None) -> bool:
    if one is None or other is None:
        return one is None
    return one.value > other.value or (one.value == other.value and (one.included or not other.included))
