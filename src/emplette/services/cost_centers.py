"""What people do with cost centers: look at them, change one, import many."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from emplette.domain.cost_centers import CodeTaken, CostCenter, CostCenterNotFound
from emplette.domain.registers import Known, Reference
from emplette.services.registers import Written, read_entry, write_entry
from emplette.services.work import Work
from emplette.storage import cost_centers as storage
from emplette.storage import registers
from emplette.storage.changes import Change
from emplette.storage.cost_centers import COST_CENTERS
from emplette.storage.lists import Slice
from emplette.storage.registers import EntryPage, Filters


async def list_cost_centers(work: Work, piece: Slice) -> EntryPage[CostCenter]:
    """List the cost centers, by id."""
    return await registers.list_entries(work.db, work.tenant.id, COST_CENTERS, Filters(), piece)


async def read_cost_center(work: Work, cost_center_id: int) -> Written[CostCenter]:
    """Look at a cost center.

    Raises:
        CostCenterNotFound: there is none.
    """
    return await read_entry(work, COST_CENTERS, cost_center_id, CostCenterNotFound)


async def change_cost_center(
    work: Work,
    cost_center_id: int,
    revise: Callable[[CostCenter], CostCenter],
    *,
    code: str | None,
    wanted: Sequence[Reference],
) -> Written[CostCenter]:
    """Change what was said of a cost center, and keep the rest; ``code`` is the one that was said, if any.

    Raises:
        CostCenterNotFound: there is none.
        CodeTaken: another one has the code.
        PreconditionFailed: it is not at a version that the caller accepts.
        Invalid: names the owner or the establishments that are not there.
    """

    async def load() -> tuple[Sequence[CostCenter], Known]:
        codes = [] if code is None else [code]
        return await storage.by_codes(work.db, work.tenant.id, codes, [cost_center_id], wanted)

    def decide(found: Sequence[CostCenter], _: Known) -> Change[CostCenter]:
        here = next((center for center in found if center.id == cost_center_id), None)
        if here is None:
            raise CostCenterNotFound
        other = next((center for center in found if center.id != cost_center_id), None)
        if other is not None:
            raise CodeTaken(
                f"{other.name} has the code {other.code}.", kind="cost_center", id=other.id, state=other.state
            )
        return Change(here, replace(revise(here), version=here.version + 1))

    return await write_entry(work, COST_CENTERS, load, decide)
