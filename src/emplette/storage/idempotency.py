"""Kept successes: what a repeated call is answered with."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Generic, TypeVar

import msgspec

from emplette.domain.dossiers import Dossier
from emplette.domain.registers import Entry, Known
from emplette.storage import names, registers
from emplette.storage.database import Session
from emplette.storage.reading import dossier_of
from emplette.storage.registers import Register
from emplette.storage.rows import DossierRows

T = TypeVar("T", bound=Entry)

_OF_PURCHASE: Final = """(
    SELECT jsonb_agg(jsonb_build_object('facts', e.facts, 'texts', t.texts) ORDER BY e.version, e.event_id)
    FROM events e LEFT JOIN event_texts t ON t.tenant_id = $1 AND t.event_id = e.event_id
    WHERE e.tenant_id = $1 AND e.purchase_id = k.purchase_id AND e.version <= k.version)"""
_FIND: Final = f"""
SELECT k.body_hash, k.status, k.object_type, k.object_id, k.version, {_OF_PURCHASE} AS events
FROM idempotency_keys k
WHERE k.tenant_id = $1 AND k.api_key_id = $2 AND k.scope = $3 AND k.key = $4
"""
# A rate keeps its very digits on the way, which a float would not.
_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_FIND_ENTRY: Final = f"""
SELECT k.body_hash, k.status, k.report, {_OF_PURCHASE} AS of_purchase, (
    SELECT jsonb_agg(jsonb_build_object('facts', e.facts->$5, 'texts', t.texts->$5) ORDER BY e.version, e.event_id)
    FROM events e LEFT JOIN event_texts t ON t.tenant_id = $1 AND t.event_id = e.event_id
    WHERE e.tenant_id = $1 AND e.object_type = $5 AND e.object_id = k.object_id AND e.version <= k.version
      AND e.purchase_id IS NULL) AS events
FROM idempotency_keys k
WHERE k.tenant_id = $1 AND k.api_key_id = $2 AND k.scope = $3 AND k.key = $4
"""
# So many at a time, the oldest first: a transaction stays short however much there is to forget.
_SWEEP: Final = """
DELETE FROM idempotency_keys WHERE created_at < $1
    AND ctid = ANY (ARRAY(SELECT ctid FROM idempotency_keys WHERE created_at < $1 ORDER BY created_at LIMIT $2))
RETURNING 1
"""


_OF_REQUEST: Final = ("request", "steps", "approvers", "decisions", "amendment")
"""The parts of a purchase that there are once for each request under it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A call that took effect: what it was, its status, and the purchase as it was after it."""

    body_hash: bytes
    status: int
    object_type: str
    object_id: int
    dossier: Dossier


async def find(db: Session, tenant: int, api_key_id: int, scope: str, key: str) -> Kept | None:
    """Look up what was done under a key, and the purchase as it was then, with names as they are today."""
    row = await db.fetchrow(_FIND, tenant, api_key_id, scope, key)
    if row is None:
        return None
    rows = as_it_was(_decode(row["events"]), row["object_id"] if row["object_type"] == "request" else None)
    dossier = dossier_of(rows, await names.of_rows(db, tenant, rows))
    return Kept(row["body_hash"], row["status"], row["object_type"], row["object_id"], dossier)


@dataclass(frozen=True, slots=True)
class KeptEntry(Generic[T]):
    """A call that took effect on a register: what it was, and the entry as it was after it, or the import's report.

    Beside an entry, the report has others with which it was answered, and the dossier the purchase.
    """

    body_hash: bytes
    status: int
    entry: T | None
    known: Known
    report: Any
    dossier: Dossier | None = None


async def find_entry(
    db: Session, tenant: int, register: Register[T], *, api_key_id: int, scope: str, key: str
) -> KeptEntry[T] | None:
    """Look up what was done under a key to a register, with names as they are today."""
    row = await db.fetchrow(_FIND_ENTRY, tenant, api_key_id, scope, key, register.kind)
    if row is None:
        return None
    report = None if row["report"] is None else msgspec.json.decode(row["report"])
    if isinstance(report, list):
        report = _report_of(register, report)
    if row["events"] is None:
        return KeptEntry(row["body_hash"], row["status"], None, Known(), report)
    told: dict[str, Any] = {}
    for event in msgspec.json.decode(row["events"]):
        told |= event["facts"] | (event["texts"] or {})
    if isinstance(report, dict):
        told |= report
    (entry,) = register.decode(msgspec.json.encode([told]).decode())
    # What refers to nothing needs no look.
    known = await registers.names_of(db, tenant, register, entry.references()) if register.referred else Known()
    dossier = None
    if row["of_purchase"] is not None:
        rows = as_it_was(_decode(row["of_purchase"]))
        dossier = dossier_of(rows, await names.of_rows(db, tenant, rows))
    return KeptEntry(row["body_hash"], row["status"], entry, known, report, dossier)


def _report_of(register: Register[Any], items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Read a list that was kept: the entries in it as the register has them."""
    entries = register.decode(msgspec.json.encode([item["entry"] for item in items if "entry" in item]).decode())
    remaining = iter(entries)
    return [{"entry": next(remaining)} if "entry" in item else item for item in items]


async def sweep(db: Session, *, older_than: datetime, most: int) -> int:
    """Forget keys of every tenant that are older than they are kept, the oldest and not more; answer how many."""
    return len(await db.write(_SWEEP, older_than, most))


def as_it_was(events: list[dict[str, Any]], request_id: int | None = None) -> DossierRows:
    """Lay the facts of a purchase's events over each other, oldest first, each with its free text.

    Args:
        events: what was told of it.
        request_id: the request that is looked at; without one, its commitment's own.
    """
    parts: dict[str, Any] = {}
    requests: dict[int | None, dict[str, Any]] = {}
    for event in events:
        texts = event["texts"] or {}
        for part, fact in event["facts"].items():
            told = _told(fact, texts.get(part))
            if part not in _OF_REQUEST:
                parts[part] = told
            elif told:
                of = (told[0] if isinstance(told, list) else told)["request_id"]
                requests.setdefault(of, {})[part] = told
    commitment = parts.get("commitment") or {}
    parts |= requests.get(request_id or commitment.get("request_id"), {})
    if "amendment" not in parts:
        parts["amendment"] = requests.get(commitment.get("amendment_id"), {}).get("amendment")
    return msgspec.convert(parts, DossierRows, strict=False)


def _told(fact: Any, text: Any) -> Any:  # noqa: ANN401  a row or a list of rows, as JSON has it
    if fact is None or text is None:
        return fact
    if isinstance(fact, list):
        return [row | said for row, said in zip(fact, text, strict=True)]
    return fact | text
