"""Natures: how they are kept."""

from typing import Any, Final

import msgspec

from emplette.domain.natures import Nature
from emplette.storage.registers import Register


def _row(nature: Nature) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(nature)
    del row["id"]
    return row


NATURES: Final = Register(
    kind="nature",
    table="natures",
    key="nature_id",
    decode=msgspec.json.Decoder(list[Nature]).decode,
    shown={
        "name": "t.name",
        "cost_family_id": "t.cost_family_id",
        "state": "t.state",
        "accounting_plans": "t.accounting_plans",
        "version": "t.version",
    },
    row=_row,
    referred={"cost_families": "ARRAY[t.cost_family_id]"},
)
