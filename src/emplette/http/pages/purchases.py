"""Purchases: one's own, one's team's, all; and one of them with what was done and what can be done next."""

from datetime import datetime
from secrets import token_hex
from typing import Final

from emplette.domain.currencies import CURRENCIES
from emplette.domain.dossiers import Dossier, actions, amounts
from emplette.domain.errors import Invalid
from emplette.domain.people import Permission
from emplette.domain.purchases import PurchaseAction, PurchaseState
from emplette.domain.suppliers import SupplierState
from emplette.formats.tables import write_table
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import EVERYWHERE, Response
from emplette.http.pages.ask import Choice
from emplette.http.pages.declaring import page
from emplette.http.pages.money_bars import money_bar
from emplette.http.pages.shown import STATES, brief, lines_of
from emplette.http.pages.steps import steps_of
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Values, Visit
from emplette.services.approvals import cancel_request, submit_commitment
from emplette.services.cost_centers import list_cost_centers
from emplette.services.natures import list_natures
from emplette.services.purchases import close_purchase, list_purchases, list_supplier, read_history, read_purchase
from emplette.services.suppliers import list_suppliers
from emplette.storage.lists import Filters, Slice

_READERS: Final = (Permission.PURCHASES, Permission.VIEW)
_SEERS: Final = (*_READERS, Permission.APPROVE)
_A_PAGE: Final = 25
_ALL: Final = Slice(1000)
_MOST_ROWS: Final = 10_000
_MOST_HISTORY: Final = 100
_LAST: Final = ("9999-12-31T00:00:00+00:00", 2**31 - 1)

DEEDS: Final = {
    "purchase.created": marked("wrote down what is needed"),
    "purchase.revised": marked("changed what is needed"),
    "purchase.supplier_listed": marked("named a listed supplier"),
    "purchase.closed": marked("closed the purchase"),
    "commitment.created": marked("said what it costs"),
    "commitment.revised": marked("changed what it costs"),
    "request.created": marked("asked for approval"),
    "request.step_approved": marked("approved; others are asked as well"),
    "request.step_objected": marked("was against it; others are asked as well"),
    "request.reassigned": marked("had somebody else asked"),
    "request.approver_replaced": marked("had somebody asked in the place of who decides no more"),
    "request.begun_anew": marked("changed it; everybody is asked anew"),
    "request.approved": marked("approved"),
    "request.denied": marked("denied"),
    "request.cancelled": marked("withdrew it"),
    "order.created": marked("made the order"),
    "order.amended": marked("changed the order, as was approved"),
    "order.closed": marked("closed the order"),
    "order.cancelled": marked("cancelled the order"),
    "purchase.texts_erased": marked("erased personal words"),
}
"""What people did to a purchase and all under it, by the type of the event."""

_MINE, _TEAM, _ALL_SEEN = marked("Mine"), marked("My team’s"), marked("All that I see")
_COLUMNS: Final = (
    marked("Number"),
    marked("Title"),
    marked("State"),
    marked("Supplier"),
    marked("Asked by"),
    marked("Kind of expense"),
    marked("Cost center"),
    marked("Amount before tax"),
    marked("Currency"),
    marked("Asked on"),
)


@page(GET, "/purchases", needs=_READERS)
async def show_purchases(visit: Visit) -> Response:
    """List purchases, the newest first, as the address filters them."""
    filters = _filters(visit)
    found = await list_purchases(visit.work, filters, _slice(visit.query))
    natures = (await list_natures(visit.work, _ALL)).items
    centers = (await list_cost_centers(visit.work, _ALL)).items
    return visit.show(
        "purchases/list.html",
        purchases=[brief(each) for each in reversed(found.items)],
        older=_place("before", visit.query, found.prev),
        newer=_place("after", visit.query, found.next) if "before" in visit.query or "after" in visit.query else "",
        whose=_whose(visit),
        states=[Choice(str(state), visit.say(badge.label)) for state, badge in STATES.items()],
        natures=[Choice(str(each.id), each.name) for each in natures],
        cost_centers=[Choice(str(each.id), each.name) for each in centers],
        query=visit.query,
        export=visit.query.but(before="", after=""),
        is_filtered=any(visit.query[name] for name in ("q", "state", "nature", "cost_center")),
    )


@page(GET, "/purchases.csv", needs=_READERS)
async def export_purchases(visit: Visit) -> Response:
    """Save the same list as a table."""
    rows: list[list[str]] = []
    piece: Slice | None = Slice(1000)
    while piece is not None and len(rows) < _MOST_ROWS:
        found = await list_purchases(visit.work, _filters(visit), piece)
        rows += [_cells(visit, each) for each in found.items]
        piece = None if found.next is None else Slice(1000, after=found.next)
    written = "".join(write_table([visit.say(name) for name in _COLUMNS], rows)).encode()
    headers = [
        *EVERYWHERE,
        (b"content-type", b"text/csv; charset=utf-8"),
        (b"content-disposition", b'attachment; filename="purchases.csv"'),
        (b"cache-control", b"no-store"),
    ]
    return Response(200, written, headers)


@page(GET, "/purchases/{purchase_id}", needs=_SEERS)
async def show_purchase(visit: Visit, purchase_id: int) -> Response:
    """Show a purchase: where it stands, what can be done next, its money, who did what."""
    return await _show(visit, await read_purchase(visit.work, purchase_id))


