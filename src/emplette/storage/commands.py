"""The write of a command: the guard, the key, the changed rows and the events in one statement.

The statement is put together from the parts below, one of each table that the command changes, so that every
command has the same head and tail and there is one text for each kind of command. It takes items and answers
item by item: what several calls want to write at the same time can be written at once.

Order inside the statement. ``go`` locks the purchases that are still at the version that was read (any other
item gets nowhere, whatever else happens); ``keyed`` inserts the idempotency keys of those; only what passed both
is ``fit``, and changes, events and the answer all read from ``fit``.
"""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

import asyncpg
import msgspec

from emplette.domain.attachments import Hanging
from emplette.domain.budgets import Charging
from emplette.domain.dossiers import Dossier, Happening
from emplette.domain.people import Principal, Stamp
from emplette.storage import charges, hanging
from emplette.storage.database import Session
from emplette.storage.differences import added, beside, changes
from emplette.storage.merging import Item, Kind
from emplette.storage.references import AS_REMEMBERED, IN_USE, Still
from emplette.storage.rows import CommitmentRow, DossierRows, OrderRow, PurchaseRow, RequestRow
from emplette.storage.texts import FREE_TEXT, hash_of_texts, without_texts
from emplette.storage.writing import rows_of

_encode = msgspec.json.Encoder(decimal_format="number").encode

# The limit says nothing new to PostgreSQL but this: it takes the items for one row, not for ten, whenever it plans.
# Else it would scan a company's purchases instead of looking one up, for as long as it remembers a small table.
ITEMS: Final = """
item AS MATERIALIZED (
    SELECT n, (j->'purchase'->>'purchase_id')::int AS purchase_id, (j->>'read_version')::int AS read_version, j
    FROM unnest($2::jsonb[]) WITH ORDINALITY AS i (j, n) LIMIT cardinality($2)
)"""
# Each purchase is looked up by itself: joined, PostgreSQL may read all of a company that it takes for a small one.
_GO: Final = """
go AS MATERIALIZED (
    SELECT item.n
    FROM (
        SELECT item.* FROM item
        WHERE NOT EXISTS (SELECT FROM item earlier WHERE earlier.purchase_id = item.purchase_id AND earlier.n < item.n)
        ORDER BY item.purchase_id
    ) AS item
    CROSS JOIN LATERAL (
        SELECT FROM purchases p
        WHERE p.tenant_id = $1 AND p.purchase_id = item.purchase_id AND p.version = item.read_version {also}
        FOR NO KEY UPDATE OF p
    ) AS held
)"""
KEYED: Final = """
keyed AS (
    INSERT INTO idempotency_keys (tenant_id, api_key_id, scope, key, body_hash, status, object_type, object_id,
                                  purchase_id, version, created_at)
    SELECT $1, k.api_key_id, k.scope, k.key, k.body_hash, k.status, k.object_type, k.object_id, i.purchase_id,
           (i.j->'purchase'->>'version')::int, k.created_at
    FROM {passed} i, jsonb_populate_record(NULL::idempotency_keys, i.j->'key') k
    WHERE i.j ? 'key'
    ORDER BY k.api_key_id, k.scope, k.key
    ON CONFLICT DO NOTHING
    RETURNING purchase_id
)"""
FIT: Final = """
fit AS MATERIALIZED (
    SELECT i.* FROM {passed} i
    WHERE NOT i.j ? 'key' OR i.purchase_id IN (SELECT keyed.purchase_id FROM keyed)
)"""
EVENTS: Final = """
event AS (
    INSERT INTO events (tenant_id, at, type, object_type, object_id, purchase_id, version, actor_id, api_key_id,
                        call_id, facts, texts_hash)
    SELECT $1, e.at, e.type, e.object_type, e.object_id, fit.purchase_id, (fit.j->'purchase'->>'version')::int,
           e.actor_id, e.api_key_id, e.call_id, {facts}, e.texts_hash
    FROM fit, jsonb_to_recordset(fit.j->'events') AS e(
        position int, at timestamptz, type text, object_type text, object_id int, actor_id int, api_key_id int,
        call_id text, facts jsonb, texts_hash bytea)
    ORDER BY fit.n, e.position
    RETURNING event_id, purchase_id, type
),
chained AS (INSERT INTO unsealed (tenant_id, event_id) SELECT $1, event_id FROM event)"""
TEXTS: Final = """
told AS (
    INSERT INTO event_texts (tenant_id, event_id, salt, texts)
    SELECT $1, event.event_id, e.salt, e.texts
    FROM event JOIN fit USING (purchase_id),
         jsonb_to_recordset(fit.j->'events') AS e(type text, salt bytea, texts jsonb)
    WHERE e.type = event.type AND e.texts IS NOT NULL
)"""
WRITTEN: Final = """
written AS (
    SELECT item.n FROM item JOIN events e
        ON e.tenant_id = $1 AND e.purchase_id = item.purchase_id
        AND e.version = (item.j->'purchase'->>'version')::int
    WHERE e.type = item.j->'events'->0->>'type' AND e.at = (item.j->'events'->0->>'at')::timestamptz
      AND e.call_id IS NOT DISTINCT FROM item.j->'events'->0->>'call_id'
      AND e.api_key_id IS NOT DISTINCT FROM (item.j->'events'->0->>'api_key_id')::int
)"""
"""The items whose own events are there: what a lost connection left behind."""

