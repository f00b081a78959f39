"""What events tell beside purchases and registers: keys, policies, documents, attachments, and the company's own.

Each function answers rows as they are and as they were told, from one statement, as those of `checks` do.
"""

from collections.abc import Iterable
from typing import Any, Final

import asyncpg

from emplette.domain.taxes import FIRST_OWN_TYPE
from emplette.storage.checks import TEXTS, TOLD, Rebuilt, read_as_it_is
from emplette.storage.database import Session
from emplette.storage.rebuilding import UNREADABLE, Row, Rows, Told, decode, merged, read_told

_TOLD: Final = f"""
    SELECT {TOLD.format(order="e.event_id")} FROM events e {TEXTS}
    WHERE e.tenant_id = $1 AND e.purchase_id IS NULL AND e.version IS NULL"""
_IS_TOLD: Final = """
SELECT EXISTS (SELECT FROM events e WHERE e.tenant_id = $1 AND e.purchase_id IS NULL AND e.version IS NULL
    AND e.object_type = 'tenant' AND e.object_id = $1 AND e.type = 'tenant.created') AS is_told
"""
# Of a key not compared: its secret, which no event tells, and when it was used.
_KEYS: Final = f"""
SELECT k.api_key_id AS id, to_jsonb(k) - '{{secret_hash,last_used_on}}'::text[] AS key,
    (SELECT to_jsonb(u) FROM users u WHERE u.tenant_id = $1 AND u.user_id = k.user_id LIMIT 1) AS user,
    ({_TOLD} AND e.object_type = 'api_key' AND e.object_id = k.api_key_id) AS told
FROM (SELECT * FROM api_keys WHERE tenant_id = $1 AND api_key_id > $2 ORDER BY api_key_id LIMIT $3) k
ORDER BY k.api_key_id
"""
_POLICIES: Final = f"""
SELECT p.version AS id, to_jsonb(p) - 'source' AS policy,
    ({_TOLD} AND e.object_type = 'policy' AND e.object_id = p.version) AS told
FROM (SELECT * FROM policies WHERE tenant_id = $1 AND version > $2 ORDER BY version LIMIT $3) p
ORDER BY p.version
"""
# Of an order that was amended there are several, one an edition; those of before there were editions are the first.
_DOCUMENTS: Final = f"""
SELECT o.order_id AS id,
    (SELECT jsonb_agg(to_jsonb(d)) FROM order_documents d WHERE d.tenant_id = $1 AND d.order_id = o.order_id) AS there,
    ({_TOLD} AND e.object_type = 'order' AND e.object_id = o.order_id AND e.type = 'order.document_made') AS told
FROM (
    SELECT DISTINCT order_id FROM order_documents WHERE tenant_id = $1 AND order_id > $2 ORDER BY order_id LIMIT $3) o
ORDER BY o.order_id
"""
_GONE: Final = """
SELECT DISTINCT e.object_id FROM events e
WHERE e.tenant_id = $1 AND e.purchase_id IS NULL AND e.version IS NULL AND e.object_type = $2 AND e.type = $3
  AND NOT EXISTS (SELECT FROM {table} t WHERE t.tenant_id = $1 AND t.{key} = e.object_id)
ORDER BY 1 LIMIT $4
"""
_HUNG: Final = """
    SELECT e.event_id, e.at, e.actor_id, e.texts_hash IS NOT NULL AND x.texts IS NULL AS is_lost,
        w.fact, x.texts->'attachments'->(w.n - 1)::int AS said
    FROM events e LEFT JOIN event_texts x ON x.tenant_id = $1 AND x.event_id = e.event_id
    CROSS JOIN LATERAL jsonb_array_elements(e.facts->'attachments') WITH ORDINALITY AS w (fact, n)
    WHERE e.tenant_id = $1 AND e.facts ? 'attachments'
      AND e.facts->'attachments' @> jsonb_build_array(jsonb_build_object('file_id', a.file_id))
      AND w.fact->'attachment_id' = to_jsonb(a.attachment_id)
    UNION ALL
    SELECT e.event_id, e.at, e.actor_id, e.texts_hash IS NOT NULL AND x.texts IS NULL,
        e.facts->'attachment', x.texts->'attachment'
    FROM events e LEFT JOIN event_texts x ON x.tenant_id = $1 AND x.event_id = e.event_id
    WHERE e.tenant_id = $1 AND e.object_type = 'attachment' AND e.object_id = a.attachment_id
      AND e.purchase_id IS NULL AND e.version IS NOT NULL AND e.facts ? 'attachment'"""
