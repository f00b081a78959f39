"""Taking over what a company brings along: its people, its places and its words, with the ids they have had."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from emplette.domain.organisation import (
    Axis,
    CostFamily,
    Department,
    LegalUnit,
    Organisation,
    OwnEstablishment,
    Section,
)
from emplette.domain.text import folded
from emplette.storage.database import Session, Together
from emplette.storage.ids import keep_above
from emplette.storage.registers import Register

# One statement: foreign keys are checked at its end, so that departments and their heads can name each other.
_TAKE_OVER: Final = """
WITH given AS (SELECT $2::jsonb AS j),
establishment AS (
    INSERT INTO establishments (tenant_id, establishment_id, name, territory_id, currency, is_archived,
                                registration_id, vat_number, address, conditions)
    SELECT $1, x.id, x.name, x.territory_id, x.currency, NOT x.is_active,
           x.registration_id, x.vat_number, x.address, x.conditions
    FROM given, jsonb_to_recordset(j->'establishments')
        AS x (id int, name text, territory_id text, currency text, is_active boolean, registration_id text,
              vat_number text, address jsonb, conditions jsonb)
),
department AS (
    INSERT INTO departments (tenant_id, department_id, name, parent_id, head_id)
    SELECT $1, x.id, x.name, x.parent_id, x.head_id
    FROM given, jsonb_to_recordset(j->'departments') AS x (id int, name text, parent_id int, head_id int)
),
person AS (
    INSERT INTO users (tenant_id, user_id, first_name, last_name, email, manager_id, department_id, establishment_id,
                       left_on)
    SELECT $1, x.id, x.first_name, x.last_name, x.email, x.manager_id, x.department_id, x.establishment_id, x.left_on
    FROM given, jsonb_to_recordset(j->'people')
        AS x (id int, first_name text, last_name text, email text, manager_id int, department_id int,
              establishment_id int, left_on date)
),
cost_family AS (
    INSERT INTO cost_families (tenant_id, cost_family_id, name)
    SELECT $1, x.id, x.name FROM given, jsonb_to_recordset(j->'cost_families') AS x (id int, name text)
),
nature AS (
    INSERT INTO natures (tenant_id, nature_id, name, cost_family_id, state)
    SELECT $1, x.id, x.name, x.cost_family_id, CASE WHEN x.is_active THEN 'Enabled' ELSE 'Disabled' END
    FROM given, jsonb_to_recordset(j->'natures') AS x (id int, name text, cost_family_id int, is_active boolean)
),
cost_center AS (
    INSERT INTO cost_centers (tenant_id, cost_center_id, name, code, owner_id, state)
    SELECT $1, x.id, x.name, x.code, x.owner_id, CASE WHEN x.is_active THEN 'Enabled' ELSE 'Disabled' END
    FROM given, jsonb_to_recordset(j->'cost_centers')
        AS x (id int, name text, code text, owner_id int, is_active boolean)
),
axis AS (
    INSERT INTO axes (tenant_id, axis_id, name)
    SELECT $1, x.id, x.name FROM given, jsonb_to_recordset(j->'axes') AS x (id int, name text)
),
axis_section AS (
    INSERT INTO axis_sections (tenant_id, axis_section_id, axis_id, name, code, state)
    SELECT $1, x.id, x.axis_id, x.name, x.code, CASE WHEN x.is_active THEN 'Enabled' ELSE 'Disabled' END
    FROM given, jsonb_to_recordset(j->'axis_sections')
        AS x (id int, axis_id int, name text, code text, is_active boolean)
),
supplier AS (
    INSERT INTO suppliers (tenant_id, supplier_id, name, folded_name, territory_id, state, address)
    SELECT $1, x.id, x.name, x.folded_name, x.territory_id, CASE WHEN x.is_active THEN 'Active' ELSE 'Archived' END,
           x.address
    FROM given, jsonb_to_recordset(j->'suppliers')
        AS x (id int, name text, folded_name text, territory_id text, is_active boolean, address jsonb)
)
INSERT INTO recovery_rules (tenant_id, rate_type_id, cost_family_id, coefficient)
SELECT $1, x.rate_type_id, x.cost_family_id, x.coefficient
FROM given, jsonb_to_recordset(j->'recovery_rules') AS x (rate_type_id int, cost_family_id int, coefficient numeric)
"""
_HAS_PEOPLE: Final = """
SELECT EXISTS (SELECT FROM users WHERE tenant_id = $1 AND kind = 'Person') AS has_people
"""

_encode = msgspec.json.Encoder(decimal_format="number").encode


def _row(flag: str | None = None, *, off: Any = True, on: Any = False) -> Callable[[Any], dict[str, Any]]:  # noqa: ANN401
    """Make what turns an entry into its columns; whether it is in use stands in the column ``flag``."""

    def row(entry: Any) -> dict[str, Any]:  # noqa: ANN401  an entry of any of these registers
        found: dict[str, Any] = msgspec.to_builtins(entry)
        del found["id"]
        if flag is not None:
            found[flag] = on if found.pop("is_active") else off
        return found

    return row


ESTABLISHMENTS: Final = Register(
    kind="establishment",
    table="establishments",
    key="establishment_id",
    decode=msgspec.json.Decoder(list[OwnEstablishment]).decode,
    shown={
        "name": "t.name",
        "territory_id": "t.territory_id",
        "currency": "t.currency",
        "is_active": "NOT t.is_archived",
        "legal_unit_id": "t.legal_unit_id",
        "registration_id": "t.registration_id",
        "vat_number": "t.vat_number",
        "address": "t.address",
        "conditions": "t.conditions",
        "version": "t.version",
    },
    row=_row("is_archived"),
    referred={"legal_units": "ARRAY[t.legal_unit_id]"},
    filters={"id": "t.establishment_id", "isArchived": "t.is_archived"},
    unique=("establishments_pkey",),
)
LEGAL_UNITS: Final = Register(
    kind="legal_unit",
    table="legal_units",
    key="legal_unit_id",
    decode=msgspec.json.Decoder(list[LegalUnit]).decode,
    shown={
        "name": "t.name",
        "territory_id": "t.territory_id",
        "is_active": "NOT t.is_archived",
        "version": "t.version",
    },
    row=_row("is_archived"),
    filters={"id": "t.legal_unit_id", "isArchived": "t.is_archived"},
    unique=("legal_units_pkey",),
)
DEPARTMENTS: Final = Register(
    kind="department",
    table="departments",
    key="department_id",
    decode=msgspec.json.Decoder(list[Department]).decode,
    shown={"name": "t.name", "parent_id": "t.parent_id", "head_id": "t.head_id", "version": "t.version"},
    row=_row(),
    referred={"departments": "ARRAY[t.parent_id]", "users": "ARRAY[t.head_id]"},
    filters={"id": "t.department_id"},
    unique=("departments_pkey",),
)
COST_FAMILIES: Final = Register(
    kind="cost_family",
    table="cost_families",
    key="cost_family_id",
    decode=msgspec.json.Decoder(list[CostFamily]).decode,
    shown={"name": "t.name", "version": "t.version"},
    row=_row(),
    unique=("cost_families_pkey",),
)
AXES: Final = Register(
    kind="axis",
    table="axes",
    key="axis_id",
    decode=msgspec.json.Decoder(list[Axis]).decode,
    shown={"name": "t.name", "version": "t.version"},
    row=_row(),
    filters={"id": "t.axis_id"},
    unique=("axes_pkey",),
)
SECTIONS: Final = Register(
    kind="axis_section",
    table="axis_sections",
    key="axis_section_id",
    decode=msgspec.json.Decoder(list[Section]).decode,
    shown={
        "axis_id": "t.axis_id",
        "name": "t.name",
        "code": "t.code",
        "is_active": "t.state = 'Enabled'",
        "version": "t.version",
    },
    row=_row("state", on="Enabled", off="Disabled"),
    referred={"axes": "ARRAY[t.axis_id]"},
    filters={"id": "t.axis_section_id", "axisId": "t.axis_id", "isArchived": "(t.state <> 'Enabled')"},
    unique=("axis_sections_pkey",),
)


async def take_over(db: Session | Together, tenant: int, brought: Organisation) -> None:
    """Write down all of it or nothing; ids that are given out later lie above those that were brought."""
    for kind, members in _kinds(brought).items():
        await keep_above(db, tenant, kind, max((member.id for member in members), default=0))
    rows: dict[str, Any] = msgspec.to_builtins(brought, builtin_types=(bytes,))
    for supplier in rows["suppliers"]:
        supplier["folded_name"] = folded(supplier["name"])
    await db.write(_TAKE_OVER, tenant, _encode(rows).decode())


async def has_people(db: Session, tenant: int) -> bool:
    """Tell whether anybody works for the company yet."""
    return bool((await db.fetch(_HAS_PEOPLE, tenant))[0]["has_people"])


def _kinds(brought: Organisation) -> Mapping[str, Sequence[Any]]:
    return {
        "establishment": brought.establishments,
        "department": brought.departments,
        "user": brought.people,
        "cost_family": brought.cost_families,
        "nature": brought.natures,
        "cost_center": brought.cost_centers,
        "axis": brought.axes,
        "axis_section": brought.axis_sections,
        "supplier": brought.suppliers,
    }
