"""Natures: the kinds of expense, and where the accounts have them."""

from dataclasses import dataclass
from enum import StrEnum

from emplette.domain.errors import NotFound
from emplette.domain.registers import FIRST_VERSION, Reference


class NatureState(StrEnum):
    """A disabled nature stays readable and can't be chosen."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"


class NatureNotFound(NotFound):
    """There is no such nature."""

    code = "nature.not_found"


@dataclass(frozen=True, slots=True)
class AccountingPlan:
    """The account that expenses of a nature are charged to, in one of the company's accounting plans."""

    id: int
    charge_account: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Nature:
    """A kind of expense, as it is kept."""

    id: int
    name: str
    cost_family_id: int | None = None
    state: NatureState = NatureState.ENABLED
    accounting_plans: tuple[AccountingPlan, ...] = ()
    version: int = FIRST_VERSION

    def references(self) -> list[Reference]:
        """What it refers to."""
        return [] if self.cost_family_id is None else [Reference("costFamilyId", "cost_families", self.cost_family_id)]
