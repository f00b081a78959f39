"""``emplette migrate``."""

import asyncio

from emplette.cli.reaching import DataDir, say
from emplette.runtime.reach import database_urls
from emplette.settings import read_settings


def migrate(data_dir: DataDir = None) -> None:
    r"""Bring the database up to date: its schema, VAT rates and exchange rates.

    `emplette serve` and every other command that needs the database do it as well; this one does nothing else. With
    EMPLETTE_DATABASE_URL it is done as the role of EMPLETTE_OWNER_DATABASE_URL, and the role that serves is granted
    what it needs. It can be repeated: what is up to date is left alone.

    \b
    Exit codes: 0 up to date; those of `emplette serve` when the database can't be reached or is newer than we are.
    """
    settings = read_settings(data_dir=data_dir)

    async def bring_up_to_date() -> None:
        async with database_urls(settings, "emplette migrate", say=say):
            pass

    asyncio.run(bring_up_to_date())
    say("the database is up to date")
