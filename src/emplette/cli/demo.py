"""``emplette demo``."""

import asyncio
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from emplette.cli.demo_company.guide import AnsweredOtherwise, play_guide, read_guide
from emplette.cli.demo_company.loading import ensure_key, ensure_people, file, load_company
from emplette.cli.reaching import DataDir
from emplette.domain.keys import PREFIX, fault_of_secret
from emplette.domain.people import Tenant
from emplette.domain.sign_in import SHORTEST_PASSWORD, fault_of_length
from emplette.runtime.exits import Exit, FolderUnusable, StartRefused
from emplette.runtime.logs import configure_logs
from emplette.runtime.schema import Urls
from emplette.runtime.supervisor import Supervisor
from emplette.services.tenants import find_real_company, list_tenants
from emplette.settings import BadSetting, Settings, read_settings, variable
from emplette.storage.database import Database

Port = Annotated[int | None, typer.Option(help="The port to listen at; 0 takes a free one.", show_default=False)]

_KEY_FILE = "demo-key"
_PASSWORD_FILE = "demo-password"  # noqa: S105  (where it is kept)
_RANDOM_BYTES = 32


class KeyRefused(StartRefused):
    """The key that the demo was given lets nobody in."""

    exit_code = Exit.BAD_SETTING


def demo(port: Port = None, data_dir: DataDir = None) -> None:
    r"""Start a server with a company to try it on, play the guide's calls against it, and keep serving.

    The company is loaded once; the next demo goes on with the same data. Its API key is made once and kept in the
    data folder, or is EMPLETTE_DEMO_KEY. Every setting of `emplette serve` counts here too. A data folder with a
    company of your own is refused.

    \b
    emplette demo
    EMPLETTE_DEMO_KEY=a-key-of-my-own emplette demo --port 9000
    emplette demo --data-dir /tmp/emplette-demo

    \b
    Ctrl-C              finish the calls under way, then stop; the data stays

    \b
    Exit codes: 0 stopped in order, 1 a new company answers otherwise than the guide promises, 73 a company of your own
    is there, 78 a setting is wrong or EMPLETTE_DEMO_KEY was revoked; else those of `emplette serve`.
    """
    quiet = None if os.environ.get(variable("log_level")) else "warning"
    settings = read_settings(port=port, data_dir=data_dir, log_level=quiet)
    fault = None if settings.demo_key is None else fault_of_secret(settings.demo_key)
    if fault is not None:
        raise BadSetting(f"{variable('demo_key')}: {fault}")
    configure_logs(settings, process="supervisor")
    supervisor = Supervisor(
        settings, command="emplette demo", say=typer.echo, before=lambda urls: _refuse_real_company(urls, settings)
    )
    asyncio.run(supervisor.run(_story))
    typer.echo(f"stopped; the data stays in {settings.data_dir}")


async def _refuse_real_company(urls: Urls, settings: Settings) -> None:
    """Leave the data of a company alone that is no demo, before anything is done to it."""
    database = await Database.connect(urls.owner, size=1)
    try:
        account = await find_real_company(database.session())
    finally:
        await database.close()
    if account is not None:
        place = (
            "the database of EMPLETTE_DATABASE_URL" if settings.database_url else f"the data folder {settings.data_dir}"
        )
        raise FolderUnusable(
            f"{place} holds the company {account}, which is no demo: set EMPLETTE_DATA_DIR to another folder"
        )


async def _story(supervisor: Supervisor) -> str:
    """Load the company, play the guide, and say what can be done next."""
    if supervisor.urls is None:
        raise RuntimeError("nothing is served")
    database = await Database.connect(supervisor.urls.serving, size=1)
    try:
        now = datetime.now(UTC)
        is_new = not await list_tenants(database.session())
        tenant = await load_company(database, now=now, say=typer.echo)
        key = await _key(database, tenant, supervisor.settings, now=now)
        password = _password(supervisor.settings)
        people = await ensure_people(database, tenant, password, now=now)
    finally:
        await database.close()
    typer.echo('The calls of the guide "Create an approved order", and what comes back (… is what is left out here):')
    guide = read_guide(file("guide.yaml"))
    try:
        await asyncio.to_thread(play_guide, guide, url=supervisor.url, key=key, show=typer.echo)
    except AnsweredOtherwise as otherwise:
        if is_new:
            raise
        # Whoever tries things out may well have changed what the guide relies on.
        typer.echo(f"\n{otherwise}, because the company was changed since. It is served as it is.")
    typer.echo()
    return _last_words(supervisor.url, key, people, password)


async def _key(database: Database, tenant: Tenant, settings: Settings, *, now: datetime) -> str:
    """Find the key to show, and see that it lets its caller in."""
    if settings.demo_key is not None:
        if not await ensure_key(database, tenant, settings.demo_key, now=now):
            raise KeyRefused(f"{variable('demo_key')}: that key was revoked; choose another")
        return settings.demo_key
    path = settings.data_dir / _KEY_FILE
    try:
        secret = path.read_text("ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        secret = ""
    if fault_of_secret(secret) is not None or not await ensure_key(database, tenant, secret, now=now):
        secret = PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
        _keep(path, secret)
        await ensure_key(database, tenant, secret, now=now)
    return secret


def _password(settings: Settings) -> str:
    """Find the password that people of the demo sign in with; it is made up once."""
    path = settings.data_dir / _PASSWORD_FILE
    try:
        password = path.read_text("ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        password = ""
    if fault_of_length(password) is not None:
        password = secrets.token_urlsafe(SHORTEST_PASSWORD)
        _keep(path, password)
    return password


def _keep(path: Path, secret: str) -> None:
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(f"{secret}\n", "ascii")
    new.replace(path)


def _last_words(url: str, key: str, people: list[tuple[str, str]], password: str) -> str:
    width = max((len(login) for _, login in people), default=0)
    shown = "\n".join(f"  {login.ljust(width)}  {password}  ({what})" for what, login in people)
    return f"""
Sign in at {url}/sign-in

{shown}

API key: {key}

Try it:

  curl '{url}/cleemy-procurement/api/purchases?limit=3' -H 'Authorization: lucca application={key}'

All calls: {url}/docs      Ctrl-C ends it; the next demo goes on with the same data.
"""
