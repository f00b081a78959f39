"""Sealing what happened: positions without gaps, given after the commits, and a hash over all that came before.

Whoever seals locks the head of the company's chain and only then, in a statement of its own, looks at what waits. That
statement sees every commit until then, so of one object the earlier event is always there before the later one. What
commits later waits for the next time: it gets a higher position, whenever its event was numbered.
"""

from collections.abc import Sequence
from typing import Final

import asyncpg

from emplette.domain.seals import Head, Seal, chained
from emplette.storage.database import Session, Together

# The canonical form of an event, over which seals are made: lines of text, as docs/verifying.md lists them. None of the
# values holds a line break: JSON escapes it, and no name or id of a call has one. Two rows have the same form only if
# they are the same, also where somebody has taken constraints away: null is an empty line in any column, or what stands
# in one line could be shifted into another; an empty id and a year before Christ, which no event of ours has, are told.
FORM: Final = """convert_to(array_to_string(ARRAY['emplette event 1', e.tenant_id::text, ({epoch})::text,
    e.event_id::text, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        || CASE WHEN e.at < '0001-01-01Z' THEN ' BC' ELSE '' END, e.type, e.object_type, e.object_id::text,
    e.purchase_id::text, e.version::text, e.actor_id::text, e.api_key_id::text,
    CASE e.call_id WHEN '' THEN '""' ELSE e.call_id END, encode(e.texts_hash, 'hex'), e.facts::text],
    E'\\n', ''), 'UTF8')"""

_WAITING: Final = """
WITH RECURSIVE waiting AS (
    (SELECT tenant_id FROM unsealed ORDER BY tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT u.tenant_id FROM unsealed u WHERE u.tenant_id > w.tenant_id ORDER BY u.tenant_id LIMIT 1)
    FROM waiting w WHERE w.tenant_id IS NOT NULL
)
SELECT tenant_id FROM waiting WHERE tenant_id IS NOT NULL
"""
_BEGIN: Final = "INSERT INTO chains (tenant_id) VALUES ($1) ON CONFLICT DO NOTHING"
_LOCK: Final = "SELECT epoch, position, hash FROM chains WHERE tenant_id = $1 FOR UPDATE SKIP LOCKED"
_TAKE: Final = f"""
SELECT e.event_id, {FORM.format(epoch="$2::bigint")} AS form
FROM (SELECT tenant_id, event_id FROM unsealed WHERE tenant_id = $1 ORDER BY event_id LIMIT $3) u
JOIN events e ON e.tenant_id = $1 AND e.event_id = u.event_id
ORDER BY e.event_id
"""
_SEAL: Final = """
WITH seal AS (
    INSERT INTO sealed (tenant_id, position, epoch, event_id, hash)
    SELECT $1, $2::bigint + s.n, $3, s.event_id, s.hash
    FROM unnest($4::bigint[], $5::bytea[]) WITH ORDINALITY AS s (event_id, hash, n)
),
taken AS (DELETE FROM unsealed WHERE tenant_id = $1 AND event_id = ANY ($4::bigint[]))
UPDATE chains SET position = $2::bigint + cardinality($4::bigint[]), hash = $6 WHERE tenant_id = $1
"""
_HEAD: Final = """
SELECT c.epoch, c.position, c.hash,
    ARRAY(SELECT e.epoch FROM epochs e WHERE e.tenant_id = $1 ORDER BY e.epoch) AS epochs,
    ARRAY(SELECT e.begins_after FROM epochs e WHERE e.tenant_id = $1 ORDER BY e.epoch) AS begins_after
FROM chains c WHERE c.tenant_id = $1
"""
_PIECE: Final = f"""
SELECT s.position, s.event_id, s.hash, {FORM.format(epoch="s.epoch")} AS form, e.event_id IS NULL AS is_gone
FROM sealed s LEFT JOIN events e ON e.tenant_id = $1 AND e.event_id = s.event_id
WHERE s.tenant_id = $1 AND s.position > $2
ORDER BY s.position LIMIT $3
"""


async def waiting(db: Session) -> list[int]:
    """List the companies that have something to be sealed."""
    return [row["tenant_id"] for row in await db.fetch(_WAITING)]


async def seal(db: Session, tenant: int, most: int) -> int:
    """Seal what waits, the oldest and not more; answer how much: nothing while somebody else is sealing."""
    taken: Sequence[asyncpg.Record] = ()

    async def say(together: Together) -> bool:
        nonlocal taken
        heads = await together.write(_LOCK, tenant)
        if not heads:
            await together.write(_BEGIN, tenant)
            heads = await together.write(_LOCK, tenant)
        if not heads:
            return False
        (head,) = heads
        taken = await together.write(_TAKE, tenant, head["epoch"], most)
        if not taken:
            return False
        hashes = []
        last: bytes = head["hash"]
        for row in taken:
            last = chained(last, row["form"])
            hashes.append(last)
        events = [row["event_id"] for row in taken]
        await together.write(_SEAL, tenant, head["position"], head["epoch"], events, hashes, last)
        return True

    return len(taken) if await db.together(say) else 0


async def head(db: Session, tenant: int) -> Head:
    """Find how far the company's log has come."""
    row = await db.fetchrow(_HEAD, tenant)
    if row is None:
        return Head()
    begins_after = dict(zip(row["epochs"], row["begins_after"], strict=True))
    return Head(row["epoch"], row["position"], row["hash"], begins_after)


async def piece(db: Session, tenant: int, *, after: int, most: int) -> list[Seal]:
    """Read the seals behind a position, each with the canonical form of its event as it is now."""
    rows = await db.fetch(_PIECE, tenant, after, most)
    return [
        Seal(row["position"], row["event_id"], row["hash"], None if row["is_gone"] else row["form"]) for row in rows
    ]
