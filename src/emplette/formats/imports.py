"""The columns of the tables in which registers are brought along and taken away.

Columns are called as the fields of the API. A column that a table lacks is kept as it is, an empty cell clears.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, Final, TypeVar

from emplette.domain.cost_centers import CostCenterState
from emplette.domain.currencies import CURRENCIES
from emplette.domain.dates import Duration, TimeUnit
from emplette.domain.errors import Faults
from emplette.domain.natures import AccountingPlan, NatureState
from emplette.domain.parties import Conditions, PostalAddress
from emplette.domain.suppliers import Contact, PaymentMethod, SupplierFlag, SupplierState
from emplette.domain.territories import fault_of_territory, territory
from emplette.domain.text import LONGEST_COMMENT, fault_of_name, fault_of_text
from emplette.formats.tables import Row

E = TypeVar("E", bound=StrEnum)
Read = Callable[[str], Any]

_INDEX: Final = re.compile(r"\[(\d{1,2})\]")
_WHOLE: Final = re.compile(r"([0-9]{1,10})(?:[.,]0+)?")
_LARGEST: Final = 2**31 - 1
LARGEST_ID: Final = 2_000_000_000
"""The largest id that can be given to an entry."""
_YES: Final = frozenset({"true", "1", "yes", "oui", "vrai"})
_NO: Final = frozenset({"false", "0", "no", "non", "faux"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, the field (or part of a list or pair) that it says, how a cell is read.

    ``[]`` in the name stands for a number in brackets: one of several columns.
    """

    name: str
    field: str
    read: Read
    part: str = ""
    is_mandatory: bool = False


def text(cell: str) -> str:
    """Read a short text."""
    fault = fault_of_name(cell)
    if fault:
        raise ValueError(fault)
    return cell


def long_text(cell: str) -> str:
    """Read a text of any number of lines."""
    fault = fault_of_text(cell, longest=LONGEST_COMMENT)
    if fault:
        raise ValueError(fault)
    return cell


def whole(cell: str) -> int:
    """Read a whole number, also as spreadsheets write it: 35,00."""
    found = _WHOLE.fullmatch(cell.replace("\u202f", "").replace("\u00a0", ""))
    if found is None or int(found[1]) > _LARGEST:
        raise ValueError(f"Must be a whole number of at most {_LARGEST}.")
    return int(found[1])


def number(cell: str) -> int:
    """Read an id."""
    found = whole(cell)
    if not 1 <= found <= LARGEST_ID:
        raise ValueError(f"Must be an id, a whole number from 1 to {LARGEST_ID}: new ones have to lie above it.")
    return found


def numbers(cell: str) -> tuple[int, ...]:
    """Read several ids."""
    return tuple(dict.fromkeys(number(part.strip()) for part in re.split("[,|]", cell) if part.strip()))


def truth(cell: str) -> bool:
    """Read whether something holds."""
    word = cell.lower()
    if word not in _YES | _NO:
        raise ValueError("Must be true or false.")
    return word in _YES


def day(cell: str) -> date:
    """Read a date, as programs or as the French write it."""
    try:
        if "/" in cell:
            parts = cell.split("/")
            return date(int(parts[2]), int(parts[1]), int(parts[0]))
        return date.fromisoformat(cell)
    except (ValueError, IndexError):
        raise ValueError("Must be a date like 2025-04-14 or 14/04/2025.") from None


def place(cell: str) -> str:
    """Read a territory."""
    code = cell.upper()
    fault = fault_of_territory(code)
    if fault:
        raise ValueError(fault)
    return territory(code).id


def currency(cell: str) -> str:
    """Read a currency."""
    if cell not in CURRENCIES or CURRENCIES[cell].is_refused:
        raise ValueError("Must be the code of a currency, such as EUR.")
    return cell


def mail(cell: str) -> str:
    """Read a mail address."""
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", text(cell)):
        raise ValueError("Must be a mail address.")
    return cell


def word(kind: type[E]) -> Read:
    """Read one of some words, whatever their case."""
    known = {member.value.lower(): member for member in kind}

    def read(cell: str) -> E:
        found = known.get(cell.lower())
        if found is None:
            raise ValueError(f"Must be one of {', '.join(member.value for member in kind)}.")
        return found

    return read


