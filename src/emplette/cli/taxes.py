"""``emplette vat-rates`` and ``emplette recovery-rules``."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated

import msgspec
import typer

from emplette.cli.reaching import DataDir, Json, TenantOption, day, number, say, table, with_database
from emplette.cli.refusals import NamingCommand
from emplette.domain.taxes import RateType, VatRate
from emplette.services import taxes
from emplette.services.taxes import ListedRate
from emplette.services.tenants import find_tenant
from emplette.storage.database import Session

vat_rates = typer.Typer(help="VAT rates: look them up, add or end one for a company.", no_args_is_help=True)
recovery_rules = typer.Typer(help="How much of a tax a company gets back.", no_args_is_help=True)

Place = Annotated[str, typer.Option(metavar="CODE", help="Where: two letters of ISO 3166-1, or FR-20R for Corsica.")]
OfCompany = Annotated[
    str | None, typer.Option(metavar="ACCOUNT", help="As they are for a company, with what it has set for itself.")
]
On = Annotated[date | None, typer.Option("--date", parser=day, metavar="DATE", help="The day. Without it, today.")]
TypeOfRate = Annotated[
    str, typer.Option("--type", metavar="NAME|ID", help="The type of rate: a name, as Normal, or its id.")
]
Percentage = Annotated[
    Decimal, typer.Option(parser=number, metavar="FRACTION", help="A fraction: 0.2 is 20 %.", show_default=False)
]
From = Annotated[date, typer.Option("--from", parser=day, metavar="DATE", help="The first day on which it counts.")]
To = Annotated[
    date | None,
    typer.Option("--to", parser=day, metavar="DATE", help="The last day on which it counts."),
]
LastDay = Annotated[date, typer.Option("--to", parser=day, metavar="DATE", help="The last day on which it counts.")]
TypeId = Annotated[int, typer.Option(metavar="ID", help="The type of rate, by its id: `emplette vat-rates list`.")]
CostFamily = Annotated[int, typer.Option(metavar="ID", help="The cost family of what is bought.")]
Coefficient = Annotated[
    Decimal, typer.Option(parser=number, metavar="FRACTION", help="So much is got back: 1 is all, 0 nothing.")
]


@vat_rates.command("list", cls=NamingCommand)
def list_(
    territory: Place, on: On = None, tenant: OfCompany = None, json: Json = False, data_dir: DataDir = None
) -> None:
    r"""List the VAT rates of a territory that are valid on a day, with the law that each comes from.

    Without --tenant it needs no database: it shows the table that comes with this version.

    \b
    emplette vat-rates list --territory FR
    emplette vat-rates list --territory DE --date 2020-07-01
    emplette vat-rates list --territory NO --tenant acme

    \b
    Exit codes: 0 listed, 1 refused, 2 not understood; with --tenant those of `emplette serve` when the database can't
    be reached.
    """
    when = on or datetime.now(UTC).date()
    if tenant is None:
        listed = taxes.shipped_rates(territory_id=territory, on=when)
    else:
        account = tenant

        async def look(db: Session) -> list[ListedRate]:
            company = await find_tenant(db, account)
            return await taxes.rates_of_company(db, company, territory_id=territory, on=when)

        listed = with_database("emplette vat-rates list", data_dir, look)
    if json:
        typer.echo(msgspec.json.Encoder(decimal_format="number").encode([_for_programs(one) for one in listed]))
        return
    if not listed:
        say(f"{territory} has no rates on {when}; `emplette vat-rates add` gives a company some")
        return
    heads = ("TYPE", "NAME", "PERCENT", "FROM", "TO", "SOURCE")
    typer.echo(table(heads, [_row(one) for one in listed]))


@vat_rates.command("add", cls=NamingCommand)
def add(
    tenant: TenantOption,
    territory: Place,
    rate_type: TypeOfRate,
    percentage: Percentage,
    first_day: From,
    last_day: To = None,
    data_dir: DataDir = None,
) -> None:
    r"""Give a type of rate a percentage for a company, from a day on.

    It counts before what comes with Emplette, for this company alone, within 5 seconds. A name that no type has at that
    place makes a new type. A rate that a commitment uses is never changed: choose a later day.

    \b
    emplette vat-rates add --tenant acme --territory FR --type Normal --percentage 0.21 --from 2027-01-01
    emplette vat-rates add --tenant acme --territory NO --type Normal --percentage 0.25 --from 2005-01-01

    \b
    Exit codes: 0 added, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """

    async def write(db: Session) -> tuple[RateType, bool]:
        return await taxes.add_rate(
            db,
            await find_tenant(db, tenant),
            territory_id=territory,
            rate_type=rate_type,
            percentage=percentage,
            first_day=first_day,
            last_day=last_day,
            now=datetime.now(UTC),
        )

    kind, is_new = with_database("emplette vat-rates add", data_dir, write)
    if is_new:
        say(f"made type {kind.id}, {kind.name} of {kind.territory_id}, for {tenant}")
    until = "" if last_day is None else f" up to and with {last_day}"
    say(f"{_named(kind)} is {_percent(percentage)} % for {tenant} from {first_day}{until}")


@vat_rates.command("end", cls=NamingCommand)
def end(
    tenant: TenantOption, territory: Place, rate_type: TypeOfRate, last_day: LastDay, data_dir: DataDir = None
) -> None:
    r"""End the rate of a type for a company: after the last day, a line of taxes can't name it any more.

    A rate that begins later stays. What was ended or added by mistake is added again with what is right. A rate that a
    commitment uses on a later day is not ended.

    \b
    emplette vat-rates end --tenant acme --territory NO --type Normal --to 2026-12-31

    \b
    Exit codes: 0 ended, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """

    async def write(db: Session) -> VatRate:
        return await taxes.end_rate(
            db,
            await find_tenant(db, tenant),
            territory_id=territory,
            rate_type=rate_type,
            last_day=last_day,
            now=datetime.now(UTC),
        )

    ended = with_database("emplette vat-rates end", data_dir, write)
    say(f"{_named(ended.rate_type)}, {_percent(ended.percentage)} %, ends for {tenant} with {last_day}")


@recovery_rules.command("set", cls=NamingCommand)
def set_(
    tenant: TenantOption, rate_type: TypeId, cost_family: CostFamily, coefficient: Coefficient, data_dir: DataDir = None
) -> None:
    r"""Set how much of a tax a company gets back on what a cost family is for, in place of what was set before.

    \b
    emplette recovery-rules set --tenant acme --rate-type 45 --cost-family 1 --coefficient 0.8

    \b
    Exit codes: 0 set, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """

    async def write(db: Session) -> tuple[RateType, str]:
        return await taxes.set_recovery(
            db,
            await find_tenant(db, tenant),
            rate_type=rate_type,
            cost_family=cost_family,
            coefficient=coefficient,
            now=datetime.now(UTC),
        )

    kind, family = with_database("emplette recovery-rules set", data_dir, write)
    say(f"{tenant} gets back {_percent(coefficient)} % of {_named(kind)} for {family}")


def _named(kind: RateType) -> str:
    return f"{kind.name} ({kind.id}) of {kind.territory_id}"


def _percent(fraction: Decimal) -> str:
    return f"{(fraction * 100).normalize():f}"


def _last_day(rate: VatRate) -> date | None:
    return None if rate.valid_to is None else rate.valid_to - timedelta(days=1)


def _row(listed: ListedRate) -> tuple[str, ...]:
    rate = listed.rate
    last_day = _last_day(rate)
    return (
        str(rate.rate_type.id),
        rate.rate_type.name,
        _percent(rate.percentage),
        str(rate.valid_from),
        str(last_day or ""),
        listed.source,
    )


def _for_programs(listed: ListedRate) -> dict[str, object]:
    rate = listed.rate
    return {
        "id": rate.id,
        "percentage": rate.percentage,
        "rateType": {
            "id": rate.rate_type.id,
            "name": rate.rate_type.name,
            "territoryId": rate.rate_type.territory_id,
        },
        "from": rate.valid_from,
        "to": _last_day(rate),
        "source": listed.source,
    }
