"""What the log is held against: its events and texts row by row, and the rows that the events tell of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

import asyncpg
import msgspec

from emplette.storage.database import Session
from emplette.storage.dossiers import AROUND_PURCHASE, COLUMNS
from emplette.storage.idempotency import as_it_was
from emplette.storage.registers import Register
from emplette.storage.rows import DossierRows
from emplette.storage.texts import hash_of_texts, without_texts

_EVENTS: Final = """
SELECT e.event_id, e.texts_hash, t.salt, t.texts,
    EXISTS (SELECT FROM sealed s WHERE s.tenant_id = $1 AND s.event_id = e.event_id) AS is_sealed,
    EXISTS (SELECT FROM unsealed u WHERE u.tenant_id = $1 AND u.event_id = e.event_id) AS is_waiting,
    CASE WHEN NOT EXISTS (SELECT FROM purchases p WHERE p.tenant_id = $1 AND p.purchase_id = e.purchase_id)
        THEN e.purchase_id END AS lost_purchase_id
FROM events e LEFT JOIN event_texts t ON t.tenant_id = $1 AND t.event_id = e.event_id
WHERE e.tenant_id = $1 AND e.event_id > $2 ORDER BY e.event_id LIMIT $3
"""
_LOST: Final = """
SELECT u.event_id FROM unsealed u WHERE u.tenant_id = $1 AND NOT EXISTS (
    SELECT FROM events e WHERE e.tenant_id = $1 AND e.event_id = u.event_id) ORDER BY 1 LIMIT $2
"""
# Both sides come from one statement: what changes meanwhile is on both of them, or on none.
_PURCHASES: Final = f"""
SELECT p.purchase_id AS id, {COLUMNS}, (
    SELECT jsonb_agg(jsonb_build_object('facts', e.facts, 'texts', x.texts, 'is_bound', e.texts_hash IS NOT NULL)
                     ORDER BY e.version, e.event_id)
    FROM events e LEFT JOIN event_texts x ON x.tenant_id = $1 AND x.event_id = e.event_id
    WHERE e.tenant_id = $1 AND e.purchase_id = p.purchase_id) AS events
FROM (SELECT * FROM purchases WHERE tenant_id = $1 AND purchase_id > $2 ORDER BY purchase_id LIMIT $3) p
{AROUND_PURCHASE} ORDER BY p.purchase_id
"""
_ENTRIES: Final = """
SELECT t.{key} AS id, jsonb_build_object('id', t.{key}, {fields}) AS entry, (
    SELECT jsonb_agg(jsonb_build_object('facts', e.facts->$4, 'texts', x.texts->$4,
                                        'is_bound', e.texts_hash IS NOT NULL) ORDER BY e.version, e.event_id)
    FROM events e LEFT JOIN event_texts x ON x.tenant_id = $1 AND x.event_id = e.event_id
    WHERE e.tenant_id = $1 AND e.object_type = $4 AND e.object_id = t.{key}
      AND e.purchase_id IS NULL AND e.version IS NOT NULL) AS events
