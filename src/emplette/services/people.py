"""Looking at the people of a company, and at the users that stand for its keys."""

from collections.abc import Collection, Sequence

from emplette.domain.organisation import Person, UserNotFound
from emplette.domain.people import UserKind
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


async def names_of(work: Work, ids: Collection[int]) -> dict[int, str]:
    """Tell what people are called; who is not there is missing from the answer."""
    return {number: user.name for number, user in (await people.by_id(work.db, work.tenant.id, ids)).items()}


async def read_user(work: Work, user_id: int) -> Written[Person]:
    """Look at a person, or at the user of a key.

    Raises:
        UserNotFound: there is none.
    """
    return await read_entry(work, PEOPLE, user_id, UserNotFound)
