"""Removing old back-ups: all but the newest of an installation, and then what none that is left needs.

Several installations may keep their back-ups at one place. Only one's own are removed; files and pieces of the log stay
as long as any back-up there, whosever it is, may need them.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from emplette.domain.backups import BackupRefused, Form, name_of
from emplette.domain.text import number_of
from emplette.formats.backups import read_known
from emplette.runtime.kept import KeptBackup, read_kept
from emplette.storage.depots import FILES, LIST, LOG, MANIFEST, MARK, SIGNED, Depot

Say = Callable[[str], None]

_LONG: Final = timedelta(hours=1)
"""After that nobody is still about to say whose a back-up is that they have begun, whatever their clocks say."""

_PIECE: Final = 24
"""Letters in the name of a piece of PostgreSQL's log: eight of the time line, sixteen of the place."""


class _Range(msgspec.Struct, rename={"start": "Start-LSN"}):
    start: str


class _OfBase(msgspec.Struct, rename={"ranges": "WAL-Ranges"}):
    """What PostgreSQL says of a base: from where of the log on it needs it."""

    ranges: list[_Range]


async def clear_unfinished(depot: Depot, own: str, *, say: Say) -> None:
    """Remove what this installation's interrupted back-ups have left; nobody else of it makes one just now.

    Args:
        depot: where the back-ups are.
        own: the public key of the installation.
        say: told what is removed, and what is not.
    """
    long_ago = name_of(datetime.now(UTC) - _LONG)
    for name in await depot.names():
        if await depot.size(f"{name}/{MANIFEST}") is not None:
            continue
        whose = await _read_mark(depot, name)
        if whose == own:
            say(f"removing {name}, which was never finished")
            await depot.remove_all(name)
        elif whose is None and name < long_ago and await depot.remove_bare(name):
            say(f"removing {name}, which was never begun")
        elif whose is None:
            say(f"{name} was never finished, and does not say whose it is: remove it yourself")
        else:
            say(f"leaving {name}, which another installation makes or has left")


async def tell_of_later(depot: Depot, own: str, *, made: str, say: Say) -> None:
    """Say which whole back-ups of this installation are named after later moments than the one that was just made.

    Some clock was wrong, and by their names a restore takes the last of them for the newest.
    """
    for name in await depot.names():
        if name <= made:
            continue
        with suppress(BackupRefused):
            kept = await read_kept(depot, name)
            if kept is not None and kept.manifest.public_key == own:
                say(f"{name} was made earlier, and is named after a later moment: a clock was wrong, or is.")
                say(f"  a restore takes it for the newest unless you name {made}; --keep leaves it: remove it yourself")


async def prune(depot: Depot, own: str, *, made: str, keep: int, history: str | None, say: Say) -> None:
    """Remove the whole back-ups of this installation but the newest ones.

    What is named after a later moment than the one that was just made stays, and is not counted: a clock was wrong, and
    nobody knows which is older.

    Args:
        depot: where the back-ups are.
        own: the public key of the installation.
        made: the name of the one that was just made, the newest.
        keep: how many stay.
        history: the log that is being archived now, which stays whatever back-ups there are.
        say: told what is removed.
    """
    whole, is_clear = await _all(depot)
    mine = [kept for kept in whole if kept.manifest.public_key == own and kept.manifest.name <= made]
    old = mine[: max(len(mine) - keep, 0)]
    if not old:
        return
    left = [kept for kept in whole if kept not in old]
    unneeded = set[str]().union(*[await _listed(kept) or () for kept in old])
    for kept in old:
        # From here on nobody takes it for a whole one.
        await depot.remove(f"{kept.manifest.name}/{MANIFEST}")
        await depot.remove_all(kept.manifest.name)
        say(f"removed the back-up {kept.manifest.name}: the newest {number_of(keep, 'is', 'are')} kept")
    needed = [await _listed(kept) for kept in left]
    if not is_clear or None in needed:
        say("their files stay: another installation makes a back-up just now, or one that is there can't be read")
        return
    await _prune_files(depot, unneeded.difference(*[files or () for files in needed]), say)
    for name in {kept.manifest.history for kept in old if kept.manifest.history is not None}:
        bases = [kept for kept in left if kept.manifest.history == name]
        if bases or name != history:
            await _prune_log(depot, name, bases, say)


async def _prune_files(depot: Depot, unneeded: Collection[str], say: Say) -> None:
    for path in unneeded:
        await depot.remove(f"{FILES}/{path}")
    if unneeded:
        say(f"removed {number_of(len(unneeded), 'file')} that no back-up needs any more")


async def _all(depot: Depot) -> tuple[list[KeptBackup], bool]:
    """Read all back-ups, the oldest first; tell also whether what each of them needs is known."""
    found, is_clear = [], True
    for name in await depot.names():
        try:
            kept = await read_kept(depot, name)
        except BackupRefused:
            kept = None
        if kept is None:
            is_clear = False
        else:
            found.append(kept)
    return found, is_clear


async def _read_mark(depot: Depot, name: str) -> str | None:
    try:
        return (await depot.read(f"{name}/{MARK}")).decode(errors="replace").strip()
    except FileNotFoundError:
        return None


async def _listed(kept: KeptBackup) -> Collection[str] | None:
    """Read which files a back-up needs; None when that can't be known."""
    try:
        content = await kept.depot.read(f"{kept.manifest.name}/{LIST}")
    except FileNotFoundError:
        return None
    if hashlib.sha256(content).hexdigest() not in {part.sha256 for part in kept.manifest.parts if part.path == LIST}:
        return None
    return {read_known(line).path for line in content.decode().splitlines()}


async def _prune_log(depot: Depot, history: str, bases: Sequence[KeptBackup], say: Say) -> None:
    """Remove the pieces of a log from before the oldest base that is left; all of them when there is none."""
    firsts = [await first_piece(base) for base in bases if base.manifest.form is Form.BASE]
    if None in firsts:
        return
    first = min((found for found in firsts if found is not None), default=None)
    count = 0
    for path in await depot.sizes(f"{LOG}/{history}"):
        piece = path.rpartition("/")[2].partition(".")[0]
        if first is None or (len(piece) == _PIECE and ".history" not in path and piece[8:] < first):
            await depot.remove(path)
            count += not path.endswith(SIGNED)
    if count:
        say(f"removed {number_of(count, 'piece')} of the log, from which no back-up leads on any more")


async def first_piece(base: KeptBackup) -> str | None:
    """Find the piece of the log that a base needs first, without its time line; None when it does not say so."""
    try:
        told = await base.depot.read(f"{base.manifest.name}/database/backup_manifest")
        high, _, low = msgspec.json.decode(told, type=_OfBase).ranges[0].start.partition("/")
        return f"{int(high, 16):08X}{int(low, 16) >> 24:08X}"
    except (FileNotFoundError, msgspec.MsgspecError, ValueError, IndexError):
        return None
