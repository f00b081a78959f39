"""``emplette tenant``."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from emplette.cli.reaching import DataDir, Json, say, table, with_database
from emplette.cli.refusals import NamingCommand
from emplette.domain.errors import Invalid
from emplette.domain.parties import Letterhead
from emplette.domain.tenants import Account, TenantDraft
from emplette.services import subscription_reminders, tenants
from emplette.services.tenants import SaidOfCompany
from emplette.storage.database import Session

app = typer.Typer(help="Companies' accounts: make one, change one, list them.", no_args_is_help=True)

AccountName = Annotated[str, typer.Argument(metavar="ACCOUNT", help="A short name, as the first part of a host name.")]
Hosts = Annotated[
    list[str],
    typer.Option("--host", metavar="HOST", help="A host name that it answers under, without port; may be repeated."),
]
Name = Annotated[str, typer.Option(help="What the company is called.")]
Default = Annotated[bool, typer.Option("--default", help="It answers under every other host name as well.")]
TimeZone = Annotated[str, typer.Option(help="Whose midnight begins its days: a name of the IANA's.")]
Currency = Annotated[str, typer.Option(help="What it reckons in, where an establishment says nothing else.")]
MovableClock = Annotated[bool, typer.Option("--movable-clock", help="For trials: see `emplette clock`.")]
Country = Annotated[str, typer.Option(help="Where it is: two letters of ISO 3166-1.")]


@app.command("create", cls=NamingCommand)
def create(
    account: AccountName,
    host: Hosts,
    name: Name,
    default: Default = False,
    time_zone: TimeZone = "Europe/Paris",
    currency: Currency = "EUR",
    country: Country = "FR",
    movable_clock: MovableClock = False,
    data_dir: DataDir = None,
) -> None:
    r"""Make a company's account.

    Calls are let in by host name and key: make a key next, with `emplette key create`.

    \b
    emplette tenant create acme --host acme.example.com --name "Acme"
    emplette tenant create acme --host acme.example.com --host localhost --name "Acme" --default
    emplette tenant create helvetia --host h.example.ch --name "Helvetia" \
        --time-zone Europe/Zurich --currency CHF --country CH

    \b
    Exit codes: 0 made, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    draft = TenantDraft(
        account, name, tuple(host), time_zone, currency, country, default, clock_is_movable=movable_clock
    )
    made = with_database(
        "emplette tenant create", data_dir, lambda db: tenants.create_tenant(db, draft, now=datetime.now(UTC))
    )
    others = " and every other host" if default else ""
    say(f"made {made.account}, which answers under {', '.join(host).lower()}{others}")


Street = Annotated[str | None, typer.Option(help="The first line of its address.", show_default=False)]
Additional = Annotated[str | None, typer.Option(help="A second line, where there is one.", show_default=False)]
PostalCode = Annotated[str | None, typer.Option(help="Its postal code.", show_default=False)]
City = Annotated[str | None, typer.Option(help="Its city.", show_default=False)]
Identifier = Annotated[str | None, typer.Option(help="Its registration; a French one is checked.", show_default=False)]
VatNumber = Annotated[str | None, typer.Option(help="Its VAT number, which is checked.", show_default=False)]
French = Annotated[
    Path | None, typer.Option(metavar="FILE", help="On which conditions it buys, in French.", show_default=False)
]
English = Annotated[
    Path | None, typer.Option(metavar="FILE", help="On which conditions it buys, in English.", show_default=False)
]