_KEPT: Final = (Decimal, datetime, date)

# The parts of a purchase, each written when the command changes it. A mistyped reference or a second live
# commitment would be stopped by the schema's constraints; the domain has refused it before.
_NEVER_CHANGED: Final = ("tenant_id", "created_at", "author_id")


_SAID_BESIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "purchase": ("purchase_id", "version", *FREE_TEXT["purchase"], "search_text"),
    "commitment": ("commitment_id", *FREE_TEXT["commitment"]),
    "request": FREE_TEXT["request"],
}
"""The largest parts are said once, by the first event; their row is what that tells, with these columns over it."""


def _row(table: str, part: str) -> str:
    if part not in _SAID_BESIDE:
        return f"jsonb_populate_record(NULL::{table}, fit.j->'{part}')"
    told = f"jsonb_populate_record(NULL::{table}, fit.j #> '{{events,0,facts,{part}}}')"
    return f"jsonb_populate_record({told}, fit.j->'{part}')"


def _update(table: str, alias: str, row: type[msgspec.Struct], key: str, part: str) -> str:
    columns = [name for name in row.__struct_fields__ if name not in (*_NEVER_CHANGED, key)]
    assignments = ", ".join(f"{column} = x.{column}" for column in columns)
    return f"""
{part}_updated AS (
    UPDATE {table} {alias} SET {assignments}
    FROM fit, {_row(table, part)} x
    WHERE {alias}.tenant_id = $1 AND {alias}.{key} = x.{key}
)"""


def _insert(table: str, part: str) -> str:
    return f"""
{part}_inserted AS (
    INSERT INTO {table} SELECT x.* FROM fit, {_row(table, part)} x
)"""


def _insert_all(table: str, part: str) -> str:
    return f"""
{part}_inserted AS (
    INSERT INTO {table} SELECT x.* FROM fit, jsonb_populate_recordset(NULL::{table}, fit.j->'{part}') x
)"""


_PARTS: Final[Mapping[str, str]] = {
    "purchase.update": _update("purchases", "p", PurchaseRow, "purchase_id", "purchase"),
    "commitment.insert": _insert("commitments", "commitment"),
    "commitment.update": _update("commitments", "c", CommitmentRow, "commitment_id", "commitment"),
    "taxes.insert": _insert_all("commitment_taxes", "taxes"),
    "taxes.replace": """
taxes_removed AS (
    DELETE FROM commitment_taxes t USING fit
    WHERE t.tenant_id = $1 AND t.commitment_id = (fit.j->'commitment'->>'commitment_id')::int
      AND t.line >= jsonb_array_length(fit.j->'taxes')
),
taxes_replaced AS (
    INSERT INTO commitment_taxes
    SELECT x.* FROM fit, jsonb_populate_recordset(NULL::commitment_taxes, fit.j->'taxes') x
    ON CONFLICT (tenant_id, commitment_id, line) DO UPDATE SET
        rate_type_id = excluded.rate_type_id, tax_minor = excluded.tax_minor,
        counter_tax_minor = excluded.counter_tax_minor
)""",
    "request.insert": _insert("requests", "request"),
    "amendment.insert": _insert("amendments", "amendment"),
    "request.update": _update("requests", "r", RequestRow, "request_id", "request"),
    "steps.insert": _insert_all("request_steps", "steps"),
    "approvers.insert": _insert_all("request_approvers", "approvers"),
    "decisions.insert": _insert_all("request_decisions", "decisions"),
    "order.insert": _insert("orders", "order"),
    "order.update": _update("orders", "o", OrderRow, "order_id", "order"),
    # The orders of commitments that others took the place of: lists find them by what their purchase is today, too.
    "orders.follow": f"""
orders_followed AS (
    UPDATE orders o SET owner_id = x.owner_id, supplier_id = x.supplier_id
    FROM fit, {_row("purchases", "purchase")} x
    WHERE o.tenant_id = $1 AND o.purchase_id = x.purchase_id
      AND o.order_id IS DISTINCT FROM (fit.j->'order'->>'order_id')::int
)""",
}


