"""What a budget takes over that is made later: what is asked for or approved already and falls into it.

Said in one transaction with the budget, after the company's row is locked: whoever charges budgets holds that row for
sharing, so nobody is in the middle of it, and who comes after knows the budget.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import asyncpg
import msgspec

from emplette.domain.budgets import Budget, Claim, EntryState, Numbers, Place
from emplette.domain.commitments import Terms
from emplette.domain.money import TaxedAmount
from emplette.storage import events
from emplette.storage.budgets import NUMBERS
from emplette.storage.commands import Author
from emplette.storage.database import Session, Together
from emplette.storage.reading import amount_of, terms_of
from emplette.storage.rows import ContentRow
from emplette.storage.single_rows import one_row

PIECE: Final = 1_000
"""So many commitments are taken over by one statement and told of by one event, however many there are."""

# What is approved hangs as what the last amendment that was approved asked for, as it does where a budget was there.
_CHARGED: Final = f"""
SELECT coalesce((
        SELECT n.request_id FROM amendments m JOIN {one_row("n", "requests", "request_id", "m.request_id")}
        WHERE m.tenant_id = $1 AND m.purchase_id = c.purchase_id AND m.commitment_id = c.commitment_id
            AND n.state = 'Approved'
        ORDER BY n.modified_at DESC, n.request_id DESC LIMIT 1), c.request_id) AS request_id, c.commitment_id,
    c.purchase_id, c.state, p.cost_center_id, p.nature_id, p.department_id, p.establishment_id, p.axis_section_ids,
    to_jsonb(c) || jsonb_build_object('taxes', coalesce((
        SELECT jsonb_agg(t) FROM commitment_taxes t
        WHERE t.tenant_id = $1 AND t.commitment_id = c.commitment_id), '[]')) AS said,
    c.amendment_id, a.proposed, (
        SELECT max(s.decided_on) FROM subscription_acts s
        WHERE s.tenant_id = $1 AND s.commitment_id = c.commitment_id AND s.kind = 'Stop') AS stopped_on
FROM commitments c
JOIN {one_row("p", "purchases", "purchase_id", "c.purchase_id")}
LEFT JOIN {one_row("a", "amendments", "request_id", "c.amendment_id")}
WHERE c.tenant_id = $1 AND c.commitment_id > $3 AND p.state <> 'Closed' AND c.state IN ('UnderReview', 'Provisioned')
    AND EXISTS (
        SELECT FROM jsonb_to_recordset($2::jsonb) AS s (
            first_day date, last_day date, cost_center_id int, nature_ids int[], department_ids int[],
            establishment_id int, axis_section_id int)
        WHERE (c.amendment_id IS NOT NULL
               OR coalesce(c.cost_date, c.start_date) <= s.last_day
                  AND coalesce(c.cost_date, 'infinity') >= s.first_day)
          AND (s.cost_center_id IS NULL OR p.cost_center_id = s.cost_center_id)
          AND (s.nature_ids IS NULL OR p.nature_id = ANY (s.nature_ids))
          AND (s.department_ids IS NULL OR p.department_id = ANY (s.department_ids))
          AND (s.establishment_id IS NULL OR p.establishment_id = s.establishment_id)
          AND (s.axis_section_id IS NULL OR s.axis_section_id = ANY (p.axis_section_ids)))
ORDER BY c.commitment_id LIMIT $4
"""
_EVENT: Final = events.event(
    "budget.taken_over",
    source="taken",
    object_id="budget_id",
    facts="jsonb_build_object('budget_entries', entries)",
    parameters={"tenant": "$1", "at": "$3", "actor": "$4::int"},
)
_TAKE: Final = f"""
WITH entry AS (
    INSERT INTO budget_entries (tenant_id, budget_id, request_id, commitment_id, purchase_id, state, amount_minor,
                                held_minor, periods, first_date, last_date)
    SELECT $1, x.budget_id, x.request_id, x.commitment_id, x.purchase_id, x.state, x.amount_minor, x.amount_minor,
           x.periods, x.first_date, x.last_date
    FROM jsonb_to_recordset($2::jsonb) AS x(
        budget_id int, request_id int, commitment_id int, purchase_id int, state text, amount_minor bigint,
        periods int, first_date date, last_date date)
    RETURNING *
),
taken AS (
    SELECT budget_id, jsonb_agg(to_jsonb(entry) ORDER BY request_id) AS entries,
           coalesce(sum(held_minor) FILTER (WHERE state = 'Reserved'), 0) AS reserved,
           coalesce(sum(held_minor) FILTER (WHERE state = 'Committed'), 0) AS committed
    FROM entry GROUP BY budget_id
),
charged AS (
    UPDATE budgets b SET
        reserved_minor = b.reserved_minor + taken.reserved,
        committed_minor = b.committed_minor + taken.committed,
        overrun_minor = greatest(0, b.reserved_minor + b.committed_minor + b.spent_minor
                                    + taken.reserved + taken.committed - b.amount_minor)
    FROM taken WHERE b.tenant_id = $1 AND b.budget_id = taken.budget_id
    RETURNING b.budget_id, {NUMBERS.format(budget="b")} AS numbers
),
{_EVENT}
SELECT budget_id, numbers FROM charged
"""
_TAKEN: Final = """
SELECT coalesce(sum(x.held_minor) FILTER (WHERE x.state = 'Reserved'), 0)::bigint AS reserved,
       coalesce(sum(x.held_minor) FILTER (WHERE x.state = 'Committed'), 0)::bigint AS committed
