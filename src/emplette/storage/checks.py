"""What the log is held against: its events and texts row by row, and the rows that the events tell of.

Both sides of a comparison come from one statement: what changes meanwhile is on both of them, or on none.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, Final

import asyncpg
import msgspec

from emplette.storage.database import Session
from emplette.storage.rebuilding import (
    UNREADABLE,
    Row,
    Rows,
    decode,
    merged,
    name_of,
    read_told,
    rows_of_purchase,
    told_of_purchase,
)
from emplette.storage.registers import Register
from emplette.storage.single_rows import one_row
from emplette.storage.texts import hash_of_texts

# Each is looked up by itself. As EXISTS the planner would rather read all seals, and all purchases, for each page; and
# texts that are joined are read from the first one on.
_EVENTS: Final = f"""
SELECT e.event_id, e.texts_hash, t.salt, t.texts, t.erased_by, (
        SELECT r.facts->'erasure'->'texts'->>(e.event_id::text) FROM events r
        WHERE r.tenant_id = $1 AND r.event_id = t.erased_by LIMIT 1) AS erased_hash,
    (SELECT true FROM sealed s WHERE s.tenant_id = $1 AND s.event_id = e.event_id LIMIT 1) IS NOT NULL AS is_sealed,
    (SELECT true FROM unsealed u WHERE u.tenant_id = $1 AND u.event_id = e.event_id LIMIT 1) IS NOT NULL AS is_waiting,
    CASE WHEN (SELECT true FROM purchases p WHERE p.tenant_id = $1 AND p.purchase_id = e.purchase_id LIMIT 1) IS NULL
        THEN e.purchase_id END AS lost_purchase_id
FROM events e LEFT JOIN {one_row("t", "event_texts", "event_id", "e.event_id")}
WHERE e.tenant_id = $1 AND e.event_id > $2 ORDER BY e.event_id LIMIT $3
"""
_LOST: Final = """
SELECT u.event_id FROM unsealed u WHERE u.tenant_id = $1 AND NOT EXISTS (
    SELECT FROM events e WHERE e.tenant_id = $1 AND e.event_id = u.event_id) ORDER BY 1 LIMIT $2
"""
TOLD: Final = """jsonb_agg(jsonb_build_object(
        'facts', e.facts, 'texts', x.texts, 'is_lost', e.texts_hash IS NOT NULL AND x.texts IS NULL,
        'at', e.at, 'type', e.type, 'actor_id', e.actor_id) ORDER BY {order})"""
"""What several events tell, as `rebuilding.read_told` reads it, from the aliases e and x of them and their texts."""
TEXTS: Final = "LEFT JOIN event_texts x ON x.tenant_id = $1 AND x.event_id = e.event_id"

_UNDER: Final = (
    """(SELECT jsonb_agg(to_jsonb(c)) FROM {table} c WHERE c.tenant_id = $1 AND c.purchase_id = p.purchase_id)"""
)
_UNDER_COMMITMENTS: Final = """(
        SELECT jsonb_agg(to_jsonb(t)) FROM commitments c JOIN {table} t ON t.tenant_id = $1
        AND t.commitment_id = c.commitment_id WHERE c.tenant_id = $1 AND c.purchase_id = p.purchase_id)"""
_UNDER_REQUESTS: Final = """(
        SELECT jsonb_agg(to_jsonb(t)) FROM requests r JOIN {table} t ON t.tenant_id = $1
        AND t.request_id = r.request_id WHERE r.tenant_id = $1 AND r.purchase_id = p.purchase_id)"""
_PURCHASES: Final = f"""
SELECT p.purchase_id AS id, jsonb_build_object(
    'purchase', jsonb_build_array(to_jsonb(p)),
    'commitment', {_UNDER.format(table="commitments")},
    'request', {_UNDER.format(table="requests")},
    'order', {_UNDER.format(table="orders")},
    'amendment', {_UNDER.format(table="amendments")},
    'taxes', {_UNDER_COMMITMENTS.format(table="commitment_taxes")},
    'steps', {_UNDER_REQUESTS.format(table="request_steps")},
    'approvers', {_UNDER_REQUESTS.format(table="request_approvers")},
    'decisions', {_UNDER_REQUESTS.format(table="request_decisions")}) AS there, (
    SELECT {TOLD.format(order="e.version, e.event_id")} FROM events e {TEXTS}
    WHERE e.tenant_id = $1 AND e.purchase_id = p.purchase_id) AS told
FROM (SELECT * FROM purchases WHERE tenant_id = $1 AND purchase_id > $2 ORDER BY purchase_id LIMIT $3) p
ORDER BY p.purchase_id
"""
_ENTRIES: Final = """
SELECT t.{key} AS id, jsonb_build_object('id', t.{key}, {fields}) AS entry, to_jsonb(t) AS there, (
    SELECT {told} FROM events e {texts}
    WHERE e.tenant_id = $1 AND e.object_type = $4 AND e.object_id = t.{key}
      AND e.purchase_id IS NULL AND e.version IS NOT NULL) AS told
