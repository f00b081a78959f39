"""``emplette verify``."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from emplette.cli.checkpoints import EachTenant, tenants_of
from emplette.cli.reaching import DataDir, Json, say, with_database
from emplette.domain.checkpoints import Checkpoint
from emplette.domain.errors import Invalid
from emplette.domain.people import Tenant
from emplette.formats.checkpoints import KEY_FILE, own_key, public_key_of, read_signed
from emplette.runtime.exits import Exit
from emplette.services.checks import Report, check
from emplette.settings import read_settings
from emplette.storage.database import Session

_TELL_EVERY: Final = 2.0
"""Seconds between two words about how far the check has come."""

Files = Annotated[
    list[Path] | None,
    typer.Option(metavar="FILE", help="Checkpoints that were kept, to hold the log against; several are allowed."),
]


def verify(tenant: EachTenant = None, checkpoint: Files = None, json: Json = False, data_dir: DataDir = None) -> None:
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
    kept, strange = _read(checkpoint or [], data_dir)

    async def look(db: Session) -> list[tuple[Tenant, Report]]:
        companies = await tenants_of(db, tenant)
        _refuse_others(kept, companies)
        found = []
        for company in companies:
            own = [one for one in kept if one.account == company.account]
            report = await check(db, company.id, checkpoints=own, tell=_Teller(company.account))
            report.note(*(told for account, told in strange if account == company.account))
            found.append((company, report))
        return found

    reports = with_database("emplette verify", data_dir, look)
    if json:
        typer.echo(msgspec.json.encode([_told(company, report) for company, report in reports]).decode())
    else:
        typer.echo("\n".join(line for company, report in reports for line in _lines(company, report)))
    if not all(report.is_good for _, report in reports):
        raise typer.Exit(Exit.FAILED)


class _Teller:
    """Says now and then how far the check has come."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._next = time.monotonic() + _TELL_EVERY

    def __call__(self, what: str, done: int) -> None:
        """Say it, if nothing was said for a while."""
        if time.monotonic() >= self._next:
            say(f"{self._account}: {done:,} {what} checked")
            self._next = time.monotonic() + _TELL_EVERY


def _read(files: Sequence[Path], data_dir: Path | None) -> tuple[list[Checkpoint], list[tuple[str, str]]]:
    """Read checkpoints, and say which of them another installation signed."""
    folder = read_settings(data_dir=data_dir).data_dir
    own = public_key_of(own_key(folder)) if (folder / KEY_FILE).exists() else None
    kept, strange = [], []
    for file in files:
        try:
            lines = file.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise Invalid.field("checkpoint", f"{file} cannot be read: {error}.") from None
        for line in filter(str.strip, lines):
            one, key = read_signed(line)
            kept.append(one)
            if own is not None and key != own:
                told = f"The checkpoint of position {one.position:,} was signed with another key than this server's."
                strange.append((one.account, told))
    return kept, strange


def _refuse_others(kept: Sequence[Checkpoint], companies: Sequence[Tenant]) -> None:
    others = {one.account for one in kept} - {company.account for company in companies}
    if others:
        raise Invalid.field("checkpoint", f"Is of {', '.join(sorted(others))}, whose log is not looked at here.")


def _lines(company: Tenant, report: Report) -> list[str]:
    counts = (
        f"{report.sealed:,} events sealed, {report.waiting:,} wait, {report.erased:,} without their erased texts; "
        f"{report.purchases:,} purchases and {report.entries:,} entries compared"
    )
    verdict = "good" if report.is_good else f"{len(report.findings) + report.more:,} findings"
    found = [f"{company.account}: {finding}" for finding in report.findings]
    if report.more:
        found.append(f"{company.account}: and {report.more:,} more.")
    return [*found, f"{company.account}: {verdict}: {counts}"]


def _told(company: Tenant, report: Report) -> dict[str, object]:
    return {
        "account": company.account,
        "good": report.is_good,
        "epoch": report.head.epoch,
        "position": report.head.position,
        "hash": report.head.hash.hex(),
        "sealed": report.sealed,
        "waiting": report.waiting,
        "erased": report.erased,
        "purchases": report.purchases,
        "entries": report.entries,
        "untold": report.untold,
        "findings": report.findings,
        "more": report.more,
    }