@dataclass(frozen=True, slots=True)
class Key:
    """The key under which a command's success is kept, and what is kept of it."""

    scope: str
    text: str
    body_hash: bytes
    status: int


@dataclass(frozen=True, slots=True)
class Author:
    """Who gives a command, and in which call."""

    who: Principal
    at: datetime
    call_id: str | None


@dataclass(frozen=True, slots=True)
class Command:
    """What one call wants to write: a purchase as it was read, as it shall be, and what happened.

    ``references`` are those of a purchase that was not read but remembered, see `REFERENCES`: nothing is written unless
    they are as they were.
    """

    before: Dossier
    after: Dossier
    happenings: tuple[Happening, ...]
    author: Author
    key: Key | None
    answers: Happening
    today: date
    still: Still = Still.NOTHING
    hangings: tuple[Hanging, ...] = ()
    references: str | None = None
    charging: Charging | None = None


async def write(db: Session, tenant: int, commands: Sequence[Command]) -> list[bool]:
    """Write commands, with others of this moment that change the same tables; tell of each whether it was written.

    It is not when its purchase was no longer at the version that was read, when what a remembered one refers to has
    changed, when another command before it is about the same purchase, when an attachment changed hands meanwhile, when
    there are other budgets than it was decided with, or one has not what it wants of it, or when its idempotency key
    was taken: then nothing of it is.
    """
    if len(commands) == 1:
        return [await _write(db, tenant, commands[0])]
    return await asyncio.gather(*(_write(db, tenant, command) for command in commands))


async def _write(db: Session, tenant: int, command: Command) -> bool:
    parts, item = _item(tenant, command)
    try:
        row = await db.say(_kind(frozenset(parts)), tenant, item, expects=(hanging.ONE_A_FILE,))
    except asyncpg.UniqueViolationError:
        return False
    return row is not None


@lru_cache
def _kind(parts: frozenset[str]) -> Kind:
    hangs = "attachments" in parts
    also = "".join(text for still, text in IN_USE.items() if still in parts) + (hanging.FIRST if hangs else "")
    if "references" in parts:
        also += AS_REMEMBERED
    passed = f"(SELECT item.* FROM item JOIN go USING (n){_conditions(parts)})"
    ctes = [
        ITEMS,
        _GO.format(also=also),
        *([hanging.LOCKED] if hangs else []),
        *([charges.BOOKS] if "books" in parts else []),
        *([charges.CLAIMS] if "claims" in parts else []),
        *([KEYED.format(passed=passed)] if "key" in parts else []),
        (FIT if "key" in parts else "\nfit AS MATERIALIZED (SELECT i.* FROM {passed} i)").format(passed=passed),
        *(text for part, text in _PARTS.items() if part in parts),
        *([hanging.HUNG] if hangs else []),
        *([charges.CLAIMED] if "claims" in parts else []),
        *([charges.MOVED] if "entries" in parts else []),
        EVENTS.format(facts=charges.FACTS if parts & {"claims", "entries"} else "e.facts"),
        *([TEXTS] if "texts" in parts else []),
    ]
    return Kind("WITH " + ",".join(ctes) + "\nSELECT n FROM fit", f"WITH {ITEMS}, {WRITTEN}\nSELECT n FROM written")


