"""``emplette exchange-rates``."""

import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from emplette.cli.reaching import (
    DataDir,
    Json,
    OwnerConnection,
    TenantOption,
    day,
    number,
    say,
    with_database,
    with_owner,
)
from emplette.cli.refusals import NamingCommand
from emplette.domain.errors import Invalid
from emplette.domain.text import number_of
from emplette.formats.publications import LARGEST, read_publication
from emplette.services.exchange_rates import ImportReport, import_rates, set_rate
from emplette.services.tenants import find_tenant
from emplette.storage.database import Session

app = typer.Typer(help="Exchange rates: load what the bank publishes, set what it does not.", no_args_is_help=True)

Currency = Annotated[str, typer.Option(metavar="CODE", help="The currency, by its code of ISO 4217.")]
Day = Annotated[
    date,
    typer.Option("--date", parser=day, metavar="DATE", help="The day from which on the rate counts."),
]
Until = Annotated[
    date | None,
    typer.Option(parser=day, metavar="DATE", help="The last day, of a rate that is agreed on."),
]
Rate = Annotated[
    Decimal, typer.Option(parser=number, metavar="RATE", help="So much of the currency is worth one euro.")
]
File = Annotated[Path, typer.Argument(metavar="FILE", help="The bank's zip, CSV or XML; - reads what is piped in.")]


@app.command("set", cls=NamingCommand)
def set_(
    tenant: TenantOption, currency: Currency, on: Day, rate: Rate, until: Until = None, data_dir: DataDir = None
) -> None:
    r"""Set a company's own exchange rate from a day on, in place of the one of that day that it had set before.

    The European Central Bank's reference rates are known. A company's own counts before those of the same day, for
    this company alone, until a newer rate of the currency is known, and for 35 days at most. One with --until is agreed
    on: it counts on all of its days, whatever the bank publishes. What a document was reckoned with stays on it.

    \b
    emplette exchange-rates set --tenant acme --currency MAD --date 2025-04-14 --rate 10.6205
    emplette exchange-rates set --tenant acme --currency USD --date 2027-01-01 --until 2027-12-31 --rate 1.15

    \b
    Exit codes: 0 set, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """

    async def write(db: Session) -> None:
        company = await find_tenant(db, tenant)
        await set_rate(
            db,
            company.id,
            currency=currency,
            on=on,
            rate=rate,
            set_by="command line",
            now=datetime.now(UTC),
            until=until,
        )

    with_database("emplette exchange-rates set", data_dir, write)
    days = f"on {on}" if until is None else f"from {on} up to and with {until}"
    say(f"1 EUR is {rate:f} {currency} for {tenant} {days}")


@app.command("import", cls=NamingCommand)
def import_(file: File, json: Json = False, data_dir: DataDir = None) -> None:
    r"""Load the European Central Bank's reference rates from a file that it publishes, for all companies.

    It takes eurofxref.zip, eurofxref-hist.zip, the CSV in them, and the XML of a day, of 90 days and of all. Everything
    is loaded or nothing; what is known stays, what the bank has corrected is corrected, and a repeat changes nothing.
    What a document was reckoned with stays on it.

    \b
    emplette exchange-rates import eurofxref-hist.zip
    curl -s https://www.ecb.europa.eu/stats/eurofxref/eurofxref-daily.xml | emplette exchange-rates import -

    \b
    Exit codes: 0 loaded, 1 refused and nothing loaded, 2 not understood; those of `emplette serve` when the database
    can't be reached.
    """
    rates = read_publication(_read(file))
    days = sorted({rate.date for rate in rates})
    say(f"read {number_of(len(rates), 'rate')}, {days[0]} to {days[-1]}")

    async def load(connection: OwnerConnection) -> ImportReport:
        return await import_rates(connection, rates, today=datetime.now(UTC).date(), tell=say)

    report = with_owner("emplette exchange-rates import", data_dir, load)
    typer.echo(msgspec.json.encode(_for_programs(report)).decode() if json else "\n".join(_lines(report)))


def _read(file: Path) -> bytes:
    """Read no more than is looked at."""
    try:
        if str(file) == "-":
            return sys.stdin.buffer.read(LARGEST + 1)
        with file.open("rb") as opened:
            return opened.read(LARGEST + 1)
    except OSError as error:
        raise Invalid.field("file", f"{file} cannot be read: {error.strerror}.") from None


def _lines(report: ImportReport) -> list[str]:
    loaded = report.loaded
    lines = [f"new {loaded.added:,}", f"corrected {loaded.corrected:,}"]
    lines += [f"  {one.currency} {one.date}: {one.before:f} -> {one.after:f}" for one in loaded.corrections]
    if loaded.corrected > len(loaded.corrections):
        lines.append("  and older ones")
    lines.append(f"unchanged {loaded.unchanged:,}")
    if report.left_out:
        lines.append(f"left out {', '.join(report.left_out)}: no currency that a purchase can be made in")
    return [*lines, f"known until {loaded.known_until}"]


def _for_programs(report: ImportReport) -> dict[str, object]:
    loaded = report.loaded
    return {
        "new": loaded.added,
        "corrected": loaded.corrected,
        "unchanged": loaded.unchanged,
        "leftOut": report.left_out,
        "knownUntil": loaded.known_until,
    }
