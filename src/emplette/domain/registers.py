"""The lists that a company keeps, its registers, and what their entries refer to in each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Protocol

from emplette.domain.errors import Faults
from emplette.domain.people import User

FIRST_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Word:
    """An entry as another one refers to it."""

    id: int
    name: str
    code: str | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Reference:
    """That a field names an entry: ``cost_centers`` number 3."""

    path: str
    register: str
    id: int


@dataclass(frozen=True, slots=True)
class Known:
    """What was found of what entries refer to, by register and id, as it is today."""

    users: Mapping[int, User] = field(default_factory=dict)
    words: Mapping[str, Mapping[int, Word]] = field(default_factory=dict)

    def word(self, register: str, number: int) -> Word:
        """Find a word that is known to be there."""
        return self.words[register][number]


class Entry(Protocol):
    """One entry of a register."""

    @property
    def id(self) -> int:
        """Its number."""

    @property
    def version(self) -> int:
        """How often it was written."""

    def references(self) -> list[Reference]:
        """What it refers to, by the fields that say so."""


# Of each register: what is said of an entry that is not there, and of one that can no longer be referred to.
_SAID: Final = {
    "users": ("There is no user {}.", "User {} has left."),
    "natures": ("There is no nature {}.", "Nature {} is disabled."),
    "cost_centers": ("There is no cost center {}.", "Cost center {} is disabled."),
    "cost_families": ("There is no cost family {}.", "Cost family {} is no longer in use."),
    "establishments": ("There is no establishment {}.", "Establishment {} is archived."),
    "legal_units": ("There is no legal unit {}.", "Legal unit {} is archived."),
    "departments": ("There is no department {}.", "Department {} is closed."),
    "axes": ("There is no axis {}.", "Axis {} is no longer in use."),
    "axis_sections": ("There is no axis section {}.", "Axis section {} is disabled."),
}


def note_missing(wanted: Iterable[Reference], known: Known, faults: Faults, *, today: date) -> None:
    """Note every reference to what is not there, or no longer in use."""
    for reference in wanted:
        missing, gone = _SAID[reference.register]
        if reference.register == "users":
            user = known.users.get(reference.id)
            is_there, is_active = user is not None, user is not None and user.is_active(today)
        else:
            word = known.words.get(reference.register, {}).get(reference.id)
            is_there, is_active = word is not None, word is not None and word.is_active
        if not is_there:
            faults.add(reference.path, missing.format(reference.id))
        elif not is_active:
            faults.add(reference.path, gone.format(reference.id))


def newly_said(before: Entry | None, after: Entry) -> list[Reference]:
    """List the references that an entry did not have: what it had may have gone out of use since."""
    had = set() if before is None else {(one.register, one.id) for one in before.references()}
    return [one for one in after.references() if (one.register, one.id) not in had]
