"""Workbooks are read as tables are: what is typed in them, and nothing that would do harm."""

import io
import zipfile
from datetime import date, datetime
from typing import Any, Final

import pytest
from openpyxl import Workbook

from emplette.domain.errors import Faults
from emplette.formats import workbooks
from emplette.formats.tables import Table, read_table, text_of

FARTHEST: Final = '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'


def saved(*rows: list[Any]) -> bytes:
    """Save rows as a spreadsheet does."""
    book, file = Workbook(), io.BytesIO()
    sheet: Any = book.active
    for row in rows:
        sheet.append(row)
    book.save(file)
    return file.getvalue()


def changed(content: bytes, name: str, old: str, new: str) -> bytes:
    """Change a part of a workbook."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as parts, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for part in parts.namelist():
            text = parts.read(part)
            made.writestr(part, text.replace(old.encode(), new.encode()) if part == name else text)
    return file.getvalue()


def read(content: bytes) -> tuple[Table, dict[str, list[str]]]:
    faults = Faults()
    return read_table(content, faults), faults.as_dict()


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("Fairs ", "Fairs"),
        (20000.55, "20000.55"),
        (35, "35"),
        (35.0, "35"),
        (1e-7, "0.0000001"),
        (date(2025, 4, 14), "2025-04-14"),
        (datetime(2025, 4, 14, 12, 30), "2025-04-14T12:30:00"),  # noqa: DTZ001 - workbooks know no zones
        (True, "true"),
        (None, ""),
    ],
)
def test_a_cell_is_what_somebody_typed(typed: object, text: str) -> None:
    table, faults = read(saved(["name", "said"], ["One", typed]))
    assert faults == {}
    assert table.rows[0].cells == {"name": "One", "said": text}


@pytest.mark.parametrize(
    ("kept", "text"),
    [
        ("3.3000000000000003", "3.3"),
        ("19.989999999999998", "19.99"),
        ("1100.0000000000002", "1100"),
        ("0.30000000000000004", "0.3"),
        ("1.23456789012345E+21", "1234567890123450000000"),
    ],
)
def test_a_number_that_a_formula_came_to_has_the_digits_that_a_spreadsheet_shows(kept: str, text: str) -> None:
    # Spreadsheets keep 17 digits; what makes the workbooks of these tests writes 15.
    content = changed(saved(["name", "said"], ["One", 4711.5]), "xl/worksheets/sheet1.xml", "4711.5", kept)
    table, faults = read(content)
    assert (faults, table.rows[0].cells["said"]) == ({}, text)


def test_empty_rows_and_cells_beside_the_table_are_nothing() -> None:
    table, faults = read(saved(["name", "amount", None], [None], ["One"], ["Two", 2]))
    assert (table.columns, faults) == (("name", "amount"), {})
    assert [(row.line, row.cells) for row in table.rows] == [
        (3, {"name": "One", "amount": ""}),
        (4, {"name": "Two", "amount": "2"}),
    ]


def test_a_cell_beyond_the_columns_is_a_fault() -> None:
    _, faults = read(saved(["name"], ["One", None, "odd"]))
    assert list(faults) == ["line 2"]


def test_an_empty_workbook_names_no_columns() -> None:
    assert read(saved()) == (Table((), ()), {"line 1": ["Must name the columns."]})


def test_a_workbook_as_text_is_read_as_the_same_table() -> None:
    content = saved(["name", "mail"], ["Zoé; Martin", "=1+1"], ["Sam"])
    text = text_of(content, Faults())
    assert text.splitlines()[0] == "name;mail"
    (table, faults), (written, none) = read(content), read(text.encode())
    assert (faults, none) == ({}, {})
    assert [row.cells for row in written.rows] == [row.cells for row in table.rows]


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x03\x04 no zip"])
def test_what_is_no_workbook_has_no_text(content: bytes) -> None:
    faults = Faults()
    assert (text_of(content, faults), list(faults.as_dict())) == ("", ["line 1"])


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x03\x04 no zip"])
def test_what_only_begins_as_a_workbook_is_none(content: bytes) -> None:
    table, faults = read(content)
    assert (table.rows, list(faults)) == ((), ["line 1"])


def test_a_cell_in_the_farthest_corner_takes_neither_memory_nor_time() -> None:
    content = saved(["name"], ["One"])
    table, faults = read(changed(content, "xl/worksheets/sheet1.xml", "</sheetData>", f"{FARTHEST}</sheetData>"))
    assert (len(table.rows), faults) == (1, {})


def test_what_unpacks_to_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "LARGEST", 1000)
    _, faults = read(saved(["name"], ["One"]))
    assert "at most 1,000 are read" in faults["line 1"][0]


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_ROWS", 2)
    _, faults = read(saved(["name"], ["One"], ["Two"]))
    assert list(faults) == ["line 3"]
