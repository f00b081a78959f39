"""Purchases: one's own, one's team's, all, as the address filters them, and the same as a table."""

from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from urllib.parse import urlencode

from emplette.domain.dossiers import Dossier
from emplette.domain.errors import Invalid
from emplette.domain.people import Permission
from emplette.domain.purchases import PurchaseState
from emplette.http.contract.registry import GET
from emplette.http.contract.replies import Response
from emplette.http.pages.choosing import Choice
from emplette.http.pages.declaring import page
from emplette.http.pages.numbers import id_in
from emplette.http.pages.saving import Rows, saved_in_pieces
from emplette.http.pages.shown import STATES, brief
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Values, Visit
from emplette.http.pages.whole_lists import every
from emplette.services.cost_centers import list_cost_centers
from emplette.services.natures import list_natures
from emplette.services.purchases import list_purchases
from emplette.services.saved_views import list_views
from emplette.storage.lists import Filters, Slice

READERS: Final = (Permission.PURCHASES, Permission.VIEW)
"""Who may look at a list of purchases, and keep views of it."""
_A_PAGE: Final = 25
_A_PIECE: Final = 1000
_LAST: Final = ("9999-12-31T00:00:00+00:00", 2**31 - 1)

_FILTERS: Final = frozenset({"whose", "q", "state", "nature", "cost_center", "supplier"})
_MINE, _TEAM, _ALL_SEEN = marked("Mine"), marked("My team’s"), marked("All that I see")
_EITHER: Final = marked("All states")
_UNDER_WAY: Final = (PurchaseState.CREATED, PurchaseState.PROCESSING, PurchaseState.ONGOING)
_FINISHED: Final = (PurchaseState.CLOSED, PurchaseState.CANCELLED, PurchaseState.DENIED)
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


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The list narrowed by one click: where that leads, and whether it is what is looked at."""

    name: str
    href: str
    here: bool


@page(GET, "/purchases", needs=READERS)
async def show_purchases(visit: Visit) -> Response:
    """List purchases, the newest first, as the address filters them."""
    return await show_list(visit)


@page(GET, "/purchases.csv", needs=READERS)
async def export_purchases(visit: Visit) -> Response:
    """Save the same list as a table: all of it, sent while it is read."""
    return await saved_in_pieces(visit, "purchases", _COLUMNS, _pieces(visit))


async def show_list(visit: Visit, *, faults: dict[str, list[str]] | None = None) -> Response:
    """Show the list as its filters narrow it, and the views that the visitor keeps."""
    filters, kept = filters_of(visit.query), await list_views(visit.work)
    found = await list_purchases(visit.work, _filters(visit), _slice(visit.query))
    natures = await every(partial(list_natures, visit.work))
    centers = await every(partial(list_cost_centers, visit.work))
    return visit.show(
        "purchases/list.html",
        purchases=[brief(each) for each in reversed(found.items)],
        older=_place("before", visit.query, found.prev),
        newer=_place("after", visit.query, found.next) if "before" in visit.query or "after" in visit.query else "",
        whose=_whose(visit),
        standings=_standings(visit),
        states=[Choice(str(state), visit.say(badge.label)) for state, badge in STATES.items()],
        natures=[Choice(str(each.id), each.name) for each in natures],
        cost_centers=[Choice(str(each.id), each.name) for each in centers],
        query=visit.query,
        export=visit.query.but(before="", after=""),
        views=[Narrowed(each.name, list_of(each.filters), here=each.filters == filters) for each in kept],
        filters=urlencode(filters),
        faults=faults,
        is_filtered=any(visit.query[name] for name in ("q", "state", "nature", "cost_center")),
    )


def filters_of(query: Values) -> tuple[tuple[str, str], ...]:
    """Take what narrows the list: the same for the same filters, whatever their order."""
    narrowing = {pair for pair in query.pairs if pair[0] in _FILTERS and pair[1]}
    return tuple(sorted(narrowing - {("whose", "mine")}))


def list_of(filters: tuple[tuple[str, str], ...]) -> str:
    """Write where the list is that filters narrow so."""
    return f"/purchases?{urlencode(filters)}"


async def _pieces(visit: Visit) -> AsyncGenerator[Rows, None]:
    piece: Slice | None = Slice(_A_PIECE)
    while piece is not None:
        found = await list_purchases(visit.work, _filters(visit), piece)
        yield [_cells(visit, each) for each in found.items]
        piece = None if found.next is None else Slice(_A_PIECE, after=found.next)


def _whose(visit: Visit) -> list[Choice]:
    """Offer whose purchases can be looked at."""
    team = [Choice("team", visit.say(_TEAM))] if visit.who.supervised else []
    return [Choice("mine", visit.say(_MINE)), *team, Choice("all", visit.say(_ALL_SEEN))]


def _standings(visit: Visit) -> list[Narrowed]:
    """Offer what is under way and what is finished, each by one click; the other filters stay as they are."""
    kept, chosen = visit.query.but(state="", before="", after=""), set(visit.query.all("state"))
    offered = ((_EITHER, ()), (marked("Under way"), _UNDER_WAY), (marked("Finished"), _FINISHED))
    return [
        Narrowed(
            name,
            "/purchases?" + "&".join(filter(None, [kept, urlencode([("state", str(state)) for state in states])])),
            here=chosen == set(map(str, states)),
        )
        for name, states in offered
    ]


def _filters(visit: Visit) -> Filters:
    query, person = visit.query, visit.who.person or visit.who.user
    states = [PurchaseState(text) for text in query.all("state") if text in set(PurchaseState)]
    values: dict[str, list[PurchaseState] | list[int]] = {"state": states}
    for name, field in (("nature", "natureId"), ("cost_center", "costCenterId"), ("supplier", "supplierId")):
        values[field] = [id_in(text) or 0 for text in query.all(name)]
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
    with suppress(ValueError):
        at, last = datetime.fromisoformat(moment), id_in(number)
        if at.tzinfo is not None and last is not None:
            return at, last
    raise Invalid.field("page", "Is no place in the list.")


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