def _conditions(parts: frozenset[str]) -> str:
    """Say what else must hold of an item that holds its purchase."""
    decided = charges.AS_DECIDED if "books" in parts else ""
    locked = hanging.ALL_LOCKED if "attachments" in parts else " WHERE true"
    return decided + locked + (charges.AS_JUDGED if "claims" in parts else "")


def _item(tenant: int, command: Command) -> tuple[set[str], Item]:
    before, after = beside(command.before, command.after), rows_of(tenant, command.after)
    parts, changed = changes(tenant, before, command.after, after)
    facts = _facts(before, after, changed)
    if command.hangings:
        facts["attachments"] = hanging.facts_of_hangings(command.hangings)
    events = events_of(command.happenings, command.author, facts)
    item: dict[str, Any] = {"read_version": before.purchase.version, "events": events, "today": command.today}
    item |= {part: _said(part, getattr(after, part)) for part in changed}
    item |= added(tenant, before.request, after, changed, anew="request.update" not in parts)
    for part, said in _said_beside(command).items():
        item[part] = said
        parts.add(part)
    if command.charging is not None:
        item["charging"] = charges.item_of(command.charging)
        parts |= charges.parts_of(command.charging)
    if any(event["texts"] for event in events):
        parts.add("texts")
    parts.add(command.still)
    return parts, Item(after.purchase.purchase_id, _encode(item).decode())


def _said_beside(command: Command) -> dict[str, Any]:
    """Say what a command brings beside what it changes: attachments, its key, what a remembered one refers to."""
    said: dict[str, Any] = {}
    if command.hangings:
        by = Stamp(command.author.at, command.author.who.user)
        said["attachments"] = hanging.rows_of_hangings(command.hangings, by)
    if command.key is not None:
        answers = command.answers
        said["key"] = key_of(command.key, command.author, answers.object_type, answers.object_id)
    if command.references is not None:
        said["references"] = msgspec.Raw(command.references.encode())
    return said


def _said(part: str, row: Any) -> Any:  # noqa: ANN401 - a struct, or several
    """Say of a part what its event doesn't; of one that is not told once only, all of it."""
    names = _SAID_BESIDE.get(part)
    return row if names is None else {name: getattr(row, name) for name in names}


def _facts(before: Dossier, after: DossierRows, changed: Sequence[str]) -> dict[str, Any]:
    """List what the events tell: the parts that changed, and those that a new commitment puts away."""
    facts: dict[str, Any] = {part: msgspec.to_builtins(getattr(after, part), builtin_types=_KEPT) for part in changed}
    if before.commitment is not None and "commitment" in facts and after.request is None and before.request is not None:
        facts |= dict.fromkeys(("request", "steps", "approvers", "decisions", "order"))
        facts["taxes"] = facts.get("taxes")
    return facts


def events_of(happenings: Sequence[Happening], author: Author, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Write down what happened: an event of an order tells of the order, the first one of all else."""
    apart = any(happening.object_type == "order" for happening in happenings[1:])
    events = []
    for position, happening in enumerate(happenings):
        if position == 0:
            told = {part: fact for part, fact in facts.items() if not (apart and part == "order")}
        else:
            told = {part: fact for part, fact in facts.items() if part == happening.object_type == "order"}
        plain, texts = without_texts(told)
        salt = secrets.token_bytes(16) if texts else b""
        events.append(
            {
                "position": position,
                "at": author.at,
                "type": happening.type,
                "object_type": happening.object_type,
                "object_id": happening.object_id,
                "actor_id": author.who.user.id,
                "api_key_id": author.who.api_key_id,
                "call_id": author.call_id,
                "facts": plain,
                "texts": texts or None,
                "salt": f"\\x{salt.hex()}" if texts else None,
                "texts_hash": f"\\x{hash_of_texts(salt, texts).hex()}" if texts else None,
            }
        )
    return events


def key_of(key: Key, author: Author, object_type: str, object_id: int | None) -> dict[str, Any]:
    """Write down the key, and the object that its repeats are answered with, if it is one."""
    return {
        "api_key_id": author.who.key_id,
        "scope": key.scope,
        "key": key.text,
        "body_hash": f"\\x{key.body_hash.hex()}",
        "status": key.status,
        "object_type": object_type,
        "object_id": object_id,
        "created_at": author.at,
    }