FROM {table} t WHERE t.tenant_id = $1 AND t.{key} > $2 ORDER BY t.{key} LIMIT $3
"""
_rows = msgspec.json.Decoder(DossierRows)
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class TextsAre(StrEnum):
    """What became of the texts of an event."""

    NONE = "none"
    FITTING = "fitting"
    CHANGED = "changed"
    INSERTED = "inserted"
    ERASED = "erased"


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
    """One thing as its rows have it, and as its events tell it, part by part; only what both can be compared in.

    ``was_told`` is empty when no event tells of it, and None when it can't be rebuilt from them.
    """

    id: int
    version: int
    is_there: Mapping[str, Any]
    was_told: Mapping[str, Any] | None


class _Told(msgspec.Struct):
    """What an event tells of one thing; its texts are None when it has none, or when they were erased."""

    facts: dict[str, Any] | None
    texts: dict[str, Any] | None
    is_bound: bool


async def events(db: Session, tenant: int, *, after: int, most: int) -> list[LoggedEvent]:
    """Read the events behind a number, in the order of their numbers."""
    found = await db.fetch(_EVENTS, tenant, after, most)
    return [
        LoggedEvent(row["event_id"], _texts(row), row["is_sealed"], row["is_waiting"], row["lost_purchase_id"])
        for row in found
    ]


def _texts(row: asyncpg.Record) -> TextsAre:
    bound, texts = row["texts_hash"], row["texts"]
    if bound is None:
        return TextsAre.NONE if texts is None else TextsAre.INSERTED
    if texts is None:
        return TextsAre.ERASED
    fits = hash_of_texts(row["salt"], msgspec.json.decode(texts)) == bound
    return TextsAre.FITTING if fits else TextsAre.CHANGED


async def lost(db: Session, tenant: int, *, most: int) -> list[int]:
    """List events that wait to be sealed and are not there."""
    return [row["event_id"] for row in await db.fetch(_LOST, tenant, most)]


async def purchases(db: Session, tenant: int, *, after: int, most: int) -> list[Rebuilt]:
    """Read the purchases behind a number, each also as its events tell it."""
    found = await db.fetch(_PURCHASES, tenant, after, most)
    return [_rebuilt_purchase(row["id"], _rows.decode(row["rows"]), _told(row["events"])) for row in found]


async def entries(db: Session, tenant: int, register: Register[Any], *, after: int, most: int) -> list[Rebuilt]:
    """Read the entries of a register behind a number, each also as its events tell it."""
    fields = ", ".join(f"'{name}', {expression}" for name, expression in register.shown.items())
    statement = _ENTRIES.format(key=register.key, table=register.table, fields=fields)
    found = await db.fetch(statement, tenant, after, most, register.kind)
    return [_rebuilt_entry(register, _decode(row["entry"]), _told(row["events"])) for row in found]


def _told(told: str | None) -> list[_Told]:
    return [] if told is None else msgspec.convert(_decode(told), list[_Told])


def _is_erased(events: Sequence[_Told]) -> bool:
    return any(event.is_bound and event.texts is None for event in events)


def _rebuilt_purchase(number: int, rows: DossierRows, events: Sequence[_Told]) -> Rebuilt:
    is_erased = _is_erased(events)
    is_there, version = _comparable(rows, is_erased=is_erased), rows.purchase.version
    if not events:
        return Rebuilt(number, version, is_there, {})
    try:
        told = as_it_was([{"facts": event.facts or {}, "texts": event.texts} for event in events])
    except (msgspec.ValidationError, TypeError, ValueError):
        return Rebuilt(number, version, is_there, None)
    return Rebuilt(number, version, is_there, _comparable(told, is_erased=is_erased))


def _comparable(rows: DossierRows, *, is_erased: bool) -> dict[str, Any]:
    """Take rows apart: without what is only searched by, nor erased text; in one order, and no rows at all as None."""
    parts: dict[str, Any] = _in_utc(msgspec.to_builtins(rows, builtin_types=(datetime,)))
    del parts["purchase"]["search_text"]
    if is_erased:
        parts, _ = without_texts(parts)
    return {
        part: sorted(found, key=repr) if isinstance(found, list) else found for part, found in parts.items() if found
    }


def _in_utc(value: Any) -> Any:  # noqa: ANN401  JSON with instants in it
    """Write instants alike: an event tells them as they were given, in any zone."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, list):
        return [_in_utc(one) for one in value]
    if isinstance(value, dict):
        return {name: _in_utc(one) for name, one in value.items()}
    return value


def _rebuilt_entry(register: Register[Any], entry: dict[str, Any], events: Sequence[_Told]) -> Rebuilt:
    """Lay what events tell of an entry over each other; what none of them tells came with the company."""
    told: dict[str, Any] = {}
    for event in events:
        told |= (event.facts or {}) | (event.texts or {})
    if _is_erased(events):
        told = {field: value for field, value in told.items() if field not in register.told_apart}
    is_there, was_told = _read(register, entry), _read(register, entry | told)
    only = {name: value for name, value in is_there.items() if name in told}
    return Rebuilt(entry["id"], entry.get("version", 1), only, {name: was_told[name] for name in only})


def _read(register: Register[Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    (found,) = register.decode(msgspec.json.encode([entry]).decode())
    read: dict[str, Any] = msgspec.to_builtins(found)
    return read
