"""What a policy wants to know of a purchase that stands neither in it nor in the organisation chart."""

from typing import Final

import asyncpg

from emplette.domain.dossiers import Dossier
from emplette.domain.planning import LookedUp
from emplette.storage.database import Session
from emplette.storage.dossiers import AROUND_COMMITMENT, COLUMNS, read
from emplette.storage.merging import Item, Kind

_LOOKED_UP: Final = """
    NOT EXISTS (SELECT FROM orders n WHERE n.tenant_id = $1 AND n.supplier_id = {supplier}) AS is_new,
    EXISTS (SELECT FROM suppliers f WHERE f.tenant_id = $1 AND f.supplier_id = {supplier} AND f.flag = 'Flagged')
        AS is_flagged"""
# The limit tells PostgreSQL to expect one row, see commands.ITEMS.
_WITH_COMMITMENT: Final = Kind(f"""
SELECT w.n, {COLUMNS}, {_LOOKED_UP.format(supplier="p.supplier_id")}
FROM (SELECT * FROM unnest($2::int[]) WITH ORDINALITY AS i (id, n) LIMIT cardinality($2)) w
JOIN commitments c ON c.tenant_id = $1 AND c.commitment_id = w.id {AROUND_COMMITMENT}
""")
_OF_SUPPLIER: Final = f"SELECT {_LOOKED_UP.format(supplier='$2::int')}"


async def with_commitment(db: Session, tenant: int, commitment_id: int) -> tuple[Dossier | None, LookedUp]:
    """Read a commitment with its purchase, and beside it what of its facts has to be looked up."""
    row = await db.say(_WITH_COMMITMENT, tenant, Item(commitment_id, commitment_id))
    return read(row), LookedUp() if row is None else _looked_up(row)


async def of_supplier(db: Session, tenant: int, supplier_id: int) -> LookedUp:
    """Look up what a policy may want to know of a supplier."""
    row = await db.fetchrow(_OF_SUPPLIER, tenant, supplier_id)
    return LookedUp() if row is None else _looked_up(row)


def _looked_up(row: asyncpg.Record) -> LookedUp:
    return LookedUp(supplier_is_new=row["is_new"], supplier_is_flagged=row["is_flagged"])
