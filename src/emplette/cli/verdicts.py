"""What the checks of logs and of back-ups have in common: kept checkpoints, and how a verdict is told."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from emplette.cli.reaching import say
from emplette.domain.checkpoints import Checkpoint
from emplette.domain.errors import Invalid
from emplette.domain.people import Tenant
from emplette.domain.text import number_of
from emplette.formats.checkpoints import public_key_in, read_signed
from emplette.services.checks import Report
from emplette.settings import read_settings

_TELL_EVERY: Final = 2.0
"""Seconds between two words about how far the check has come."""


class Teller:
    """Says now and then how far the check has come."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._next = time.monotonic() + _TELL_EVERY

    def __call__(self, what: str, done: int) -> None:
        """Say it, if nothing was said for a while."""
        if time.monotonic() >= self._next:
            say(f"{self._account}: {done:,} {what} checked")
            self._next = time.monotonic() + _TELL_EVERY


def read_kept(files: Sequence[Path], data_dir: Path | None) -> tuple[list[Checkpoint], list[tuple[str, str]]]:
    """Read checkpoints that were kept, and say which of them another installation signed."""
    if not files:
        return [], []
    folder = read_settings(data_dir=data_dir).data_dir
    own = public_key_in(folder)
    kept, strange = [], []
    for file in files:
        try:
            lines = file.read_text("utf-8").splitlines()
        except UnicodeDecodeError:
            raise Invalid.field("checkpoint", f"{file} is not text in UTF-8.") from None
        except OSError as error:
            raise Invalid.field("checkpoint", f"{file} cannot be read: {error.strerror}.") from None
        for line in filter(str.strip, lines):
            one, key = read_signed(line)
            kept.append(one)
            if own is not None and key != own:
                told = f"The checkpoint of position {one.position:,} was signed with another key than this server's."
                strange.append((one.account, told))
    return kept, strange


def lines_of(company: Tenant, report: Report) -> list[str]:
    """Say of a company what was found, and last how much was looked at."""
    counts = (
        f"{number_of(report.sealed, 'event')} sealed, {number_of(report.waiting, 'waits', 'wait')}, "
        f"{report.erased:,} with erased texts; {number_of(report.purchases, 'purchase')} and "
        f"{number_of(report.entries, 'entry', 'entries')} compared, {number_of(report.rows, 'row')}; "
        f"{report.untold:,} came before the log"
    )
    verdict = "good" if report.is_good else number_of(len(report.findings) + report.more, "finding")
    found = [f"{company.account}: {finding}" for finding in report.findings]
    if report.more:
        found.append(f"{company.account}: and {report.more:,} more.")
    return [*found, f"{company.account}: {verdict}: {counts}"]


def told_of(company: Tenant, report: Report) -> dict[str, object]:
    """Say the same for programs."""
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
        "rows": report.rows,
        "untold": report.untold,
        "findings": report.findings,
        "more": report.more,
    }
