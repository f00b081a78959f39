"""What hangs on a budget, as it is listed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import asyncpg
import msgspec

from emplette.domain.budgets import EntryState
from emplette.domain.outlooks import HeldShare
from emplette.domain.people import Visible
from emplette.storage.budgets import NUMBERS
from emplette.storage.database import Session
from emplette.storage.lists import Slice
from emplette.storage.single_rows import one_row
from emplette.storage.visibility import PURCHASES

_FROM: Final = f"""
FROM budget_entries x JOIN {one_row("p", "purchases", "purchase_id", "x.purchase_id")}
WHERE x.tenant_id = $1 AND x.budget_id = $2 AND x.state = ANY ($3::text[])"""
_HELD: Final = """
SELECT (SELECT jsonb_object_agg(h.budget_id, h.minor) FROM (
            SELECT e.budget_id, sum(e.held_minor) AS minor FROM budget_entries e
            WHERE e.tenant_id = $1 AND e.commitment_id = $2 AND e.state <> 'Freed' GROUP BY e.budget_id) AS h) AS held,
       (SELECT max(s.decided_on) FROM subscription_acts s
        WHERE s.tenant_id = $1 AND s.commitment_id = $2 AND s.kind = 'Stop') AS stopped_on
"""
_SHARES: Final = f"""
SELECT (SELECT jsonb_agg(to_jsonb(e) || jsonb_build_object('budget',
            to_jsonb(b) || jsonb_build_object('id', b.budget_id, 'numbers', {NUMBERS.format(budget="b")}))
            ORDER BY e.budget_id, e.request_id)
        FROM budget_entries e JOIN budgets b ON b.tenant_id = $1 AND b.budget_id = e.budget_id
        WHERE e.tenant_id = $1 AND e.commitment_id = $2 AND e.state <> 'Freed') AS shares,
       (SELECT max(s.decided_on) FROM subscription_acts s
        WHERE s.tenant_id = $1 AND s.commitment_id = $2 AND s.kind = 'Stop') AS stopped_on
"""
_SEEN: Final = f" AND {PURCHASES.condition('$4::int[]', 'ANY ($5::int[])', '$6::int[]')}"
_decode_shares = msgspec.json.Decoder(list[HeldShare]).decode
_decode_held = msgspec.json.Decoder(dict[int, int], strict=False).decode


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
    """A page of what hangs on a budget; where it is counted, how many of it there are and how much of it they hold."""

    items: tuple[Entry, ...]
    next: tuple[int] | None = None
    prev: tuple[int] | None = None
    count: int | None = None
    held_minor: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """How much of which budgets a commitment holds, and on which day it was stopped: a subscription, if it was."""

    by_budget: Mapping[int, int]
    stopped_on: date | None = None


async def list_entries(
    db: Session, tenant: int, budget_id: int, states: list[EntryState], visible: Visible | None, piece: Slice
) -> EntriesPage:
    """List what hangs on a budget of the purchases that may be seen, by request."""
    arguments: list[Any] = [tenant, budget_id, list(states)]
    source = _FROM
    if visible is not None:
        arguments += [sorted(visible.people), sorted(visible.asked), sorted(visible.cost_centers)]
        source += _SEEN
    count, held = None, 0
    if piece.counted:
        (whole,) = await db.fetch(f"SELECT count(*), coalesce(sum(x.held_minor), 0) {source}", *arguments)
        count, held = int(whole[0]), int(whole[1])
    if piece.limit == 0:
        return EntriesPage((), count=count, held_minor=held)
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
    page = _page([_entry(row) for row in rows], piece)
    return replace(page, count=count, held_minor=held)


async def held_by(db: Session, tenant: int, commitment_id: int) -> Held:
    """Read how much of which budgets a commitment holds."""
    (row,) = await db.fetch(_HELD, tenant, commitment_id)
    return Held({} if row["held"] is None else _decode_held(row["held"]), row["stopped_on"])


async def shares_of(db: Session, tenant: int, commitment_id: int) -> tuple[list[HeldShare], date | None]:
    """Read what of a commitment hangs on which budgets, with their numbers; and on which day it was stopped."""
    (row,) = await db.fetch(_SHARES, tenant, commitment_id)
    return [] if row["shares"] is None else _decode_shares(row["shares"]), row["stopped_on"]


def _page(found: list[Entry], piece: Slice) -> EntriesPage:
    more, backwards = len(found) > piece.limit, piece.before is not None
    items = tuple(found[: piece.limit])
    if backwards:
        items = items[::-1]
    if not items:
        return EntriesPage(())
    has_prev = more if backwards else (piece.after is not None or piece.offset > 0)
    return EntriesPage(
        items,
        next=(items[-1].request_id,) if backwards or more else None,
        prev=(items[0].request_id,) if has_prev else None,
    )


def _entry(row: "asyncpg.Record") -> Entry:
    return msgspec.convert(dict(row), Entry)
