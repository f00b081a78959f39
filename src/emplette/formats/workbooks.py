"""Workbooks as spreadsheets keep them: the first sheet of an .xlsx file, row by row, as text.

Whoever sends one may have made it to do harm: what it unpacks to, and how far its rows go, is looked at first.
"""

import io
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from openpyxl import load_workbook

from emplette.domain.errors import Faults

BEGINNING: Final = b"PK\x03\x04"
"""How such a file begins: it is a zip."""
LARGEST: Final = 64 * 1024 * 1024
"""So many bytes may it unpack to."""
MOST_ROWS: Final = 100_000
MOST_COLUMNS: Final = 200


def rows_of(content: bytes, faults: Faults) -> list[tuple[int, list[str]]]:
    """Read the rows in which something stands, each with its number; what can't be read is a fault."""
    try:
        # A zip gives out no more bytes than its list of contents says.
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            size = sum(part.file_size for part in parts.infolist())
        if size > LARGEST:
            faults.add("line 1", f"Unpacks to {size:,} bytes; at most {LARGEST:,} are read: save the sheet as CSV.")
            return []
        rows = list(_rows(content))
    except Exception:  # noqa: BLE001 - whatever it stumbles over, this is no workbook
        faults.add("line 1", "Can't be read as a workbook (.xlsx): save it anew, or as CSV.")
        return []
    if len(rows) > MOST_ROWS:
        reason = f"Is one too many: {MOST_ROWS:,} rows are read of a workbook; save the sheet as CSV."
        faults.add(f"line {MOST_ROWS + 1}", reason)
        return []
    return rows


def _rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    with closing(load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)) as book:
        sheet = book.worksheets[0]
        found = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
        for number, cells in enumerate(found, start=1):
            texts = [_text(cell) for cell in cells]
            if any(texts):
                yield number, texts


def _text(cell: object) -> str:
    """Write a cell as a table has it: whole numbers without a fraction, days as 2025-04-14."""
    match cell:
        case None:
            return ""
        case bool():
            return str(cell).lower()
        case float():
            # As spreadsheets show it: they know 15 digits, and keep two more, which no formula gets right.
            exact = Decimal(f"{cell:.15g}")
            return f"{exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact:f}"
        case datetime():
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat()
        case date():
            return cell.isoformat()
    return str(cell).strip()
