"""Erasing a person: who it is, what waits for them, where their texts stand, and putting others in their place."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import msgspec

from emplette.domain.erasures import Forgetting, Pending
from emplette.storage.database import Session
from emplette.storage.erasing import ERASE_PURCHASES, USERS, Kind
from emplette.storage.forgetting import Said
from emplette.storage.rebuilding import decode
from emplette.storage.texts import hash_of_texts

# A name is found in a text, or in JSON as it is written there, however it is written: the pattern says how.
_NAMED: Final = "($3::text <> '' AND {text} ~ $3)"
_SAID: Final = """jsonb_agg(jsonb_build_object('id', e.event_id, 'actor_id', e.actor_id, 'facts', e.facts,
        'texts', x.texts, 'is_lost', e.texts_hash IS NOT NULL AND x.texts IS NULL) ORDER BY e.version, e.event_id)"""

_PERSON: Final = """
SELECT first_name, last_name, email, left_on,
    ARRAY(SELECT k.user_id FROM users k WHERE k.tenant_id = $1 AND k.person_id = $2) AS key_users
FROM users WHERE tenant_id = $1 AND user_id = $2 AND kind = 'Person'
"""
_PENDING: Final = """
SELECT ARRAY(
        SELECT DISTINCT r.request_id FROM requests r JOIN request_approvers a
            ON a.tenant_id = $1 AND a.request_id = r.request_id AND a.step = r.step
        WHERE r.tenant_id = $1 AND r.state = 'Pending' AND a.user_id = $2 ORDER BY 1) AS requests,
    ARRAY(
        SELECT DISTINCT step->>'name' FROM jsonb_path_query((
            SELECT rules FROM policies WHERE tenant_id = $1 ORDER BY version DESC LIMIT 1), '$.**.steps[*]') AS step,
            LATERAL jsonb_each(step) AS said
        WHERE said.key IN ('anyOf', 'any', 'all', 'of', 'goesUpTo')
          AND (said.value @> to_jsonb($2::int) OR said.value @> jsonb_build_object('user', $2::int)
               OR said.value @> jsonb_build_array(jsonb_build_object('user', $2::int)))
        ORDER BY 1) AS steps
"""
_REMAINING: Final = """
SELECT (SELECT count(*) FROM purchases p WHERE p.tenant_id = $1 AND p.owner_id = ANY ($2)) AS owned,
    (SELECT count(*) FROM purchases p WHERE p.tenant_id = $1 AND p.author_id = ANY ($2)) AS written,
    (SELECT count(*) FROM request_decisions d WHERE d.tenant_id = $1 AND d.user_id = ANY ($2)) AS decisions,
    (SELECT count(*) FROM events e WHERE e.tenant_id = $1 AND e.actor_id = ANY ($2)) AS events,
    (SELECT count(*) FROM files f WHERE f.tenant_id = $1 AND f.author_id = ANY ($2)) AS files,
    (SELECT count(*) FROM order_documents d JOIN orders o ON o.tenant_id = $1 AND o.order_id = d.order_id
     WHERE d.tenant_id = $1 AND o.owner_id = ANY ($2)) AS documents
"""
_CONCERNED: Final = f"""
SELECT e.purchase_id FROM events e WHERE e.tenant_id = $1 AND e.purchase_id IS NOT NULL AND e.actor_id = ANY ($2)
UNION
SELECT (SELECT r.purchase_id FROM requests r WHERE r.tenant_id = $1 AND r.request_id = d.request_id)
FROM request_decisions d WHERE d.tenant_id = $1 AND d.user_id = ANY ($2)
UNION
SELECT named.purchase_id FROM (
    SELECT (SELECT e.purchase_id FROM events e WHERE e.tenant_id = $1 AND e.event_id = x.event_id) AS purchase_id
    FROM event_texts x WHERE x.tenant_id = $1 AND {_NAMED.format(text="x.texts::text")} OFFSET 0) AS named
WHERE named.purchase_id IS NOT NULL
ORDER BY 1
"""
_PURCHASES: Final = f"""
SELECT p.purchase_id AS id, p.version,
    (SELECT s.name FROM suppliers s WHERE s.tenant_id = $1 AND s.supplier_id = p.supplier_id) AS supplier,
    (SELECT {_SAID} FROM events e LEFT JOIN event_texts x ON x.tenant_id = $1 AND x.event_id = e.event_id
     WHERE e.tenant_id = $1 AND e.purchase_id = p.purchase_id) AS said
