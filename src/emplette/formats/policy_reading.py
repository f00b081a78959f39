"""A place in the file of a policy: what is said there, and what is wrong with it, by its path."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from emplette.domain.errors import Faults
from emplette.domain.text import fault_of_name

BEYOND: Final = 2**31
"""No id reaches this."""

_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the file that has names: what each says. Faults are noted by their path from the top."""

    said: Mapping[str, Any]
    path: str
    faults: Faults

    def fault(self, name: str, message: str) -> None:
        """Note what is wrong with one of its names, or with the whole place."""
        path = f"{self.path}.{name}" if self.path and name else self.path or name
        self.faults.add(path, message)

    def knows(self, *names: str) -> "Place":
        """Note what is said under other names than these."""
        for name in self.said:
            if name not in names:
                self.fault(name, f"Is unknown here: there are {', '.join(names)}.")
        return self

    def below(self, name: str, said: Mapping[str, Any]) -> "Place":
        """Go to a part of this place."""
        return Place(said, f"{self.path}.{name}" if self.path else name, self.faults)

    def mapping(self, name: str, what: str) -> "Place | None":
        """Go to a part that has names itself; None when it has none."""
        said = self.said[name]
        if isinstance(said, Mapping):
            return self.below(name, said)
        self.fault(name, f"Must be {what}.")
        return None

    def listed(self, name: str, what: str) -> "list[Place]":
        """Go to each of a list of parts."""
        said = self.said.get(name)
        if not isinstance(said, list):
            self.fault(name, f"Must be a list of {what}.")
            return []
        found = []
        for number, one in enumerate(said):
            if isinstance(one, Mapping):
                found.append(self.below(f"{name}[{number}]", one))
            else:
                self.fault(f"{name}[{number}]", f"Must be one of {what}.")
        return found

    def several(self, name: str) -> Sequence[Any]:
        """Read a list, or one that stands alone."""
        said = self.said.get(name)
        found: Sequence[Any] = said if isinstance(said, list) else [] if said is None else [said]
        if not found:
            self.fault(name, "Must list one or more.")
        return found

    def text(self, name: str, otherwise: str) -> str:
        """Read a text that must be there."""
        said = self.said.get(name)
        if not isinstance(said, str) or not said.strip():
            self.fault(name, otherwise)
            return ""
        fault = fault_of_name(said, longest=_LONGEST_NAME)
        if fault is not None:
            self.fault(name, fault)
        return said.strip()

    def switch(self, name: str, *, usual: bool = False) -> bool:
        """Read a true or false that may be missing."""
        said = self.said.get(name, usual)
        if not isinstance(said, bool):
            self.fault(name, "Must be true or false.")
            return usual
        return said
