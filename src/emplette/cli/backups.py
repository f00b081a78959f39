"""``emplette backup``, ``emplette restore`` and ``emplette verify-backup``."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import structlog
import typer

from emplette.cli import verdicts
from emplette.cli.reaching import DataDir, Json, say
from emplette.domain.backups import Manifest
from emplette.domain.text import number_of
from emplette.runtime.backup import BackupMaker
from emplette.runtime.exits import Exit
from emplette.runtime.log_archive import depot_of
from emplette.runtime.reach import database_urls
from emplette.runtime.restore import Restored, find_source
from emplette.runtime.restore import restore as take_back
from emplette.runtime.trial import Trial, try_out
from emplette.settings import read_settings
from emplette.storage.depots import Depot

To = Annotated[
    str | None,
    typer.Option(metavar="FOLDER|s3://...", help="Where back-ups are kept (EMPLETTE_BACKUP_TO).", show_default=False),
]
From = Annotated[
    str, typer.Argument(metavar="FROM", help="Where back-ups are kept, for the newest; or one of them, by its name.")
]
Portable = Annotated[
    bool, typer.Option("--portable", help="A dump also where the log is archived: any PostgreSQL can take it back.")
]
Until = Annotated[
    str | None,
    typer.Option(metavar="MOMENT", help="Go on to this moment: 2026-11-21T14:00:00Z.", show_default=False),
]
WithLosses = Annotated[
    bool, typer.Option("--with-losses", help="Go on when files are missing or damaged, and name them.")
]
Keep = Annotated[
    int | None,
    typer.Option(min=1, metavar="NUMBER", help="Remove older ones of this installation when it is made, but so many."),
]
SignedBy = Annotated[
    str | None,
    typer.Option(metavar="KEY", help="The public key that it has to be signed with.", show_default=False),
]
Checkpoints = Annotated[
    list[Path] | None,
    typer.Option(metavar="FILE", help="Checkpoints that were kept, to hold the logs against; several are allowed."),
]


def backup(
    to: To = None, portable: Portable = False, keep: Keep = None, json: Json = False, data_dir: DataDir = None
) -> None:
    r"""Make a back-up: the database, every file that it knows, and the settings without secrets.

    It works beside a running server and holds nobody up. The database is what it was at one moment; the files come
    after it, and those that an earlier back-up at the same place has are not copied again. A back-up is whole when it
    has its manifest, which is written last. What is interrupted is no back-up, and the next one clears it away. With
    --keep, older whole ones of this installation are removed then, and what no back-up there needs any more.

    \b
    emplette backup --to /mnt/backups --keep 30
    emplette backup --to s3://acme-backups/emplette

    \b
    Exit codes: 0 made, 1 refused, or made without files that the store does not have any more, which are named;
    2 not understood, 130 interrupted; those of `emplette serve` when the database can't be reached.
    """
    settings = read_settings(data_dir=data_dir, backup_to=to)
    _log_beside()

    async def make() -> Manifest:
        async with database_urls(settings, "emplette backup", say=say) as urls:
            return await BackupMaker(settings, urls, depot_of(settings), say=say).make(portable=portable, keep=keep)

    made = asyncio.run(make())
    if json:
        typer.echo(msgspec.json.encode(_told(made, depot_of(settings))).decode())
    else:
        size = sum(part.size for part in made.parts)
        files = f"{number_of(made.files.count, 'file')} of {number_of(made.files.size, 'byte')}"
        counts = f"{made.form.value} of {number_of(size, 'byte')}, {files}"
        typer.echo(f"{depot_of(settings).url}/{made.name}: {counts}")
    for path in made.files.missing:
        say(f"the database knows {path}, and the store of files does not have it as it was")
    if made.files.missing:
        raise typer.Exit(Exit.FAILED)


def restore(
    source: From,
    until: Until = None,
    with_losses: WithLosses = False,
    signed_by: SignedBy = None,
    data_dir: DataDir = None,
) -> None:
    r"""Restore a back-up into an empty place: a data folder or a database with nothing in it.

    Stop the server first. What is damaged, unfinished or newer than what is here is refused before anything is
    written; what is older is brought up to date. A place in which a restore was interrupted is half restored: nothing
    serves there, and another restore starts again from the beginning. Each company's log begins a new epoch.

    \b
    emplette restore /mnt/backups
    emplette restore /mnt/backups/20261121T140000Z
    emplette restore s3://acme-backups/emplette --until 2026-11-21T14:00:00Z

    \b
    Exit codes: 0 restored, 1 refused, or restored without some files; 2 not understood, 130 interrupted; those of
    `emplette serve` when the database can't be reached.
    """
    settings = read_settings(data_dir=data_dir)
    _log_beside()
    moment = None if until is None else _moment(until)

    async def take() -> Restored:
        now = datetime.now(UTC)
        kept = await find_source(settings, source, until=moment, signed_by=signed_by, now=now)
        return await take_back(settings, kept, "emplette restore", until=moment, with_losses=with_losses, say=say)

    done = asyncio.run(take())
    for epoch in done.epochs:
        typer.echo(f"{epoch.account}: epoch {epoch.epoch} of its log begins after position {epoch.after:,}")
    for path in done.lost:
        say(f"not restored, since it is missing or not what it was: files/{path}")
    counts = f"{number_of(len(done.epochs), 'company', 'companies')}, {number_of(done.files - len(done.lost), 'file')}"
    typer.echo(f"restored {done.name}: {counts}")
    if done.lost:
        raise typer.Exit(Exit.FAILED)


def verify_backup(
    source: From,
    checkpoint: Checkpoints = None,
    signed_by: SignedBy = None,
    json: Json = False,
    data_dir: DataDir = None,
) -> None:
    r"""Prove a back-up: restore it aside, check everything in it as `emplette verify` does, and remove that again.

    Also looked at: that every part is what the manifest says, that every file that the database knows is there and is
    what it was, that the logs end where the manifest says, and of a base, that the archived log which leads on from it
    is whole and signed. It needs as much room as the database, below TMPDIR, and neither server nor database.

    \b
    emplette verify-backup /mnt/backups
    emplette verify-backup s3://acme-backups/emplette --checkpoint kept/acme-2026.json

    \b
    Exit codes: 0 all is as it was, 1 something is not, 2 not understood, 70 no database starts of it, 73 PostgreSQL's
    user can't enter TMPDIR, 130 interrupted.
    """
    settings = read_settings(data_dir=data_dir)
    _log_beside()
    kept_heads, strange = verdicts.read_kept(checkpoint or [], data_dir)

    async def try_it() -> Trial:
        kept = await find_source(settings, source, signed_by=signed_by, now=datetime.now(UTC))
        return await try_out(settings, kept, "emplette verify-backup", checkpoints=kept_heads, say=say, tell=_Tellers())

    trial = asyncio.run(try_it())
    accounts = {company.account for company, _ in trial.reports}
    trial.findings += [
        f"{one.account}, of which there is a checkpoint, is not in it."
        for one in kept_heads
        if one.account not in accounts
    ]
    for company, report in trial.reports:
        report.note(*(told for account, told in strange if account == company.account))
    _show(trial, json=json)
    if not trial.is_good:
        raise typer.Exit(Exit.FAILED)


class _Tellers:
    """Says now and then how far each company's check has come."""

    def __init__(self) -> None:
        self._of: dict[str, verdicts.Teller] = {}

    def __call__(self, account: str, what: str, done: int) -> None:
        """Say it, if nothing was said for a while."""
        self._of.setdefault(account, verdicts.Teller(account))(what, done)


