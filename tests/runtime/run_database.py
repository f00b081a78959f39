"""A program that starts the embedded database, commits something, and stays: FOLDER."""

import asyncio
import sys
from pathlib import Path

import asyncpg

from emplette.runtime.embedded import EmbeddedPostgres


async def run(folder: Path) -> None:
    async with EmbeddedPostgres(folder) as database:
        connection = await asyncpg.connect(database.owner_url)
        await connection.execute("DROP TABLE IF EXISTS kept; CREATE TABLE kept AS SELECT 7 AS answer")
        print("done", flush=True)  # noqa: T201
        await asyncio.sleep(60)


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1])))
