"""``emplette serve``."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from emplette.runtime.logs import configure_logs
from emplette.runtime.supervisor import Supervisor
from emplette.settings import read_settings

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
    date, prints `ready: http://HOST:PORT` when calls are answered, and starts again what dies.

    Ctrl-C and SIGTERM let the calls under way finish, then stop; asked again, they stop at once. SIGHUP starts the
    workers anew, one after the other, which reads a renewed certificate.

    Exit codes: 0 stopped in order, 69 the port is in use, 70 the database failed, 73 the data folder cannot be
    used, 75 already running, 78 a setting is wrong, 1 anything else.
    """
    settings = read_settings(
        host=host, port=port, workers=workers, data_dir=data_dir, tls_cert=tls_cert, tls_key=tls_key
    )
    configure_logs(settings, process="supervisor")
    asyncio.run(Supervisor(settings).run())
