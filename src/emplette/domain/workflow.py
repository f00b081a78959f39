"""State machines as tables: what is not in the table is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from emplette.domain.errors import Conflict

S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)


class ActionNotAllowed(Conflict):
    """The object is not in a state that allows this."""

    code = "state.not_allowed"


@dataclass(frozen=True, slots=True)
class Workflow(Generic[S, A]):
    """The states of one kind of document, and the actions that join them."""

    document: str
    moves: Mapping[tuple[S, A], S]

    def after(self, state: S, action: A, **facts: object) -> S:
        """Return the state that the action leads to.

        Raises:
            ActionNotAllowed: the table has no such move; its facts are the state and what the caller adds.
        """
        try:
            return self.moves[state, action]
        except KeyError:
            allowed = ", ".join(self.sources(action))
            detail = f"The {self.document} is {state}; to {action} it, it must be {allowed}."
            raise ActionNotAllowed(detail, state=state, **facts) from None

    def actions(self, state: S) -> list[A]:
        """List what can be done next: the buttons of a page, the ``actions`` of an answer."""
        return [action for (start, action) in self.moves if start == state]

    def sources(self, action: A) -> list[S]:
        """List the states from which the action is allowed: the guard of a write."""
        return [start for (start, known) in self.moves if known == action]
