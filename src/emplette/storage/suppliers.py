"""Suppliers of a company's list."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from emplette.domain.dossiers import Dossier
from emplette.domain.registers import Known, Reference
from emplette.domain.suppliers import ListedSupplier, Supplier
from emplette.domain.text import words_of, words_to_find
from emplette.storage.database import Session
from emplette.storage.dossiers import AROUND_PURCHASE, COLUMNS, read
from emplette.storage.reading import supplier_of
from emplette.storage.registers import Register, find_where
from emplette.storage.rows import Word

_WITH_PURCHASE: Final = f"""
SELECT {COLUMNS}, (
    SELECT jsonb_build_object('id', s.supplier_id, 'name', s.name, 'territory_id', s.territory_id, 'state', s.state)
    FROM suppliers s WHERE s.tenant_id = $1 AND s.supplier_id = $3) AS wanted
FROM purchases p {AROUND_PURCHASE} WHERE p.tenant_id = $1 AND p.purchase_id = $2
"""

_WORDS: Final = "array_to_tsvector(array_remove(string_to_array(coalesce(t.search_text, t.folded_name), ' '), ''))"
# The entry itself, and those that it is like, each found in an index of its own; what is not said of an entry is what
# is kept of it.
_KEPT: Final = "array_append({said}::text[], (SELECT k.{column} FROM suppliers k WHERE k.tenant_id = $1 AND {number}))"
_ALIKE: Final = """UNION SELECT s.supplier_id FROM suppliers s
        WHERE s.tenant_id = $1 AND s.{column} = ANY ({values}) AND s.{column} IS NOT NULL {also}"""


def _row(supplier: ListedSupplier) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.to_builtins(supplier)
    del row["id"]
    term = row.pop("payment_term")
    return row | {
        "payment_term_value": None if term is None else term["value"],
        "payment_term_unit": None if term is None else term["unit"],
        "folded_name": supplier.folded_name,
        "search_text": " ".join(words_of(supplier.name)),
        "registration_key": supplier.registration_key,
    }


_FIELDS: Final = (
    "name",
    "territory_id",
    "state",
    "registration_id",
    "vat_number",
    "contacts",
    "iban",
    "bic",
    "preferred_nature_id",
    "preferred_cost_center_id",
    "preferred_payment_method",
    "flag",
    "address",
    "conditions",
    "version",
)
SUPPLIERS: Final = Register(
    kind="supplier",
    table="suppliers",
    key="supplier_id",
    decode=msgspec.json.Decoder(list[ListedSupplier]).decode,
    shown={field: f"t.{field}" for field in _FIELDS}
    | {
        "payment_term": """CASE WHEN t.payment_term_unit IS NOT NULL THEN
            jsonb_build_object('value', t.payment_term_value, 'unit', t.payment_term_unit) END"""
    },
    row=_row,
    referred={"natures": "ARRAY[t.preferred_nature_id]", "cost_centers": "ARRAY[t.preferred_cost_center_id]"},
    filters={"state": "t.state", "words": _WORDS},
    told_apart=("contacts", "iban", "bic", "address"),
    unique=("suppliers_one_registration", "suppliers_pkey"),
    told_by_itself={"bank_account_changed": ("iban", "bic")},
)

_word = msgspec.json.Decoder(Word).decode


async def with_purchase(
    db: Session, tenant: int, purchase_id: int, supplier_id: int
) -> tuple[Dossier | None, Supplier | None]:
    """Read a purchase and, beside it, the listed supplier that it shall have."""
    row = await db.fetchrow(_WITH_PURCHASE, tenant, purchase_id, supplier_id)
    if row is None:
        return None, None
    return read(row), None if row["wanted"] is None else supplier_of(_word(row["wanted"]))


async def find_alike(
    db: Session, tenant: int, supplier: ListedSupplier, *, said: Sequence[str], wanted: Sequence[Reference]
) -> tuple[list[ListedSupplier], Known]:
    """Read a supplier, and all that share its registration, its VAT number, its bank account or its name.

    ``said`` are the fields of ``supplier`` that count; of the others, what is kept of it does.
    """
    values = {
        "registration_key": [supplier.registration_key] if "registration_id" in said else [],
        "vat_number": [supplier.vat_number] if "vat_number" in said else [],
        "iban": [supplier.iban] if "iban" in said else [],
        "folded_name": [supplier.folded_name] if "name" in said else [],
    }
    number = f"k.supplier_id = {SUPPLIERS.parameter(1)}"
    arms = [
        _ALIKE.format(
            column=column,
            values=_KEPT.format(said=SUPPLIERS.parameter(place), column=column, number=number),
            also="AND s.state = 'Active'" if column == "registration_key" else "",
        )
        for place, column in enumerate(values, start=2)
    ]
    condition = f"t.supplier_id = ANY (ARRAY(SELECT {SUPPLIERS.parameter(1)}::int {' '.join(arms)}))"
    return await find_where(db, tenant, SUPPLIERS, condition, [supplier.id, *values.values()], wanted)


def query_of(terms: str) -> str | None:
    """Ask for every word or its beginning, in any order; None when there is no word."""
    return " & ".join(f"'{word}':*" for word in words_to_find(terms)) or None
