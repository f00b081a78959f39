"""Cost centers: where expenses are charged, and who answers for them."""

from dataclasses import dataclass
from enum import StrEnum

from emplette.domain.errors import Conflict, NotFound
from emplette.domain.registers import FIRST_VERSION, Reference


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
