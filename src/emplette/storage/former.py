"""What a purchase said at an earlier moment, as its events tell it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from emplette.domain.commitments import Content
from emplette.domain.suppliers import PaymentMethod
from emplette.storage.checks import TEXTS, TOLD
from emplette.storage.database import Session
from emplette.storage.reading import amount_of, terms_of
from emplette.storage.rebuilding import read_told, told_of_purchase
from emplette.storage.rows import ContentRow
from emplette.storage.single_rows import one_row

_TOLD: Final = f"""
SELECT {TOLD.format(order="e.version, e.event_id")} AS told FROM events e {TEXTS}
WHERE e.tenant_id = $1 AND e.purchase_id = $2 AND e.at <= $3 AND e.facts ?| ARRAY['purchase', 'commitment', 'taxes']
"""
_NAMED: Final = f"""
SELECT f.name FROM unnest($2::int[]) WITH ORDINALITY AS held (attachment_id, place)
JOIN {one_row("a", "attachments", "attachment_id", "held.attachment_id")}
JOIN {one_row("f", "files", "file_id", "a.file_id")}
ORDER BY held.place
"""


@dataclass(frozen=True, slots=True)
class Former:
    """What a commitment said then, its files by their names, and the supplier that was only written down.

    ``knows_comment`` is False when its words have been erased since.
    """

    content: Content
    file_names: tuple[str, ...]
    knows_comment: bool
    draft_supplier: str | None


async def said_at(db: Session, tenant: int, purchase_id: int, commitment_id: int, moment: datetime) -> Former | None:
    """Tell what a commitment said at a moment; None when it was not there yet."""
    row = await db.fetchrow(_TOLD, tenant, purchase_id, moment)
    rows = told_of_purchase(read_told(None if row is None else row["told"]))
    told, purchase = rows.get(f"Commitment {commitment_id}"), rows.get(f"Purchase {purchase_id}", {})
    if told is None:
        return None
    ending = f" of commitment {commitment_id}"
    taxes = [line for name, line in rows.items() if name.startswith("Tax line ") and name.endswith(ending)]
    said = msgspec.convert(told | {"taxes": taxes}, ContentRow)
    held = await db.fetch(_NAMED, tenant, said.attachment_ids) if said.attachment_ids else []
    method = None if said.payment_method is None else PaymentMethod(said.payment_method)
    return Former(
        Content(terms_of(said), amount_of(said, said.taxes), told.get("comment"), method),
        tuple(row["name"] for row in held),
        "comment" in told,
        purchase.get("supplier_name"),
    )
