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
from emplette.storage.single_rows import one_row

# What one row of a listing or one dossier is read from: the aliases p, c, r and o stand for the purchase, the
# commitment, its request and its order; `amended` for the amendment that the request is about, or that waits beside it.
COLUMNS: Final = f"""
    jsonb_build_object(
        'purchase', to_jsonb(p), 'commitment', to_jsonb(c), 'request', to_jsonb(r), 'order', to_jsonb(o),
        'amendment', to_jsonb(amended),
        'asked_beside', (SELECT jsonb_agg(a.user_id) FROM amendments m
                         CROSS JOIN LATERAL (
                            SELECT b.user_id FROM request_approvers b
                            WHERE b.tenant_id = $1 AND b.request_id = m.request_id OFFSET 0) AS a
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


def _commitment(wanted: str) -> str:
    return one_row("c", "commitments", "commitment_id", wanted)


def _purchase(wanted: str) -> str:
    return one_row("p", "purchases", "purchase_id", wanted)


def _request(wanted: str) -> str:
    return one_row("r", "requests", "request_id", wanted)


def _order(wanted: str) -> str:
    return one_row("o", "orders", "order_id", wanted)


def _amended(wanted: str) -> str:
    return one_row("amended", "amendments", "request_id", wanted)


# The same four aliases, found from each of the four documents.
AROUND_PURCHASE: Final = f"""
    LEFT JOIN {_commitment("p.commitment_id")}
    LEFT JOIN {_request("c.request_id")} LEFT JOIN {_order("c.order_id")}
    LEFT JOIN {_amended("c.amendment_id")}"""
AROUND_REQUEST: Final = f"""
    JOIN {_commitment("r.commitment_id")} JOIN {_purchase("r.purchase_id")}
    LEFT JOIN {_order("c.order_id")}
    LEFT JOIN {_amended("CASE r.kind WHEN 'Amendment' THEN r.request_id ELSE c.amendment_id END")}"""
AROUND_ORDER: Final = f"""
    JOIN {_commitment("o.commitment_id")} JOIN {_purchase("o.purchase_id")}
    LEFT JOIN {_request("c.request_id")} LEFT JOIN {_amended("c.amendment_id")}"""
AROUND_COMMITMENT: Final = f"""
    JOIN {_purchase("c.purchase_id")}
    LEFT JOIN {_request("c.request_id")} LEFT JOIN {_order("c.order_id")}
    LEFT JOIN {_amended("c.amendment_id")}"""

# The limit tells PostgreSQL to expect one row, see commands.ITEMS.
_WANTED: Final = f"""
    SELECT w.n, {COLUMNS} FROM (SELECT * FROM unnest($2::int[]) WITH ORDINALITY AS i (id, n) LIMIT cardinality($2)) w"""
BY_PURCHASE: Final = Kind(f"{_WANTED} JOIN {_purchase('w.id')} {AROUND_PURCHASE}")
"""Reads purchases by their ids: what a call that looks at one asks the database, and nothing else."""
_BY_COMMITMENT: Final = Kind(f"{_WANTED} JOIN {_commitment('w.id')} {AROUND_COMMITMENT}")
_BY_REQUEST: Final = Kind(f"{_WANTED} JOIN {_request('w.id')} {AROUND_REQUEST}")
_BY_ORDER: Final = Kind(f"{_WANTED} JOIN {_order('w.id')} {AROUND_ORDER}")

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
