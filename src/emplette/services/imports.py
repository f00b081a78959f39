"""Bringing registers along in tables, and taking them away."""

from collections.abc import Sequence
from datetime import date

from emplette.domain.errors import Faults
from emplette.domain.people import Tenant, UserKind
from emplette.domain.text import number_of
from emplette.formats.imports import cells_of, note_columns
from emplette.formats.tables import read_table, write_table
from emplette.services.plans import KINDS, Plan, Say, Source, plan_table
from emplette.storage import imports, registers
from emplette.storage.database import Session
from emplette.storage.imports import Noted


async def plan_import(
    db: Session, tenant: Tenant, into: str, content: bytes, *, today: date, say: Say, dry_run: bool
) -> Plan:
    """Work out what the file would do, without writing anything; everything that is wrong is named by its place."""
    faults = Faults()
    table = read_table(content, faults)
    if table.columns:
        note_columns(into, table.columns, faults)
    if faults:
        places = faults.as_dict()
        return Plan(faults=places, wrong_lines=len({place.partition(",")[0] for place in places}))
    say(f"read {number_of(len(table.rows), 'line')}")
    return await plan_table(db, tenant, into, table, today=today, say=say, dry_run=dry_run)


async def written_before(db: Session, tenant: Tenant, source: Source) -> Noted | None:
    """Find the import that wrote the very same table."""
    return await imports.find_by_source(db, tenant.id, source.sha256)


async def export(db: Session, tenant: Tenant, into: str) -> Sequence[str]:
    """Write a register as the table from which it can be imported."""
    entries = await registers.find_every(db, tenant.id, KINDS[into].register)
    names, rows = cells_of(into, (entry for entry in entries if getattr(entry, "kind", None) is not UserKind.KEY))
    return list(write_table(names, rows))