FROM events e CROSS JOIN jsonb_to_recordset(e.facts->'budget_entries') AS x(state text, held_minor bigint)
WHERE e.tenant_id = $1 AND e.object_type = 'budget' AND e.object_id = $2 AND e.type = 'budget.taken_over'
    AND e.purchase_id IS NULL AND e.version IS NULL
"""
_STATES: Final = {"UnderReview": EntryState.RESERVED, "Provisioned": EntryState.COMMITTED}
_encode = msgspec.json.Encoder().encode
_decode_numbers = msgspec.json.Decoder(Numbers).decode
_decode_content = msgspec.json.Decoder(ContentRow).decode


@dataclass(frozen=True, slots=True)
class Said:
    """What a commitment costs and when, as a request asks for it; the amount is of one period, as budgets count it."""

    request_id: int
    state: EntryState
    terms: Terms
    amount: TaxedAmount


@dataclass(frozen=True, slots=True)
class Standing:
    """What is asked for or approved already, and where it is charged.

    ``proposed`` is what it shall say instead, by an amendment that waits; ``stopped_on`` is the day on which somebody
    stopped a subscription.
    """

    commitment_id: int
    purchase_id: int
    place: Place
    said: Said
    proposed: Said | None = None
    stopped_on: date | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What of it falls into a budget, as one of its requests asks for it."""

    standing: Standing
    said: Said
    claim: Claim


@dataclass(frozen=True, slots=True)
class Scope:
    """What a budget may be about: days and places; whatever is None may be anything."""

    first_day: date
    last_day: date
    cost_center_id: int | None
    nature_ids: Sequence[int] | None
    department_ids: Sequence[int] | None
    establishment_id: int | None
    axis_section_id: int | None


async def charged(db: Together, tenant: int, scopes: Sequence[Scope], *, after: int) -> list[Standing]:
    """Read the next piece of what is asked for or approved and may cost something there: behind a commitment."""
    rows = await db.write(_CHARGED, tenant, _encode(scopes).decode(), after, PIECE)
    return await asyncio.to_thread(lambda: [_standing(row) for row in rows])


async def take(db: Together, tenant: int, taken: Sequence[Taken], author: Author) -> dict[int, Numbers]:
    """Hang on new budgets what falls into them, at worst with an overrun; answer the numbers of those."""
    if not taken:
        return {}
    items = _encode([_item(one) for one in taken]).decode()
    rows = await db.write(_TAKE, tenant, items, author.at, author.who.user.id)
    return {row["budget_id"]: _decode_numbers(row["numbers"]) for row in rows}


async def numbers_at_first(db: Session, tenant: int, budget: Budget) -> Numbers:
    """Tell the numbers that a budget had when it was made, with what it took over then."""
    (row,) = await db.fetch(_TAKEN, tenant, budget.id)
    return Numbers(0, row["reserved"], row["committed"]).of(budget.initial_minor)


def _standing(row: "asyncpg.Record") -> Standing:
    amendment_id = row["amendment_id"]
    return Standing(
        row["commitment_id"],
        row["purchase_id"],
        Place(
            row["cost_center_id"],
            row["nature_id"],
            row["department_id"],
            row["establishment_id"],
            frozenset(row["axis_section_ids"]),
        ),
        _said(row["request_id"], _STATES[row["state"]], row["said"]),
        None if amendment_id is None else _said(amendment_id, EntryState.RESERVED, row["proposed"]),
        row["stopped_on"],
    )


def _said(request_id: int, state: EntryState, text: str) -> Said:
    row = _decode_content(text)
    return Said(request_id, state, terms_of(row), amount_of(row, row.taxes).counter)


def _item(taken: Taken) -> dict[str, Any]:
    standing, said, claim = taken.standing, taken.said, taken.claim
    return {
        "budget_id": claim.budget_id,
        "request_id": said.request_id,
        "commitment_id": standing.commitment_id,
        "purchase_id": standing.purchase_id,
        "state": said.state,
        "amount_minor": claim.amount_minor,
        "periods": claim.periods,
        "first_date": claim.first_date,
        "last_date": claim.last_date,
    }
