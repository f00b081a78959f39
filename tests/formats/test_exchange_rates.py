"""The European Central Bank's history, as it is shipped and as it is written."""

import io
import subprocess
import sys
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from importlib.machinery import ModuleSpec

import pytest

from emplette.domain.currencies import CURRENCIES
from emplette.formats import exchange_rates
from emplette.formats.exchange_rates import ReferenceRate, read_history, shipped_history, version_of

SMALL = """Date,USD,CYP,CHF,
2025-04-14,1.1377,N/A,0.9252,
1999-01-04,1.1789,0.58231,,
"""


def zipped(table: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("eurofxref-hist.csv", table)
    return file.getvalue()


def test_every_rate_of_the_table_is_read_and_none_that_is_absent() -> None:
    assert list(read_history(zipped(SMALL))) == [
        ReferenceRate("USD", date(2025, 4, 14), Decimal("1.1377")),
        ReferenceRate("CHF", date(2025, 4, 14), Decimal("0.9252")),
        ReferenceRate("USD", date(1999, 1, 4), Decimal("1.1789")),
        ReferenceRate("CYP", date(1999, 1, 4), Decimal("0.58231")),
    ]


def test_a_line_that_is_cut_off_is_an_error_and_no_rate() -> None:
    with pytest.raises(ValueError, match="zip"):
        list(read_history(zipped("Date,USD,CHF,\n2025-04-14,1.1377\n")))


def test_another_edition_has_another_version() -> None:
    assert version_of(zipped(SMALL)) != version_of(zipped(SMALL.replace("1.1377", "1.1378")))


def test_what_is_shipped_reaches_from_the_first_day_of_the_euro_into_2026() -> None:
    rates = list(read_history(shipped_history()))
    days = {rate.date for rate in rates}
    assert min(days) == date(1999, 1, 4)
    assert max(days) >= date(2026, 10, 30)
    assert all(rate.per_euro > 0 for rate in rates)
    assert len({(rate.currency, rate.date) for rate in rates}) == len(rates)


def test_what_is_shipped_agrees_with_what_was_published() -> None:
    published = {
        ("USD", date(1999, 1, 4)): Decimal("1.1789"),
        ("LTL", date(2014, 12, 31)): Decimal("3.4528"),
        ("RUB", date(2022, 3, 1)): Decimal("117.201"),
        ("BGN", date(2025, 12, 31)): Decimal("1.9558"),
    }
    rates = {(rate.currency, rate.date): rate.per_euro for rate in read_history(shipped_history())}
    assert {day: rates[day] for day in published} == published


def test_every_published_currency_that_we_know_ended_when_we_say_it_did() -> None:
    last: dict[str, date] = {}
    for rate in read_history(shipped_history()):
        last[rate.currency] = max(rate.date, last.get(rate.currency, rate.date))
    for code, published_until in last.items():
        money_until = code in CURRENCIES and CURRENCIES[code].money_until
        if money_until:
            assert timedelta(0) <= money_until - published_until <= timedelta(days=3)


def test_the_shipped_history_is_found_without_running_its_package() -> None:
    script = (
        "import sys; from emplette.formats.exchange_rates import shipped_history; shipped_history(); "
        "sys.exit('currency_converter' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_an_installation_without_the_history_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(_name: str) -> ModuleSpec | None:
        return None

    monkeypatch.setattr(exchange_rates, "find_spec", absent)
    with pytest.raises(FileNotFoundError, match="which carries the exchange rates, is not installed"):
        shipped_history()
