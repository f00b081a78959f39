"""What waits for somebody's decision."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from emplette.domain.absences import StandIn
from emplette.domain.dossiers import Dossier
from emplette.storage.database import Session
from emplette.storage.dossiers import AROUND_REQUEST, COLUMNS, read

# What waits is looked through one by one, and for each the rest is looked up by its ids. Were they joined, PostgreSQL
# could take a company for as small as it was when its tables were looked at last, and compare all with all.
_PENDING: Final = (
    "SELECT r.request_id AS id, r.created_at FROM requests r WHERE r.tenant_id = $1 AND r.state = 'Pending'"
)
# In the place of those who are away, as far as it is for them to decide: each by whom the deputy represents, through
# which other deputy, for which cost center and up to which amount. Nobody does so twice, nor for what is their own, nor
# beside what they are asked themselves, then or further on where other people are wanted.
_STANDING_IN: Final = f"""
    {_PENDING} AND cardinality($3::int[]) > 0 AND (SELECT EXISTS (
        SELECT FROM unnest($3::int[], $4::int[], $5::int[], $6::bigint[], $7::text[])
            AS f (absent_id, via_id, cost_center_id, most_minor, most_currency)
        JOIN request_approvers a
            ON a.tenant_id = $1 AND a.request_id = r.request_id AND a.step = r.step AND a.user_id = f.absent_id
        JOIN request_steps s ON s.tenant_id = $1 AND s.request_id = r.request_id AND s.step = r.step
        JOIN purchases p ON p.tenant_id = $1 AND p.purchase_id = r.purchase_id
        JOIN commitments c ON c.tenant_id = $1 AND c.commitment_id = r.commitment_id
        LEFT JOIN amendments m ON m.tenant_id = $1 AND m.request_id = r.request_id
        WHERE (f.cost_center_id IS NULL OR p.cost_center_id = f.cost_center_id)
          AND (f.most_minor IS NULL OR f.most_currency = coalesce(m.proposed->>'counter_currency', c.counter_currency)
            AND f.most_minor >= coalesce(
                (m.proposed->>'counter_excluding_minor')::bigint * (m.proposed->>'periods_count')::int,
                c.counter_excluding_minor * c.periods_count))
          AND NOT f.absent_id = ANY (r.requester_ids) AND NOT coalesce(f.via_id = ANY (r.requester_ids), false)
          AND (s.own_too OR NOT $2 = ANY (r.requester_ids))
          AND NOT EXISTS (
            SELECT FROM request_approvers b
            WHERE b.tenant_id = $1 AND b.request_id = r.request_id AND b.step = r.step
              AND (b.user_id = $2 OR b.in_place_of = f.absent_id))
          AND NOT EXISTS (
            SELECT FROM request_approvers b JOIN request_steps t
                ON t.tenant_id = $1 AND t.request_id = r.request_id AND t.step = b.step AND t.distinct_people
            WHERE b.tenant_id = $1 AND b.request_id = r.request_id AND b.step > r.step AND b.user_id = $2)
          AND NOT EXISTS (
            SELECT FROM request_decisions d
            WHERE d.tenant_id = $1 AND d.request_id = r.request_id AND d.content_hash = r.content_hash
              AND (d.user_id = $2 OR d.step = r.step AND f.absent_id IN (d.user_id, d.in_place_of)))))"""
# Asked in the step that is being asked, about what is to be approved now, and not heard yet.
_WAITING: Final = f"""
    {_PENDING} AND (SELECT EXISTS (
        SELECT FROM request_approvers a
        WHERE a.tenant_id = $1 AND a.request_id = r.request_id AND a.step = r.step AND a.user_id = $2
          AND NOT EXISTS (
            SELECT FROM request_decisions d
            WHERE d.tenant_id = $1 AND d.request_id = r.request_id AND d.step = r.step
              AND d.content_hash = r.content_hash AND $2 IN (d.user_id, d.in_place_of))
          AND NOT EXISTS (
            SELECT FROM request_approvers b
            WHERE b.tenant_id = $1 AND b.request_id = r.request_id AND b.step = r.step AND b.in_place_of = $2
              AND b.position > a.position)))"""
THE_FIRST: Final = (datetime.min.replace(tzinfo=UTC), 0)
"""What stands before every request."""
_EITHER: Final = f"{_WAITING} UNION {_STANDING_IN}"
WAITING_IDS: Final = f"SELECT DISTINCT id, created_at FROM ({_EITHER}) AS waiting ORDER BY created_at, id"
HOW_MANY_WAIT: Final = f"SELECT count(DISTINCT id) FROM ({_EITHER}) AS waiting"
_LIST: Final = f"""
    WITH page AS MATERIALIZED (
        SELECT DISTINCT id, created_at FROM ({_EITHER}) AS waiting
        WHERE (created_at, id) > ($9::timestamptz, $10::int) ORDER BY created_at, id LIMIT $8
    )
    SELECT {COLUMNS} FROM page
    JOIN requests r ON r.tenant_id = $1 AND r.request_id = page.id {AROUND_REQUEST}
    ORDER BY page.created_at, page.id"""


async def count_waiting(db: Session, tenant: int, person_id: int, *, places: Sequence[StandIn] = ()) -> int:
    """Count the requests that a person can decide now, also in the place of those who are away."""
    row = await db.fetchrow(HOW_MANY_WAIT, tenant, person_id, *_columns(places))
    return 0 if row is None else int(row[0])


async def waiting_ids(db: Session, tenant: int, person_id: int, *, places: Sequence[StandIn] = ()) -> list[int]:
    """List the requests that a person can decide now, by their ids, the oldest first."""
    return [row["id"] for row in await db.fetch(WAITING_IDS, tenant, person_id, *_columns(places))]


async def waiting(
    db: Session,
    tenant: int,
    person_id: int,
    *,
    limit: int,
    places: Sequence[StandIn] = (),
    after: tuple[datetime, int] = THE_FIRST,
) -> tuple[Dossier, ...]:
    """List the requests that a person can decide now, the oldest first, behind the one of that moment and id."""
    rows = await db.fetch(_LIST, tenant, person_id, *_columns(places), limit, *after)
    return tuple(found for found in map(read, rows) if found is not None)


def _columns(
    places: Sequence[StandIn],
) -> tuple[list[int], list[int | None], list[int | None], list[int | None], list[str | None]]:
    return (
        [place.absent_id for place in places],
        [place.via for place in places],
        [place.cost_center_id for place in places],
        [None if place.most is None else place.most.minor for place in places],
        [None if place.most is None else place.most.currency.code for place in places],
    )