def _show(trial: Trial, *, json: bool) -> None:
    if json:
        told = {
            "good": trial.is_good,
            "files": trial.files,
            "findings": trial.findings,
            "companies": [verdicts.told_of(company, report) for company, report in trial.reports],
        }
        typer.echo(msgspec.json.encode(told).decode())
        return
    lines = [line for company, report in trial.reports for line in verdicts.lines_of(company, report)]
    verdict = "good" if trial.is_good else "not good"
    counts = f"{number_of(len(trial.reports), 'company', 'companies')}, {number_of(trial.files, 'file')} looked at"
    typer.echo("\n".join([*lines, *trial.findings, f"the back-up is {verdict}: {counts}"]))


def _log_beside() -> None:
    """Have what the stores log stand beside what a command answers, and not in it."""
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))


def _told(made: Manifest, depot: Depot) -> dict[str, object]:
    return {
        "name": made.name,
        "place": depot.url,
        "form": made.form,
        "size": sum(part.size for part in made.parts),
        "files": made.files.count,
        "filesSize": made.files.size,
        "missing": list(made.files.missing),
    }


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is no moment: write it as 2026-11-21T14:00:00Z."
        raise typer.BadParameter(message, param_hint="'--until'") from None
    if moment.tzinfo is None:
        message = f"{text!r} has no time zone: write it as 2026-11-21T14:00:00Z."
        raise typer.BadParameter(message, param_hint="'--until'")
    return moment.astimezone(UTC)
