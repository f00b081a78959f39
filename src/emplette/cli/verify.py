"""``emplette verify``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from emplette.cli.backups import verify_backup
from emplette.cli.checkpoints import EachTenant, tenants_of
from emplette.cli.reaching import DataDir, Json, with_database
from emplette.cli.verdicts import Teller, lines_of, read_kept, told_of
from emplette.domain.checkpoints import Checkpoint
from emplette.domain.errors import Invalid
from emplette.domain.people import Tenant
from emplette.runtime.exits import Exit
from emplette.services.checks import Report, check
from emplette.storage.database import Session

Files = Annotated[
    list[Path] | None,
    typer.Option(metavar="FILE", help="Checkpoints that were kept, to hold the log against; several are allowed."),
]


Backup = Annotated[
    str | None,
    typer.Option(metavar="FROM", help="Look at a back-up instead: `emplette verify-backup`.", show_default=False),
]


def verify(
    tenant: EachTenant = None,
    checkpoint: Files = None,
    backup: Backup = None,
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    r"""Check that nothing of what happened was changed, removed, inserted or put in another order.

    Reads the whole log: each event is held against its seal, each seal against the one before, each text against its
    hash, and each purchase and each entry of a register against what its events tell. What is found is told in words,
    a line each. It changes nothing, works beside a running server, and can be interrupted.

    \b
    emplette verify
    emplette verify --tenant acme --checkpoint kept/acme-2026.json

    \b
    Exit codes: 0 all is as it was, 1 something is not, 2 not understood, 130 interrupted; those of `emplette serve`
    when the database can't be reached.
    """
    if backup is not None:
        if tenant is not None:
            raise typer.BadParameter("A back-up is looked at as a whole: leave --tenant out.")
        verify_backup(backup, checkpoint, json=json, data_dir=data_dir)
        return
    kept, strange = read_kept(checkpoint or [], data_dir)

    async def look(db: Session) -> list[tuple[Tenant, Report]]:
        companies = await tenants_of(db, tenant)
        _refuse_others(kept, companies)
        found = []
        for company in companies:
            own = [one for one in kept if one.account == company.account]
            report = await check(db, company.id, checkpoints=own, tell=Teller(company.account))
            report.note(*(told for account, told in strange if account == company.account))
            found.append((company, report))
        return found

    reports = with_database("emplette verify", data_dir, look)
    if json:
        typer.echo(msgspec.json.encode([told_of(company, report) for company, report in reports]).decode())
    else:
        typer.echo("\n".join(line for company, report in reports for line in lines_of(company, report)))
    if not all(report.is_good for _, report in reports):
        raise typer.Exit(Exit.FAILED)


def _refuse_others(kept: Sequence[Checkpoint], companies: Sequence[Tenant]) -> None:
    others = {one.account for one in kept} - {company.account for company in companies}
    if others:
        raise Invalid.field("checkpoint", f"Is of {', '.join(sorted(others))}, whose log is not looked at here.")
