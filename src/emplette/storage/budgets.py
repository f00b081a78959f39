"""Budgets: how they are kept, and the book of all that a company has."""

from decimal import Decimal
from typing import Any, Final

import asyncpg
import msgspec

from emplette.domain.budgets import Book, Budget, Line
from emplette.storage.database import Session, Together
from emplette.storage.registers import Register

# Whoever makes a budget counts the company's budgets up: that waits for all who charge budgets just now.
_BESIDE: Final = """
books AS (
    UPDATE tenants t SET budgets_version = t.budgets_version + 1
    WHERE t.tenant_id = $1 AND EXISTS (SELECT FROM fit WHERE fit.read_version IS NULL)
),"""
_FIELDS: Final = (
    *("name", "starts_on", "ends_on", "currency", "kind", "cost_center_id", "nature_id", "cost_family_id"),
    *("department_id", "axis_section_id", "establishment_id", "initial_minor", "corrections", "reasons", "version"),
)
NUMBERS: Final = """jsonb_build_object(
    'free_minor', {budget}.free_minor, 'reserved_minor', {budget}.reserved_minor,
    'committed_minor', {budget}.committed_minor, 'spent_minor', {budget}.spent_minor,
    'overrun_minor', {budget}.overrun_minor)"""
_decode_budgets = msgspec.json.Decoder(list[Budget]).decode


def _row(budget: Budget) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(budget)
    del row["id"], row["numbers"]
    return row | {"amount_minor": budget.amount_minor}


BUDGETS: Final = Register(
    kind="budget",
    table="budgets",
    key="budget_id",
    decode=_decode_budgets,
    shown={field: f"t.{field}" for field in _FIELDS} | {"numbers": NUMBERS.format(budget="t")},
    row=_row,
    referred={
        "cost_centers": "ARRAY[t.cost_center_id]",
        "natures": "ARRAY[t.nature_id]",
        "cost_families": "ARRAY[t.cost_family_id]",
        "departments": "ARRAY[t.department_id]",
        "axis_sections": "ARRAY[t.axis_section_id]",
        "establishments": "ARRAY[t.establishment_id]",
    },
    filters={
        "costCenterId": "t.cost_center_id",
        "natureId": "t.nature_id",
        "costFamilyId": "t.cost_family_id",
        "departmentId": "t.department_id",
        "axisSectionId": "t.axis_section_id",
        "establishmentId": "t.establishment_id",
        "kind": "t.kind",
        "currency": "t.currency",
    },
    unique=("budgets_pkey",),
    told_apart=("reasons",),
    untold=("numbers",),
    told_by_itself={"corrected": ("corrections", "reasons")},
    beside=_BESIDE,
    reckoned={"overrun_minor": "greatest(0, t.reserved_minor + t.committed_minor + t.spent_minor - x.amount_minor)"},
)

_BOOK: Final = """
SELECT t.budgets_version AS version,
    (SELECT jsonb_agg(jsonb_build_array(to_jsonb(b) || jsonb_build_object('id', b.budget_id), b.free_minor)
                      ORDER BY b.budget_id) FROM budgets b WHERE b.tenant_id = $1) AS lines,
    CASE WHEN t.budgets_version > 0 THEN
        (SELECT jsonb_object_agg(d.department_id, d.parent_id) FROM departments d
         WHERE d.tenant_id = $1 AND d.parent_id IS NOT NULL) END AS parents,
    CASE WHEN t.budgets_version > 0 THEN
        (SELECT jsonb_object_agg(n.nature_id, n.cost_family_id) FROM natures n
         WHERE n.tenant_id = $1 AND n.cost_family_id IS NOT NULL) END AS families,
    CASE WHEN t.budgets_version > 0 THEN
        (SELECT jsonb_agg(jsonb_build_array(r.rate_type_id, r.cost_family_id, r.coefficient::text))
         FROM recovery_rules r WHERE r.tenant_id = $1) END AS recovery
FROM tenants t WHERE t.tenant_id = $1
"""
_decode_lines = msgspec.json.Decoder(list[tuple[Budget, int]]).decode
_decode_links = msgspec.json.Decoder(dict[int, int], strict=False).decode
_decode_rules = msgspec.json.Decoder(list[tuple[int, int, Decimal]]).decode


async def read_book(db: Session, tenant: int) -> Book:
    """Read all budgets of a company, with what is free of each."""
    return _book_of(await db.fetch(_BOOK, tenant))


async def book_together(db: Together, tenant: int) -> Book:
    """Read all budgets of a company, among them those just written that take effect together with what follows."""
    return _book_of(await db.write(_BOOK, tenant))


def _book_of(rows: "list[asyncpg.Record]") -> Book:
    if not rows or rows[0]["lines"] is None:
        return Book(rows[0]["version"] if rows else 0)
    row = rows[0]
    return Book(
        row["version"],
        tuple(Line(budget, free) for budget, free in _decode_lines(row["lines"])),
        _decode_links(row["parents"] or "{}"),
        _decode_links(row["families"] or "{}"),
        {(kind, family): coefficient for kind, family, coefficient in _decode_rules(row["recovery"] or "[]")},
    )
