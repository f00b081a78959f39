"""What is sent and answered: natures; written by scripts/write_client.py, never by hand."""

from collections.abc import Sequence
from typing import Literal, Required, TypeAlias, TypedDict

from emplette.client.wire import ABSENT, Answer, Versioned

NatureState: TypeAlias = Literal["Disabled", "Enabled"]
"""A disabled nature stays readable and can't be chosen."""


class CostFamily(Answer, frozen=True, kw_only=True, rename="camel"):
    """The cost family of a nature."""

    id: int = ABSENT
    name: str = ABSENT


class AccountingPlan(Answer, frozen=True, kw_only=True, rename="camel"):
    """The account that a nature is charged to in one accounting plan."""

    id: int = ABSENT
    charge_account: str | None = None


class Nature(Versioned, frozen=True, kw_only=True, rename="camel"):
    """A kind of expense."""

    id: int = ABSENT
    href: str = ABSENT
    name: str = ABSENT
    cost_family_id: int | None = None
    cost_family: CostFamily | None = None
    state: NatureState | str = ABSENT
    accounting_plans: list[AccountingPlan] = ABSENT
    version: int = ABSENT


class AccountingPlanInput(TypedDict, total=False):
    """The account that a nature is charged to in one accounting plan."""

    id: Required[int]
    charge_account: str | None


class NatureInput(TypedDict, total=False):
    """A new nature; enabled unless it says otherwise."""

    name: Required[str]
    cost_family_id: int | None
    state: NatureState | None
    accounting_plans: Sequence[AccountingPlanInput] | None


class NatureChangeInput(TypedDict, total=False):
    """What shall be different: what is absent is kept, null clears; a name and a state can't be cleared."""

    name: str
    cost_family_id: int | None
    state: NatureState
    accounting_plans: Sequence[AccountingPlanInput] | None