FROM purchases p WHERE p.tenant_id = $1 AND p.purchase_id = ANY ($2) ORDER BY p.purchase_id
"""
_TABLES: Final = """
SELECT c.table_name FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'public' AND c.column_name = 'tenant_id' AND t.table_type = 'BASE TABLE' ORDER BY 1
"""
_MAY: Final = "SELECT has_table_privilege('event_texts', 'UPDATE') AND $1::int IS NOT NULL AS may"

_THINGS: Final = f"""
SELECT t.{{key}} AS id, {{version}} AS version, {{texts}} AS row, {{own}} AS is_own, (
    SELECT jsonb_agg(jsonb_build_object('id', e.event_id, 'texts', x.texts) ORDER BY e.event_id)
    FROM events e JOIN event_texts x ON x.tenant_id = $1 AND x.event_id = e.event_id
    WHERE e.tenant_id = $1 AND e.object_type = '{{kind}}' AND e.object_id = t.{{key}} AND e.purchase_id IS NULL) AS said
FROM {{table}} t
WHERE t.tenant_id = $1 AND $2::int IS NOT NULL
  AND ({{own}} OR {{may}} AND ({_NAMED.format(text="({texts})::text")} OR t.{{key}} IN (
    SELECT e.object_id FROM events e JOIN event_texts x ON x.tenant_id = $1 AND x.event_id = e.event_id
    WHERE e.tenant_id = $1 AND e.object_type = '{{kind}}' AND e.purchase_id IS NULL
      AND {_NAMED.format(text="x.texts::text")})))
ORDER BY t.{{key}}
"""

_encode = msgspec.json.Encoder(decimal_format="number").encode

# What names people and is told by no event: a table, the column, its type, and which rows.
_PLAIN: Final = {
    "kept answers": ("idempotency_keys", "report", "jsonb", "true"),
    "keys of calls": ("idempotency_keys", "key", "text", "true"),
    "sources of policies": ("policies", "source", "text", "true"),
    "uploads": ("files", "name", "text", "t.used_at IS NULL"),
    "names of kept views": ("saved_views", "name", "text", "true"),
    "filters of kept views": ("saved_views", "filters", "jsonb", "true"),
    "answers of mail servers": ("mails", "last_error", "text", "t.last_error IS NOT NULL"),
}
_FIND_PLAIN: Final = f"""
SELECT t.ctid::text AS place, to_jsonb(t.{{column}}) AS said FROM {{table}} t
WHERE t.tenant_id = $1 AND {{which}} AND {_NAMED.replace("$3", "$2").format(text="t.{column}::text")}
"""
# Where a row was, another one may be by now: only what was read there gives way.
_WRITE_PLAIN: Final = """
UPDATE {table} t SET {column} = x.value
FROM jsonb_to_recordset($2::jsonb) AS x (place tid, said {type}, value {type})
WHERE t.tenant_id = $1 AND t.ctid = x.place AND t.{column} = x.said RETURNING 1
"""
_WEBHOOKS: Final = f"""
SELECT w.webhook_id FROM webhooks w
WHERE w.tenant_id = $1 AND {_NAMED.replace("$3", "$2").format(text="concat_ws(' ', w.name, w.url)")} ORDER BY 1
"""
# Rows that were changed leave what they were behind until this.
_SWEEP: Final = (
    "VACUUM (ANALYZE) users, api_keys, event_texts, purchases, commitments, amendments, requests, request_decisions, "
    "files, suppliers, budgets, comments, idempotency_keys, policies, sessions, identities, mails, saved_views"
)


@dataclass(frozen=True, slots=True)
class Found:
    """A person, and the users that stand for their keys."""

    first_name: str
    last_name: str
    mail: str | None
    left_on: date | None
    identities: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A purchase with everything that was said of it: its events with their texts, and its listed supplier's name."""

    id: int
    version: int
    supplier: str | None
    said: list[Said]


