"""The European Central Bank's reference rates, as it publishes them: a zipped table of days and currencies.

The history from 1999 on comes with a package of the Python index, so that a fresh machine knows the past without
asking anybody. Its newer editions are read the same way; what somebody has downloaded is read by `publications`.
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_PACKAGE: Final = "currency_converter"
_ZIP: Final = "eurofxref-hist.zip"
_TABLE: Final = "eurofxref-hist.csv"
ABSENT: Final = frozenset({"", "N/A"})
"""What stands where the bank has no rate."""


@dataclass(frozen=True, slots=True)
class ReferenceRate:
    """How many units of a currency the bank gave for one euro on a day."""

    currency: str
    date: date
    per_euro: Decimal


def shipped_history() -> bytes:
    """The zip that comes with the installation."""
    # Found without importing the package, which would read the whole table by itself.
    package = find_spec(_PACKAGE)
    if package is None or package.origin is None:
        message = f"The package {_PACKAGE}, which carries the exchange rates, is not installed."
        raise FileNotFoundError(message)
    return (Path(package.origin).parent / _ZIP).read_bytes()


def version_of(history: bytes) -> str:
    """Tell one edition of the history from another."""
    return hashlib.sha256(history).hexdigest()


def read_history(history: bytes) -> Iterator[ReferenceRate]:
    """Read every rate of the zip, day by day as the bank wrote them, the newest first."""
    with zipfile.ZipFile(io.BytesIO(history)) as archive, archive.open(_TABLE) as table:
        lines = csv.reader(io.TextIOWrapper(table, "ascii"))
        _, *currencies = next(lines)
        for day, *rates in lines:
            published = date.fromisoformat(day)
            for currency, rate in zip(currencies, rates, strict=True):
                if rate not in ABSENT:
                    yield ReferenceRate(currency, published, Decimal(rate))
