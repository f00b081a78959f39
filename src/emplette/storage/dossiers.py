"""Reading a purchase and all under it."""

from typing import Final

import asyncpg
import msgspec

from emplette.domain.dossiers import Dossier
from emplette.storage.database import Session
from emplette.storage.merging import Item, Kind
from emplette.storage.names import NAMES_OF_DOSSIER, decode_names
from emplette.storage.reading import dossier_of
from emplette.storage.rows import DossierRows

# What one row of a listing or one dossier is read from: the aliases p, c, r and o stand for the purchase, the
# commitment, its request and its order; `amended` for the amendment that the request is about, or that waits beside it.
COLUMNS: Final = f"""
    jsonb_build_object(
        'purchase', to_jsonb(p), 'commitment', to_jsonb(c), 'request', to_jsonb(r), 'order', to_jsonb(o),
        'amendment', to_jsonb(amended),
        'asked_beside', (SELECT jsonb_agg(a.user_id) FROM amendments m
                         JOIN request_approvers a ON a.tenant_id = $1 AND a.request_id = m.request_id
                         WHERE m.tenant_id = $1 AND m.purchase_id = p.purchase_id
                           AND m.commitment_id = c.commitment_id),
        'taxes', (SELECT jsonb_agg(to_jsonb(t)) FROM commitment_taxes t
                  WHERE t.tenant_id = $1 AND t.commitment_id = c.commitment_id),
        'steps', (SELECT jsonb_agg(to_jsonb(s)) FROM request_steps s
                  WHERE s.tenant_id = $1 AND s.request_id = r.request_id),
        'approvers', (SELECT jsonb_agg(to_jsonb(a)) FROM request_approvers a
                      WHERE a.tenant_id = $1 AND a.request_id = r.request_id),
        'decisions', (SELECT jsonb_agg(to_jsonb(d)) FROM request_decisions d
                      WHERE d.tenant_id = $1 AND d.request_id = r.request_id)
    ) AS rows,
    {NAMES_OF_DOSSIER} AS names"""

_C: Final = "c.tenant_id = $1 AND c.commitment_id"
_R: Final = "r.tenant_id = $1 AND r.request_id"
_O: Final = "o.tenant_id = $1 AND o.order_id"
_P: Final = "p.tenant_id = $1 AND p.purchase_id"
_A: Final = "amended.tenant_id = $1 AND amended.request_id"

# The same four aliases, found from each of the four documents.
AROUND_PURCHASE: Final = f"""
    LEFT JOIN commitments c ON {_C} = p.commitment_id
    LEFT JOIN requests r ON {_R} = c.request_id LEFT JOIN orders o ON {_O} = c.order_id
    LEFT JOIN amendments amended ON {_A} = c.amendment_id"""
AROUND_REQUEST: Final = f"""
    JOIN commitments c ON {_C} = r.commitment_id JOIN purchases p ON {_P} = r.purchase_id
    LEFT JOIN orders o ON {_O} = c.order_id
    LEFT JOIN amendments amended ON {_A} = CASE r.kind WHEN 'Amendment' THEN r.request_id ELSE c.amendment_id END"""
AROUND_ORDER: Final = f"""
    JOIN commitments c ON {_C} = o.commitment_id JOIN purchases p ON {_P} = o.purchase_id
    LEFT JOIN requests r ON {_R} = c.request_id LEFT JOIN amendments amended ON {_A} = c.amendment_id"""
AROUND_COMMITMENT: Final = f"""
    JOIN purchases p ON {_P} = c.purchase_id
    LEFT JOIN requests r ON {_R} = c.request_id LEFT JOIN orders o ON {_O} = c.order_id
    LEFT JOIN amendments amended ON {_A} = c.amendment_id"""

# The limit tells PostgreSQL to expect one row, see commands.ITEMS.
_WANTED: Final = f"""
    SELECT w.n, {COLUMNS} FROM (SELECT * FROM unnest($2::int[]) WITH ORDINALITY AS i (id, n) LIMIT cardinality($2)) w"""
BY_PURCHASE: Final = Kind(f"{_WANTED} JOIN purchases p ON {_P} = w.id {AROUND_PURCHASE}")
"""Reads purchases by their ids: what a call that looks at one asks the database, and nothing else."""
_BY_COMMITMENT: Final = Kind(f"{_WANTED} JOIN commitments c ON {_C} = w.id {AROUND_COMMITMENT}")
_BY_REQUEST: Final = Kind(f"{_WANTED} JOIN requests r ON {_R} = w.id {AROUND_REQUEST}")
_BY_ORDER: Final = Kind(f"{_WANTED} JOIN orders o ON {_O} = w.id {AROUND_ORDER}")

_rows = msgspec.json.Decoder(DossierRows)


async def of_purchase(db: Session, tenant: int, purchase_id: int) -> Dossier | None:
    """Read a purchase with its live or last commitment."""
    return await _of(db, tenant, BY_PURCHASE, purchase_id)


async def of_commitment(db: Session, tenant: int, commitment_id: int) -> Dossier | None:
    """Read a commitment, which may have been replaced since, with its purchase."""
    return await _of(db, tenant, _BY_COMMITMENT, commitment_id)


async def of_request(db: Session, tenant: int, request_id: int) -> Dossier | None:
    """Read a request with what it is about."""
    return await _of(db, tenant, _BY_REQUEST, request_id)


async def of_order(db: Session, tenant: int, order_id: int) -> Dossier | None:
    """Read an order with what it came from."""
    return await _of(db, tenant, _BY_ORDER, order_id)


async def _of(db: Session, tenant: int, kind: Kind, subject: int) -> Dossier | None:
    return read(await db.say(kind, tenant, Item(subject, subject)))


def read(record: asyncpg.Record | None) -> Dossier | None:
    """Read what COLUMNS selected."""
    if record is None:
        return None
    return dossier_of(_rows.decode(record["rows"]), decode_names(record["names"]))
