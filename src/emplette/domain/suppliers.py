"""Suppliers: those in the company's list, and those a buyer only writes down on a purchase."""

from dataclasses import dataclass
from enum import StrEnum


class SupplierState(StrEnum):
    """An archived supplier stays readable and can't be bought from."""

    ACTIVE = "Active"
    ARCHIVED = "Archived"


@dataclass(frozen=True, slots=True)
class Supplier:
    """The supplier of a purchase: a listed one has an ``id``, a draft stands on its purchase only."""

    id: int | None
    name: str
    territory_id: str
    state: SupplierState = SupplierState.ACTIVE

    @property
    def is_draft(self) -> bool:
        """Tell whether the supplier is only written down on the purchase."""
        return self.id is None
