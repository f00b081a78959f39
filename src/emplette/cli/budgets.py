"""``emplette budget``."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from emplette.cli.imports import ATTEMPTS, DryRun, counted, read_file, say_faults
from emplette.cli.reaching import DataDir, Json, TenantOption, day, say, table, with_database
from emplette.cli.refusals import NamingCommand
from emplette.domain.budgets import Budget, Numbers
from emplette.domain.currencies import CURRENCIES
from emplette.domain.errors import Unavailable
from emplette.domain.money import Money
from emplette.domain.text import number_of
from emplette.runtime.schema import IMPORT
from emplette.services import budget_imports, imports
from emplette.services.plans import Plan, Source
from emplette.services.tenants import find_tenant
from emplette.storage.database import Session

app = typer.Typer(help="Budgets: import and list them.", no_args_is_help=True)

File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help="The budgets, CSV, .xlsx or JSON; - reads what is piped in.", show_default=False
    ),
]
On = Annotated[
    date | None,
    typer.Option(parser=day, metavar="DATE", help="Only budgets that count on that day.", show_default=False),
]
_encode = msgspec.json.Encoder(decimal_format="number").encode


@app.command("import", cls=NamingCommand)
def import_(file: File, tenant: TenantOption, dry_run: DryRun = False, data_dir: DataDir = None) -> None:
    r"""Make budgets of a file, all of them or none; each takes over what is asked for or approved already.

    Columns: name, startDate, endDate, amount, currency; kind (Hard, unless it says Soft), and any of costCenterId,
    natureId or costFamilyId, departmentId, axisSectionId, establishmentId; id. CSV as spreadsheets write it, the first
    sheet of an .xlsx file, or a JSON list of objects. Everything wrong is said by line and column before anything is
    written. A budget is known again by its id, or by its name and days, so that the same file twice makes no doubles;
    one that is there is never changed: correct it over the API, for a reason.

    \b
    emplette budget import budgets.csv --tenant acme --dry-run

    \b
    Exit codes: 0 written (or could be), 1 refused, 2 not understood; those of `emplette serve` when the database can't
    be reached.
    """
    source = Source(file.name, read_file(file))
    plan = with_database(IMPORT, data_dir, lambda db: _bring(db, tenant, source, dry_run=dry_run))
    if plan.faults:
        say(f"nothing was written: {number_of(plan.wrong_lines, 'line is', 'lines are')} wrong")
        raise typer.Exit(1)


async def _bring(db: Session, account: str, source: Source, *, dry_run: bool) -> Plan:
    company = await find_tenant(db, account)
    before = await imports.written_before(db, company, source)
    if before is not None:
        say(f"this very file was written before: import {before.id}, {before.at:%Y-%m-%d %H:%M} UTC")
    for _ in range(ATTEMPTS):
        now = datetime.now(UTC)
        plan = await budget_imports.plan_budgets(db, company, source.content, today=company.today(now), dry_run=dry_run)
        say_faults(plan)
        if plan.faults:
            return plan
        say(counted(plan))
        if dry_run:
            say("nothing was written: this was a dry run")
            return plan
        if not plan.made:
            say("nothing was written: all is as the file says")
            return plan
        author = await budget_imports.command_line(db, company, now)
        number = await budget_imports.write_budgets(db, company, plan, source, author)
        if number is not None:
            say(f"written: import {number}")
            return plan
        say("something has changed meanwhile: once more")
    raise Unavailable("Too many others are changing the same just now; nothing was written.")


@app.command("list", cls=NamingCommand)
def list_(tenant: TenantOption, on: On = None, json: Json = False, data_dir: DataDir = None) -> None:
    r"""List the budgets of a company with their numbers: amount + overrun = free + reserved + committed + spent.

    \b
    Exit codes: 0 listed, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """

    async def look(db: Session) -> list[Budget]:
        return await budget_imports.list_all(db, await find_tenant(db, tenant))

    found = with_database("emplette budget list", data_dir, look)
    shown = [budget for budget in found if on is None or budget.starts_on <= on <= budget.ends_on]
    if json:
        typer.echo(_encode([_for_programs(budget) for budget in shown]).decode())
        return
    heads = ("ID", "NAME", "FROM", "TO", "KIND", "AMOUNT", "FREE", "RESERVED", "COMMITTED", "SPENT", "OVERRUN", "")
    typer.echo(table(heads, [_row(budget) for budget in shown]))


def _amounts(budget: Budget) -> dict[str, Decimal]:
    numbers = budget.numbers or Numbers(budget.amount_minor)
    minor = {
        "amount": budget.amount_minor,
        "free": numbers.free_minor,
        "reserved": numbers.reserved_minor,
        "committed": numbers.committed_minor,
        "spent": numbers.spent_minor,
        "overrun": numbers.overrun_minor,
    }
    return {name: Money(value, CURRENCIES[budget.currency]).decimal for name, value in minor.items()}


def _row(budget: Budget) -> tuple[str, ...]:
    amounts = [f"{amount:,f}" for amount in _amounts(budget).values()]
    days = (budget.starts_on.isoformat(), budget.ends_on.isoformat())
    return (str(budget.id), budget.name, *days, budget.kind, *amounts, budget.currency)


def _for_programs(budget: Budget) -> dict[str, object]:
    named = {reference.path: reference.id for reference in budget.references()}
    return {
        "id": budget.id,
        "name": budget.name,
        "startDate": budget.starts_on,
        "endDate": budget.ends_on,
        "kind": budget.kind,
        "currency": budget.currency,
        **_amounts(budget),
        **named,
    }
