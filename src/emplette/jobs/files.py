"""Sweeping files: uploads that nobody used, and what processes left that were killed while a file was on its way."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from emplette.storage import files, order_documents
from emplette.storage.database import Session
from emplette.storage.spool import Note, Spool
from emplette.storage.stores import FILES, ORDERS, Store, hash_in

UNUSED_ARE_KEPT: Final = timedelta(days=1)
LEFT_BEHIND: Final = timedelta(days=1)
"""After this long, nobody is at work any more on what lies in the spool: an upload that stops ends in half a minute."""

_AT_ONCE: Final = 500

Needs = Callable[[Session, int, bytes, str], Awaitable[bool]]
"""Tells whether something is read from a place: of a company, with the hash of the bytes."""

NEEDS: Final[Mapping[str, Needs]] = {FILES: files.needs, ORDERS: order_documents.needs}
"""Who knows of the places in a store, by what stands above them."""


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Sweeps a store, and the spool before it."""

    store: Store
    spool: Spool

    async def sweep_unused(self, db: Session, now: datetime) -> int:
        """Remove uploads of all companies that nothing has used for a day; answer how many.

        The row goes first, then the bytes, and the note of them last: whatever happens in between, nothing that is
        still there refers to bytes that are not, and the bytes are found again.
        """
        removed = 0
        while found := await files.unused(db, before=now - UNUSED_ARE_KEPT, limit=_AT_ONCE):
            swept = [await self._sweep(db, *one) for one in found]
            removed += sum(swept)
            if len(found) < _AT_ONCE or not any(swept):
                break
        return removed

    async def sweep_left(self, db: Session, _: datetime) -> int:
        """Remove what killed processes left on its way, in the store too when nothing refers to it; answer how much."""
        left = await asyncio.to_thread(lambda: list(self.spool.left(untouched_for=LEFT_BEHIND)))
        for note in left:
            if await self._is_nobodys(db, note):
                note.forget()
        return len(left)

    async def _sweep(self, db: Session, tenant: int, file_id: UUID, place: str) -> bool:
        note = self.spool.note(tenant, place)
        swept = await files.sweep(db, tenant, file_id)
        if swept is not None and swept.place is not None:
            await self.store.remove(tenant, swept.place)
        note.forget()
        return swept is not None

    async def _is_nobodys(self, db: Session, note: Note) -> bool:
        """See to it that nothing lies in the store that is not needed; False when nobody can tell."""
        if note.tenant is None or note.place is None:
            return True
        needs = NEEDS.get(note.place.partition("/")[0])
        if needs is None:
            return False
        if not await needs(db, note.tenant, hash_in(note.place), note.place):
            await self.store.remove(note.tenant, note.place)
        return True
