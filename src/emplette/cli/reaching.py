"""A command's way to the database, whether a server runs or not."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, TypeAlias, TypeVar

import asyncpg
import typer

from emplette.domain.errors import Invalid
from emplette.domain.seals import Cursor
from emplette.runtime.reach import database_urls
from emplette.runtime.schema import Urls, connect
from emplette.settings import read_settings
from emplette.storage.database import Database, Session

T = TypeVar("T")
OwnerConnection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

LARGEST_ID = 2**31 - 1
"""The largest number that anything of a company can have."""
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"([0-9]{1,6})([mhd])|0")

DataDir = Annotated[Path | None, typer.Option(help="The data folder.", show_default=False)]
TenantOption = Annotated[
    str, typer.Option(metavar="ACCOUNT", help="The company, by its account: `emplette tenant list`.")
]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]


def with_database(command: str, data_dir: Path | None, do: Callable[[Session], Awaitable[T]]) -> T:
    """Do something with the database of the running server, or with one that is started for as long.

    Args:
        command: what the person typed, for others who find the data folder in use.
        data_dir: the data folder, when an option names one.
        do: what to do.
    """
    return _with_session(command, data_dir, do, lambda urls: urls.serving)


def with_owner(command: str, data_dir: Path | None, do: Callable[[OwnerConnection], Awaitable[T]]) -> T:
    """Do something as the role that owns the schema: load what is everybody's, for which the serving role has no right.

    Args:
        command: what the person typed, for others who find the data folder in use.
        data_dir: the data folder, when an option names one.
        do: what to do.
    """

    async def reach() -> T:
        async with database_urls(read_settings(data_dir=data_dir), command, say=say) as urls:
            connection = await connect(urls.owner, patience=0, say=say)
            try:
                return await do(connection)
            finally:
                await connection.close()

    return asyncio.run(reach())


def with_owner_session(command: str, data_dir: Path | None, do: Callable[[Session], Awaitable[T]]) -> T:
    """Do something with the database as `with_database` does, as the role that owns the tables.

    Args:
        command: what the person typed, for others who find the data folder in use.
        data_dir: the data folder, when an option names one.
        do: what to do.
    """
    return _with_session(command, data_dir, do, lambda urls: urls.owner)


def _with_session(
    command: str, data_dir: Path | None, do: Callable[[Session], Awaitable[T]], address: Callable[[Urls], str]
) -> T:
    async def reach() -> T:
        async with database_urls(read_settings(data_dir=data_dir), command, say=say) as urls:
            database = await Database.connect(address(urls), size=1, name=command)
            try:
                return await do(database.session())
            finally:
                await database.close()

    return asyncio.run(reach())


def number(text: str) -> Decimal:
    """Read a number that was typed, to the digit.

    Raises:
        BadParameter: it is none.
    """
    try:
        return Decimal(text)
    except InvalidOperation:
        raise typer.BadParameter(f"{text!r} is no number: write it with a point, as 0.055.") from None


def day(text: str) -> date:
    """Read a date that was typed.

    Raises:
        BadParameter: it is none, or not a day that exists.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day: write it as 2025-04-14, and one that exists.") from None


def duration(text: str) -> timedelta:
    """Read a time that was typed: a whole number and its unit, or 0.

    Raises:
        BadParameter: it is none.
    """
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise typer.BadParameter(f"{text!r} is no time: write it as 24h, 30m, 7d or 0.")
    return timedelta(**{_UNITS[found[2]]: int(found[1])}) if found[2] else timedelta(0)


def place_in_log(text: str) -> Cursor | int:
    """Read a place of a log that was typed with --after.

    Raises:
        Invalid: it is none.
    """
    try:
        return Cursor.parse(text)
    except ValueError:
        raise Invalid.field("after", "Must be a cursor, such as 1-42, or a position.") from None


def say(sentence: str) -> None:
    """Tell the person at the terminal what goes on, beside what the command answers; nothing fails for want of it."""
    with suppress(OSError):
        typer.echo(f"emplette: {sentence}", err=True)


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Lay out a list in columns."""
    widths = [max(len(cell) for cell in column) for column in zip(heads, *rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (heads, *rows))
    return "\n".join(line.rstrip() for line in lines)
