"""Tables as spreadsheets write and read them: CSV with semicolons or commas, in UTF-8 or in the letters of Windows.

The first sheet of a workbook (.xlsx) is read as a table, too.

A cell that a spreadsheet would take for a formula is written with an apostrophe before it, and read without; so is one
with white space around it, which would be left out when it is read. What is read is text, whatever it begins with.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from emplette.domain.errors import Faults
from emplette.formats import workbooks

_NEWLINE: Final = b"\n"
_DELIMITERS: Final = ";,\t"
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
# How files begin in which spreadsheets kept their own before they were zips.
_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"
_WHY: Final = {"unexpected end of data": "a quotation mark opens a cell, and none closes it"}
_FORMULA: Final = re.compile(r"[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row by column, and the line of the file on which it ends."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(content: bytes, faults: Faults) -> Table:
    """Read a file; what can't be read is a fault by its line, and the rest of the file is not looked at then."""
    if content.startswith(workbooks.BEGINNING):
        return _sheet(content, faults)
    text = _decoded(content, faults)
    if faults:
        return Table((), ())
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter_of(text), strict=True)
    rows: list[Row] = []
    columns: tuple[str, ...] = ()
    try:
        columns = tuple(name.strip() for name in next(lines, []))
        _note_columns(columns, faults)
        rows.extend(
            _row(lines.line_num, columns, cells, faults) for cells in lines if any(cell.strip() for cell in cells)
        )
    except csv.Error as error:
        why = _WHY.get(str(error), str(error))
        faults.add(f"line {lines.line_num}", f"Is no line of a table: {why}.")
    return Table(columns, tuple(rows))


def text_of(content: bytes, faults: Faults) -> str:
    """Read a file as text that somebody can look at and change; a workbook as the table that it holds."""
    if not content.startswith(workbooks.BEGINNING):
        return _decoded(content, faults)
    table = _sheet(content, faults)
    rows = [[row.cells.get(name, "") for name in table.columns] for row in table.rows]
    return "" if faults else "".join(write_rows([table.columns, *rows]))


def _sheet(content: bytes, faults: Faults) -> Table:
    """Read a workbook; a row of it may leave cells out at its end, which lines of other tables may not."""
    found = workbooks.rows_of(content, faults)
    if faults:
        return Table((), ())
    columns = tuple(found[0][1]) if found else ()
    _note_columns(columns, faults)
    width = max(number for number, name in enumerate(columns, start=1) if name) if any(columns) else 0
    columns = columns[:width]
    rows = tuple(_row(number, columns, cells[: max(width, _used(cells))], faults) for number, cells in found[1:])
    return Table(columns, rows)


def _used(cells: Sequence[str]) -> int:
    """Count the cells up to the last in which something stands."""
    return max((number for number, cell in enumerate(cells, start=1) if cell), default=0)


def write_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Write a table, line by line, as a spreadsheet opens it at a double click: with semicolons and a mark of UTF-8."""
    yield "\ufeff"
    yield from write_rows([columns])
    yield from write_rows(rows)


def write_rows(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Write further lines of a table that has begun."""
    line = io.StringIO(newline="")
    writer = csv.writer(line, delimiter=";", lineterminator="\r\n")
    for cells in rows:
        writer.writerow([_shielded(cell) for cell in cells])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def _decoded(content: bytes, faults: Faults) -> str:
    if content.startswith(_OLD_WORKBOOK):
        faults.add("line 1", "Is a workbook of an old kind: save it as .xlsx, or as CSV.")
        return ""
    mark, encoding = next(((mark, name) for mark, name in _MARKS if content.startswith(mark)), (b"", "utf-8"))
    content = content.removeprefix(mark)
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if mark:
            faults.add(_line_of(content, error.start), "Is not in the encoding that the file's first bytes name.")
            return ""
        other = _line_in_utf8(content)
        if other:
            place = _line_of(content, error.start)
            faults.add(place, f"Is not in UTF-8, as line {other} is: the file was put together from two; save it anew.")
            return ""
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        faults.add(_line_of(content, error.start), "Is neither UTF-8 nor Windows-1252: save the file in one of them.")
        return ""


def _line_in_utf8(content: bytes) -> int | None:
    """Find a line in UTF-8 in a file that is not all so: two bytes that make a letter there stand together seldom."""
    for number, line in enumerate(content.split(_NEWLINE), start=1):
        if not line.isascii():
            try:
                line.decode()
            except UnicodeDecodeError:
                continue
            return number
    return None


def _line_of(content: bytes, position: int) -> str:
    return f"line {content.count(_NEWLINE, 0, position) + 1}"


def _delimiter_of(text: str) -> str:
    head = text.partition("\n")[0]
    return max(_DELIMITERS, key=head.count)


def _note_columns(columns: Sequence[str], faults: Faults) -> None:
    if not any(columns):
        faults.add("line 1", "Must name the columns.")
    for name in sorted(name for name, count in Counter(columns).items() if name and count > 1):
        faults.add(f"line 1, column {name}", "Is there twice.")


def _row(line: int, columns: Sequence[str], cells: Sequence[str], faults: Faults) -> Row:
    if len(cells) > len(columns) and any(cells[len(columns) :]):
        faults.add(f"line {line}", f"Has more cells than the first line: {len(cells)} of {len(columns)}.")
    elif len(cells) < len(columns):
        faults.add(
            f"line {line}", f"Has fewer cells than the first line, {len(cells)} of {len(columns)}: it is cut off."
        )
    return Row(line, {name: _plain(cell) for name, cell in zip(columns, cells, strict=False) if name})


def _plain(cell: str) -> str:
    if cell.startswith("'") and _is_shielded(cell[1:]):
        return cell[1:]
    return cell.strip()


def _shielded(cell: str) -> str:
    return f"'{cell}" if _is_shielded(cell) else cell


def _is_shielded(cell: str) -> bool:
    """Tell whether a cell is written behind an apostrophe: as it is, it would be read as something else."""
    text = cell.lstrip("'")
    return bool(_FORMULA.match(text)) or text != text.strip()
