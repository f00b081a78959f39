"""What people do with cost centers: look at them, change one, import many."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from emplette.domain.cost_centers import (
    CodeTaken,
    CostCenter,
    CostCenterNotFound,
    ImportMode,
    Outcome,
    Proposal,
    outcomes,
)
from emplette.domain.errors import Unavailable
from emplette.domain.registers import Known, Reference
from emplette.services.registers import ATTEMPTS, BUSY, Written, kept_before, read_entry, write_entry
from emplette.services.work import Work
from emplette.storage import changes, registers
from emplette.storage import cost_centers as storage
from emplette.storage.changes import Answer, Change
from emplette.storage.cost_centers import COST_CENTERS
from emplette.storage.lists import Slice
from emplette.storage.registers import EntryPage, Filters

_REPORT: Final = "cost_center.import"


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did: of each item the cost center, what is wrong with it, or neither."""

    mode: ImportMode
    items: Sequence[Outcome]
    known: Known
    status: int
    replayed: bool = False


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


async def import_cost_centers(work: Work, mode: ImportMode, proposals: Sequence[Proposal]) -> Report:
    """Change the cost centers whose codes are known, make the others; with a wrong item as the mode says.

    Raises:
        KeyReused: the idempotency key was used for another request.
    """
    codes = [proposal.code for proposal in proposals if proposal.code is not None]
    wanted = [reference for proposal in proposals for reference in proposal.references]
    ids: Sequence[int] = ()
    for _ in range(ATTEMPTS):
        there, known = await storage.by_codes(work.db, work.tenant.id, codes, wanted=wanted)
        known_codes = {center.code for center in there}
        needed = sum(proposal.code not in known_codes for proposal in proposals)
        if len(ids) < needed:
            ids = await work.shelf.ids.several(work.db, work.tenant.id, "cost_center", needed)
        found = _outcomes(proposals, there, ids, known, work)
        good = [item for item in found if item.after is not None]
        if not good or (mode is ImportMode.ALL_OR_NOTHING and len(good) < len(found)):
            return await _done_before(work, mode) or Report(mode, [_only_faults(item) for item in found], known, 200)
        written = [Change(item.before, item.after) for item in good if item.after and item.before != item.after]
        answer = Answer(_REPORT, report=_kept(found))
        if await changes.write(
            work.db, work.tenant.id, COST_CENTERS, written, author=work.author, key=work.key, answer=answer
        ):
            return Report(mode, found, known, work.status)
        done = await _done_before(work, mode)
        if done is not None:
            return done
    raise Unavailable(BUSY)


def _outcomes(
    proposals: Sequence[Proposal], there: Sequence[CostCenter], ids: Sequence[int], known: Known, work: Work
) -> list[Outcome]:
    """Give an id to each proposal of an unknown code; those of known codes need none."""
    by_code = {center.code: center for center in there}
    free = iter(ids)
    given = [0 if proposal.code in by_code else next(free) for proposal in proposals]
    return outcomes(proposals, by_code, given, known, today=work.today)


def _only_faults(item: Outcome) -> Outcome:
    return Outcome(faults=item.faults)


def _kept(found: Sequence[Outcome]) -> list[dict[str, Any]]:
    return [{"faults": item.faults} if item.after is None else {"entry": item.after} for item in found]


async def _done_before(work: Work, mode: ImportMode) -> Report | None:
    """Find the report of the same import, made before under the same key."""
    kept = await kept_before(work, COST_CENTERS)
    if kept is None or kept.report is None:
        return None
    items = [Outcome(None, item.get("entry"), item.get("faults")) for item in kept.report]
    wanted = [reference for item in items if item.after for reference in item.after.references()]
    known = await registers.names_of(work.db, work.tenant.id, COST_CENTERS, wanted)
    return Report(mode, items, known, kept.status, replayed=True)
