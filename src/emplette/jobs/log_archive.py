"""Bringing the embedded database's own log to where the back-ups are, and before each piece of it the new files.

So whatever moment the log leads to, the files that the database knew then are there. Each piece is signed, so that a
restore follows no log that somebody else has put there.
"""

import asyncio
import gzip
import hashlib
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from emplette.domain.backups import BackupRefused, Form, LogPiece
from emplette.domain.errors import Unavailable
from emplette.formats.backups import read_manifest
from emplette.formats.log_archive import sign_piece
from emplette.storage import backups
from emplette.storage.database import Session
from emplette.storage.depots import FILES, LOG, MANIFEST, SIGNED, Depot
from emplette.storage.stores import Store

SHIP_EVERY: Final = timedelta(seconds=1)
AT_REST: Final = timedelta(seconds=5)
"""The pauses: while there is something to ship, and when there is nothing, or it can't be shipped."""

LOOK_EVERY: Final = timedelta(hours=1)
"""How often it is looked whether there is a back-up that the log leads on from."""

BEAT_EVERY: Final = timedelta(seconds=60)
"""How often something is written for the log's own sake: a log can be followed to a moment only from a later one."""

_MARGIN: Final = timedelta(minutes=5)
"""A file may be written down so much later than its moment says: a call may take a while, and clocks differ."""

log = structlog.get_logger("emplette.jobs")


@dataclass(slots=True)
class Shipping:
    """Ships the pieces of one history of the log.

    Args:
        pieces: the folder in which PostgreSQL puts them.
        history: what this history is called.
        key: the installation's, which signs each piece.
        depot: where the back-ups are.
        store: where the files are.
    """

    pieces: Path
    history: str
    key: Ed25519PrivateKey
    depot: Depot
    store: Store
    _beaten_at: datetime = field(default=datetime.min.replace(tzinfo=UTC))
    _looked_at: datetime = field(default=datetime.min.replace(tzinfo=UTC))
    _furthest: datetime = field(default=datetime.min.replace(tzinfo=UTC))
    _files_until: datetime | None = None

    async def ship(self, db: Session, now: datetime) -> int:
        """Ship what is there; answer how many pieces."""
        if now < self._looked_at:
            self._go_back(now)
        self._looked_at, self._furthest = now, max(self._furthest, now)
        if now - self._beaten_at >= BEAT_EVERY:
            # PostgreSQL ends no piece by the time before its clock is where it was: until then each one is filled.
            await (backups.fill_piece(db) if now < self._furthest else backups.beat(db))
            self._beaten_at = now
        pieces = await asyncio.to_thread(_whole_pieces, self.pieces)
        if not pieces:
            return 0
        await self._copy_files(db, now)
        for piece in pieces:
            await self._ship(piece)
        return len(pieces)

    async def look_for_base(self) -> bool:
        """Look for a back-up from which this history leads on, and warn when there is none.

        A history ends unseen, when somebody starts the database without the archive: what is shipped from then on
        leads nowhere, until the next back-up.
        """
        for name in reversed(await self.depot.names()):
            with suppress(FileNotFoundError, BackupRefused):
                manifest = read_manifest(await self.depot.read(f"{name}/{MANIFEST}"))
                if manifest.form is Form.BASE and manifest.history == self.history:
                    return True
        log.warning("the archived log leads on from no back-up: make one", history=self.history)
        return False

    def _go_back(self, now: datetime) -> None:
        """Go by a clock that was set back: what is written down now has earlier moments than what was copied."""
        log.warning("the clock was set back: the database's log goes on by it", was=self._looked_at, now=now)
        self._beaten_at = datetime.min.replace(tzinfo=UTC)
        self._files_until = None

    async def _copy_files(self, db: Session, now: datetime) -> None:
        """Copy what is new since the last time; the first time, all that is not there."""
        since = self._files_until
        there = await self.depot.sizes(FILES) if since is None else {}
        async for file in backups.files_since(db, since or datetime.min.replace(tzinfo=UTC)):
            path = f"{FILES}/{file.path}"
            if (there.get(path) if since is None else await self.depot.size(path)) == file.size:
                continue
            try:
                async with self.store.local(file.tenant, file.place) as local:
                    await self.depot.put(path, local)
            except Unavailable as failure:
                # What was swept meanwhile nobody misses; a store that can't be reached is another matter.
                if not isinstance(failure.__cause__, FileNotFoundError):
                    raise
        self._files_until = now - _MARGIN

    async def _ship(self, piece: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="emplette-log-") as folder:
            packed = Path(folder) / f"{piece.name}.gz"
            size, sha256 = await asyncio.to_thread(_pack, piece, packed)
            signed = sign_piece(LogPiece(self.history, piece.name, size, sha256), self.key)
            path = f"{LOG}/{self.history}/{packed.name}"
            # What vouches for it first: interrupted in between, no piece is there that nothing vouches for.
            await self.depot.put_bytes(f"{path}{SIGNED}", signed)
            await self.depot.put(path, packed)
        await asyncio.to_thread(piece.unlink)


def _whole_pieces(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix != ".part")


def _pack(piece: Path, packed: Path) -> tuple[int, str]:
    """Pack a piece; answer its bytes, and their SHA-256."""
    digest, size = hashlib.sha256(), 0
    with piece.open("rb") as file, gzip.open(packed, "wb", compresslevel=1) as target:
        while some := file.read(2**20):
            digest.update(some)
            size += target.write(some)
    return size, digest.hexdigest()
