"""``emplette exchange-rates``."""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from emplette.cli.reaching import DataDir, TenantOption, say, with_database
from emplette.cli.refusals import NamingCommand
from emplette.services.exchange_rates import set_rate
from emplette.services.tenants import find_tenant
from emplette.storage.database import Session

app = typer.Typer(help="Exchange rates that no bank publishes for us.", no_args_is_help=True)


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None


Currency = Annotated[str, typer.Option(metavar="CODE", help="The currency, by its code of ISO 4217.")]
Day = Annotated[
    date,
    typer.Option("--date", parser=date.fromisoformat, metavar="DATE", help="The day from which on the rate counts."),
]
Rate = Annotated[
    Decimal, typer.Option(parser=_number, metavar="RATE", help="So much of the currency is worth one euro.")
]


@app.command("set", cls=NamingCommand)
def set_(tenant: TenantOption, currency: Currency, on: Day, rate: Rate, data_dir: DataDir = None) -> None:
    r"""Set a company's own exchange rate for a day, in place of the one it had set before.

    The European Central Bank's reference rates are known. A company's own counts before those of the same day, for
    this company alone, until a newer rate of the currency is known, and for 35 days at most.

    \b
    emplette exchange-rates set --tenant acme --currency MAD --date 2025-04-14 --rate 10.6205

    \b
    Exit codes: 0 set, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """

    async def write(db: Session) -> None:
        company = await find_tenant(db, tenant)
        await set_rate(
            db, company.id, currency=currency, on=on, rate=rate, set_by="command line", now=datetime.now(UTC)
        )

    with_database("emplette exchange-rates set", data_dir, write)
    say(f"1 EUR is {rate:f} {currency} for {tenant} on {on}")