_ATTACHMENTS: Final = f"""
SELECT a.attachment_id AS id, to_jsonb(a) AS attachment,
    (SELECT to_jsonb(f) FROM files f WHERE f.tenant_id = $1 AND f.file_id = a.file_id LIMIT 1) AS file, (
    SELECT jsonb_agg(jsonb_build_object(
        'facts', jsonb_build_object('attachment', h.fact), 'texts', jsonb_build_object('attachment', h.said),
        'is_lost', h.is_lost, 'at', h.at, 'actor_id', h.actor_id) ORDER BY h.event_id) FROM ({_HUNG}) h) AS told
FROM (SELECT * FROM attachments WHERE tenant_id = $1 AND attachment_id > $2 ORDER BY attachment_id LIMIT $3) a
ORDER BY a.attachment_id
"""
_MISSING: Final = """
SELECT DISTINCT n FROM (
    SELECT unnest(c.attachment_ids) AS n FROM commitments c WHERE c.tenant_id = $1 AND c.attachment_ids <> '{}'
    UNION ALL
    SELECT e.object_id FROM events e WHERE e.tenant_id = $1 AND e.object_type = 'attachment'
        AND e.purchase_id IS NULL AND e.version IS NOT NULL) AS told
WHERE NOT EXISTS (SELECT FROM attachments a WHERE a.tenant_id = $1 AND a.attachment_id = told.n) ORDER BY 1 LIMIT $2
"""
_COMPANY: Final = f"""
SELECT to_jsonb(t) AS tenant,
    (SELECT jsonb_agg(to_jsonb(h)) FROM tenant_hosts h WHERE h.tenant_id = $1) AS hosts,
    (SELECT jsonb_agg(to_jsonb(r) - '{{shipped_type_id,own_type_id}}'::text[])
     FROM tenant_vat_rates r WHERE r.tenant_id = $1) AS rates,
    (SELECT jsonb_agg(to_jsonb(r)) FROM tenant_vat_rate_types r WHERE r.tenant_id = $1) AS types,
    (SELECT jsonb_agg(to_jsonb(r) - '{{shipped_type_id,own_type_id}}'::text[])
     FROM recovery_rules r WHERE r.tenant_id = $1) AS rules,
    (SELECT jsonb_agg(to_jsonb(r)) FROM tenant_exchange_rates r WHERE r.tenant_id = $1) AS exchange_rates,
    ({_TOLD} AND e.object_type = 'tenant' AND e.object_id = $1) AS told
FROM (SELECT) AS one LEFT JOIN tenants t ON t.tenant_id = $1
"""
_NAMES: Final = {
    "tenant": "The company",
    "hosts": "Host {host}",
    "rates": "VAT rate {rate_id}",
    "types": "VAT rate type {rate_type_id}",
    "rules": "Recovery rule of {rate_type_id} and cost family {cost_family_id}",
    "exchange_rates": "Exchange rate of {currency} on {date}",
}
KEYS_TOLD: Final = ("api_keys", "api_key_id", "api_key", "api_key.created")
POLICIES_TOLD: Final = ("policies", "version", "policy", "policy.loaded")
DOCUMENTS_TOLD: Final = ("order_documents", "order_id", "order", "order.document_made")
"""A table, its key, and the events that tell of its rows: of which things, and that there is a new one."""


async def is_company_told(db: Session, tenant: int) -> bool:
    """Tell whether the log begins with the company: then all its keys and policies must be told there."""
    return bool((await db.fetch(_IS_TOLD, tenant))[0]["is_told"])


async def gone(db: Session, tenant: int, what: tuple[str, str, str, str], *, most: int) -> list[int]:
    """List what events tell of, and what is not there: of keys, policies or documents (``KEYS_TOLD`` and others)."""
    table, key, kind, type_ = what
    return [row["object_id"] for row in await db.fetch(_GONE.format(table=table, key=key), tenant, kind, type_, most)]


async def keys(db: Session, tenant: int, *, after: int, most: int) -> list[Rebuilt]:
    """Read the API keys behind a number, each with the user that stands for it."""
    return [read_as_it_is(f"Key {row['id']}", row, _key) for row in await db.fetch(_KEYS, tenant, after, most)]


def _key(row: asyncpg.Record) -> Rebuilt:
    name, user_name = f"Key {row['id']}", f"The user of key {row['id']}"
    there: Rows = {name: decode(row["key"])}
    if row["user"] is not None:
        there[user_name] = decode(row["user"])
    key = merged(read_told(row["told"]), "key", ("name", "contact"))
    if not key:
        return Rebuilt(row["id"], there, {})
    user = {"user_id": key.get("user_id"), "kind": "Key", "last_name": "", "person_id": key.get("person_id")}
    user |= {"first_name": key["name"]} if "name" in key else {}
    return Rebuilt(row["id"], there, {name: key, user_name: user})


async def policies(db: Session, tenant: int, *, after: int, most: int) -> list[Rebuilt]:
    """Read the policies behind a version."""
    return [
        read_as_it_is(f"Policy {row['id']}", row, _policy) for row in await db.fetch(_POLICIES, tenant, after, most)
    ]