@page(POST, "/purchases/{purchase_id}/request", needs=(Permission.PURCHASES,))
async def ask_for_approval(visit: Visit, purchase_id: int) -> Response:
    """Ask for approval of a draft."""
    dossier = await read_purchase(visit.work, purchase_id)
    if dossier.commitment is None:
        return visit.go(f"/ask?draft={purchase_id}")
    done = await submit_commitment(visit.work, dossier.commitment.id)
    return visit.go(f"/purchases/{purchase_id}", said="asked" if done.dossier.order is None else "asked-approved")


@page(POST, "/purchases/{purchase_id}/withdrawal", needs=(Permission.PURCHASES,))
async def withdraw(visit: Visit, purchase_id: int) -> Response:
    """Take the request back, and the order with it."""
    dossier = await read_purchase(visit.work, purchase_id)
    if dossier.request is not None:
        await cancel_request(visit.work, dossier.request.id, comment=visit.form["comment"] or None)
    return visit.go(f"/purchases/{purchase_id}", said="withdrawn")


@page(POST, "/purchases/{purchase_id}/closing", needs=(Permission.PURCHASES,))
async def close(visit: Visit, purchase_id: int) -> Response:
    """Close the purchase."""
    await close_purchase(visit.work, purchase_id, on=None, comment=visit.form["comment"] or None)
    return visit.go(f"/purchases/{purchase_id}", said="closed")


@page(POST, "/purchases/{purchase_id}/supplier", needs=(Permission.MANAGE,))
async def name_supplier(visit: Visit, purchase_id: int) -> Response:
    """Put a listed supplier in the place of the one that was only written down."""
    chosen = visit.form["supplier"]
    if not (chosen.isascii() and chosen.isdecimal()):
        raise Invalid.field("supplier", "Choose one of the list.")
    await list_supplier(visit.work, purchase_id, int(chosen))
    return visit.go(f"/purchases/{purchase_id}", said="changed")


async def _show(visit: Visit, dossier: Dossier) -> Response:
    purchase, commitment, request = dossier.purchase, dossier.commitment, dossier.request
    mine = visit.who.reaches(Permission.PURCHASES, purchase.people)
    possible = set(actions(dossier)) if mine else set()
    place = purchase.establishment
    reference = CURRENCIES[visit.tenant.currency if place is None else place.currency]
    suppliers: list[Choice] = []
    if PurchaseAction.LIST_SUPPLIER in actions(dossier) and visit.may(Permission.MANAGE):
        listed = await list_suppliers(visit.work, _ALL, states=[SupplierState.ACTIVE], terms="")
        suppliers = [Choice(str(each.id), each.name) for each in listed.items]
    return visit.show(
        "purchases/purchase.html",
        one=brief(dossier),
        purchase=purchase,
        commitment=commitment,
        request=request,
        amended_by=None if dossier.pending_amendment is None else dossier.pending_amendment.request_id,
        order=dossier.order,
        steps=[] if request is None else steps_of(request),
        lines=[] if commitment is None else lines_of(commitment),
        bar=money_bar(amounts(dossier, reference)),
        can={str(action) for action in possible},
        may_ask=visit.may(Permission.PURCHASES),
        suppliers=suppliers,
        history=await read_history(visit.work, dossier, most=_MOST_HISTORY),
        deeds=DEEDS,
        once=token_hex(16),
    )


def _whose(visit: Visit) -> list[Choice]:
    """Offer whose purchases can be looked at."""
    team = [Choice("team", visit.say(_TEAM))] if visit.who.supervised else []
    return [Choice("mine", visit.say(_MINE)), *team, Choice("all", visit.say(_ALL_SEEN))]


def _filters(visit: Visit) -> Filters:
    query, person = visit.query, visit.who.person or visit.who.user
    states = [PurchaseState(text) for text in query.all("state") if text in set(PurchaseState)]
    values: dict[str, list[PurchaseState] | list[int]] = {"state": states}
    for name, field in (("nature", "natureId"), ("cost_center", "costCenterId"), ("supplier", "supplierId")):
        values[field] = [int(text) for text in query.all(name) if text.isascii() and text.isdecimal()]
    if query["whose"] == "team":
        values["ownerId"] = sorted(visit.who.supervised) or [0]
    elif query["whose"] != "all":
        values["ownerId"] = [person.id]
    return Filters(dict(values), terms=query["q"])


def _slice(query: Values) -> Slice:
    """Cut the piece of the list that the address names; the end of it, where the newest are, when it names none."""
    if "after" in query:
        return Slice(_A_PAGE, after=_keys(query["after"]))
    return Slice(_A_PAGE, before=_keys(query["before"] or "~".join(map(str, _LAST))))


def _keys(text: str) -> tuple[datetime, int]:
    moment, _, number = text.partition("~")
    try:
        return datetime.fromisoformat(moment), int(number)
    except ValueError:
        raise Invalid.field("page", "Is no place in the list.") from None


def _place(word: str, query: Values, keys: tuple[datetime, int] | None) -> str:
    if keys is None:
        return ""
    changed = {"before": "", "after": "", word: f"{keys[0].isoformat()}~{keys[1]}"}
    return f"/purchases?{query.but(**changed)}"


def _cells(visit: Visit, dossier: Dossier) -> list[str]:
    one, amount = brief(dossier), None if dossier.commitment is None else dossier.commitment.total.base.excluding
    return [
        str(one.id),
        one.title,
        visit.say(one.badge.label),
        one.supplier,
        one.owner,
        one.nature,
        one.cost_center,
        "" if amount is None else f"{amount.decimal:f}",
        "" if amount is None else amount.currency.code,
        one.created_at.astimezone(visit.look.zone).date().isoformat(),
    ]