_NAME: Final = Column("name", "name", text, is_mandatory=True)
_ID: Final = Column("id", "id", number)
_ACTIVE: Final = Column("isActive", "is_active", truth)
_REGISTRATION: Final = (
    Column("legalRegistration.identifier", "registration_id", text),
    Column("legalRegistration.vatNumber", "vat_number", text),
)
_LETTERHEAD: Final = (
    Column("address.street", "address", text, "street"),
    Column("address.additional", "address", text, "additional"),
    Column("address.postalCode", "address", text, "postal_code"),
    Column("address.city", "address", text, "city"),
    Column("orderConditions.fr", "conditions", long_text, "fr"),
    Column("orderConditions.en", "conditions", long_text, "en"),
)

COLUMNS: Final[Mapping[str, tuple[Column, ...]]] = {
    "suppliers": (
        _ID,
        _NAME,
        Column("state", "state", word(SupplierState)),
        Column("territoryId", "territory_id", place, is_mandatory=True),
        *_REGISTRATION,
        Column("paymentTerm.value", "payment_term", whole, "value"),
        Column("paymentTerm.unit", "payment_term", word(TimeUnit), "unit"),
        Column("bankAccount.iban", "iban", text),
        Column("bankAccount.bic", "bic", text),
        Column("preferredNatureId", "preferred_nature_id", number),
        Column("preferredCostCenterId", "preferred_cost_center_id", number),
        Column("preferredPaymentMethod", "preferred_payment_method", word(PaymentMethod)),
        Column("flag", "flag", word(SupplierFlag)),
        *_LETTERHEAD,
        Column("contacts[].firstName", "contacts", text, "first_name"),
        Column("contacts[].lastName", "contacts", text, "last_name"),
        Column("contacts[].email", "contacts", mail, "email"),
        Column("contacts[].phone", "contacts", text, "phone"),
    ),
    "people": (
        _ID,
        Column("firstName", "first_name", text, is_mandatory=True),
        Column("lastName", "last_name", text, is_mandatory=True),
        Column("mail", "email", mail),
        Column("managerId", "manager_id", number),
        Column("departmentId", "department_id", number),
        Column("establishmentId", "establishment_id", number),
        Column("leftOn", "left_on", day),
    ),
    "cost-families": (_ID, _NAME),
    "natures": (
        _ID,
        _NAME,
        Column("costFamilyId", "cost_family_id", number),
        Column("state", "state", word(NatureState)),
        Column("accountingPlans[].id", "accounting_plans", number, "id"),
        Column("accountingPlans[].chargeAccount", "accounting_plans", text, "charge_account"),
    ),
    "cost-centers": (
        _ID,
        _NAME,
        Column("code", "code", text, is_mandatory=True),
        Column("ownerId", "owner_id", number),
        Column("state", "state", word(CostCenterState)),
        Column("establishmentIds", "establishment_ids", numbers),
    ),
    "legal-units": (_ID, _NAME, Column("territoryId", "territory_id", place, is_mandatory=True), _ACTIVE),
    "establishments": (
        _ID,
        _NAME,
        Column("territoryId", "territory_id", place, is_mandatory=True),
        Column("currency", "currency", currency, is_mandatory=True),
        Column("legalUnitId", "legal_unit_id", number),
        *_REGISTRATION,
        *_LETTERHEAD,
        _ACTIVE,
    ),
    "departments": (_ID, _NAME, Column("parentId", "parent_id", number), Column("headId", "head_id", number)),
    "axes": (_ID, _NAME),
    "axis-sections": (
        _ID,
        Column("axisId", "axis_id", number, is_mandatory=True),
        _NAME,
        Column("code", "code", text, is_mandatory=True),
        _ACTIVE,
    ),
}
"""The columns of each table, by what it is imported into."""

_MEMBERS: Final[Mapping[str, type[Any]]] = {
    "payment_term": Duration,
    "contacts": Contact,
    "accounting_plans": AccountingPlan,
    "address": PostalAddress,
    "conditions": Conditions,
}
_SINGLE: Final = frozenset({"payment_term", "address", "conditions"})
_NEEDED: Final = frozenset({"value", "unit", "id"})
_KEPT_WHEN_EMPTY: Final = frozenset({"state", "flag", "is_active", "id"})


