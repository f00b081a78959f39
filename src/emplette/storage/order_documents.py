"""Orders as documents: which was made of an order, what one is made of, and whether a printed hash is right."""

from decimal import Decimal
from typing import Any, Final

import asyncpg
import msgspec

from emplette.domain.dossiers import Dossier
from emplette.domain.order_documents import Edition, OrderDocument, Surroundings
from emplette.domain.parties import Language, Letterhead
from emplette.storage import events, names
from emplette.storage.commands import Author
from emplette.storage.database import Session
from emplette.storage.idempotency import as_it_was
from emplette.storage.organisation import ESTABLISHMENTS, LEGAL_UNITS
from emplette.storage.reading import dossier_of
from emplette.storage.registers import Register
from emplette.storage.single_rows import one_row
from emplette.storage.suppliers import SUPPLIERS
from emplette.storage.tenants import LETTERHEAD

_COLUMNS: Final = (
    """order_id, edition, place, sha256, size, language, content_hash, template, template_sha256, made_at"""
)
_FIND: Final = f"SELECT {_COLUMNS} FROM order_documents WHERE tenant_id = $1 AND order_id = $2 AND edition = $3"
_REQUESTS: Final = """LATERAL (
    SELECT * FROM requests WHERE tenant_id = $1 AND purchase_id = o.purchase_id OFFSET 0
)"""
"""The requests of an order's purchase, of the alias o: found by that alone, however PostgreSQL takes the company."""
# An amendment that was approved stays so: nobody takes it back.
_EDITION: Final = f"""
SELECT 1 + count(*)::int AS number, max(r.modified_at) AS amended_at,
    (array_agg(r.request_id ORDER BY r.modified_at DESC, r.request_id DESC))[1] AS request_id
FROM orders o JOIN {_REQUESTS} AS r ON r.commitment_id = o.commitment_id
WHERE o.tenant_id = $1 AND o.order_id = $2 AND r.kind = 'Amendment' AND r.state = 'Approved'
"""
_EVENT: Final = events.event(
    "order.document_made",
    source="kept",
    object_id="order_id",
    facts="jsonb_build_object('order_document', to_jsonb(kept))",
    parameters={"tenant": "$1", "at": "$11", "actor": "$12"},
)
_NEEDS: Final = "SELECT EXISTS (SELECT FROM order_documents WHERE tenant_id = $1 AND sha256 = $2 AND place = $3) AS it"
# Which document an edition has is settled by its row: whoever comes second finds that of the first.
_KEEP: Final = f"""
WITH kept AS (
    INSERT INTO order_documents (tenant_id, {_COLUMNS})
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT DO NOTHING
    RETURNING *
),
{_EVENT}
SELECT {_COLUMNS} FROM kept
"""
_CONTENT_HASH: Final = f"""
SELECT coalesce(d.content_hash, a.content_hash, r.content_hash) AS content_hash
FROM orders o
LEFT JOIN LATERAL (
    SELECT count(*) AS amendments, (array_agg(q.content_hash ORDER BY q.modified_at DESC, q.request_id DESC))[1]
        AS content_hash
    FROM {_REQUESTS} AS q
    WHERE q.commitment_id = o.commitment_id AND q.kind = 'Amendment' AND q.state = 'Approved'
) AS a ON true
LEFT JOIN order_documents d ON d.tenant_id = $1 AND d.order_id = o.order_id AND d.edition = 1 + a.amendments
LEFT JOIN {one_row("c", "commitments", "commitment_id", "o.commitment_id")}
LEFT JOIN {one_row("r", "requests", "request_id", "c.request_id")}
WHERE o.tenant_id = $1 AND o.number = $2
"""