FROM {table} t WHERE t.tenant_id = $1 AND t.{key} > $2 ORDER BY t.{key} LIMIT $3
"""
_GONE: Final = """
SELECT DISTINCT e.object_id FROM events e
WHERE e.tenant_id = $1 AND e.object_type = $2 AND e.purchase_id IS NULL AND e.version IS NOT NULL
  AND NOT EXISTS (SELECT FROM {table} t WHERE t.tenant_id = $1 AND t.{key} = e.object_id)
ORDER BY 1 LIMIT $3
"""
_BELOW: Final = "SELECT {key} AS id FROM {table} WHERE tenant_id = $1 AND {key} < 1 ORDER BY 1 LIMIT $2"
# What hangs on nothing no purchase leads to; a part, its table, and what its rows have to hang on.
_HANGS_ON: Final = (
    ("commitment", "commitments", "purchases", "purchase_id"),
    ("request", "requests", "purchases", "purchase_id"),
    ("order", "orders", "purchases", "purchase_id"),
    ("amendment", "amendments", "purchases", "purchase_id"),
    ("taxes", "commitment_taxes", "commitments", "commitment_id"),
    ("steps", "request_steps", "requests", "request_id"),
    ("approvers", "request_approvers", "requests", "request_id"),
    ("decisions", "request_decisions", "requests", "request_id"),
    ("entry", "budget_entries", "budgets", "budget_id"),
)
_HANGS_ON_NOTHING: Final = """
SELECT to_jsonb(t) AS row FROM {table} t WHERE t.tenant_id = $1 AND NOT EXISTS (
    SELECT FROM {whole} w WHERE w.tenant_id = $1 AND w.{key} = t.{key}) LIMIT $2
"""
_WITHOUT_KEY: Final = """
SELECT t.name FROM unnest($1::text[]) AS t (name) WHERE NOT EXISTS (
    SELECT FROM pg_index i WHERE i.indrelid = to_regclass(t.name)
        AND i.indisprimary AND i.indisunique AND i.indisvalid AND i.indisready)
ORDER BY 1
"""
_EPOCHS: Final = """
SELECT coalesce(e.epoch, s.epoch) AS epoch, e.begins_after, s.first, s.last FROM (
    SELECT epoch, begins_after FROM epochs WHERE tenant_id = $1 UNION ALL SELECT 1, 0) e
FULL JOIN (
    SELECT epoch, min(position) AS first, max(position) AS last FROM sealed WHERE tenant_id = $1 GROUP BY epoch) s
    ON s.epoch = e.epoch
