"""The organisation chart: who is there, who leads whom, who answers for what, and who may do what."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from emplette.domain.absences import Absence
from emplette.domain.people import Permission, User, UserKind


@dataclass(frozen=True, slots=True)
class Unit:
    """A department: who leads it, and the one above."""

    name: str
    head_id: int | None = None
    parent_id: int | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """That somebody holds a permission: everywhere, or for one department and those below, or for one cost center."""

    user_id: int
    permission: Permission
    department_id: int | None = None
    cost_center_id: int | None = None


@dataclass(frozen=True, slots=True)
class Charge:
    """A cost center: its code, and who owns it."""

    code: str
    owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """The organisation chart of a company.

    ``managers`` and ``departments`` are those of each user; ``families`` are the cost families of natures,
    ``currencies`` those in which its establishments reckon. ``absences`` are those that are not over.
    """

    people: Mapping[int, User] = field(default_factory=dict)
    managers: Mapping[int, int] = field(default_factory=dict)
    departments: Mapping[int, int] = field(default_factory=dict)
    units: Mapping[int, Unit] = field(default_factory=dict)
    cost_centers: Mapping[int, Charge] = field(default_factory=dict)
    families: Mapping[int, int] = field(default_factory=dict)
    holdings: tuple[Holding, ...] = ()
    currencies: frozenset[str] = frozenset()
    absences: tuple[Absence, ...] = ()

    def is_there(self, person_id: int, on: date) -> bool:
        """Tell whether it is a person of the company who has not left."""
        person = self.people.get(person_id)
        return person is not None and person.kind is UserKind.PERSON and person.is_active(on)

    def absences_that_count(self, on: date) -> tuple[Absence, ...]:
        """List the absences of those who are people of the company: who has left, leaves no deputy behind."""
        return tuple(one for one in self.absences if self.is_there(one.user_id, on))

    def above(self, person_id: int) -> Iterator[int]:
        """Go up from somebody: their manager, that one's manager; each once, should the chain be a ring."""
        seen = {person_id}
        manager = self.managers.get(person_id)
        while manager is not None and manager not in seen:
            yield manager
            seen.add(manager)
            manager = self.managers.get(manager)

    def line(self, department_id: int | None) -> tuple[int, ...]:
        """List a department and all above it, from the bottom up."""
        line: list[int] = []
        while department_id is not None and department_id not in line:
            line.append(department_id)
            unit = self.units.get(department_id)
            department_id = None if unit is None else unit.parent_id
        return tuple(line)

    def line_of(self, person_id: int) -> frozenset[int]:
        """Tell the departments that somebody is in: their own and all above it."""
        return frozenset(self.line(self.departments.get(person_id)))

    def heads(self, department_id: int | None) -> Iterator[tuple[int, int]]:
        """Go up from a department: each head, with the department that they lead."""
        for unit_id in self.line(department_id):
            head = self.units[unit_id].head_id if unit_id in self.units else None
            if head is not None:
                yield head, unit_id

    def holders(self, permission: Permission, department_id: int | None, cost_center_id: int) -> tuple[int, ...]:
        """List who holds a permission for what is charged there, by their ids."""
        line = self.line(department_id)
        return tuple(
            sorted(
                {
                    one.user_id
                    for one in self.holdings
                    if one.permission is permission
                    and (one.department_id is None or one.department_id in line)
                    and one.cost_center_id in {None, cost_center_id}
                }
            )
        )
