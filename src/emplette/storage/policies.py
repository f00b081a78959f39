"""Policies: each version is kept for ever, the highest is in force."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import asyncpg
import msgspec

from emplette.domain.conditions import Field
from emplette.storage import events
from emplette.storage.database import Session

_CURRENT: Final = "SELECT version, rules FROM policies WHERE tenant_id = $1 ORDER BY version DESC LIMIT 1"
_OF_VERSION: Final = "SELECT version, rules FROM policies WHERE tenant_id = $1 AND version = $2"
_SOURCE: Final = "SELECT version, source FROM policies WHERE tenant_id = $1 ORDER BY version DESC LIMIT 1"
_EVENT_OF_LOADING: Final = events.event(
    "policy.loaded",
    source="loaded",
    object_id="version",
    facts="jsonb_build_object('policy', jsonb_build_object('version', version, 'rules', rules))",
    parameters={"tenant": "$1", "at": "$4", "actor": "$5::int"},
)
# Of two that are loaded at once, one waits for the other's number.
_LOAD: Final = f"""
WITH drawn AS (
    INSERT INTO id_blocks AS b (tenant_id, kind, next_id)
    SELECT $1, 'policy', coalesce(max(version), 0) + 2 FROM policies WHERE tenant_id = $1
    ON CONFLICT (tenant_id, kind) DO UPDATE SET next_id = greatest(b.next_id + 1, excluded.next_id)
    RETURNING next_id - 1 AS version
),
loaded AS (
    INSERT INTO policies (tenant_id, version, source, rules, loaded_at)
    SELECT $1, version, $2, $3, $4 FROM drawn
    RETURNING *
),
{_EVENT_OF_LOADING}
SELECT version FROM loaded
"""

_PLACES: Final = {
    Field.NATURE: ("natures", "nature_id"),
    Field.COST_FAMILY: ("cost_families", "cost_family_id"),
    Field.ESTABLISHMENT: ("establishments", "establishment_id"),
    Field.SUPPLIER: ("suppliers", "supplier_id"),
    Field.AXIS_SECTION: ("axis_sections", "axis_section_id"),
}
_UNKNOWN: Final = " UNION ALL ".join(
    f"SELECT '{looked_at}' AS looked_at, id FROM unnest(${number}::int[]) AS id "
    f"WHERE NOT EXISTS (SELECT FROM {table} t WHERE t.tenant_id = $1 AND t.{column} = id)"
    for number, (looked_at, (table, column)) in enumerate(_PLACES.items(), start=2)
)


Document = tuple[int, dict[str, Any]]
"""A version of a policy, and what its file says."""

_decode: Final = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal).decode
_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


async def current(db: Session, tenant: int) -> Document | None:
    """Read the policy in force."""
    return _document(await db.fetchrow(_CURRENT, tenant))


async def of_version(db: Session, tenant: int, version: int) -> Document | None:
    """Read the policy as it was loaded as that version."""
    return _document(await db.fetchrow(_OF_VERSION, tenant, version))


async def current_source(db: Session, tenant: int) -> tuple[int, str] | None:
    """Read the version of the policy in force, and the text that it was loaded from."""
    row = await db.fetchrow(_SOURCE, tenant)
    return None if row is None else (row["version"], row["source"])


async def unknown_places(
    db: Session, tenant: int, places: Mapping[Field, Collection[int]]
) -> Mapping[Field, frozenset[int]]:
    """Find which kinds of expense, cost families, establishments, suppliers and sections of these are not there."""
    rows = await db.fetch(_UNKNOWN, tenant, *(list(places.get(looked_at, ())) for looked_at in _PLACES))
    return {looked_at: frozenset(row["id"] for row in rows if row["looked_at"] == looked_at) for looked_at in _PLACES}


async def load(db: Session, tenant: int, *, source: str, document: Mapping[str, Any], actor: int, now: datetime) -> int:
    """Put a new version in force; answer its number."""
    rows = await db.write(_LOAD, tenant, source, _encode(document).decode(), now, actor)
    version: int = rows[0]["version"]
    return version


def _document(row: asyncpg.Record | None) -> Document | None:
    return None if row is None else (row["version"], _decode(row["rules"]))
