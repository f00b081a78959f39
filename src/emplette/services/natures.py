"""What people do with natures: look at them, make one, change one."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from emplette.domain.natures import Nature, NatureNotFound
from emplette.domain.registers import Known, Reference
from emplette.services.registers import Written, read_entry, write_entry
from emplette.services.work import Work
from emplette.storage import registers
from emplette.storage.changes import Change
from emplette.storage.lists import Slice
from emplette.storage.natures import NATURES
from emplette.storage.registers import EntryPage, Filters


async def list_natures(work: Work, piece: Slice) -> EntryPage[Nature]:
    """List the natures, by id."""
    return await registers.list_entries(work.db, work.tenant.id, NATURES, Filters(), piece)


async def read_nature(work: Work, nature_id: int) -> Written[Nature]:
    """Look at a nature.

    Raises:
        NatureNotFound: there is none.
    """
    return await read_entry(work, NATURES, nature_id, NatureNotFound)


async def create_nature(work: Work, make: Callable[[int], Nature]) -> Written[Nature]:
    """Write down a new nature.

    Raises:
        Invalid: its cost family is not there.
        KeyReused: the idempotency key was used for another request.
    """
    nature = make(await work.new_id("nature"))

    async def load() -> tuple[Sequence[Nature], Known]:
        return [], await registers.names_of(work.db, work.tenant.id, NATURES, nature.references())

    return await write_entry(work, NATURES, load, lambda _, __: Change(None, nature))


async def change_nature(
    work: Work, nature_id: int, revise: Callable[[Nature], Nature], wanted: Sequence[Reference]
) -> Written[Nature]:
    """Change what was said of a nature, and keep the rest.

    Raises:
        NatureNotFound: there is none.
        PreconditionFailed: it is not at a version that the caller accepts.
        Invalid: its cost family is not there.
    """

    def decide(found: Sequence[Nature], _: Known) -> Change[Nature]:
        if not found:
            raise NatureNotFound
        return Change(found[0], replace(revise(found[0]), version=found[0].version + 1))

    return await write_entry(
        work,
        NATURES,
        lambda: registers.find_all(work.db, work.tenant.id, NATURES, [nature_id], wanted),
        decide,
    )
