"""Natures: list, read, create, change."""

from dataclasses import replace
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from emplette.domain.errors import Faults
from emplette.domain.natures import AccountingPlan, Nature, NatureNotFound, NatureState
from emplette.domain.people import Permission
from emplette.domain.registers import Known, Reference
from emplette.http.api import examples
from emplette.http.api.lists import REGISTER_READERS, listed, slice_of
from emplette.http.api.readable import readable
from emplette.http.api.replies import reply_with_entry
from emplette.http.contract import (
    GET,
    POST,
    PUT,
    Answer,
    Body,
    Id,
    Listed,
    Name,
    PagedQuery,
    Reply,
    ShortText,
    operation,
)
from emplette.http.contract.places import BASE, href
from emplette.http.contract.told import ETAG, LOCATION
from emplette.services import natures
from emplette.services.registers import note_missing_references
from emplette.services.work import Work
from emplette.storage.natures import NATURES

_MOST_PLANS = 100


class NaturesQuery(PagedQuery):
    """Which page of the natures."""


class AccountingPlanIn(Body):
    """The account that a nature is charged to in one accounting plan."""

    id: Id
    charge_account: ShortText | None = None


_Plans = Annotated[list[AccountingPlanIn], Meta(max_length=_MOST_PLANS)]


class NatureIn(Body):
    """A new nature; enabled unless it says otherwise."""

    name: Name
    cost_family_id: Id | None = None
    state: NatureState = NatureState.ENABLED
    accounting_plans: _Plans = []

    def check(self, faults: Faults) -> None:
        """Find an accounting plan that is named twice."""
        _note_doubles(readable(self.accounting_plans), faults)

    def nature(self, number: int) -> Nature:
        """Take what was sent."""
        return Nature(
            id=number,
            name=self.name,
            cost_family_id=self.cost_family_id,
            state=self.state,
            accounting_plans=_plans(self.accounting_plans),
        )


class NatureChangeIn(Body):
    """What shall be different: what is absent is kept, null clears; a name and a state can't be cleared."""

    name: Name | UnsetType = UNSET
    cost_family_id: Id | UnsetType | None = UNSET
    state: NatureState | UnsetType = UNSET
    accounting_plans: _Plans | UnsetType | None = UNSET

    def check(self, faults: Faults) -> None:
        """Find an accounting plan that is named twice."""
        if self.accounting_plans is not UNSET:
            _note_doubles(readable(self.accounting_plans), faults)

    def onto(self, nature: Nature) -> Nature:
        """Say it of the nature as it is."""
        if self.name is not UNSET:
            nature = replace(nature, name=self.name)
        if self.cost_family_id is not UNSET:
            nature = replace(nature, cost_family_id=self.cost_family_id)
        if self.state is not UNSET:
            nature = replace(nature, state=self.state)
        if self.accounting_plans is not UNSET:
            nature = replace(nature, accounting_plans=_plans(self.accounting_plans or []))
        return nature


class CostFamilyOut(Answer):
    """The cost family of a nature."""

    id: int
    name: str


class AccountingPlanOut(Answer):
    """The account that a nature is charged to in one accounting plan."""

    id: int
    charge_account: str | None


class NatureOut(Answer):
    """A kind of expense."""

    id: int
    href: str
    name: str
    cost_family_id: int | None
    cost_family: CostFamilyOut | None
    state: NatureState
    accounting_plans: list[AccountingPlanOut]
    version: int


@operation(
    GET,
    f"{BASE}/api/natures",
    answers={200: Listed[NatureOut]},
    needs=REGISTER_READERS,
    tag="Natures",
    links={"read_nature": {"nature_id": "items.0.id"}},
)
async def list_natures(work: Work, query: NaturesQuery) -> Listed[NatureOut]:
    """List the natures, by id."""
    page = await natures.list_natures(work, slice_of(query))
    return listed(query, page, [nature_out(nature, page.known) for nature in page.items])


@operation(
    GET,
    f"{BASE}/api/natures/{{nature_id}}",
    answers={200: NatureOut},
    tells=(ETAG,),
    needs=REGISTER_READERS,
    tag="Natures",
    problems=(NatureNotFound,),
)
async def read_nature(work: Work, nature_id: int) -> Reply[NatureOut]:
    """Read a nature."""
    done = await natures.read_nature(work, nature_id)
    return reply_with_entry(nature_out(done.entry, done.known), done)


async def faults_of_nature(
    work: Work, nature: NatureIn | NatureChangeIn | None, faults: Faults, nature_id: int | None = None
) -> None:
    """Find what is missing among the things that a nature with faults refers to."""
    del nature_id
    await note_missing_references(work, NATURES, _references(nature), faults)


@operation(
    POST,
    f"{BASE}/api/natures",
    answers={201: NatureOut},
    tells=(ETAG, LOCATION),
    needs=Permission.MANAGE,
    tag="Natures",
    examples=examples.NATURE,
    also=faults_of_nature,
    links={"read_nature": {"nature_id": "id"}, "change_nature": {"nature_id": "id"}},
)
async def create_nature(work: Work, nature: NatureIn) -> Reply[NatureOut]:
    """Write down a kind of expense."""
    done = await natures.create_nature(work, nature.nature)
    return reply_with_entry(nature_out(done.entry, done.known), done, location=href("nature", done.entry.id))


@operation(
    PUT,
    f"{BASE}/api/natures/{{nature_id}}",
    answers={200: NatureOut},
    tells=(ETAG,),
    needs=Permission.MANAGE,
    tag="Natures",
    problems=(NatureNotFound,),
    examples=examples.NATURE,
    also=faults_of_nature,
    ours=True,
)
async def change_nature(work: Work, nature_id: int, nature: NatureChangeIn) -> Reply[NatureOut]:
    """Change what is said of a nature: what is absent is kept, null clears."""
    done = await natures.change_nature(work, nature_id, nature.onto, _references(nature))
    return reply_with_entry(nature_out(done.entry, done.known), done)


def nature_out(nature: Nature, known: Known) -> NatureOut:
    """Tell a nature."""
    family = None if nature.cost_family_id is None else known.word("cost_families", nature.cost_family_id)
    return NatureOut(
        id=nature.id,
        href=href("nature", nature.id),
        name=nature.name,
        cost_family_id=nature.cost_family_id,
        cost_family=None if family is None else CostFamilyOut(id=family.id, name=family.name),
        state=nature.state,
        accounting_plans=[
            AccountingPlanOut(id=plan.id, charge_account=plan.charge_account) for plan in nature.accounting_plans
        ],
        version=nature.version,
    )


def _references(nature: NatureIn | NatureChangeIn | None) -> list[Reference]:
    if nature is None or not isinstance(nature.cost_family_id, int):
        return []
    return [Reference("costFamilyId", "cost_families", nature.cost_family_id)]


def _plans(plans: list[AccountingPlanIn]) -> tuple[AccountingPlan, ...]:
    return tuple(AccountingPlan(plan.id, plan.charge_account) for plan in plans)


def _note_doubles(plans: list[AccountingPlanIn] | None, faults: Faults) -> None:
    seen: set[int] = set()
    for index, plan in enumerate(plans or ()):
        if plan.id in seen:
            faults.add(f"accountingPlans[{index}].id", f"Names the accounting plan {plan.id} a second time.")
        seen.add(plan.id)
