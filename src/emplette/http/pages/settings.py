"""Settings: what the company's purchases refer to, its people, its policy."""

from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Final

from emplette.domain.cost_centers import CostCenter, CostCenterState
from emplette.domain.errors import Faults, Invalid
from emplette.domain.natures import Nature, NatureState
from emplette.domain.people import Permission
from emplette.domain.policy_checks import Finding
from emplette.domain.text import fault_of_name
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.pages.declaring import page
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Visit
from emplette.services.cost_centers import change_cost_center, list_cost_centers
from emplette.services.natures import change_nature, create_nature, list_natures
from emplette.services.people import list_people
from emplette.services.policies import check_policy, load_policy, read_source
from emplette.services.suppliers import list_suppliers
from emplette.storage.lists import Slice

_ANY: Final = (Permission.MANAGE, Permission.CONFIGURE)
_MANAGE: Final = (Permission.MANAGE,)
_CONFIGURE: Final = (Permission.CONFIGURE,)
_ALL: Final = Slice(1000)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the settings."""

    name: str
    href: str
    icon: str
    text: str
    needs: Permission


_SECTIONS: Final = (
    Section(
        marked("Policy"),
        "/settings/policy",
        "shield",
        marked("Who approves what, and what happens when nobody can."),
        Permission.CONFIGURE,
    ),
    Section(
        marked("People"),
        "/settings/people",
        "users",
        marked("Everybody of the company, and to whom they report."),
        Permission.CONFIGURE,
    ),
    Section(
        marked("Suppliers"),
        "/settings/suppliers",
        "building",
        marked("From whom the company buys."),
        Permission.MANAGE,
    ),
    Section(
        marked("Kinds of expense"),
        "/settings/natures",
        "coin",
        marked("What purchases are for, as the accounts see it."),
        Permission.MANAGE,
    ),
    Section(
        marked("Cost centers"),
        "/settings/cost-centers",
        "wallet",
        marked("Where purchases are charged."),
        Permission.MANAGE,
    ),
)


@page(GET, "/settings", needs=_ANY)
async def show_settings(visit: Visit) -> Response:
    """Show what can be set."""
    return visit.show("settings/index.html", sections=[each for each in _SECTIONS if visit.may(each.needs)])


@page(GET, "/settings/people", needs=_CONFIGURE)
async def show_people(visit: Visit) -> Response:
    """List the people of the company."""
    found = await list_people(visit.work, [], _ALL)
    names = {person.id: person.name for person in found.items}
    return visit.show("settings/people.html", people=found.items, names=names)


@page(GET, "/settings/suppliers", needs=_MANAGE)
async def show_suppliers(visit: Visit) -> Response:
    """List the suppliers, or those of a name."""
    found = await list_suppliers(visit.work, _ALL, states=[], terms=visit.query["q"])
    return visit.show("settings/suppliers.html", suppliers=found.items, q=visit.query["q"])


@page(GET, "/settings/natures", needs=_MANAGE)
async def show_natures(visit: Visit) -> Response:
    """List the kinds of expense."""
    return await _natures(visit)


@page(POST, "/settings/natures", needs=_MANAGE)
async def add_nature(visit: Visit) -> Response:
    """Add a kind of expense."""
    name, faults = visit.form["name"], Faults()
    fault = fault_of_name(name)
    if fault:
        faults.add("name", fault)
        return await _natures(visit, status=400, faults=faults.as_dict())
    await create_nature(visit.work, lambda number: Nature(id=number, name=name))
    return visit.go("/settings/natures", said="added")


@page(POST, "/settings/natures/{nature_id}/state", needs=_MANAGE)
async def switch_nature(visit: Visit, nature_id: int) -> Response:
    """Offer a kind of expense to those who ask, or do so no longer."""
    state = NatureState.ENABLED if visit.form["state"] == NatureState.ENABLED else NatureState.DISABLED
    await change_nature(visit.work, nature_id, lambda known: replace(known, state=state), [])
    return visit.go("/settings/natures", said="changed")


@page(GET, "/settings/cost-centers", needs=_MANAGE)
async def show_cost_centers(visit: Visit) -> Response:
    """List the cost centers."""
    found = await list_cost_centers(visit.work, _ALL)
    return visit.show("settings/cost-centers.html", cost_centers=found.items, once=token_hex(16))


@page(POST, "/settings/cost-centers/{cost_center_id}/state", needs=_MANAGE)
async def switch_cost_center(visit: Visit, cost_center_id: int) -> Response:
    """Let a cost center be charged, or no longer."""
    state = CostCenterState.ENABLED if visit.form["state"] == CostCenterState.ENABLED else CostCenterState.DISABLED

    def switched(known: CostCenter) -> CostCenter:
        return replace(known, state=state)

    await change_cost_center(visit.work, cost_center_id, switched, code=None, wanted=[])
    return visit.go("/settings/cost-centers", said="changed")


@page(GET, "/settings/policy", needs=_CONFIGURE)
async def show_policy(visit: Visit) -> Response:
    """Show the policy in force, to be changed."""
    there = await read_source(visit.work.db, visit.tenant.id)
    return _policy(visit, source="" if there is None else there[1], version=0 if there is None else there[0])


@page(POST, "/settings/policy/check", needs=_CONFIGURE)
async def check_written_policy(visit: Visit) -> Response:
    """Tell what is wrong with a policy, and what is odd, before it counts."""
    return await _checked(visit)


@page(POST, "/settings/policy", needs=_CONFIGURE)
async def put_policy_in_force(visit: Visit) -> Response:
    """Put a policy in force, for what is asked from now on."""
    work = visit.work
    try:
        source = visit.form.exactly("source")
        await load_policy(work.db, work.tenant, source=source, now=work.now, actor=work.who.user.id)
    except Invalid:
        return await _checked(visit, status=400)
    work.shelf.policies.forget(work.tenant.id)
    return visit.go("/settings/policy", said="changed")


async def _natures(visit: Visit, *, status: int = 200, faults: dict[str, list[str]] | None = None) -> Response:
    found = await list_natures(visit.work, _ALL)
    return visit.show(
        "settings/natures.html",
        status=status,
        natures=found.items,
        faults=faults or {},
        name=visit.form["name"],
        once=token_hex(16),
    )


async def _checked(visit: Visit, *, status: int = 200) -> Response:
    source = visit.form.exactly("source")
    try:
        _, findings = await check_policy(visit.work.db, visit.tenant, source=source, now=visit.work.now)
    except Invalid as invalid:
        findings = [Finding(path, message, is_error=True) for path, said in invalid.faults.items() for message in said]
    there = await read_source(visit.work.db, visit.tenant.id)
    return _policy(visit, source=source, version=0 if there is None else there[0], findings=findings, status=status)


def _policy(
    visit: Visit, *, source: str, version: int, findings: list[Finding] | None = None, status: int = 200
) -> Response:
    return visit.show(
        "settings/policy.html", status=status, source=source, version=version, findings=findings, once=token_hex(16)
    )
