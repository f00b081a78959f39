"""Budgets: how much may be spent on what during a time, and what of that is still free.

The law of their numbers, in each currency and period: amount + overrun = free + reserved + committed + spent, and none
of them is below zero. Asking for approval reserves out of what is free and never raises an overrun: a hard budget
refuses what does not fit, a soft one reserves what it has. What is approved is committed whole; beyond a soft budget
that is an overrun, and so is what a budget takes over that is made later, or lowered below what hangs on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from emplette.domain.currencies import CURRENCIES
from emplette.domain.dates import fault_of_last_day
from emplette.domain.errors import Conflict, Faults, Invalid, NotFound
from emplette.domain.money import UNREACHED, Money
from emplette.domain.registers import FIRST_VERSION, Reference

_ALL: Final = Decimal(1)


class BudgetKind(StrEnum):
    """A hard budget refuses what goes beyond it; a soft one lets the policy decide."""

    HARD = "Hard"
    SOFT = "Soft"


class EntryState(StrEnum):
    """What hangs on a budget waits for approval, is approved, or was given back."""

    RESERVED = "Reserved"
    COMMITTED = "Committed"
    FREED = "Freed"


class BudgetState(StrEnum):
    """How a purchase stands to the budgets: what a policy asks about it."""

    WITHIN = "within"
    OVER = "over"
    UNCOVERED = "uncovered"


class BudgetNotFound(NotFound):
    """There is no such budget."""

    code = "budget.not_found"


class NothingToCarryOver(Conflict):
    """The other budget has not so much free, or is not one to carry over from."""

    code = "budget.nothing_to_carry_over"


class BudgetExceeded(Conflict):
    """A hard budget has not so much left."""

    code = "budget.exceeded"


@dataclass(frozen=True, slots=True)
class Correction:
    """A change of a budget's amount, in the smallest coin: up, or down; by whom, and from or to which other budget."""

    amount_minor: int
    at: datetime
    by: int
    other_id: int | None = None


@dataclass(frozen=True, slots=True)
class Numbers:
    """What became of a budget, in the smallest coin of its currency."""

    free_minor: int
    reserved_minor: int = 0
    committed_minor: int = 0
    spent_minor: int = 0
    overrun_minor: int = 0

    def of(self, amount_minor: int) -> "Numbers":
        """Reckon what is free, and what is beyond, of another amount."""
        used = self.reserved_minor + self.committed_minor + self.spent_minor
        return replace(self, free_minor=max(0, amount_minor - used), overrun_minor=max(0, used - amount_minor))


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """So much for what is bought in a time, as it is kept.

    It counts what meets everything it names: a cost center, a nature or a cost family, a department with all below it,
    an axis section, an establishment; one that names nothing counts the whole company. ``reasons`` are those of its
    corrections, one by one; ``numbers`` are as they were when it was read.
    """

    id: int
    name: str
    starts_on: date
    ends_on: date
    currency: str
    kind: BudgetKind = BudgetKind.HARD
    cost_center_id: int | None = None
    nature_id: int | None = None
    cost_family_id: int | None = None
    department_id: int | None = None
    axis_section_id: int | None = None
    establishment_id: int | None = None
    initial_minor: int = 0
    corrections: tuple[Correction, ...] | None = None
    reasons: tuple[str, ...] | None = None
    numbers: Numbers | None = None
    version: int = FIRST_VERSION

    @property
    def amount_minor(self) -> int:
        """What it allows, with all corrections."""
        return self.initial_minor + sum(correction.amount_minor for correction in self.corrections or ())

    def corrected(self, correction: Correction, reason: str) -> "Budget":
        """Change its amount, for a reason.

        Raises:
            Invalid: it would change nothing, or be less than nothing, or more than can be kept.
        """
        if correction.amount_minor == 0:
            raise Invalid.field("amount.value", "Must not be zero: nothing would change.")
        amount = self.amount_minor + correction.amount_minor
        if not 0 <= amount < UNREACHED:
            unit = CURRENCIES[self.currency]
            message = f"Leads to {Money(amount, unit)}: a budget is zero or more, and below {Money(UNREACHED, unit)}."
            raise Invalid.field("amount.value", message)
        return replace(
            self,
            corrections=(*(self.corrections or ()), correction),
            reasons=(*(self.reasons or ()), reason),
            numbers=None if self.numbers is None else self.numbers.of(amount),
            version=self.version + 1,
        )

    def references(self) -> list[Reference]:
        """What it refers to."""
        named = {
            ("costCenterId", "cost_centers"): self.cost_center_id,
            ("natureId", "natures"): self.nature_id,
            ("costFamilyId", "cost_families"): self.cost_family_id,
            ("departmentId", "departments"): self.department_id,
            ("axisSectionId", "axis_sections"): self.axis_section_id,
            ("establishmentId", "establishments"): self.establishment_id,
        }
        return [Reference(path, register, number) for (path, register), number in named.items() if number is not None]


