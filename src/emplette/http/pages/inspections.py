"""Having the log verified from a page: asked for, watched while it goes on, and read."""

from typing import Final

from emplette.domain.inspections import Inspection
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.pages.declaring import page
from emplette.http.pages.settings import KEEPERS
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Visit
from emplette.services.feeds import FOLLOWERS
from emplette.services.inspections import ask_inspection, count_sealed, list_inspections

CHECKS: Final = "/settings/log/checks"
_MOST: Final = 20
_LOOKS_AT: Final = {"seals": marked("the chain of seals"), "events": marked("the events")}
"""What is looked at first, and how much of it there is; what comes after is of all kinds."""


@page(GET, CHECKS, needs=FOLLOWERS)
async def show_checks(visit: Visit) -> Response:
    """Show when the log was verified, what was found, and how far the one has come that is under way."""
    found = await list_inspections(visit.work, most=_MOST)
    under_way = found[0] if found and found[0].ended_at is None else None
    return visit.show(
        "settings/log-checks.html",
        under_way=under_way,
        looks_at=_LOOKS_AT.get((under_way.looks_at if under_way else None) or "", marked("what the events tell of")),
        share=await _share(visit, under_way),
        keeps_settings=visit.may(*KEEPERS),
        past=[each for each in found if each.ended_at is not None],
    )


@page(POST, CHECKS, needs=FOLLOWERS)
async def ask_check(visit: Visit) -> Response:
    """Have the log verified; where that is under way, that one counts."""
    await ask_inspection(visit.work)
    return visit.go(CHECKS)


async def _share(visit: Visit, under_way: Inspection | None) -> int | None:
    """Say in hundredths how much of the seals, or of the events, was looked at; of the rest it is not known."""
    if under_way is None or under_way.looks_at not in _LOOKS_AT:
        return None
    return min(100, 100 * under_way.done // max(1, await count_sealed(visit.work)))
