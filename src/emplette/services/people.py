"""Looking at the people of a company, and at the users that stand for its keys."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from emplette.domain.organisation import Person, UserNotFound
from emplette.domain.people import UserKind
from emplette.domain.text import folded
from emplette.services.registers import Written, read_entry
from emplette.services.work import Work
from emplette.storage import people, registers
from emplette.storage.lists import Slice
from emplette.storage.people import PEOPLE
from emplette.storage.registers import EntryPage, Filters


async def list_people(work: Work, ids: Sequence[int], piece: Slice) -> EntryPage[Person]:
    """List the people, by id; the users of keys are no people."""
    wanted = Filters({"kind": [UserKind.PERSON], "id": ids})
    return await registers.list_entries(work.db, work.tenant.id, PEOPLE, wanted, piece)


@dataclass(frozen=True, slots=True)
class PeopleFound:
    """Some people, by number; ``next`` is the number behind which there are more, None when there are not."""

    items: tuple[Person, ...]
    next: int | None


async def find_people(work: Work, words: str, *, after: int, limit: int) -> PeopleFound:
    """Find people by words of their name or mail address, however they are written; all, when there are none."""
    found = await people.find(work.db, work.tenant.id, folded(words).split(), after=after, limit=limit + 1)
    shown = found[:limit]
    items = (await list_people(work, shown, Slice(limit))).items if shown else ()
    return PeopleFound(items, shown[-1] if len(found) > limit else None)


async def names_of(work: Work, ids: Collection[int]) -> dict[int, str]:
    """Tell what people are called; who is not there is missing from the answer."""
    return {number: user.name for number, user in (await people.by_id(work.db, work.tenant.id, ids)).items()}


async def read_user(work: Work, user_id: int) -> Written[Person]:
    """Look at a person, or at the user of a key.

    Raises:
        UserNotFound: there is none.
    """
    return await read_entry(work, PEOPLE, user_id, UserNotFound)
