"""Proving a back-up: it is really restored, aside, and everything in it is looked at; then it is removed again."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from emplette.domain.backups import Form, KnownFile
from emplette.domain.checkpoints import Checkpoint
from emplette.domain.people import Tenant
from emplette.runtime.bases import look_at_log
from emplette.runtime.exits import FolderUnusable
from emplette.runtime.folders import DataFolder, open_data_folder
from emplette.runtime.kept import KeptBackup, hash_in_depot
from emplette.runtime.lent import clear_lent
from emplette.runtime.occupation import holder_of, is_occupied, occupy
from emplette.runtime.pruning import first_piece
from emplette.runtime.restore import embedded_from
from emplette.runtime.schema import Urls, bring_up_to_date, connect
from emplette.services.checks import Report, check
from emplette.services.tenants import list_tenants
from emplette.settings import Settings
from emplette.storage import backups
from emplette.storage.database import Database
from emplette.storage.depots import FILES

_AT_ONCE = 8
_MOST_FINDINGS = 20
_FOLDERS = "emplette-trial-"


Tell = Callable[[str, str, int], None]
"""Is told now and then of which company, what is looked at, and how many of them have been."""


@dataclass(slots=True)
class Trial:
    """What came of trying a back-up: the report of each company, and what is wrong with its files."""

    reports: list[tuple[Tenant, Report]] = field(default_factory=list)
    files: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings and all(report.is_good for _, report in self.reports)


async def try_out(
    settings: Settings,
    kept: KeptBackup,
    command: str,
    *,
    checkpoints: Sequence[Checkpoint],
    say: Callable[[str], None],
    tell: Tell,
) -> Trial:
    """Restore a back-up into a folder of its own, check everything in it, and remove that again.

    Raises:
        Refusal, StartRefused: it can't be restored; what is wrong in one that can, the trial tells.
    """
    trial = Trial()
    clear_left(Path(tempfile.gettempdir()), say=say)
    clear_lent(say=say)
    with _aside(settings) as aside:
        occupation = occupy(open_data_folder(aside.data_dir), command, lasting=False, say=say)
        try:
            say(f"restoring the back-up {kept.manifest.name} aside, in {aside.data_dir}")
            async with (
                kept.parts() as parts,
                embedded_from(kept, parts, aside, until=None, lock=occupation.lock, durable=False, say=say) as urls,
            ):
                await bring_up_to_date(urls, say=say)
                await _check_logs(urls, kept, checkpoints, trial, tell)
                await _check_files(urls, kept, trial, say)
            await _check_archive(kept, trial, say)
        except FolderUnusable:
            detail = f"PostgreSQL's user cannot reach {aside.data_dir.parent}, below which a back-up is tried out"
            raise FolderUnusable(f"{detail}: set TMPDIR to a folder that everybody can enter") from None
        finally:
            occupation.end()
    return trial


def clear_left(above: Path, *, say: Callable[[str], None]) -> None:
    """Remove the folders of trials that were killed: those of our own that nobody occupies any more."""
    for folder in above.glob(f"{_FOLDERS}*"):
        if folder.is_symlink() or not folder.is_dir() or folder.stat().st_uid != os.getuid():
            continue
        with suppress(OSError):
            left = DataFolder(folder)
            # Without its lock it is only just being made; a lock that nobody wrote into, likewise.
            if holder_of(left).pid == 0 or is_occupied(left):
                continue
            say(f"removing {folder}, which a trial that was killed has left")
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _aside(settings: Settings) -> Iterator[Settings]:
    """Lend the settings of an embedded database in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix=_FOLDERS) as folder:
        changed = {"data_dir": Path(folder), "database_url": None, "owner_database_url": None, "log_archive": False}
        yield msgspec.structs.replace(settings, **changed)


async def _check_logs(
    urls: Urls, kept: KeptBackup, checkpoints: Sequence[Checkpoint], trial: Trial, tell: Tell
) -> None:
    database = await Database.connect(urls.serving, size=1, name="emplette verify-backup")
    try:
        session = database.session()
        found = {company.tenant.account: company.tenant for company in await list_tenants(session)}
        for account, tenant in found.items():
            held = [one for one in (*kept.manifest.heads, *checkpoints) if one.account == account]

            def tell_of(what: str, done: int, account: str = account) -> None:
                tell(account, what, done)

            report = await check(session, tenant.id, checkpoints=held, tell=tell_of)
            _compare_heads(kept, account, report)
            trial.reports.append((tenant, report))
        trial.findings += [
            f"The company {head.account} is in the manifest and not in the database."
            for head in kept.manifest.heads
            if head.account not in found
        ]
    finally:
        await database.close()


def _compare_heads(kept: KeptBackup, account: str, report: Report) -> None:
    """Hold the head of a log against the manifest's: the very same in a dump, not before it in a base."""
    for head in kept.manifest.heads:
        if head.account != account:
            continue
        is_same = (head.epoch, head.position, head.hash) == (report.head.epoch, report.head.position, report.head.hash)
        if kept.manifest.form is Form.DUMP and not is_same:
            report.note(f"The log ends at position {report.head.position:,}, and the manifest says {head.position:,}.")


async def _check_archive(kept: KeptBackup, trial: Trial, say: Callable[[str], None]) -> None:
    """Look at the archived log that leads on from a base, of which a restore to a later moment needs every piece."""
    first = None if kept.manifest.history is None else await first_piece(kept)
    if first is None:
        return
    findings = await look_at_log(kept, first, say)
    trial.findings += findings[:_MOST_FINDINGS]
    if more := findings[_MOST_FINDINGS:]:
        trial.findings.append(f"So it is with {len(more):,} more of the archived log.")


async def _check_files(urls: Urls, kept: KeptBackup, trial: Trial, say: Callable[[str], None]) -> None:
    owner = await connect(urls.owner, patience=0, say=say)
    try:
        some = list[KnownFile]()
        async with owner.transaction(readonly=True):
            async for file in backups.known_files(owner):
                some.append(file)
                if len(some) == _AT_ONCE:
                    await _check_some(kept, some, trial)
                    some = []
        await _check_some(kept, some, trial)
    finally:
        await owner.close()


async def _check_some(kept: KeptBackup, files: Sequence[KnownFile], trial: Trial) -> None:
    paths = [f"{FILES}/{file.path}" for file in files]
    hashes = await asyncio.gather(*(hash_in_depot(kept.depot, path) for path in paths))
    trial.files += len(files)
    for file, path, found in zip(files, paths, hashes, strict=True):
        if found is None:
            trial.findings.append(f"{path} is missing.")
        elif found != file.sha256:
            trial.findings.append(f"{path} is not what it was: its SHA-256 differs.")
