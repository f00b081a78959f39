"""Companies' accounts: made, found, listed. Which tenant it is, is what these find out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import asyncpg
import msgspec

from emplette.domain.errors import Faults, Invalid
from emplette.domain.parties import Letterhead
from emplette.domain.people import Tenant
from emplette.domain.tenants import Account, TenantDraft
from emplette.storage import events
from emplette.storage.database import Session, Together
from emplette.storage.keys import FIRST_USER
from emplette.storage.people import tenant_of

_EVENT_OF_CREATION: Final = events.event(
    "tenant.created",
    source="created",
    object_id="tenant_id",
    facts="jsonb_build_object('tenant', to_jsonb(created) - 'budgets_version', 'hosts', to_jsonb($8::text[]))",
    parameters={"tenant": "tenant_id", "at": "$9", "actor": str(FIRST_USER)},
)
_CREATE: Final = f"""
WITH created AS (
    INSERT INTO tenants (account, name, time_zone, currency, country, holidays_of, is_default, is_demo,
                         clock_is_movable, created_at)
    VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $10, $9)
    RETURNING *
),
named AS (
    INSERT INTO tenant_hosts (host, tenant_id, position)
    SELECT h.host, tenant_id, h.n - 1 FROM created, unnest($8::text[]) WITH ORDINALITY AS h (host, n)
),
numbered AS (
    INSERT INTO id_blocks (tenant_id, kind, next_id) SELECT tenant_id, 'key_user', {FIRST_USER} + 1 FROM created
),
command_line AS (
    INSERT INTO users (tenant_id, user_id, kind, first_name, last_name)
    SELECT tenant_id, {FIRST_USER}, 'Key', 'Command line', '' FROM created
),
{_EVENT_OF_CREATION}
SELECT * FROM created
"""
_TAKEN: Final = """
SELECT t.account, t.account = $1 AS is_namesake, t.is_default,
    ARRAY(SELECT h.host FROM tenant_hosts h WHERE h.tenant_id = t.tenant_id AND h.host = ANY ($2::text[])) AS hosts
FROM tenants t
"""
_ALL: Final = """
SELECT t.*, ARRAY(SELECT h.host FROM tenant_hosts h WHERE h.tenant_id = t.tenant_id ORDER BY h.position) AS hosts
FROM tenants t ORDER BY t.account
"""
LETTERHEAD: Final = """
SELECT jsonb_build_object('address', address, 'registration_id', registration_id, 'vat_number', vat_number,
                          'conditions', conditions) AS letterhead
FROM tenants WHERE tenant_id = $1
"""
_EVENT_OF_CHANGE: Final = events.event(
    "tenant.changed",
    source="changed",
    object_id="tenant_id",
    facts="jsonb_build_object('tenant', to_jsonb(changed) - 'budgets_version')",
    parameters={"tenant": "tenant_id", "at": "$3", "actor": str(FIRST_USER)},
)
_WRITE_LETTERHEAD: Final = f"""
WITH changed AS (
    UPDATE tenants t SET address = said.address, registration_id = said.registration_id,
        vat_number = said.vat_number, conditions = said.conditions
    FROM jsonb_populate_record(NULL::tenants, $2::jsonb) said WHERE t.tenant_id = $1
    RETURNING t.*
),
{_EVENT_OF_CHANGE}
SELECT 1 FROM changed
"""
_REAL: Final = "SELECT account FROM tenants WHERE NOT is_demo ORDER BY account LIMIT 1"
_IS_MADE: Final = "SELECT to_regclass('public.tenants') IS NOT NULL AS is_made"

_FIELD_OF_CONSTRAINT: Final = {
    "tenants_account_unique": "account",
    "tenant_hosts_pkey": "host",
    "tenants_one_default": "default",
}


async def create(db: Session, draft: TenantDraft, *, now: datetime) -> Tenant:
    """Make a company's account, its hosts, and the user in whose name the command line acts there.

    Raises:
        Invalid: another company was quicker in taking the account's name, a host, or to be the default.
    """
    try:
        rows = await db.write(_CREATE, *_said(draft, now), expects=_FIELD_OF_CONSTRAINT)
    except asyncpg.UniqueViolationError as taken:
        field = _FIELD_OF_CONSTRAINT[str(taken.constraint_name)]
        raise Invalid.field(field, "Was taken by another company just now.") from None
    return tenant_of(rows[0])


async def create_among(db: Together, draft: TenantDraft, *, now: datetime) -> Tenant:
    """Make a company's account as a part of what takes effect together."""
    return tenant_of((await db.write(_CREATE, *_said(draft, now)))[0])


def _said(draft: TenantDraft, now: datetime) -> tuple[object, ...]:
    return (
        draft.account,
        draft.name,
        draft.time_zone,
        draft.currency,
        draft.country,
        draft.is_default,
        draft.is_demo,
        list(draft.hosts),
        now,
        draft.clock_is_movable,
    )


async def note_taken(db: Session, draft: TenantDraft, faults: Faults) -> None:
    """Note what of a new company others have taken: the account's name, hosts, being the default."""
    for row in await db.fetch(_TAKEN, draft.account, list(draft.hosts)):
        if row["is_namesake"]:
            faults.add("account", f"There is a company with the account {row['account']}.")
        for host in row["hosts"]:
            faults.add("host", f"{host} is a host of {row['account']}.")
        if draft.is_default and row["is_default"]:
            faults.add("default", f"{row['account']} is the default; there can be one.")


async def all_accounts(db: Session) -> Sequence[Account]:
    """List the companies, by account."""
    rows = await db.fetch(_ALL)
    return [Account(tenant_of(row), tuple(row["hosts"]), row["is_default"], row["is_demo"]) for row in rows]


async def letterhead(db: Session, tenant: int) -> Letterhead:
    """Read what a company says of itself on its orders."""
    (row,) = await db.fetch(LETTERHEAD, tenant)
    return msgspec.json.decode(row["letterhead"], type=Letterhead)


async def write_letterhead(db: Session, tenant: int, said: Letterhead, *, now: datetime) -> None:
    """Write what a company says of itself on its orders from now on."""
    await db.write(_WRITE_LETTERHEAD, tenant, msgspec.json.encode(said).decode(), now)


async def find_real(db: Session) -> str | None:
    """Name the account of a company that is no demo, if there is one; also before the schema is made."""
    if not (await db.fetch(_IS_MADE))[0]["is_made"]:
        return None
    row = await db.fetchrow(_REAL)
    return None if row is None else str(row["account"])