ORDER BY 1
"""


class TextsAre(StrEnum):
    """What became of the texts of an event."""

    NONE = "none"
    FITTING = "fitting"
    CHANGED = "changed"
    INSERTED = "inserted"
    REMOVED = "removed"
    ERASED = "erased"
    """They were, with an event that tells so, and what stands there instead is what that event tells."""


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event, where it stands, and its texts; the purchase that it tells of and that is not there."""

    id: int
    texts: TextsAre
    is_sealed: bool
    is_waiting: bool
    lost_purchase_id: int | None


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Rows as they are, and as events tell them, by what each is called; None when they can't be rebuilt from them.

    A row that is told of by no event is not in ``told``; ``version`` counts how often the thing was written.
    """

    id: int
    there: Rows
    told: Rows | None
    version: int = 1


@dataclass(frozen=True, slots=True)
class EpochSealed:
    """An epoch as it was announced (behind which position), and between which positions seals are of it."""

    epoch: int
    begins_after: int | None
    first: int | None
    last: int | None


async def events(db: Session, tenant: int, *, after: int, most: int) -> list[LoggedEvent]:
    """Read the events behind a number, in the order of their numbers."""
    found = await db.fetch(_EVENTS, tenant, after, most)
    return [
        LoggedEvent(row["event_id"], _texts(row), row["is_sealed"], row["is_waiting"], row["lost_purchase_id"])
        for row in found
    ]


def _texts(row: asyncpg.Record) -> TextsAre:
    bound, texts = row["texts_hash"], row["texts"]
    if texts is None:
        return TextsAre.NONE if bound is None else TextsAre.REMOVED
    if bound is None:
        return TextsAre.INSERTED
    try:
        found = hash_of_texts(row["salt"], msgspec.json.decode(texts))
    except UNREADABLE:
        return TextsAre.CHANGED
    if row["erased_by"] is not None:
        return TextsAre.ERASED if found.hex() == row["erased_hash"] else TextsAre.CHANGED
    return TextsAre.FITTING if found == bound else TextsAre.CHANGED


async def lost(db: Session, tenant: int, *, most: int) -> list[int]:
    """List events that wait to be sealed and are not there."""
    return [row["event_id"] for row in await db.fetch(_LOST, tenant, most)]


async def epochs(db: Session, tenant: int) -> list[EpochSealed]:
    """Read the epochs that were announced, and those that seals are of."""
    return [EpochSealed(*row.values()) for row in await db.fetch(_EPOCHS, tenant)]


async def purchases(db: Session, tenant: int, *, after: int, most: int) -> list[Rebuilt]:
    """Read the purchases behind a number with all that ever was under them, each also as its events tell it."""
    return [
        read_as_it_is(f"Purchase {row['id']}", row, _purchase)
        for row in await db.fetch(_PURCHASES, tenant, after, most)
    ]


def read_as_it_is(name: str, row: asyncpg.Record, read: Callable[[asyncpg.Record], Rebuilt]) -> Rebuilt:
    """Read rows and what was told of them; what somebody has made unreadable is found by the name of the thing."""
    try:
        return read(row)
    except UNREADABLE:
        return Rebuilt(row["id"], {name: {}}, None)


def _purchase(row: asyncpg.Record) -> Rebuilt:
    return Rebuilt(row["id"], rows_of_purchase(decode(row["there"])), told_of_purchase(read_told(row["told"])))


async def entries(db: Session, tenant: int, register: Register[Any], *, after: int, most: int) -> list[Rebuilt]:
    """Read the entries of a register behind a number, each also as its events tell it."""
    fields = ", ".join(f"'{name}', {expression}" for name, expression in register.shown.items())
    told = TOLD.format(order="e.version, e.event_id")
    statement = _ENTRIES.format(key=register.key, table=register.table, fields=fields, told=told, texts=TEXTS)
    found = await db.fetch(statement, tenant, after, most, register.kind)
    named = [(f"{register.called} {row['id']}", row) for row in found]
    return [read_as_it_is(name, row, partial(_entry, register, name)) for name, row in named]


async def gone(db: Session, tenant: int, register: Register[Any], *, most: int) -> list[int]:
    """List entries of a register that events tell of, and that are not there."""
    statement = _GONE.format(table=register.table, key=register.key)
    return [row["object_id"] for row in await db.fetch(statement, tenant, register.kind, most)]


async def below(db: Session, tenant: int, table: str, key: str, *, most: int) -> list[int]:
    """List the rows of a table with a number that none is given: they begin with 1, and so does whoever reads them."""
    return [row["id"] for row in await db.fetch(_BELOW.format(table=table, key=key), tenant, most)]


async def hanging_on_nothing(db: Session, tenant: int, *, most: int) -> list[str]:
    """Name the rows of purchases and budgets that belong to none that there is: whoever reads these passes them by."""
    found: list[str] = []
    for part, table, whole, key in _HANGS_ON:
        statement = _HANGS_ON_NOTHING.format(table=table, whole=whole, key=key)
        found += [name_of(part, decode(row["row"])) for row in await db.fetch(statement, tenant, most)]
    return found


async def without_key(db: Session, tables: Collection[str]) -> list[str]:
    """List those tables that have lost their primary key, so that one row may be there twice."""
    return [row["name"] for row in await db.fetch(_WITHOUT_KEY, sorted(tables))]


def _entry(register: Register[Any], name: str, read: asyncpg.Record) -> Rebuilt:
    """Compare the fields that events tell, and then what is made of them to search and to find doubles by."""
    entry: Row = decode(read["entry"])
    there: Row = decode(read["there"])
    events = read_told(read["told"])
    version = there.get("version", 1)
    fields = merged(events, register.kind, register.told_apart)
    if events and events[0].type == f"{register.kind}.created":
        # What is told by itself and never was, there never was.
        untold = [name for names in register.told_by_itself.values() for name in names if name not in fields]
        lost = register.told_apart if any(event.is_lost for event in events) else ()
        fields |= {name: None for name in untold if name not in lost}
    if not fields:
        return Rebuilt(entry["id"], {name: entry}, {}, version)
    made = _made_of(register, entry | fields) if "name" in fields else {}
    columns = {column: value for column, value in there.items() if column in made and column not in register.shown}
    expected = {column: made[column] for column in columns} | {
        field: fields[field] for field in entry if field in fields
    }
    return Rebuilt(entry["id"], {name: columns | entry}, {name: expected}, version)


def _made_of(register: Register[Any], entry: Mapping[str, Any]) -> Row:
    """Write an entry as its row; nothing of one that can't be read: its fields say already what is wrong."""
    try:
        (found,) = register.decode(msgspec.json.encode([entry]).decode())
    except (msgspec.ValidationError, ValueError):
        return {}
    row: Row = decode(msgspec.json.encode(register.row(found)))
    return row