def _policy(row: asyncpg.Record) -> Rebuilt:
    told = read_told(row["told"])
    policy = merged(told, "policy") | {"loaded_at": told[0].at} if told else {}
    name = f"Policy {row['id']}"
    return Rebuilt(row["id"], {name: decode(row["policy"])}, {name: policy} if policy else {})


async def documents(db: Session, tenant: int, *, after: int, most: int) -> list[Rebuilt]:
    """Read the documents of the orders behind a number."""
    return [
        read_as_it_is(f"The document of order {row['id']}", row, _documents)
        for row in await db.fetch(_DOCUMENTS, tenant, after, most)
    ]


def _documents(row: asyncpg.Record) -> Rebuilt:
    told = [merged([told], _DOCUMENT) for told in read_told(row["told"])]
    return Rebuilt(row["id"], _editions(row["id"], decode(row["there"])), _editions(row["id"], told))


_DOCUMENT: Final = "order_document"


def _editions(order_id: int, rows: Iterable[Row]) -> Rows:
    name = f"The document of order {order_id}"
    return {name if (number := row.get("edition", 1)) == 1 else f"{name}, edition {number}": row for row in rows}


async def attachments(db: Session, tenant: int, *, after: int, most: int) -> list[Rebuilt]:
    """Read the attachments behind a number, each with its file."""
    found = await db.fetch(_ATTACHMENTS, tenant, after, most)
    return [read_as_it_is(f"Attachment {row['id']}", row, _attachment) for row in found]


def _attachment(row: asyncpg.Record) -> Rebuilt:
    name, file_name = f"Attachment {row['id']}", f"The file of attachment {row['id']}"
    there: Rows = {name: decode(row["attachment"])}
    if row["file"] is not None:
        there[file_name] = decode(row["file"])
    attachment, file = _told_of_attachment(read_told(row["told"]))
    return Rebuilt(row["id"], there, {name: attachment, file_name: file} if attachment else {})


async def missing_attachments(db: Session, tenant: int, *, most: int) -> list[int]:
    """List attachments that a commitment names, or that were made, and that are not there."""
    return [row["n"] for row in await db.fetch(_MISSING, tenant, most)]


def _told_of_attachment(events: list[Told]) -> tuple[Row, Row]:
    """Follow an attachment from commitment to commitment, as `hanging` moves it."""
    if not events:
        return {}, {}
    commitment_id, formerly = None, []
    for event in events:
        fact = (event.facts or {})["attachment"]
        if commitment_id is not None and fact["commitment_id"] is not None:
            formerly.append(commitment_id)
        commitment_id = fact["commitment_id"]
    said, first = merged(events, "attachment", ("name",)), events[0]
    attachment = {
        "attachment_id": said["attachment_id"],
        "file_id": said["file_id"],
        "commitment_id": commitment_id,
        "formerly": formerly,
        "created_at": first.at,
        "author_id": first.actor_id,
    }
    file = {"file_id": said["file_id"], "sha256": f"\\x{said['sha256']}", "used_at": first.at}
    return attachment, file | ({"name": said["name"]} if "name" in said else {})


async def company(db: Session, tenant: int) -> Rebuilt:
    """Read the company itself, and what it has set for itself."""
    (row,) = await db.fetch(_COMPANY, tenant)
    there = {} if row["tenant"] is None else {_NAMES["tenant"]: decode(row["tenant"])}
    try:
        for part in _NAMES:
            if part != "tenant" and row[part] is not None:
                there |= _named(part, decode(row[part]))
        return Rebuilt(tenant, there, _told_of_company(read_told(row["told"])))
    except UNREADABLE:
        return Rebuilt(tenant, there, None)


def _told_of_company(events: Iterable[Told]) -> Rows:
    told: Rows = {}
    for event in events:
        facts = event.facts or {}
        if "tenant" in facts:
            told[_NAMES["tenant"]] = told.get(_NAMES["tenant"], {}) | facts["tenant"]
        hosts: list[str] = facts.get("hosts") or []
        told |= _named("hosts", [{"host": host, "position": n} for n, host in enumerate(hosts)])
        told |= _named("rules", [facts["rule"]] if "rule" in facts else [])
        if event.type == "tenant.exchange_rate_set":
            told |= _named("exchange_rates", [facts["rate"]])
        elif "rate" in facts:
            rate: dict[str, Any] = dict(facts["rate"])
            kind = {"rate_type_id": rate["rate_type_id"], "territory_id": rate.pop("territory_id")}
            kind["name"] = rate.pop("name")
            told |= _named("rates", [rate]) | _named("types", [kind] if kind["rate_type_id"] >= FIRST_OWN_TYPE else [])
    return told


def _named(part: str, rows: Iterable[Row]) -> Rows:
    return {_NAMES[part].format_map(row): row for row in rows}
