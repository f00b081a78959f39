"""What is taken away in a table and brought along again is the same, whatever people have written in it."""

from dataclasses import replace
from datetime import date
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emplette.domain.cost_centers import CostCenter, CostCenterState
from emplette.domain.dates import Duration, TimeUnit
from emplette.domain.errors import Faults
from emplette.domain.natures import AccountingPlan, Nature, NatureState
from emplette.domain.organisation import Axis, CostFamily, Department, LegalUnit, OwnEstablishment, Person, Section
from emplette.domain.parties import Conditions, PostalAddress
from emplette.domain.suppliers import Contact, ListedSupplier, PaymentMethod, SupplierFlag, SupplierState
from emplette.domain.territories import TERRITORIES
from emplette.domain.text import fault_of_name, fault_of_text
from emplette.formats.imports import COLUMNS, LARGEST_ID, cells_of, note_columns, values_of
from emplette.formats.tables import read_table, write_table

# Whatever means something to a table, a spreadsheet, a shell, a decoder of bytes or a reader of dates.
NASTY: Final = st.one_of(
    st.sampled_from(list("=+-@'\"\t\r\n;,| \\0\u00a0\u200b\u202e\ufeff\u2028éß漢")),
    st.sampled_from(["''", '""', "\r\n", "=cmd|' /C calc'!A0", "'=", "1/2/2025", "35,00", "NULL", "🧾", "\u0000"[:0]]),
    st.characters(exclude_categories=["Cs", "Cc"]),
)
TEXTS: Final = st.lists(NASTY, max_size=12).map("".join)
LINES: Final = TEXTS.filter(lambda text: text and fault_of_text(text, longest=255) is None and text.strip() != "")
NAMES: Final = TEXTS.filter(lambda text: fault_of_name(text) is None)
IDS: Final = st.integers(1, LARGEST_ID)
MAILS: Final = st.from_regex(r"[a-z'=+-]{1,9}@[a-z.-]{1,9}", fullmatch=True)
PLACES: Final = st.sampled_from(sorted(TERRITORIES))


