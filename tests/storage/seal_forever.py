"""Seal a company's log without end, one event at a time: ``python seal_forever.py URL TENANT``, until killed."""

import asyncio
import sys

from emplette.storage import seals
from emplette.storage.database import Database


async def seal_forever(url: str, tenant: int) -> None:
    """Seal until killed."""
    database = await Database.connect(url, size=1)
    while True:
        if not await seals.seal(database.session(), tenant, 1):
            await asyncio.sleep(0.001)


asyncio.run(seal_forever(sys.argv[1], int(sys.argv[2])))
