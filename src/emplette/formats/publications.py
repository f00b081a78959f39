"""The European Central Bank's reference rates, in every form in which the bank offers them for download.

A table of days and currencies, as `eurofxref.csv` and `eurofxref-hist.csv`, alone or in the zips of these names, and as
the XML of a day, of 90 days and of all. Whoever has one has it from somewhere: nothing of it is trusted. A zip is not
unpacked beyond what the bank would ever publish, XML may declare nothing, and every number at fault is named.
"""

import csv
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from lxml import etree

from emplette.domain.errors import Faults, Invalid
from emplette.domain.text import number_of
from emplette.formats.exchange_rates import ABSENT, ReferenceRate

LARGEST: Final = 64 * 2**20
"""Bytes, packed or not: eight times what 27 years of rates are in XML."""

_FIELD: Final = "file"
_MOST_FAULTS: Final = 20
_CUBE: Final = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
_RATE: Final = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

# What zipfile and its decompressors raise when a zip is cut off, made up, locked, or packed in a way of its own.
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
)

_Cell = tuple[str, str, str, str]
"""Where it stands, and a currency, day and rate as they are written there."""


def read_publication(data: bytes) -> list[ReferenceRate]:
    """Read every rate of a file of the bank's.

    Raises:
        Invalid: it is none, or names what is at fault in it, by line.
    """
    text = _text(_unpacked(data))
    cells = _cells_of_xml(text) if text.lstrip().startswith("<") else _cells_of_table(text)
    rates: dict[tuple[str, date], ReferenceRate] = {}
    faults = Faults()
    count = 0
    for place, currency, day, per_euro in cells:
        rate = _rate(currency, day, per_euro)
        fault = rate if isinstance(rate, str) else None
        if isinstance(rate, ReferenceRate) and rates.setdefault((rate.currency, rate.date), rate) is not rate:
            fault = f"{currency} stands there twice for {rate.date}."
        if fault is not None and (count := count + 1) <= _MOST_FAULTS:
            faults.add(_FIELD, f"{place}: {fault}")
    if count > _MOST_FAULTS:
        faults.add(_FIELD, f"Has {number_of(count - _MOST_FAULTS, 'more fault')}.")
    faults.raise_if_any()
    if not rates:
        raise Invalid.field(_FIELD, "Holds no reference rate of the European Central Bank.")
    return list(rates.values())


def _rate(currency: str, day: str, per_euro: str) -> ReferenceRate | str:
    """Read one rate, or say why it is none."""
    published = _day(day)
    if published is None:
        return f"{day!r} is no day."
    if not _CURRENCY.fullmatch(currency):
        return f"{currency!r} is no currency."
    if not _RATE.fullmatch(per_euro) or not Decimal(per_euro):
        return f"{per_euro[:40]!r} is no rate of {currency}: a number above zero."
    return ReferenceRate(currency, published, Decimal(per_euro))


@lru_cache(maxsize=8)
def _day(text: str) -> date | None:
    """Read a day as the bank writes it: 2026-11-20, and in the table of a single day 20 November 2026."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return date.fromisoformat(text)
        day, month, year = text.split(" ")
        return date(int(year), _MONTHS.index(month) + 1, int(day))
    except ValueError:
        return None


def _unpacked(data: bytes) -> bytes:
    """Take the one table out of a zip; what is none is taken as it is."""
    if len(data) > LARGEST:
        raise _too_large()
    if not data.startswith(b"PK"):
        return data
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            tables = [one for one in archive.infolist() if one.filename.lower().endswith((".csv", ".xml"))]
            if len(tables) != 1:
                raise Invalid.field(_FIELD, f"Is a zip with {len(tables)} tables: the bank's has one.")
            with archive.open(tables[0]) as table:
                content = table.read(LARGEST + 1)
    except _BROKEN as broken:
        raise Invalid.field(_FIELD, f"Is a zip that can't be unpacked: {broken}.") from None
    if len(content) > LARGEST:
        raise _too_large()
    return content


def _too_large() -> Invalid:
    return Invalid.field(_FIELD, f"Is larger than {LARGEST // 2**20} MB: the bank's files are not.")


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise Invalid.field(_FIELD, f"Is not text in UTF-8: byte {fault.start:,}.") from None


def _cells_of_table(text: str) -> Iterator[_Cell]:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        head, *currencies = [cell.strip() for cell in next(lines, [""])]
        if head != "Date" or not currencies:
            raise Invalid.field(
                _FIELD, "Is no table of the bank's: its first line is Date and currencies, with commas."
            )
        for line in filter(None, lines):
            place = f"Line {lines.line_num}"
            if len(line) != len(currencies) + 1:
                raise Invalid.field(
                    _FIELD, f"{place}: Has {len(line)} values where the first line has {len(currencies) + 1}."
                )
            day, *rates = [cell.strip() for cell in line]
            # The bank ends each line with a comma: the last column has no name and no value.
            for currency, rate in zip(currencies, rates, strict=True):
                if rate not in ABSENT:
                    yield place, currency, day, rate
    except csv.Error as broken:
        raise Invalid.field(_FIELD, f"Line {lines.line_num}: Can't be read as CSV: {broken}.") from None


def _cells_of_xml(text: str) -> Iterator[_Cell]:
    # It is parsed as UTF-8 whatever it says of itself, so that no declaration hides from this look.
    if "<!DOCTYPE" in text:
        raise Invalid.field(_FIELD, "Is XML with a DOCTYPE: the bank's has none.")
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as broken:
        raise Invalid.field(_FIELD, f"Is no XML: {broken.msg}.") from None
    for day in root.iter(_CUBE):
        published = day.get("time")
        if published is None:
            continue
        for rate in day.iterchildren(_CUBE):
            yield f"Line {rate.sourceline}", rate.get("currency", ""), published, rate.get("rate", "")