@dataclass(frozen=True, slots=True)
class Line:
    """A budget in the book, and what is free of it in the smallest coin."""

    budget: Budget
    free_minor: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a purchase is charged."""

    cost_center_id: int
    nature_id: int
    department_id: int | None
    establishment_id: int | None
    axis_section_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Charge:
    """What a purchase costs on which days, and where it is charged.

    ``each_minor`` is the cost of one period, in the smallest coin of the counter currency: without taxes, with those
    that are not got back; ``days`` are those on which the periods begin, or the cost date.
    """

    place: Place
    currency: str
    each_minor: int
    days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """What of a purchase falls into a budget: how much of how many periods, and whether that is more than is free."""

    budget_id: int
    amount_minor: int
    is_over: bool
    periods: int
    first_date: date
    last_date: date


@dataclass(frozen=True, slots=True)
class Share:
    """What of a request hangs on a budget: so much, for so many periods, on days from the first to the last."""

    budget_id: int
    request_id: int
    amount_minor: int
    periods: int
    first_date: date
    last_date: date
    state: EntryState

    def kept(self, days: Sequence[date]) -> "Share | None":
        """Keep of it only what is charged on these days, each period costing the same; None when that is all of it."""
        left = [day for day in days if self.first_date <= day <= self.last_date]
        if len(left) == self.periods:
            return None
        if not left:
            return replace(self, state=EntryState.FREED)
        amount = self.amount_minor // self.periods * len(left)
        return replace(self, amount_minor=amount, periods=len(left), last_date=left[-1])


@dataclass(frozen=True, slots=True)
class Coverage:
    """How a purchase meets the budgets: what falls into which, the days on which none counts, what bursts."""

    claims: tuple[Claim, ...] = ()
    uncovered: tuple[date, ...] = ()
    bursting: tuple[tuple[Line, Claim], ...] = ()

    @property
    def state(self) -> BudgetState:
        """How it stands to the budgets as a whole: being beyond one says more than not being covered."""
        if any(claim.is_over for claim in self.claims):
            return BudgetState.OVER
        return BudgetState.UNCOVERED if self.uncovered or not self.claims else BudgetState.WITHIN


@dataclass(frozen=True, slots=True)
class Charging:
    """What a command does to budgets, decided with the company's budgets as they were at a version.

    What hangs on them of the commitment, or of one request only, becomes this; ``claims`` are new; with ``replaces``
    they take the place of all that hung on them of the commitment.
    """

    books: int
    becomes: EntryState
    commitment_id: int
    request_id: int | None = None
    claims: tuple[Claim, ...] = ()
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Book:
    """All budgets of a company at a version, and what is needed to tell which of them count.

    ``parents`` leads from a department to the one above, ``families`` from a nature to its cost family; ``recovery``
    says how much of a type of tax is got back on what a cost family is for.
    """

    version: int
    lines: tuple[Line, ...] = ()
    parents: Mapping[int, int] = field(default_factory=dict)
    families: Mapping[int, int] = field(default_factory=dict)
    recovery: Mapping[tuple[int, int], Decimal] = field(default_factory=dict)

    def recovered(self, rate_type_id: int, nature_id: int) -> Decimal:
        """Tell how much of a tax is got back on what is bought: all of it, unless a rule says otherwise."""
        return self.recovery.get((rate_type_id, self.families.get(nature_id, 0)), _ALL)

    def given_back(self, held: Mapping[int, int]) -> "Book":
        """Count as free what something holds itself, by budget: what it wants may be made of that."""
        lines = [replace(line, free_minor=line.free_minor + held.get(line.budget.id, 0)) for line in self.lines]
        return replace(self, lines=tuple(lines))

    def coverage(self, charge: Charge) -> Coverage:
        """Find what of a purchase falls into which budget. All that count, count; none takes from another."""
        claims, bursting = [], []
        open_days = list(charge.days)
        above = self._with_those_above(charge.place.department_id)
        family = self.families.get(charge.place.nature_id)
        for line in self.lines:
            budget = line.budget
            if not _counts(budget, charge, above, family):
                continue
            days = [day for day in charge.days if budget.starts_on <= day <= budget.ends_on]
            if not days:
                continue
            open_days = [day for day in open_days if not budget.starts_on <= day <= budget.ends_on]
            amount = charge.each_minor * len(days)
            claim = Claim(budget.id, amount, amount > line.free_minor, len(days), days[0], days[-1])
            claims.append(claim)
            if claim.is_over and budget.kind is BudgetKind.HARD:
                bursting.append((line, claim))
        return Coverage(tuple(claims), tuple(open_days), tuple(bursting))

    def difference(self, before: Coverage, after: Coverage) -> Coverage:
        """Find what falls into budgets after a change and did not before."""
        had = {claim.budget_id: claim.amount_minor for claim in before.claims}
        lines = {line.budget.id: line for line in self.lines}
        claims, bursting = [], []
        for claim in after.claims:
            more, line = claim.amount_minor - had.get(claim.budget_id, 0), lines[claim.budget_id]
            if more <= 0:
                continue
            added = replace(claim, amount_minor=more, is_over=more > line.free_minor)
            claims.append(added)
            if added.is_over and line.budget.kind is BudgetKind.HARD:
                bursting.append((line, added))
        return Coverage(tuple(claims), after.uncovered, tuple(bursting))

    def departments_of(self, department_id: int) -> list[int]:
        """List a department and those under it."""
        under = (each for each in self.parents if department_id in self._with_those_above(self.parents[each]))
        return [department_id, *under]

    def _with_those_above(self, department_id: int | None) -> frozenset[int]:
        found: set[int] = set()
        while department_id is not None and department_id not in found:
            found.add(department_id)
            department_id = self.parents.get(department_id)
        return frozenset(found)


def _counts(budget: Budget, charge: Charge, departments: frozenset[int], family: int | None) -> bool:
    """Tell whether a purchase is one that the budget is about, whenever it costs something."""
    place = charge.place
    return (
        budget.currency == charge.currency
        and budget.cost_center_id in (None, place.cost_center_id)
        and budget.nature_id in (None, place.nature_id)
        and budget.cost_family_id in (None, family)
        and (budget.department_id is None or budget.department_id in departments)
        and (budget.axis_section_id is None or budget.axis_section_id in place.axis_section_ids)
        and budget.establishment_id in (None, place.establishment_id)
    )


def note_faults(budget: Budget, faults: Faults) -> None:
    """Note what can't be of a budget by itself."""
    fault = fault_of_last_day(budget.starts_on, budget.ends_on)
    if fault:
        faults.add("endDate", fault)
    fault = fault_of_kinds(budget.nature_id, budget.cost_family_id)
    if fault:
        faults.add("costFamilyId", fault)


