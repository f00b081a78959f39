"""Settings: what there is to set, and what the company's purchases refer to."""

from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Any, Final

from emplette.domain.cost_centers import CostCenter, CostCenterState
from emplette.domain.errors import Faults
from emplette.domain.natures import Nature, NatureState
from emplette.domain.people import Permission
from emplette.domain.text import fault_of_name
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.pages.declaring import page
from emplette.http.pages.numbers import id_in
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Visit
from emplette.services.cost_centers import change_cost_center, list_cost_centers
from emplette.services.natures import change_nature, create_nature, list_natures
from emplette.services.suppliers import list_suppliers
from emplette.storage.lists import Slice
from emplette.storage.registers import EntryPage

KEEPERS: Final = (Permission.MANAGE, Permission.CONFIGURE)
"""Who keeps at least a part of the settings."""
_MANAGE: Final = (Permission.MANAGE,)
_CONFIGURE: Final = (Permission.CONFIGURE,)
_A_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the settings."""

    name: str
    href: str
    icon: str
    text: str
    needs: tuple[Permission, ...]


_SECTIONS: Final = (
    Section(
        marked("Policy"),
        "/settings/policy",
        "shield",
        marked("Who approves what, and what happens when nobody can."),
        _CONFIGURE,
    ),
    Section(
        marked("Budgets"),
        "/settings/budgets",
        "overview",
        marked("How much may be spent on what, and what is left of it."),
        KEEPERS,
    ),
    Section(
        marked("People"),
        "/settings/people",
        "users",
        marked("Everybody of the company, and to whom they report."),
        _CONFIGURE,
    ),
    Section(
        marked("Absences"),
        "/absences",
        "calendar",
        marked("Who is away, and who decides meanwhile."),
        _CONFIGURE,
    ),
    Section(
        marked("Working days"),
        "/settings/working-days",
        "clock",
        marked("On which days people are reminded, and requests go up."),
        _CONFIGURE,
    ),
    Section(
        marked("Suppliers"),
        "/settings/suppliers",
        "building",
        marked("From whom the company buys."),
        _MANAGE,
    ),
    Section(
        marked("Kinds of expense"),
        "/settings/natures",
        "coin",
        marked("What purchases are for, as the accounts see it."),
        _MANAGE,
    ),
    Section(
        marked("Cost centers"),
        "/settings/cost-centers",
        "wallet",
        marked("Where purchases are charged."),
        _MANAGE,
    ),
    Section(
        marked("Keys"), "/settings/keys", "key", marked("By which programs come in, and what each may do."), _CONFIGURE
    ),
    Section(
        marked("Webhooks"),
        "/settings/webhooks",
        "webhook",
        marked("Programs that are told what happens, and what could not be told."),
        _CONFIGURE,
    ),
    Section(
        marked("Log"), "/settings/log", "history", marked("Everything that happened, and the proof of it."), KEEPERS
    ),
    Section(marked("Set-up"), "/set-up", "check", marked("What a new company needs, step by step."), _CONFIGURE),
)


@page(GET, "/settings", needs=KEEPERS)
async def show_settings(visit: Visit) -> Response:
    """Show what can be set."""
    return visit.show("settings/index.html", sections=[each for each in _SECTIONS if visit.may(*each.needs)])


@page(GET, "/settings/suppliers", needs=_MANAGE)
async def show_suppliers(visit: Visit) -> Response:
    """List the suppliers, or those of a name."""
    found = await list_suppliers(visit.work, _piece(visit), states=[], terms=visit.query["q"])
    return visit.show(
        "settings/suppliers.html", suppliers=found.items, q=visit.query["q"], further=_further(visit, found)
    )


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
        return await _natures(visit, faults=faults.as_dict())
    await create_nature(visit.work, lambda number: Nature(id=number, name=name))
    return visit.go("/settings/natures", said="added")


@page(POST, "/settings/natures/{nature_id}/state", needs=_MANAGE)
async def switch_nature(visit: Visit, nature_id: int) -> Response:
    """Offer a kind of expense to those who ask, or do so no longer."""
    state = NatureState.ENABLED if visit.form["state"] == NatureState.ENABLED else NatureState.DISABLED
    await change_nature(visit.work, nature_id, lambda known: replace(known, state=state), [])
    return visit.go(_back_to("/settings/natures", visit), said="changed")


@page(GET, "/settings/cost-centers", needs=_MANAGE)
async def show_cost_centers(visit: Visit) -> Response:
    """List the cost centers."""
    found = await list_cost_centers(visit.work, _piece(visit))
    return visit.show(
        "settings/cost-centers.html",
        cost_centers=found.items,
        further=_further(visit, found),
        once=token_hex(16),
    )


@page(POST, "/settings/cost-centers/{cost_center_id}/state", needs=_MANAGE)
async def switch_cost_center(visit: Visit, cost_center_id: int) -> Response:
    """Let a cost center be charged, or no longer."""
    state = CostCenterState.ENABLED if visit.form["state"] == CostCenterState.ENABLED else CostCenterState.DISABLED

    def switched(known: CostCenter) -> CostCenter:
        return replace(known, state=state)

    await change_cost_center(visit.work, cost_center_id, switched, code=None, wanted=[])
    return visit.go(_back_to("/settings/cost-centers", visit), said="changed")


async def _natures(visit: Visit, *, faults: dict[str, list[str]] | None = None) -> Response:
    found = await list_natures(visit.work, _piece(visit))
    return visit.show(
        "settings/natures.html",
        natures=found.items,
        further=_further(visit, found),
        faults=faults,
        name=visit.form["name"],
        once=token_hex(16),
    )


def _back_to(place: str, visit: Visit) -> str:
    """Say where the page of a list is from which a form was sent."""
    after = id_in(visit.form["after"])
    return place if after is None else f"{place}?after={after}"


def _piece(visit: Visit) -> Slice:
    """Cut the page of a list that the address names; its first one when it names none."""
    after = id_in(visit.query["after"])
    return Slice(_A_PAGE, after=None if after is None else (after,))


def _further(visit: Visit, found: EntryPage[Any]) -> str:
    """Say by which query the page after one is reached; nothing after the last."""
    return visit.query.but(after=str(found.next[0])) if found.next else ""
