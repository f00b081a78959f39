"""Budgets from a table: a file that spreadsheets wrote, checked whole, then written whole."""

import asyncio
import re
from typing import Final

from emplette.domain.errors import Invalid
from emplette.domain.people import Permission
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.contract.statuses import OK, REFUSED
from emplette.http.pages.budgets import BUDGETS
from emplette.http.pages.declaring import page
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Visit
from emplette.services.budget_imports import bring_budgets
from emplette.services.plans import Plan, Source

_CONFIGURE: Final = (Permission.CONFIGURE,)
_LARGEST: Final = 8 * 1024 * 1024
_PLACE: Final = re.compile(r"line (\d+)(?:, column (.+))?")
_SHOWN: Final = 50
"""So many places of a file are named in which something is wrong."""


@page(GET, f"{BUDGETS}/import", needs=_CONFIGURE)
async def show_budget_import(visit: Visit) -> Response:
    """Say what a table of budgets has to look like, and take one."""
    return _show(visit)


@page(POST, f"{BUDGETS}/import/check", needs=_CONFIGURE, upload=True)
async def check_budget_table(visit: Visit) -> Response:
    """Say what a table would do, and what is wrong with it; nothing is written."""
    return await _bring(visit, dry_run=True)


@page(POST, f"{BUDGETS}/import", needs=_CONFIGURE, upload=True, timed=False)
async def import_budget_table(visit: Visit) -> Response:
    """Make the budgets of a table, all of them or none."""
    return await _bring(visit, dry_run=False)


async def _bring(visit: Visit, *, dry_run: bool) -> Response:
    upload = visit.upload
    if upload is None:
        raise Invalid.field("file", "Is missing.")
    if upload.size > _LARGEST:
        return _show(visit, faults={"file": ["Must be at most 8 MB."]})
    content = await asyncio.to_thread(upload.path.read_bytes)
    plan = await bring_budgets(visit.work, Source(upload.name, content), dry_run=dry_run)
    if plan.faults or dry_run:
        return _show(visit, plan=plan, name=upload.name)
    return visit.go(BUDGETS, said="imported" if plan.made else "imported-nothing")


def _place(visit: Visit, place: str) -> str:
    """Name a place of a file as people do."""
    found = _PLACE.fullmatch(place)
    if found is None:
        return place
    line, column = found.groups()
    if column is None:
        return visit.say(marked("line %(line)s"), line=line)
    return visit.say(marked("line %(line)s, column %(column)s"), line=line, column=column)


def _show(
    visit: Visit, *, plan: Plan | None = None, name: str = "", faults: dict[str, list[str]] | None = None
) -> Response:
    faulty = {} if plan is None else plan.faults
    wrong = [(_place(visit, place), text) for place, texts in faulty.items() for text in texts]
    return visit.show(
        "settings/budget-import.html",
        status=REFUSED if wrong or faults else OK,
        plan=plan,
        name=name,
        wrong=wrong[:_SHOWN],
        more=max(0, len(wrong) - _SHOWN),
        faults=faults,
    )
