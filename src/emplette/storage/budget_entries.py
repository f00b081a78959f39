"""What hangs on a budget, as it is listed."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import asyncpg
import msgspec

from emplette.domain.budgets import EntryState
from emplette.domain.people import Visible
from emplette.storage.database import Session
from emplette.storage.lists import Slice
from emplette.storage.visibility import PURCHASES

_FROM: Final = """
FROM budget_entries x JOIN purchases p ON p.tenant_id = $1 AND p.purchase_id = x.purchase_id
WHERE x.tenant_id = $1 AND x.budget_id = $2 AND x.state = ANY ($3::text[])"""
_HELD: Final = """
SELECT e.budget_id, sum(e.held_minor)::bigint AS minor FROM budget_entries e
WHERE e.tenant_id = $1 AND e.commitment_id = $2 AND e.state <> 'Freed' GROUP BY e.budget_id
"""
_SEEN: Final = f" AND {PURCHASES.condition('$4::int[]', 'ANY ($5::int[])')}"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that hangs on a budget: of which request, how much of it, and how much of the budget it holds."""

    request_id: int
    commitment_id: int
    purchase_id: int
    title: str
    state: EntryState
    amount_minor: int
    held_minor: int
    spent_minor: int
    periods: int
    first_date: date
    last_date: date


@dataclass(frozen=True, slots=True)
class EntriesPage:
    """A page of what hangs on a budget."""

    items: tuple[Entry, ...]
    next: tuple[int] | None = None
    prev: tuple[int] | None = None
    count: int | None = None


async def list_entries(
    db: Session, tenant: int, budget_id: int, states: list[EntryState], visible: Visible | None, piece: Slice
) -> EntriesPage:
    """List what hangs on a budget of the purchases that may be seen, by request."""
    arguments: list[Any] = [tenant, budget_id, list(states)]
    source = _FROM
    if visible is not None:
        arguments += [sorted(visible.people), sorted(visible.asked)]
        source += _SEEN
    count = None
    if piece.counted:
        count = int((await db.fetch(f"SELECT count(*) {source}", *arguments))[0][0])
    if piece.limit == 0:
        return EntriesPage((), count=count)
    place, order = piece.after or piece.before, "DESC" if piece.before else "ASC"
    if place is not None:
        arguments.append(place[-1])
        source += f" AND x.request_id {'>' if piece.after else '<'} ${len(arguments)}"
    arguments += [piece.limit + 1, piece.offset]
    rows = await db.fetch(
        f"SELECT x.*, p.title {source} ORDER BY x.request_id {order}"
        f" LIMIT ${len(arguments) - 1} OFFSET ${len(arguments)}",
        *arguments,
    )
    return _page([_entry(row) for row in rows], piece, count)


async def held_by(db: Session, tenant: int, commitment_id: int) -> dict[int, int]:
    """Read how much of which budgets a commitment holds."""
    return {row["budget_id"]: row["minor"] for row in await db.fetch(_HELD, tenant, commitment_id)}


def _page(found: list[Entry], piece: Slice, count: int | None) -> EntriesPage:
    more, backwards = len(found) > piece.limit, piece.before is not None
    items = tuple(found[: piece.limit])
    if backwards:
        items = items[::-1]
    if not items:
        return EntriesPage((), count=count)
    has_prev = more if backwards else (piece.after is not None or piece.offset > 0)
    return EntriesPage(
        items,
        next=(items[-1].request_id,) if backwards or more else None,
        prev=(items[0].request_id,) if has_prev else None,
        count=count,
    )


def _entry(row: "asyncpg.Record") -> Entry:
    return msgspec.convert(dict(row), Entry)
