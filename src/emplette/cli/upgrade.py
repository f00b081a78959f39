"""``emplette upgrade-database``."""

from pathlib import Path
from typing import Annotated

import typer

from emplette.runtime.upgrade import upgrade_database as upgrade
from emplette.settings import read_settings

DataDir = Annotated[Path | None, typer.Option(help="The data folder.")]


def upgrade_database(data_dir: DataDir = None) -> None:
    """Carry the embedded database over to the PostgreSQL of this version of Emplette.

    Needed when a start says so, and only with the server stopped. The old data stays beside the new one, and is yours
    to remove; without room for both it is refused. Interrupted, or killed, it is simply repeated. A PostgreSQL of your
    own (EMPLETTE_DATABASE_URL) is yours to upgrade.

    Exit codes: 0 upgraded or nothing to do, 70 there is no room or the upgrade failed, and nothing changed, 75
    something runs there.
    """
    settings = read_settings(data_dir=data_dir)
    upgrade(settings, "emplette upgrade-database", say=lambda text: typer.echo(f"emplette: {text}", err=True))