@app.command("change", cls=NamingCommand)
def change(
    account: AccountName,
    street: Street = None,
    additional: Additional = None,
    postal_code: PostalCode = None,
    city: City = None,
    identifier: Identifier = None,
    vat_number: VatNumber = None,
    conditions_fr: French = None,
    conditions_en: English = None,
    data_dir: DataDir = None,
) -> None:
    r"""Say what a company's orders print of it, where its establishments say nothing else.

    Address, registration (in France a SIREN or SIRET), VAT number, and the conditions on which it buys, from a text
    file for each language. What is left out stays as it is; an empty text, or an empty file, clears. Orders that are
    made already stay as they are. What holds then is answered in JSON; without any option nothing changes.

    \b
    emplette tenant change acme --street "1 rue de la Paix" --postal-code 75002 --city Paris \
        --identifier 303265045 --vat-number FR40303265045 --conditions-fr conditions.txt

    \b
    Exit codes: 0 changed, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    texts = [_text_of(name, file) for name, file in (("conditionsFr", conditions_fr), ("conditionsEn", conditions_en))]
    said = SaidOfCompany(street, additional, postal_code, city, identifier, vat_number, *texts)

    async def write(db: Session) -> Letterhead:
        company = await tenants.find_tenant(db, account)
        return await tenants.change_tenant(db, company, said, now=datetime.now(UTC))

    after = with_database("emplette tenant change", data_dir, write)
    typer.echo(msgspec.json.format(msgspec.json.encode(_letterhead_for_programs(after)), indent=2).decode())
    say(f"{account} has these on its orders from now on")


def _letterhead_for_programs(letterhead: Letterhead) -> dict[str, object]:
    address = letterhead.address
    return {
        "address": None
        if address is None
        else {
            "street": address.street,
            "additional": address.additional,
            "postalCode": address.postal_code,
            "city": address.city,
        },
        "legalRegistration": {"identifier": letterhead.registration_id, "vatNumber": letterhead.vat_number},
        "orderConditions": letterhead.conditions,
    }


def _text_of(name: str, file: Path | None) -> str | None:
    try:
        return None if file is None else file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise Invalid.field(name, f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Invalid.field(name, f"{file} is not in UTF-8.") from None


Days = Annotated[
    str | None,
    typer.Option(metavar="DAYS", help="How many days ahead, with commas; empty for never.", show_default=False),
]


@app.command("reminders", cls=NamingCommand)
def reminders(account: AccountName, days: Days = None, data_dir: DataDir = None) -> None:
    r"""Say how many days ahead a company's people are reminded of the last safe day of a notice, and of an end.

    \b
    emplette tenant reminders acme
    emplette tenant reminders acme --days 60,30,7

    \b
    Exit codes: 0 said, 1 refused; those of `emplette serve` when the database can't be reached.
    """

    async def write(db: Session) -> tuple[int, ...]:
        company = await tenants.find_tenant(db, account)
        if days is None:
            return await subscription_reminders.read_days(db, company)
        return await subscription_reminders.change_days(db, company, _days_of(days), now=datetime.now(UTC))

    told = with_database("emplette tenant reminders", data_dir, write)
    typer.echo(",".join(str(each) for each in told) or "none")


def _days_of(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isascii() and part.isdecimal() and len(part) < 6 for part in parts):  # noqa: PLR2004 - digits
        raise Invalid.field("days", "Expected whole numbers with commas between them, such as 60,30,7.")
    return [int(part) for part in parts]


@app.command("list", cls=NamingCommand)
def list_(json: Json = False, data_dir: DataDir = None) -> None:
    r"""List the companies, by account.

    \b
    Exit codes: 0 listed; those of `emplette serve` when the database can't be reached.
    """
    accounts = with_database("emplette tenant list", data_dir, tenants.list_tenants)
    if json:
        typer.echo(msgspec.json.encode([_for_programs(account) for account in accounts]).decode())
        return
    heads = ("ACCOUNT", "NAME", "HOSTS", "TIME ZONE", "CURRENCY", "COUNTRY", "")
    typer.echo(table(heads, [_row(account) for account in accounts]))


def _row(account: Account) -> tuple[str, ...]:
    tenant = account.tenant
    marks = [mark for mark, holds in (("default", account.is_default), ("demo", account.is_demo)) if holds]
    hosts = ", ".join(account.hosts)
    return (
        tenant.account,
        tenant.name,
        hosts,
        str(tenant.time_zone),
        tenant.currency,
        tenant.country,
        ", ".join(marks),
    )


def _for_programs(account: Account) -> dict[str, object]:
    tenant = account.tenant
    return {
        "account": tenant.account,
        "name": tenant.name,
        "hosts": account.hosts,
        "timeZone": str(tenant.time_zone),
        "currency": tenant.currency,
        "country": tenant.country,
        "default": account.is_default,
        "demo": account.is_demo,
    }
