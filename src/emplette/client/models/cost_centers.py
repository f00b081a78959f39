"""What is sent and answered: cost_centers; written by scripts/write_client.py, never by hand."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Required, TypeAlias, TypedDict

from emplette.client.models.shared import ItemProblem, Reference, UserReference
from emplette.client.wire import ABSENT, Answer, Versioned

CostCenterState: TypeAlias = Literal["Disabled", "Enabled"]
"""A disabled cost center stays readable and can't be charged."""

ImportMode: TypeAlias = Literal["AllOrNothing", "SkipInvalidItems"]
"""What becomes of an import with a wrong item: nothing at all, or everything else."""


class CostCenter(Versioned, frozen=True, kw_only=True, rename="camel"):
    """A cost center."""

    id: int = ABSENT
    href: str = ABSENT
    name: str = ABSENT
    code: str = ABSENT
    owner_id: int | None = None
    owner: UserReference | None = None
    state: CostCenterState | str = ABSENT
    establishments: list[Reference] = ABSENT
    version: int = ABSENT


class ImportedItem(Answer, frozen=True, kw_only=True, rename="camel"):
    """What became of an item: a cost center, a problem, or neither when nothing was imported because of others."""

    result: CostCenter | None = None
    problem: ItemProblem | None = None


class CostCenterImport(Answer, frozen=True, kw_only=True, rename="camel"):
    """What an import did, item by item in the order of the call."""

    mode: ImportMode | str = ABSENT
    imported: int = ABSENT
    failed_validation: int = ABSENT
    items: list[ImportedItem] = ABSENT


class CostCenterOwnerInput(TypedDict, total=False):
    """Who answers for a cost center, by id."""

    id: Required[int]


class CostCenterChangeInput(TypedDict, total=False):
    """What shall be different: what is absent is kept, null clears; a name, a code and a state can't be cleared."""

    name: str
    code: str
    owner_id: int | None
    owner: CostCenterOwnerInput | None
    state: CostCenterState
    establishment_ids: Sequence[int] | None


class CostCenterImportInput(TypedDict, total=False):
    """Cost centers to be written, and what becomes of them when one is wrong."""

    items: Required[Sequence[Mapping[str, Any]]]
    """The cost centers; one that is wrong is a problem of its own in the report."""
    mode: ImportMode | None
