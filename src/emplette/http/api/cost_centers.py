"""Cost centers: list, read, change, import."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from emplette.domain.cost_centers import (
    CodeTaken,
    CostCenter,
    CostCenterNotFound,
    CostCenterState,
    ImportMode,
    Outcome,
)
from emplette.domain.errors import Faults, Invalid
from emplette.domain.people import Permission
from emplette.domain.registers import Known
from emplette.http.api import examples
from emplette.http.api.cost_centers_in import CostCenterChangeIn, CostCenterImportIn
from emplette.http.api.item_problems import ItemProblemOut, item_problem_out
from emplette.http.api.lists import REGISTER_READERS, listed, slice_of
from emplette.http.api.references import ORGANIZATION, NamedOut, UserOut, user_out
from emplette.http.api.replies import reply_with_entry
from emplette.http.contract import GET, POST, PUT, Answer, Call, Listed, PagedQuery, Reply, operation
from emplette.http.contract.places import BASE, href
from emplette.http.contract.receive import MEBIBYTE
from emplette.http.contract.told import ETAG
from emplette.services import cost_centers
from emplette.services.registers import note_missing_references
from emplette.services.work import Work
from emplette.storage.cost_centers import COST_CENTERS


class CostCentersQuery(PagedQuery):
    """Which page of the cost centers."""


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
    tells=(ETAG,),
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
    tells=(ETAG,),
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


class ImportedItemOut(Answer):
    """What became of an item: a cost center, a problem, or neither when nothing was imported because of others."""

    result: OwnCostCenterOut | UnsetType = UNSET
    problem: ItemProblemOut | UnsetType = UNSET


class CostCenterImportOut(Answer):
    """What an import did, item by item in the order of the call."""

    mode: ImportMode
    imported: Annotated[int, Meta(ge=0)]
    failed_validation: Annotated[int, Meta(ge=0)]
    items: list[ImportedItemOut]


@operation(
    POST,
    f"{BASE}/services/imports/costcenters",
    answers={200: CostCenterImportOut},
    needs=Permission.MANAGE,
    tag="Cost centers",
    examples=examples.COST_CENTERS,
    largest_body=20 * MEBIBYTE,
    timed=False,
)
async def import_cost_centers(work: Work, call: Call, centers: CostCenterImportIn) -> Reply[CostCenterImportOut]:
    """Write many cost centers at once: known codes change theirs, others are made.

    With `AllOrNothing` one wrong item keeps out all; with `SkipInvalidItems` only those that are wrong are left out.
    Either way the report says what is wrong with each.
    """
    report = await cost_centers.import_cost_centers(work, centers.mode, centers.proposals())
    items = [_item(item, index, report.known, call) for index, item in enumerate(report.items)]
    body = CostCenterImportOut(
        mode=report.mode,
        imported=sum(item.result is not UNSET for item in items),
        failed_validation=sum(item.problem is not UNSET for item in items),
        items=items,
    )
    return Reply(body, status=report.status, replayed=report.replayed)


def _item(item: Outcome, index: int, known: Known, call: Call) -> ImportedItemOut:
    if item.after is not None:
        return ImportedItemOut(result=cost_center_out(item.after, known, call.base_url))
    if item.faults is None:
        return ImportedItemOut()
    return ImportedItemOut(problem=item_problem_out(Invalid(item.faults), index, call))
