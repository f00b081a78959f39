"""Cost centers: where expenses are charged, and who answers for them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from emplette.domain.errors import Conflict, Faults, NotFound
from emplette.domain.registers import FIRST_VERSION, Known, Reference, newly_said, note_missing


class CostCenterState(StrEnum):
    """A disabled cost center stays readable and can't be charged."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"


class CostCenterNotFound(NotFound):
    """There is no such cost center."""

    code = "cost_center.not_found"


class CodeTaken(Conflict):
    """Another cost center has this code."""

    code = "cost_center.code_taken"


class ImportMode(StrEnum):
    """What becomes of an import with a wrong item: nothing at all, or everything else."""

    ALL_OR_NOTHING = "AllOrNothing"
    SKIP_INVALID_ITEMS = "SkipInvalidItems"


@dataclass(frozen=True, slots=True, kw_only=True)
class CostCenter:
    """A cost center, as it is kept."""

    id: int
    name: str
    code: str
    owner_id: int | None = None
    state: CostCenterState = CostCenterState.ENABLED
    establishment_ids: tuple[int, ...] = ()
    version: int = FIRST_VERSION

    def references(self) -> list[Reference]:
        """What it refers to."""
        owner = [] if self.owner_id is None else [Reference("ownerId", "users", self.owner_id)]
        places = [
            Reference(f"establishmentIds[{index}]", "establishments", number)
            for index, number in enumerate(self.establishment_ids)
        ]
        return [*owner, *places]


@dataclass(frozen=True, slots=True)
class Proposal:
    """An item of an import: its code, what it says of the cost center of that code, or what is wrong with it."""

    code: str | None
    onto: Callable[[CostCenter], CostCenter] | None
    references: Sequence[Reference]
    faults: Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of an item: a cost center as it was, None for a new one, and as it shall be; or what is wrong."""

    before: CostCenter | None = None
    after: CostCenter | None = None
    faults: Mapping[str, list[str]] | None = None


def outcomes(
    proposals: Sequence[Proposal], there: Mapping[str, CostCenter], ids: Sequence[int], known: Known, *, today: date
) -> list[Outcome]:
    """Work out what an import does, item by item: a known code is changed, another one is made.

    ``ids`` are those that new cost centers get, one for each proposal. Of two items with one code the second is wrong.
    """
    first: dict[str, int] = {}
    found = []
    for index, (proposal, number) in enumerate(zip(proposals, ids, strict=True)):
        faults = Faults()
        faults.add_all(dict(proposal.faults))
        if proposal.code is not None and first.setdefault(proposal.code, index) != index:
            faults.add("code", f"Is the code of items[{first[proposal.code]}] already.")
        before = there.get(proposal.code or "")
        after = None
        if proposal.onto is None:
            note_missing(proposal.references, known, faults, today=today)
        else:
            after = proposal.onto(before or CostCenter(id=number, name="", code=""))
            note_missing(newly_said(before, after), known, faults, today=today)
        if after is None or faults:
            found.append(Outcome(faults=faults.as_dict()))
        elif before is None or before == after:
            found.append(Outcome(before, after))
        else:
            found.append(Outcome(before, replace(after, version=before.version + 1)))
    return found
