"""Cost centers: how they are kept, and which there are of some codes."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from emplette.domain.cost_centers import CostCenter
from emplette.domain.registers import Known, Reference
from emplette.storage.database import Session
from emplette.storage.registers import Register, find_where


def _row(center: CostCenter) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(center)
    del row["id"]
    return row


COST_CENTERS: Final = Register(
    kind="cost_center",
    table="cost_centers",
    key="cost_center_id",
    decode=msgspec.json.Decoder(list[CostCenter]).decode,
    shown={
        "name": "t.name",
        "code": "t.code",
        "owner_id": "t.owner_id",
        "state": "t.state",
        "establishment_ids": "to_jsonb(t.establishment_ids)",
        "version": "t.version",
    },
    row=_row,
    unique=("cost_centers_code_unique", "cost_centers_pkey"),
    referred={"users": "ARRAY[t.owner_id]", "establishments": "t.establishment_ids"},
)


async def by_codes(
    db: Session, tenant: int, codes: Sequence[str], numbers: Sequence[int] = (), wanted: Sequence[Reference] = ()
) -> tuple[list[CostCenter], Known]:
    """Read the cost centers that have one of these codes or ids, and the names of what else is wanted."""
    one, other = COST_CENTERS.parameter(1), COST_CENTERS.parameter(2)
    condition = f"(t.code = ANY ({one}::text[]) OR t.cost_center_id = ANY ({other}::int[]))"
    return await find_where(db, tenant, COST_CENTERS, condition, [list(codes), list(numbers)], wanted)
