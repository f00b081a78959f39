"""Trying a storage function as different companies: the table of calls, one for each function that is for a tenant.

Files beside this one whose names begin with `try_` hold the calls.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final

from emplette.domain.people import User
from emplette.storage.commands import Author
from emplette.storage.database import Session
from tests.fixtures.dossiers import caller
from tests.fixtures.rivals import Ids, Neighbours

NOW: Final = datetime(2025, 4, 14, 12, tzinfo=UTC)
DAY: Final = date(2025, 4, 14)


@dataclass(frozen=True, slots=True)
class Call:
    """A storage function as a company calls it: for which ids, and whose they are."""

    db: Session
    tenant: int
    ids: Ids
    neighbours: Neighbours


Do = Callable[[Call], Awaitable[object]]
CASES: Final[dict[str, list[Do]]] = {}
"""The calls, by the whole name of the function that each of them tries."""
ALIKE: Final[set[Do]] = set()
"""Calls that both companies are answered alike, each for itself: what they find is tried apart."""


def case(function: Callable[..., Any], *, alike: bool = False) -> Callable[[Do], Do]:
    """Note a call that tries this function.

    The same call is made as the company whose ids they are, as its rival, and as the rival for ids of nothing.
    """

    def note(do: Do) -> Do:
        CASES.setdefault(f"{function.__module__}.{function.__qualname__}", []).append(do)
        if alike:
            ALIKE.add(do)
        return do

    return note


def author() -> Author:
    """Name who writes: user 36, whom both companies have."""
    return Author(replace(caller(), user=User(36, "Alma", "Approver")), NOW, call_id=None)