def _or_none(some: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | some


def _saying(kind: type[Any], *parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Make what says something, of whatever it can say."""
    return st.builds(kind, *map(_or_none, parts)).filter(lambda made: made != kind())


PLANS: Final = st.lists(st.builds(AccountingPlan, IDS, _or_none(NAMES)), max_size=3)
ADDRESSES: Final = _saying(PostalAddress, NAMES, NAMES, NAMES, NAMES)
CONDITIONS: Final = _saying(Conditions, LINES, LINES)
NUMBERS: Final = {"registration_id": _or_none(NAMES), "vat_number": _or_none(NAMES)}
LETTERS: Final = {"address": _or_none(ADDRESSES), "conditions": _or_none(CONDITIONS)}
ENTRIES: Final[dict[str, st.SearchStrategy[Any]]] = {
    "suppliers": st.builds(
        ListedSupplier,
        id=IDS,
        name=NAMES,
        territory_id=PLACES,
        state=st.sampled_from(SupplierState),
        contacts=st.lists(_saying(Contact, NAMES, NAMES, MAILS, NAMES), max_size=3).map(tuple),
        payment_term=_or_none(st.builds(Duration, st.integers(0, 36_500), st.sampled_from(TimeUnit))),
        iban=_or_none(NAMES),
        bic=_or_none(NAMES),
        preferred_nature_id=_or_none(IDS),
        preferred_cost_center_id=_or_none(IDS),
        preferred_payment_method=_or_none(st.sampled_from(PaymentMethod)),
        flag=st.sampled_from(SupplierFlag),
        **NUMBERS,
        **LETTERS,
    ),
    "people": st.builds(
        Person,
        id=IDS,
        first_name=NAMES,
        last_name=NAMES,
        email=_or_none(MAILS),
        manager_id=_or_none(IDS),
        department_id=_or_none(IDS),
        establishment_id=_or_none(IDS),
        left_on=_or_none(st.dates(min_value=date(1900, 1, 1))),
    ),
    "cost-families": st.builds(CostFamily, id=IDS, name=NAMES),
    "natures": st.builds(
        Nature,
        id=IDS,
        name=NAMES,
        cost_family_id=_or_none(IDS),
        state=st.sampled_from(NatureState),
        accounting_plans=PLANS.map(tuple),
    ),
    "cost-centers": st.builds(
        CostCenter,
        id=IDS,
        name=NAMES,
        code=NAMES,
        owner_id=_or_none(IDS),
        state=st.sampled_from(CostCenterState),
        establishment_ids=st.lists(IDS, unique=True, max_size=4).map(tuple),
    ),
    "legal-units": st.builds(LegalUnit, id=IDS, name=NAMES, territory_id=PLACES, is_active=st.booleans()),
    "establishments": st.builds(
        OwnEstablishment,
        id=IDS,
        name=NAMES,
        territory_id=PLACES,
        currency=st.sampled_from(["EUR", "CHF", "XCG"]),
        legal_unit_id=_or_none(IDS),
        is_active=st.booleans(),
        **NUMBERS,
        **LETTERS,
    ),
    "departments": st.builds(Department, id=IDS, name=NAMES, parent_id=_or_none(IDS), head_id=_or_none(IDS)),
    "axes": st.builds(Axis, id=IDS, name=NAMES),
    "axis-sections": st.builds(Section, id=IDS, axis_id=IDS, name=NAMES, code=NAMES, is_active=st.booleans()),
}
BLANKS: Final[dict[str, Any]] = {
    "suppliers": ListedSupplier(id=0, name="", territory_id=""),
    "people": Person(id=0, first_name="", last_name=""),
    "cost-families": CostFamily(id=0, name=""),
    "natures": Nature(id=0, name=""),
    "cost-centers": CostCenter(id=0, name="", code=""),
    "legal-units": LegalUnit(id=0, name="", territory_id=""),
    "establishments": OwnEstablishment(id=0, name="", territory_id="", currency=""),
    "departments": Department(id=0, name=""),
    "axes": Axis(id=0, name=""),
    "axis-sections": Section(id=0, axis_id=0, name="", code=""),
}


def brought_back(into: str, entries: list[Any]) -> list[Any]:
    """Write a table of entries, and read it."""
    faults = Faults()
    table = read_table("".join(write_table(*cells_of(into, entries))).encode(), faults)
    note_columns(into, table.columns, faults)
    found = [replace(BLANKS[into], **values_of(into, row, faults)) for row in table.rows]
    assert faults.as_dict() == {}
    return found


def test_every_table_is_tried() -> None:
    assert set(ENTRIES) == set(BLANKS) == set(COLUMNS)


@pytest.mark.parametrize("into", ENTRIES)
def test_entries_come_back_as_they_were(into: str) -> None:
    @given(st.lists(ENTRIES[into], min_size=1, max_size=4))
    def hold(entries: list[Any]) -> None:
        assert brought_back(into, entries) == entries

    hold()


@given(NAMES)
@example(" in the middle of a line ")
@example("'tis")
@example("'' twice")
@example("'=1")
@example("'' =1")
@example("\u00a0")
@example("-")
def test_a_name_comes_back_to_the_letter(name: str) -> None:
    if fault_of_name(name) is None:
        assert brought_back("axes", [Axis(id=1, name=name)]) == [Axis(id=1, name=name)]


@pytest.mark.parametrize(
    ("cell", "read"), [(" Paris ", "Paris"), ("'tis", "'tis"), ("'+33 1", "+33 1"), ("'  x", "  x"), ("' x ", " x ")]
)
def test_what_people_type_is_read_without_the_white_space_around_it(cell: str, read: str) -> None:
    table = read_table(f"id;name\n1;{cell}\n".encode(), Faults())
    assert table.rows[0].cells["name"] == read
