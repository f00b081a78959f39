"""Absences: who decides for whom while somebody is away, and what of.

A deputy decides in the place of whoever is away. Is the deputy away as well, then the deputy's own deputies decide,
and no further: a question is not passed on a second time. Whoever is away may decide all the same.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from emplette.domain.currencies import CURRENCIES
from emplette.domain.dates import fault_of_last_day
from emplette.domain.errors import Conflict, Faults, Forbidden, NotFound
from emplette.domain.money import UNREACHED, Money
from emplette.domain.registers import FIRST_VERSION, Reference

LONGEST_DAYS: Final = 1_096
"""How long an absence can be: three years. Who is away for longer does not come back to decide."""


class AbsenceNotFound(NotFound):
    """There is no such absence."""

    code = "absence.not_found"


class AbsenceLoops(Conflict):
    """The deputy, or a deputy of theirs, is at some time represented by whoever is away."""

    code = "absence.loops"


class NotYourAbsence(Forbidden):
    """People enter their own absences; those of others are entered by who configures the company."""

    code = "absence.not_yours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """That somebody is away from a first day to a last, and who decides in their place meanwhile.

    With a cost center, the deputy decides only what is charged to it; with ``most_minor``, only what costs at most so
    much in ``most_currency``, as a whole and without taxes. ``ended_at`` is when it was taken back.
    """

    id: int
    user_id: int
    deputy_id: int
    starts_on: date
    ends_on: date
    cost_center_id: int | None = None
    entered_at: datetime
    ended_at: datetime | None = None
    version: int = FIRST_VERSION
    most_minor: int | None = None
    most_currency: str | None = None

    @property
    def most(self) -> Money | None:
        """Up to which amount the deputy decides; None for every amount."""
        if self.most_minor is None or self.most_currency is None:
            return None
        return Money(self.most_minor, CURRENCIES[self.most_currency])

    def is_on(self, day: date) -> bool:
        """Tell whether it counts on a day."""
        return self.ended_at is None and self.starts_on <= day <= self.ends_on

    def covers(self, cost_center_id: int) -> bool:
        """Tell whether the deputy decides what is charged to a cost center."""
        return self.cost_center_id in {None, cost_center_id}

    def overlaps(self, other: "Absence") -> bool:
        """Tell whether both count on a day, for something that both cover."""
        in_time = self.starts_on <= other.ends_on and other.starts_on <= self.ends_on
        centers = {self.cost_center_id, other.cost_center_id} - {None}
        return in_time and len(centers) < 2 and self.ended_at is None and other.ended_at is None  # noqa: PLR2004

    def references(self) -> list[Reference]:
        """Whom and what it refers to."""
        named = (
            ("userId", "users", self.user_id),
            ("deputyId", "users", self.deputy_id),
            ("costCenterId", "cost_centers", self.cost_center_id),
        )
        return [Reference(path, register, number) for path, register, number in named if number is not None]


@dataclass(frozen=True, slots=True)
class StandIn:
    """That somebody may decide in the place of an absent one, until a last day.

    ``via`` is the deputy in whose place they do so in turn, when that one is away as well. ``cost_center_id`` is what
    it is for, None for everything; ``most`` up to which amount, None for every one.
    """

    person_id: int
    absent_id: int
    until: date
    via: int | None = None
    cost_center_id: int | None = None
    most: Money | None = None

    def is_for(self, cost_center_id: int, amount: Money) -> bool:
        """Tell whether it is for something of that cost center and amount; one in another currency is too much."""
        is_within = self.most is None or (self.most.currency == amount.currency and amount.minor <= self.most.minor)
        return is_within and self.cost_center_id in {None, cost_center_id}


def stand_ins(absences: Collection[Absence], day: date) -> Iterator[StandIn]:
    """List who may decide in whose place on a day: deputies first, then the deputies of deputies who are away."""
    away = [absence for absence in absences if absence.is_on(day)]
    for first in away:
        yield StandIn(
            first.deputy_id, first.user_id, first.ends_on, cost_center_id=first.cost_center_id, most=first.most
        )
    for first in away:
        for second in away:
            is_passed_on = second.user_id == first.deputy_id and second.deputy_id != first.user_id
            limits = {one.most_currency for one in (first, second)} - {None}
            if is_passed_on and first.overlaps(second) and len(limits) < 2:  # noqa: PLR2004
                center = first.cost_center_id if second.cost_center_id is None else second.cost_center_id
                until = min(first.ends_on, second.ends_on)
                most = min(filter(None, (first.most, second.most)), key=lambda limit: limit.minor, default=None)
                yield StandIn(second.deputy_id, first.user_id, until, first.deputy_id, center, most)


def stand_ins_for(
    absences: Collection[Absence],
    day: date,
    *,
    asked: Collection[int],
    cost_center_id: int,
    amount: Money,
    own_to: Collection[int],
) -> Iterator[StandIn]:
    """List who may decide in the place of those who are asked about so much that is charged to a cost center.

    Whoever it is their own (``own_to``) names nobody for it: neither themselves nor, as somebody's deputy, another.
    """
    for found in stand_ins(absences, day):
        is_for = found.absent_id in asked and found.is_for(cost_center_id, amount)
        if is_for and found.via not in own_to and found.absent_id not in own_to:
            yield found


def note_faults(absence: Absence, faults: Faults, *, today: date) -> None:
    """Say everything that is wrong with an absence that is entered."""
    if absence.deputy_id == absence.user_id:
        faults.add("deputyId", "Must be somebody else.")
    if absence.most_minor is not None and not 0 < absence.most_minor < UNREACHED:
        faults.add("atMost.value", "Must be above zero, and an amount that somebody might spend.")
    fault = fault_of_last_day(absence.starts_on, absence.ends_on)
    if fault:
        faults.add("endDate", fault)
    elif absence.ends_on < today:
        faults.add("endDate", f"Must not be over: today is {today}.")
    elif (absence.ends_on - absence.starts_on).days >= LONGEST_DAYS:
        faults.add("endDate", f"Must be at most {LONGEST_DAYS} days after the first day.")


def refuse_loop(absence: Absence, others: Iterable[Absence]) -> None:
    """Check that no chain of deputies leads back to whoever is away, on any day and for anything.

    Raises:
        AbsenceLoops: one does; says through whom.
    """
    others = [other for other in others if other.ended_at is None and other.id != absence.id]
    chains: list[tuple[Absence, ...]] = [(absence,)]
    while chains:
        chain = chains.pop()
        for other in others:
            if other.user_id != chain[-1].deputy_id or other in chain or not _all_at_once((*chain, other)):
                continue
            if other.deputy_id == absence.user_id:
                through = ", then ".join(f"user {one.deputy_id}" for one in chain)
                detail = f"Its deputies lead back to user {absence.user_id}, through {through}: name somebody else."
                raise AbsenceLoops(detail, id=other.id)
            chains.append((*chain, other))


def _all_at_once(chain: tuple[Absence, ...]) -> bool:
    """Tell whether there is a day, and something to decide, for which all of these count."""
    begins, ends = max(one.starts_on for one in chain), min(one.ends_on for one in chain)
    centers = {one.cost_center_id for one in chain} - {None}
    return begins <= ends and len(centers) < 2  # noqa: PLR2004
