"""Suppliers of a company's list."""

from typing import Final

import msgspec

from emplette.domain.dossiers import Dossier
from emplette.domain.suppliers import Supplier
from emplette.storage.database import Session
from emplette.storage.dossiers import AROUND_PURCHASE, COLUMNS, read
from emplette.storage.reading import supplier_of
from emplette.storage.rows import Word

_WITH_PURCHASE: Final = f"""
SELECT {COLUMNS}, (
    SELECT jsonb_build_object('id', s.supplier_id, 'name', s.name, 'territory_id', s.territory_id, 'state', s.state)
    FROM suppliers s WHERE s.tenant_id = $1 AND s.supplier_id = $3) AS wanted
FROM purchases p {AROUND_PURCHASE} WHERE p.tenant_id = $1 AND p.purchase_id = $2
"""

_word = msgspec.json.Decoder(Word).decode


async def with_purchase(
    db: Session, tenant: int, purchase_id: int, supplier_id: int
) -> tuple[Dossier | None, Supplier | None]:
    """Read a purchase and, beside it, the listed supplier that it shall have."""
    row = await db.fetchrow(_WITH_PURCHASE, tenant, purchase_id, supplier_id)
    if row is None:
        return None, None
    return read(row), None if row["wanted"] is None else supplier_of(_word(row["wanted"]))
