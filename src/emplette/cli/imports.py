"""``emplette import`` and ``emplette export``."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from emplette.cli.copying import copy_company
from emplette.cli.reaching import DataDir, TenantOption, say, with_database
from emplette.domain.errors import Invalid, Unavailable
from emplette.domain.text import number_of
from emplette.runtime.schema import IMPORT
from emplette.services import imports
from emplette.services.plans import Plan, Source, carry_out
from emplette.services.tenants import find_tenant
from emplette.storage.database import Session

ATTEMPTS = 5
SHOWN = 1_000
"""Of more faults than these, the rest is counted."""


class Into(StrEnum):
    """What can be imported and exported."""

    SUPPLIERS = "suppliers"
    PEOPLE = "people"
    COST_FAMILIES = "cost-families"
    NATURES = "natures"
    COST_CENTERS = "cost-centers"
    LEGAL_UNITS = "legal-units"
    ESTABLISHMENTS = "establishments"
    DEPARTMENTS = "departments"
    AXES = "axes"
    AXIS_SECTIONS = "axis-sections"


class Mode(StrEnum):
    """What becomes of the rest when a line is wrong."""

    ALL_OR_NOTHING = "all-or-nothing"
    SKIP = "skip"


File = Annotated[
    Path | None, typer.Argument(metavar="FILE.csv", help="The table; - reads what is piped in.", show_default=False)
]
IntoOption = Annotated[Into | None, typer.Option("--into", help="What its lines are.", show_default=False)]
FromLucca = Annotated[
    str | None, typer.Option("--from-lucca", metavar="URL", help="Another server to copy from.", show_default=False)
]
KeyFile = Annotated[
    Path | None, typer.Option("--key-file", help="The file with that server's API key.", show_default=False)
]
Folder = Annotated[Path | None, typer.Option("--folder", help="Where what is read is kept.", show_default=False)]
ModeOption = Annotated[Mode, typer.Option("--mode", help="With a wrong line: write nothing, or all the others.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done and what is wrong; write nothing.")]
From = Annotated[Into, typer.Argument(metavar="WHAT", help="What to write: suppliers, people, natures ...")]


def import_(
    tenant: TenantOption,
    file: File = None,
    into: IntoOption = None,
    mode: ModeOption = Mode.ALL_OR_NOTHING,
    dry_run: DryRun = False,
    from_lucca: FromLucca = None,
    key_file: KeyFile = None,
    folder: Folder = None,
    data_dir: DataDir = None,
) -> None:
    r"""Bring a company's registers along, from a CSV file as spreadsheets and `emplette export` write it.

    Or from another server of this API, with --from-lucca: its registers with their ids, and the purchases about which
    nothing was decided. Its key is asked for, unless LUCCA_KEY or --key-file has it. What is read is kept in a folder,
    from which the same command goes on; what can't be taken is listed there in the end.

    Columns are called as the fields of the API; the order does not count. Semicolons or commas, UTF-8 or Windows-1252
    are found out. Everything wrong is said by line and column before anything is written, and all takes effect at once:
    an import that is interrupted has written nothing. Ids are kept where they are given; else a line is known again by
    its code, identifier, mail address or name, so that the same file twice makes no doubles.

    \b
    emplette import suppliers.csv --into suppliers --tenant acme --dry-run
    emplette import suppliers.csv --into suppliers --tenant acme --mode skip
    emplette import --from-lucca https://acme.ilucca.net --tenant acme --dry-run

    \b
    Exit codes: 0 written (or could be), 1 refused, 2 not understood; those of `emplette serve` when the database can't
    be reached.
    """
    if from_lucca is not None:
        if file is not None or into is not None:
            raise typer.BadParameter(
                "Stands alone: what is copied is no file, and goes into all registers.", param_hint="--from-lucca"
            )
        copy_company(from_lucca, tenant=tenant, key_file=key_file, folder=folder, dry_run=dry_run, data_dir=data_dir)
        return
    if file is None or into is None:
        raise typer.BadParameter(
            "Name a table and, with --into, what its lines are; or a server with --from-lucca.", param_hint="FILE.csv"
        )
    source = Source(file.name, read_file(file))
    with _unswept():
        plan = with_database(IMPORT, data_dir, lambda db: _bring(db, tenant, source, into, mode=mode, dry_run=dry_run))
    if _is_refused(plan, mode):
        say(f"nothing was written: {number_of(plan.wrong_lines, 'line is', 'lines are')} wrong")
        raise typer.Exit(1)


async def _bring(db: Session, account: str, source: Source, into: Into, *, mode: Mode, dry_run: bool) -> Plan:
    company = await find_tenant(db, account)
    before = await imports.written_before(db, company, source)
    if before is not None:
        say(f"this very file was written before: import {before.id}, {before.at:%Y-%m-%d %H:%M} UTC")
    for _ in range(ATTEMPTS):
        now = datetime.now(UTC)
        today = company.today(now)
        plan = await imports.plan_import(db, company, into, source.content, today=today, say=say, dry_run=dry_run)
        say_faults(plan)
        if _is_refused(plan, mode):
            return plan
        say(f"{counted(plan)}")
        if dry_run:
            say("nothing was written: this was a dry run")
            return plan
        if not (plan.made or plan.changed):
            say("nothing was written: all is as the file says")
            return plan
        number = await carry_out(db, company, into, plan, source, now=now, say=say)
        if number is not None:
            say(f"written: import {number}")
            return plan
        say("something has changed meanwhile: once more")
    raise Unavailable("Too many others are changing the same just now; nothing was written.")


def _is_refused(plan: Plan, mode: Mode) -> bool:
    return bool(plan.faults) and (mode is Mode.ALL_OR_NOTHING or not (plan.made or plan.changed or plan.same))


@contextmanager
def _unswept() -> Iterator[None]:
    """Look for no garbage meanwhile: a long file makes millions of objects, and none of them is any until the end."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def export(what: From, tenant: TenantOption, data_dir: DataDir = None) -> None:
    r"""Write a company's register as a CSV file, from which `emplette import` reads it again.

    Spreadsheets open it at a double click: semicolons, UTF-8 with its mark; a cell that they would take for a formula
    has an apostrophe before it.

    \b
    emplette export suppliers --tenant acme > suppliers.csv

    \b
    Exit codes: 0 written, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """

    async def read(db: Session) -> list[str]:
        return list(await imports.export(db, await find_tenant(db, tenant), what))

    lines = with_database("emplette export", data_dir, read)
    sys.stdout.buffer.write("".join(lines).encode())
    sys.stdout.buffer.flush()
    say(f"wrote {number_of(len(lines) - 2, 'line')}")


def counted(plan: Plan) -> str:
    """Say what an import would do."""
    wrong = f", {plan.wrong_lines:,} wrong and left out" if plan.faults else ""
    return f"{len(plan.made):,} new, {len(plan.changed):,} changed, {plan.same:,} as they are{wrong}"


def say_faults(plan: Plan) -> None:
    """Say what is wrong with a file, by place."""
    for number, (place, messages) in enumerate(plan.faults.items()):
        if number == SHOWN:
            say(f"... and {len(plan.faults) - SHOWN:,} more")
            return
        for message in messages:
            say(f"{place}: {message}")


def read_file(file: Path) -> bytes:
    """Read a file that was named, or what is piped in.

    Raises:
        Invalid: it can't be read.
    """
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise Invalid.field("file", f"{file} cannot be read: {error.strerror}.") from None