def fault_of_kinds(nature_id: int | None, cost_family_id: int | None) -> str | None:
    """Say that a budget is for a nature and for a cost family at once, if it is."""
    if nature_id is None or cost_family_id is None:
        return None
    return "Name a nature or a cost family: a nature is of one family already."


def carried_over(
    into: Budget, source: Budget, minor: int | None, reason: str, *, at: datetime, by: int
) -> tuple[Budget, Budget]:
    """Carry over what is free of an earlier budget, all of it or so much; answer both budgets after it.

    Raises:
        NothingToCarryOver: the other is not earlier, of another currency, or has not so much free.
    """
    free = 0 if source.numbers is None else source.numbers.free_minor
    amount = free if minor is None else minor
    if source.currency != into.currency or source.ends_on >= into.starts_on:
        detail = f"{source.name} is of another currency, or ends only on {source.ends_on}: nothing can be carried over."
        raise NothingToCarryOver(detail, kind="budget", id=source.id)
    if not 0 < amount <= free:
        detail = f"{source.name} has {Money(free, CURRENCIES[source.currency])} free."
        raise NothingToCarryOver(detail, kind="budget", id=source.id)
    return (
        into.corrected(Correction(amount, at, by, source.id), reason),
        source.corrected(Correction(-amount, at, by, into.id), reason),
    )
