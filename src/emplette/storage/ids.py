"""Ids: int32, per tenant and kind, drawn in blocks by each process. There are gaps, and they tell no order."""

import asyncio
from typing import Final

from emplette.storage.database import Session, Together

FIRST: Final = 1
BLOCK: Final = 200
_DRAW: Final = """
INSERT INTO id_blocks AS b (tenant_id, kind, next_id) VALUES ($1, $2, $4::int + $3::int)
ON CONFLICT (tenant_id, kind) DO UPDATE SET next_id = b.next_id + $3::int
RETURNING b.next_id - $3::int
"""
_KEEP_ABOVE: Final = """
INSERT INTO id_blocks AS b (tenant_id, kind, next_id) VALUES ($1, $2, $3::int + 1)
ON CONFLICT (tenant_id, kind) DO UPDATE SET next_id = greatest(b.next_id, excluded.next_id)
"""


class Ids:
    """The ids that this process has drawn and not given out yet."""

    def __init__(self) -> None:
        self._blocks: dict[tuple[int, str], range] = {}
        self._drawing: dict[tuple[int, str], asyncio.Lock] = {}

    async def next(self, db: Session, tenant: int, kind: str) -> int:
        """Give out an id that no other call of any process gets; of the calls that find none left, one draws."""
        name = (tenant, kind)
        while not (block := self._blocks.get(name)):
            async with self._drawing.setdefault(name, asyncio.Lock()):
                if not self._blocks.get(name):
                    start = (await db.draw(_DRAW, tenant, kind, BLOCK, FIRST))[0][0]
                    self._blocks[name] = range(start, start + BLOCK)
        self._blocks[name] = block[1:]
        return block[0]

    async def one(self, db: Session, tenant: int, kind: str) -> int:
        """Give out an id drawn for itself: later ones are higher, whoever draws them."""
        return (await self.several(db, tenant, kind, 1))[0]

    async def several(self, db: Session, tenant: int, kind: str, count: int) -> range:
        """Give out so many ids at once, from a block of their own."""
        if count == 0:
            return range(0)
        start = (await db.draw(_DRAW, tenant, kind, count, FIRST))[0][0]
        return range(start, start + count)


async def keep_above(db: Session | Together, tenant: int, kind: str, highest: int) -> None:
    """Make sure that ids given out from now on lie above one that was set from outside."""
    await db.write(_KEEP_ABOVE, tenant, kind, highest)