def note_columns(into: str, columns: Sequence[str], faults: Faults) -> None:
    """Note columns that are not known, and those that are missing."""
    known = _by_name(into)
    for name in columns:
        if name and _INDEX.sub("[]", name) not in known:
            faults.add(f"line 1, column {name}", f"Is unknown here; there are {', '.join(known)}.")
    for column in known.values():
        if column.is_mandatory and column.name not in columns:
            faults.add(f"line 1, column {column.name}", "Is missing.")


def id_of(row: Row) -> int | None:
    """Read the id of a row, if it gives one that can be."""
    try:
        return number(row.cells.get("id", ""))
    except ValueError:
        return None


def values_of(into: str, row: Row, faults: Faults) -> dict[str, Any]:
    """Read what a row says, by field of the entry; faults are by column."""
    found: dict[str, Any] = {}
    parts: dict[str, dict[int, dict[str, Any]]] = {}
    for name, cell in row.cells.items():
        column, index = _column_of(into, name)
        if column is None:
            continue
        value = _value(column, name, cell, faults)
        if column.part:
            parts.setdefault(column.field, {}).setdefault(index, {})[column.part] = value
        elif value is not None or column.field not in _KEPT_WHEN_EMPTY:
            found[column.field] = value
    if "establishment_ids" in found:
        found["establishment_ids"] = found["establishment_ids"] or ()
    return found | {field: _made(into, field, members, faults) for field, members in parts.items()}


def cells_of(into: str, entries: Iterable[Any]) -> tuple[list[str], list[list[str]]]:
    """Write entries as the rows of a table: its columns, and the cells of each."""
    entries = list(entries)
    columns: list[tuple[Column, int]] = []
    for column in COLUMNS[into]:
        several = "[]" in column.name
        width = max((len(getattr(entry, column.field)) for entry in entries), default=0) if several else 1
        columns += [(column, index) for index in range(width)]
    columns.sort(key=lambda each: ("[]" in each[0].name, each[0].field if "[]" in each[0].name else "", each[1]))
    names = [column.name.replace("[]", f"[{index}]") for column, index in columns]
    return names, [[_cell(entry, column, index) for column, index in columns] for entry in entries]


@cache
def _by_name(into: str) -> dict[str, Column]:
    return {column.name: column for column in COLUMNS[into]}


@cache
def _column_of(into: str, name: str) -> tuple[Column | None, int]:
    """Find the column of a name, and which one of several it is."""
    index = _INDEX.search(name)
    return _by_name(into).get(_INDEX.sub("[]", name)), int(index[1]) if index else 0


def _value(column: Column, name: str, cell: str, faults: Faults) -> Any:  # noqa: ANN401  of any field
    if not cell:
        if column.is_mandatory:
            faults.add(name, "Must not be empty.")
        return None
    try:
        return column.read(cell)
    except ValueError as fault:
        faults.add(name, str(fault))
        return None


def _made(into: str, field: str, members: Mapping[int, Mapping[str, Any]], faults: Faults) -> Any:  # noqa: ANN401
    """Put the parts of a field together; a member of which nothing is said is none."""
    made = []
    kind = _MEMBERS[field]
    for index, said in sorted(members.items()):
        if all(value is None for value in said.values()):
            continue
        needed = [each.name for each in fields(kind) if each.name in _NEEDED]
        missing = [
            column.name.replace("[]", f"[{index}]")
            for column in COLUMNS[into]
            if column.field == field and column.part in needed and said.get(column.part) is None
        ]
        for name in missing:
            faults.add(name, "Must be given where anything of it is.")
        if missing:
            continue
        made.append(kind(**said))
    if field in _SINGLE:
        return made[0] if made else None
    return tuple(made)


def _cell(entry: Any, column: Column, index: int) -> str:  # noqa: ANN401  of any register
    value = getattr(entry, column.field)
    if "[]" in column.name:
        value = value[index] if index < len(value) else None
    if column.part and value is not None:
        value = getattr(value, column.part)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value)
