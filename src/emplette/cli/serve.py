"""``emplette serve``."""

import asyncio
import secrets
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from emplette.domain.errors import Unavailable
from emplette.runtime.logs import configure_logs
from emplette.runtime.supervisor import Supervisor
from emplette.services.founding import is_to_be_founded
from emplette.settings import read_settings
from emplette.storage.database import Database

_RANDOM_BYTES = 32

Host = Annotated[str | None, typer.Option(help="The address to listen at.")]
Port = Annotated[int | None, typer.Option(help="The port to listen at; 0 takes a free one.")]
Workers = Annotated[int | None, typer.Option(help="How many HTTP workers run.")]
DataDir = Annotated[Path | None, typer.Option(help="The data folder.")]
TlsCert = Annotated[Path | None, typer.Option(help="The certificate (with its chain, PEM) to serve HTTPS with.")]
TlsKey = Annotated[Path | None, typer.Option(help="The certificate's private key (PEM).")]


def serve(
    host: Host = None,
    port: Port = None,
    workers: Workers = None,
    data_dir: DataDir = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
) -> None:
    """Start the server, and serve until it is stopped.

    Without EMPLETTE_DATABASE_URL it starts a PostgreSQL of its own in the data folder. It brings the schema up to
    date, prints `ready: http://HOST:PORT` when calls are answered, and starts again what dies. While there is no
    company, a link follows by which the first one is founded in a browser.

    Ctrl-C and SIGTERM let the calls under way finish, then stop; asked again, they stop at once. SIGHUP starts the
    workers anew, one after the other, which reads a renewed certificate.

    Exit codes: 0 stopped in order, 69 the port is in use, 70 the database failed, 73 the data folder cannot be
    used, 75 already running, 78 a setting is wrong, 1 anything else.
    """
    settings = read_settings(
        host=host, port=port, workers=workers, data_dir=data_dir, tls_cert=tls_cert, tls_key=tls_key
    )
    configure_logs(settings, process="supervisor")
    if settings.setup_secret is None:
        settings = msgspec.structs.replace(settings, setup_secret=secrets.token_urlsafe(_RANDOM_BYTES))
    asyncio.run(Supervisor(settings).run(_begin))


async def _begin(supervisor: Supervisor) -> str:
    """Say by which link the first company is founded, while there is none."""
    if supervisor.urls is None:
        return ""
    try:
        database = await Database.connect(supervisor.urls.serving, size=1, name="emplette serve")
        try:
            is_empty = await is_to_be_founded(database.session())
        finally:
            await database.close()
    except Unavailable:
        return ""
    if not is_empty:
        return ""
    return f"""
There is no company here yet. Found it in a browser, with this link:

  {supervisor.url}/founding/{supervisor.settings.setup_secret}

It is good until there is one, or the server is started anew. `emplette tenant create` makes one from a terminal."""