# What the purchase was when the order came into being: the facts of its events until then.
_ORDERED: Final = """
SELECT jsonb_agg(jsonb_build_object('facts', e.facts, 'texts', t.texts) ORDER BY e.version, e.event_id) AS events
FROM events e LEFT JOIN event_texts t ON t.tenant_id = $1 AND t.event_id = e.event_id
WHERE e.tenant_id = $1 AND e.purchase_id = $2 AND e.version <= (
    SELECT o.version FROM events o
    WHERE o.tenant_id = $1 AND o.purchase_id = $2 AND o.type = 'order.created' AND o.object_id = $3)
"""
# A rate keeps its very digits on the way, which a float would not.
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def _entry(register: Register[Any], number: str) -> str:
    """Write the expression of an entry, as a list of one or none."""
    fields = ", ".join(f"'{name}', {expression}" for name, expression in register.shown.items())
    return f"""(SELECT coalesce(jsonb_agg(jsonb_build_object('id', t.{register.key}, {fields})), '[]')
        FROM {register.table} t WHERE t.tenant_id = $1 AND t.{register.key} = {number})"""


_LEGAL_UNIT_ID: Final = (
    "(SELECT e.legal_unit_id FROM establishments e WHERE e.tenant_id = $1 AND e.establishment_id = $2)"
)
_AROUND: Final = f"""
SELECT (SELECT h.host FROM tenant_hosts h WHERE h.tenant_id = $1 ORDER BY h.position LIMIT 1) AS host,
    ({LETTERHEAD}) AS letterhead,
    {_entry(ESTABLISHMENTS, "$2::int")} AS establishments,
    {_entry(LEGAL_UNITS, _LEGAL_UNIT_ID)} AS legal_units,
    {_entry(SUPPLIERS, "$3::int")} AS suppliers
"""


async def edition(db: Session, tenant: int, order_id: int) -> Edition:
    """Tell which document of an order holds."""
    (row,) = await db.fetch(_EDITION, tenant, order_id)
    return Edition(row["number"], row["request_id"], row["amended_at"])


async def find(db: Session, tenant: int, order_id: int, edition: int) -> OrderDocument | None:
    """Find an edition of the document of an order, if it was made."""
    row = await db.fetchrow(_FIND, tenant, order_id, edition)
    return None if row is None else _document(row)


async def needs(db: Session, tenant: int, sha256: bytes, place: str) -> bool:
    """Tell whether a document is read from a place in the store."""
    row = await db.fetchrow(_NEEDS, tenant, sha256, place)
    return row is not None and bool(row["it"])


async def as_ordered(db: Session, tenant: int, purchase_id: int, order_id: int) -> Dossier | None:
    """Read a purchase as it was when an order came of it, with names as they are today."""
    row = await db.fetchrow(_ORDERED, tenant, purchase_id, order_id)
    if row is None or row["events"] is None:
        return None
    rows = as_it_was(_decode(row["events"]))
    return dossier_of(rows, await names.of_rows(db, tenant, rows))


async def keep(db: Session, tenant: int, document: OrderDocument, *, author: Author) -> bool:
    """Write down a document whose bytes are in the store; False when the order has that edition already."""
    rows = await db.write(
        _KEEP,
        tenant,
        document.order_id,
        document.edition,
        document.place,
        document.sha256,
        document.size,
        str(document.language),
        document.content_hash,
        document.template,
        document.template_sha256,
        document.made_at,
        author.who.user.id,
    )
    return bool(rows)


async def surroundings(
    db: Session, tenant: int, *, establishment_id: int | None, supplier_id: int | None
) -> Surroundings:
    """Read what a document says of both sides, as they are today."""
    (row,) = await db.fetch(_AROUND, tenant, establishment_id, supplier_id)
    establishments, suppliers = ESTABLISHMENTS.decode(row["establishments"]), SUPPLIERS.decode(row["suppliers"])
    legal_units = LEGAL_UNITS.decode(row["legal_units"])
    return Surroundings(
        host=row["host"],
        letterhead=msgspec.json.decode(row["letterhead"], type=Letterhead),
        establishment=establishments[0] if establishments else None,
        legal_unit=legal_units[0] if legal_units else None,
        supplier=suppliers[0] if suppliers else None,
    )


async def content_hash(db: Session, tenant: int, number: str) -> str | None:
    """Read the hash that the order of a number has on the document that holds: that of what was approved last."""
    row = await db.fetchrow(_CONTENT_HASH, tenant, number)
    return None if row is None else row["content_hash"]


def _document(row: asyncpg.Record) -> OrderDocument:
    fields: dict[str, Any] = dict(row)
    return OrderDocument(language=Language(fields.pop("language")), **fields)
