"""Cost centers: list, read, change."""

from dataclasses import replace
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from emplette.domain.cost_centers import CodeTaken, CostCenter, CostCenterNotFound, CostCenterState
from emplette.domain.errors import Faults
from emplette.domain.people import Permission
from emplette.domain.registers import Known, Reference
from emplette.http.api import examples
from emplette.http.api.lists import REGISTER_READERS, listed, slice_of
from emplette.http.api.readable import readable
from emplette.http.api.references import ORGANIZATION, NamedOut, UserOut, user_out
from emplette.http.api.replies import reply_with_entry
from emplette.http.contract import GET, PUT, Answer, Body, Call, Code, Id, Listed, Name, PagedQuery, Reply, operation
from emplette.http.contract.places import BASE, href
from emplette.services import cost_centers
from emplette.services.registers import note_missing_references
from emplette.services.work import Work
from emplette.storage.cost_centers import COST_CENTERS

MOST_ESTABLISHMENTS = 1_000


class CostCentersQuery(PagedQuery):
    """Which page of the cost centers."""


class CostCenterOwnerIn(Body):
    """Who answers for a cost center, by id."""

    id: Id


class CostCenterChangeIn(Body):
    """What shall be different: what is absent is kept, null clears; a name, a code and a state can't be cleared."""

    name: Name | UnsetType = UNSET
    code: Code | UnsetType = UNSET
    owner_id: Id | UnsetType | None = UNSET
    owner: CostCenterOwnerIn | UnsetType | None = UNSET
    state: CostCenterState | UnsetType = UNSET
    establishment_ids: Annotated[list[Id], Meta(max_length=MOST_ESTABLISHMENTS)] | UnsetType | None = UNSET

    def check(self, faults: Faults) -> None:
        """Find two owners."""
        if self.owner_id is UNSET or self.owner is UNSET or faults.covers("owner") or faults.covers("ownerId"):
            return
        if self.owner_id != (None if self.owner is None else self.owner.id):
            faults.add("ownerId", "Must be the same as owner.id, or one of them be left out.")

    @property
    def said_owner(self) -> int | UnsetType | None:
        """The owner in either of its forms."""
        if self.owner_id is not UNSET:
            return self.owner_id
        return self.owner.id if isinstance(self.owner, CostCenterOwnerIn) else self.owner

    def onto(self, center: CostCenter) -> CostCenter:
        """Say it of the cost center as it is."""
        if self.name is not UNSET:
            center = replace(center, name=self.name)
        if self.code is not UNSET:
            center = replace(center, code=self.code)
        if self.state is not UNSET:
            center = replace(center, state=self.state)
        if self.said_owner is not UNSET:
            center = replace(center, owner_id=self.said_owner)
        if self.establishment_ids is not UNSET:
            center = replace(center, establishment_ids=tuple(dict.fromkeys(self.establishment_ids or ())))
        return center

    def references(self) -> list[Reference]:
        """What was said to refer to, as far as it could be read."""
        owner, places = self.said_owner, readable(self.establishment_ids)
        found = [Reference("ownerId", "users", owner)] if isinstance(owner, int) else []
        return found + [
            Reference(f"establishmentIds[{index}]", "establishments", number)
            for index, number in enumerate(places if isinstance(places, list) else [])
        ]


class OwnCostCenterOut(Answer):
    """A cost center."""

    id: int
    href: str
    name: str
    code: str
    owner_id: int | None
    owner: UserOut | None
    state: CostCenterState
    establishments: list[NamedOut]
    version: int


@operation(
    GET,
    f"{BASE}/api/costcenters",
    answers={200: Listed[OwnCostCenterOut]},
    needs=REGISTER_READERS,
    tag="Cost centers",
    links={
        "read_cost_center": {"cost_center_id": "items.0.id"},
        "change_cost_center": {"cost_center_id": "items.0.id"},
    },
)
async def list_cost_centers(work: Work, call: Call, query: CostCentersQuery) -> Listed[OwnCostCenterOut]:
    """List the cost centers, by id."""
    page = await cost_centers.list_cost_centers(work, slice_of(query))
    return listed(query, page, [cost_center_out(center, page.known, call.base_url) for center in page.items])


@operation(
    GET,
    f"{BASE}/api/costcenters/{{cost_center_id}}",
    answers={200: OwnCostCenterOut},
    needs=REGISTER_READERS,
    tag="Cost centers",
    problems=(CostCenterNotFound,),
)
async def read_cost_center(work: Work, call: Call, cost_center_id: int) -> Reply[OwnCostCenterOut]:
    """Read a cost center."""
    done = await cost_centers.read_cost_center(work, cost_center_id)
    return reply_with_entry(cost_center_out(done.entry, done.known, call.base_url), done)


async def faults_of_cost_center(
    work: Work, center: CostCenterChangeIn | None, faults: Faults, cost_center_id: int
) -> None:
    """Find what is missing among the things that a cost center with faults refers to."""
    del cost_center_id
    await note_missing_references(work, COST_CENTERS, [] if center is None else center.references(), faults)


@operation(
    PUT,
    f"{BASE}/api/costcenters/{{cost_center_id}}",
    answers={200: OwnCostCenterOut},
    needs=Permission.MANAGE,
    tag="Cost centers",
    problems=(CostCenterNotFound, CodeTaken),
    examples=examples.COST_CENTER,
    also=faults_of_cost_center,
)
async def change_cost_center(
    work: Work, call: Call, cost_center_id: int, center: CostCenterChangeIn
) -> Reply[OwnCostCenterOut]:
    """Change what is said of a cost center: what is absent is kept, null clears."""
    done = await cost_centers.change_cost_center(
        work,
        cost_center_id,
        center.onto,
        code=None if center.code is UNSET else center.code,
        wanted=center.references(),
    )
    return reply_with_entry(cost_center_out(done.entry, done.known, call.base_url), done)


def cost_center_out(center: CostCenter, known: Known, base_url: str) -> OwnCostCenterOut:
    """Tell a cost center."""
    places = [known.word("establishments", number) for number in center.establishment_ids]
    return OwnCostCenterOut(
        id=center.id,
        href=href("cost_center", center.id),
        name=center.name,
        code=center.code,
        owner_id=center.owner_id,
        owner=None if center.owner_id is None else user_out(known.users[center.owner_id], base_url),
        state=center.state,
        establishments=[
            NamedOut(id=place.id, name=place.name, href=f"{ORGANIZATION}/establishments/{place.id}") for place in places
        ],
        version=center.version,
    )
