"""What a command changes of a purchase and all under it: which tables, and which parts are told of."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any, Final, Literal

import msgspec

from emplette.domain.approvals import Request
from emplette.domain.dossiers import Dossier, commitment_of
from emplette.storage.rows import ApproverRow, DossierRows
from emplette.storage.writing import (
    amendment_row,
    approver_rows,
    commitment_row,
    order_row,
    request_row,
    tax_rows,
)


def beside(before: Dossier, after: Dossier) -> Dossier:
    """Leave out the request that was, where another one comes to stand beside it: nothing of it changes."""
    if before.request is None or after.request is None or before.request.id == after.request.id:
        return before
    return replace(before, request=None)


_BY_THEMSELVES: Final = ("commitment", "request", "order", "amendment")
"""The parts of a purchase that are one row each."""


def changes(tenant: int, before: Dossier, after: Dossier, rows: DossierRows) -> tuple[set[str], list[str]]:
    """Tell which tables change, and which parts of the dossier; ``rows`` are what is written down of it after."""
    parts, changed = {"purchase.update"}, ["purchase"]
    was, now = before.purchase, after.purchase
    if (was.owner.id, was.supplier.id) != (now.owner.id, now.supplier.id):
        parts.add("orders.follow")
    for part in _BY_THEMSELVES:
        there, new = getattr(before, part) is not None, getattr(rows, part)
        if new is None or (there and _is_as_it_was(tenant, part, before, after, rows)):
            continue
        parts.add(f"{part}.{'update' if there and _is_same(part, before, after) else 'insert'}")
        changed.append(part)
    if (statement := _of_taxes(tenant, before, rows, parts)) is not None:
        parts.add(statement)
        changed.append("taxes")
    for more in _more_of_request(tenant, before.request, rows, anew="request.insert" in parts):
        parts.add(f"{more}.insert")
        changed.append(more)
    return parts, changed


def _of_taxes(tenant: int, before: Dossier, rows: DossierRows, parts: Collection[str]) -> str | None:
    """Name the part that writes the taxes of a commitment that is made or changed; None when they stay."""
    if rows.taxes and "commitment.insert" in parts:
        return "taxes.insert"
    if "commitment.update" in parts and rows.taxes != tax_rows(tenant, commitment_of(before)):
        return "taxes.replace"
    return None


def _more_of_request(tenant: int, before: Request | None, rows: DossierRows, *, anew: bool) -> Iterator[str]:
    """List of what a request has more than before, all of it when it is made ``anew``: steps, people, decisions."""
    if len(rows.steps or ()) > (0 if anew else _count(before, "steps")):
        yield "steps"
        yield "approvers"
    elif not anew and _added_approvers(tenant, before, rows):
        yield "approvers"
    if len(rows.decisions or ()) > _count(before, "decisions"):
        yield "decisions"


def _is_same(part: str, before: Dossier, after: Dossier) -> bool:
    """Tell whether a part is the one that was there, and not another one in its place."""
    id_of = attrgetter("request_id" if part == "amendment" else "id")
    return bool(id_of(getattr(before, part)) == id_of(getattr(after, part)))


def _is_as_it_was(tenant: int, part: str, before: Dossier, after: Dossier, rows: DossierRows) -> bool:
    """Tell whether nothing is to be written of a part; what is the same object is not written down twice to see it."""
    old, new = getattr(before, part), getattr(after, part)
    if part == "order":
        # Whose it is and from whom stands in its row, too.
        return order_row(tenant, old, before.purchase) == rows.order
    return old is new or bool(_ROW_OF[part](tenant, old) == getattr(rows, part))


_ROW_OF: Final[Mapping[str, Callable[[int, Any], msgspec.Struct]]] = {
    "commitment": commitment_row,
    "request": request_row,
    "amendment": amendment_row,
}


def added(
    tenant: int, before: Request | None, rows: DossierRows, changed: Sequence[str], *, anew: bool
) -> dict[str, Any]:
    """Say what a request has more than before; one that is made ``anew`` has all its steps and all who are asked."""
    found: dict[str, Any] = {}
    if "decisions" in changed:
        found["decisions"] = (rows.decisions or [])[_count(before, "decisions") :]
    if "steps" in changed and not anew:
        found["steps"] = (rows.steps or [])[_count(before, "steps") :]
    if "approvers" in changed and not anew:
        found["approvers"] = _added_approvers(tenant, before, rows)
    return found


def _count(request: Request | None, what: Literal["steps", "decisions"]) -> int:
    """Count the steps or the decisions of a request, if there is one."""
    return 0 if request is None else len(getattr(request, what))


def _added_approvers(tenant: int, before: Request | None, after: DossierRows) -> list[ApproverRow]:
    """List who is asked now and was not before."""
    known = [] if before is None else approver_rows(tenant, before)
    return [row for row in after.approvers or () if row not in known]
