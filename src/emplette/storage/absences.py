"""Absences: how they are kept, and for whom somebody stands in today."""

from typing import Any, Final

import msgspec

from emplette.domain.absences import Absence
from emplette.domain.registers import Known, Reference
from emplette.storage import registers
from emplette.storage.database import Session
from emplette.storage.registers import Register

_FIELDS: Final = (
    *("user_id", "deputy_id", "starts_on", "ends_on", "cost_center_id", "entered_at", "ended_at", "version"),
    *("most_minor", "most_currency"),
)


def _row(absence: Absence) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(absence)
    del row["id"]
    return row


ABSENCES: Final = Register(
    kind="absence",
    table="absences",
    key="absence_id",
    decode=msgspec.json.Decoder(list[Absence]).decode,
    shown={field: f"t.{field}" for field in _FIELDS},
    row=_row,
    referred={"users": "ARRAY[t.user_id, t.deputy_id]", "cost_centers": "ARRAY[t.cost_center_id]"},
    filters={"userId": "t.user_id", "deputyId": "t.deputy_id", "is_ended": "t.ended_at IS NOT NULL"},
    told_by_itself={"ended": ("ended_at",)},
    unique=("absences_pkey",),
)

# The day is the company's own: by its clock, and where it is.
STOOD_IN_FOR: Final = """
WITH away AS (
    SELECT a.user_id, a.deputy_id FROM absences a JOIN tenants t ON t.tenant_id = $1
    WHERE a.tenant_id = $1 AND a.ended_at IS NULL
      AND ((now() + make_interval(secs => t.clock_ahead_seconds)) AT TIME ZONE t.time_zone)::date
          BETWEEN a.starts_on AND a.ends_on
)
SELECT user_id FROM away WHERE deputy_id = $2
UNION
SELECT first.user_id FROM away second JOIN away first ON first.deputy_id = second.user_id
WHERE second.deputy_id = $2 AND first.user_id <> $2
"""


async def stood_in_for(db: Session, tenant: int, person_id: int) -> frozenset[int]:
    """List those in whose place a person may decide something today."""
    return frozenset(row["user_id"] for row in await db.fetch(STOOD_IN_FOR, tenant, person_id))


async def find_not_ended(
    db: Session, tenant: int, absence: Absence, references: list[Reference]
) -> tuple[list[Absence], Known]:
    """Find all absences that are not over when this one begins, with the names of what it refers to."""
    condition = f"t.ended_at IS NULL AND t.ends_on >= {ABSENCES.parameter(1)}"
    return await registers.find_where(db, tenant, ABSENCES, condition, [absence.starts_on], references)
