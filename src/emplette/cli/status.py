"""``emplette status``."""

import asyncio
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from emplette.runtime.exits import DatabaseFailed, Exit, FolderUnusable
from emplette.runtime.folders import DataFolder
from emplette.runtime.occupation import Running, holder_of, is_occupied, read_running
from emplette.runtime.schema import Condition, condition_of
from emplette.settings import Settings, read_settings

DataDir = Annotated[Path | None, typer.Option(help="The data folder.")]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for programs.")]


def status(data_dir: DataDir = None, json: Json = False) -> None:
    """Say what runs here: processes, address, database.

    Exit codes: 0 it runs, 3 it does not.
    """
    settings = read_settings(data_dir=data_dir)
    running = _running(settings)
    said: dict[str, str] = {"server": _server(settings, running)}
    if running is not None:
        said |= {"url": running.url} if running.url else {}
        said |= {name: f"process {pid}" for name, pid in running.processes.items() if name != "database"}
    said |= _database(settings, running)
    if json:
        typer.echo(msgspec.json.encode({"running": running is not None} | said).decode())
    else:
        typer.echo("\n".join(f"{name:<12} {text}" for name, text in said.items()))
    if running is None:
        raise typer.Exit(Exit.NOT_RUNNING)


def _running(settings: Settings) -> Running | None:
    folder = DataFolder(settings.data_dir.absolute())
    try:
        if not folder.lock.exists() or not is_occupied(folder):
            return None
        holder = holder_of(folder)
        return read_running(folder) or Running(pid=holder.pid, command=holder.command, started_at="")
    except PermissionError:
        raise FolderUnusable(f"the data folder {folder.path} is closed to you: ask as the user that serves") from None


def _server(settings: Settings, running: Running | None) -> str:
    if running is None:
        half = "; half restored: `emplette restore` starts again" if _is_half_restored(settings) else ""
        return f"not running (data folder {settings.data_dir}){half}"
    if not running.started_at:
        return f"{running.command}, process {running.pid}, starting"
    return f"{running.command}, process {running.pid}, since {running.started_at}"


def _is_half_restored(settings: Settings) -> bool:
    return DataFolder(settings.data_dir.absolute()).half_restored.exists()


def _database(settings: Settings, running: Running | None) -> dict[str, str]:
    """Ask the database, when there is one that runs."""
    url = settings.migrating_url or (running.owner_database_url if running is not None else None)
    if url is None:
        return {}
    pid = running.processes.get("database") if running is not None else None
    where = "yours (EMPLETTE_DATABASE_URL)" if settings.database_url else f"embedded, process {pid}"
    try:
        condition = asyncio.run(condition_of(url))
    except DatabaseFailed as failure:
        return {"database": f"{where}: {failure}"}
    said = {"database": f"PostgreSQL {condition.version}, {where}"} | _contents(condition)
    if running is not None and running.owner_database_url is not None and running.programs is not None:
        # There is no secret in the address of the embedded one: the kernel says who connects.
        said |= {"address": running.owner_database_url, "programs": running.programs}
    return said


def _contents(condition: Condition) -> dict[str, str]:
    if condition.amiss is not None:
        return {"schema": f"not up to date: {condition.amiss}"}
    return {"schema": "up to date", "tenants": str(condition.tenants)} | _imports(condition)


def _imports(condition: Condition) -> dict[str, str]:
    """Say what was brought along last, and whether something is just now: of that nothing counts before all does."""
    said = {}
    if condition.last_import is not None:
        account, noted = condition.last_import
        told = noted.told
        said["last import"] = (
            f"{account}, import {noted.id}, {noted.at:%Y-%m-%d %H:%M} UTC: {told.source} into {told.into}, "
            f"{told.made:,} new, {told.changed:,} changed, {told.same:,} as they were, {told.left_out:,} left out"
        )
    if condition.imports_running:
        said["importing"] = f"{condition.imports_running} under way: nothing of it counts before all does"
    return said