@dataclass(frozen=True, slots=True)
class Thing:
    """Something else with texts: those of its row, and those of its events by their numbers."""

    id: int
    version: int | None
    row: dict[str, Any]
    is_own: bool
    said: dict[int, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Erasing:
    """What one thing becomes: its changed parts, the texts in the log that give way, and what its event tells."""

    id: int
    version: int | None
    changes: Mapping[str, Any]
    erased: Mapping[int, dict[str, Any]]
    facts: Mapping[str, Any]
    texts: Mapping[str, Any]


async def find(db: Session, tenant: int, user_id: int) -> Found | None:
    """Find a person."""
    row = await db.fetchrow(_PERSON, tenant, user_id)
    if row is None:
        return None
    who = (user_id, *row["key_users"])
    return Found(row["first_name"], row["last_name"], row["email"], row["left_on"], who)


async def may_erase(db: Session, tenant: int) -> bool:
    """Tell whether this role may erase: the serving one never does."""
    return bool((await db.fetch(_MAY, tenant))[0]["may"])


async def pending(db: Session, tenant: int, user_id: int) -> Pending:
    """Find what waits for a person."""
    (row,) = await db.fetch(_PENDING, tenant, user_id)
    return Pending(tuple(row["requests"]), tuple(row["steps"]))


async def remaining(db: Session, tenant: int, forget: Forgetting) -> dict[str, int]:
    """Count what stays of a person, by what it is."""
    (row,) = await db.fetch(_REMAINING, tenant, sorted(forget.identities))
    return dict(row)


async def concerned(db: Session, tenant: int, forget: Forgetting) -> list[int]:
    """List the purchases at which a person did something, or in whose texts they are named."""
    rows = await db.fetch(_CONCERNED, tenant, sorted(forget.identities), forget.pattern)
    return [row["purchase_id"] for row in rows]


async def purchases(db: Session, tenant: int, numbers: Sequence[int]) -> list[Spoken]:
    """Read purchases with everything that was said of them."""
    return [
        Spoken(row["id"], row["version"], row["supplier"], msgspec.convert(decode(row["said"]), list[Said]))
        for row in await db.fetch(_PURCHASES, tenant, list(numbers))
    ]


async def things(db: Session, tenant: int, kind: Kind, forget: Forgetting) -> list[Thing]:
    """Find the things of a kind that are a person's own, or that name them; no one else's entry among people."""
    statement = _THINGS.format(
        key=kind.key,
        version=kind.version,
        texts=kind.texts,
        own=kind.own,
        kind=kind.kind,
        table=kind.table,
        may="false" if kind is USERS else "true",
    )
    return [
        Thing(
            row["id"],
            row["version"],
            decode(row["row"]),
            bool(row["is_own"]),
            {one["id"]: one["texts"] for one in decode(row["said"] or "[]")},
        )
        for row in await db.fetch(statement, tenant, forget.user_id, forget.pattern)
    ]


async def erase(
    db: Session,
    tenant: int,
    kind: Kind | None,
    items: Sequence[Erasing],
    *,
    forget: Forgetting,
    actor: int,
    now: datetime,
) -> set[int]:
    """Erase, with an event each, what is still as it was read; of purchases without a kind. Answer which were."""
    statement = ERASE_PURCHASES if kind is None else kind.erase
    told = [_told(item, forget) for item in items]
    return {row["id"] for row in await db.write(statement, tenant, told, now, actor)}


def _told(item: Erasing, forget: Forgetting) -> str:
    """Write down an item, each text with a salt and a hash of its own."""
    erased = [(number, secrets.token_bytes(16), texts) for number, texts in item.erased.items()]
    hashes = {str(number): hash_of_texts(salt, texts).hex() for number, salt, texts in erased}
    written: dict[str, Any] = {"id": item.id, "version": item.version, **item.changes}
    written["facts"] = {**item.facts, "erasure": {"user_id": forget.user_id, "texts": hashes}}
    written["erased"] = [
        {"event_id": number, "salt": f"\\x{salt.hex()}", "texts": texts} for number, salt, texts in erased
    ]
    if item.texts:
        salt = secrets.token_bytes(16)
        texts_hash = f"\\x{hash_of_texts(salt, item.texts).hex()}"
        written |= {"texts": item.texts, "salt": f"\\x{salt.hex()}", "texts_hash": texts_hash}
    return _encode(written).decode()


async def erase_plain(db: Session, tenant: int, forget: Forgetting, *, dry_run: bool) -> dict[str, int]:
    """Erase names where no event tells of them; answer how many rows had one, by what they are."""
    counts: dict[str, int] = {}
    for what, (table, column, kind, which) in _PLAIN.items():
        found = await db.fetch(_FIND_PLAIN.format(table=table, column=column, which=which), tenant, forget.pattern)
        said = {row["place"]: decode(row["said"]) for row in found}
        said = {place: one for place, one in said.items() if forget.cleaned(one) != one}
        counts[what] = len(said)
        if said and not dry_run:
            rows = [
                {"place": place, "said": one, "value": _key_instead() if column == "key" else forget.cleaned(one)}
                for place, one in said.items()
            ]
            await db.write(_WRITE_PLAIN.format(table=table, column=column, type=kind), tenant, _encode(rows).decode())
    return counts


async def sweep_up(db: Session) -> None:
    """Have the database give up what changed rows were before, and what it had counted of them."""
    await db.write(_SWEEP)


async def named_in(db: Session, tenant: int, forget: Forgetting) -> dict[str, int]:
    """Count the rows that still name a person, by their tables: whatever table there is."""
    found: dict[str, int] = {}
    for table in [row["table_name"] for row in await db.fetch(_TABLES)]:
        named = _NAMED.replace("$3", "$2").format(text="to_jsonb(t)::text")
        statement = f"SELECT count(*) AS count FROM {table} t WHERE t.tenant_id = $1 AND {named}"
        count = (await db.fetch(statement, tenant, forget.pattern))[0]["count"]
        if count:
            found[table] = count
    return found


async def webhooks_naming(db: Session, tenant: int, forget: Forgetting) -> list[int]:
    """List the webhooks whose name or address holds a person's name: only who runs them can give them another."""
    return [row["webhook_id"] for row in await db.fetch(_WEBHOOKS, tenant, forget.pattern)]


def _key_instead() -> str:
    """Draw what stands where the key of a call was: two that were cleaned could be the same, and only one may be."""
    return f"erased-{secrets.token_hex(16)}"
