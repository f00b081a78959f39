"""``emplette policy``."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from emplette.cli.reaching import DataDir, TenantOption, say, with_database
from emplette.cli.refusals import NamingCommand
from emplette.domain.approvals import Policy
from emplette.domain.errors import Invalid
from emplette.services import policies
from emplette.services.tenants import find_tenant
from emplette.storage.database import Session

app = typer.Typer(help="Approval policies: load a company's, show it.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE.yaml", help="The policy; - reads what is piped in.")]


@app.command("load", cls=NamingCommand)
def load(file: File, tenant: TenantOption, data_dir: DataDir = None) -> None:
    r"""Put a policy in force: who is asked to approve, in which order.

    Requests that wait already keep the policy they began with; new ones follow the new one within 5 seconds.
    The file says the steps in order; one of the people of each is enough:

    \b
    steps:
      - name: Manager
        anyOf: [36]
      - name: Finance
        anyOf: [41, 42]

    \b
    emplette policy load policy.yaml --tenant acme

    \b
    Exit codes: 0 in force, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    source = _read(file)

    async def put_in_force(db: Session) -> Policy:
        company = await find_tenant(db, tenant)
        return await policies.load_policy(db, company, source=source, now=datetime.now(UTC))

    policy = with_database("emplette policy load", data_dir, put_in_force)
    say(f"version {policy.version} is in force: {', then '.join(step.name for step in policy.steps)}")


@app.command("show", cls=NamingCommand)
def show(tenant: TenantOption, data_dir: DataDir = None) -> None:
    r"""Show the policy in force, as it was loaded.

    \b
    emplette policy show --tenant acme > policy.yaml

    \b
    Exit codes: 0 shown, 1 refused (there is none), 2 not understood; those of `emplette serve` when the database
    can't be reached.
    """

    async def look(db: Session) -> tuple[int, str] | None:
        return await policies.read_source(db, (await find_tenant(db, tenant)).id)

    found = with_database("emplette policy show", data_dir, look)
    if found is None:
        raise Invalid.field("tenant", f"{tenant} has no policy: `emplette policy load FILE.yaml --tenant {tenant}`.")
    version, source = found
    say(f"version {version}")
    typer.echo(source, nl=not source.endswith("\n"))


def _read(file: Path) -> str:
    try:
        return (sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()).decode()
    except UnicodeDecodeError:
        raise Invalid.field("file", f"{file} is not text in UTF-8.") from None
    except OSError as error:
        raise Invalid.field("file", f"{file} cannot be read: {error.strerror}.") from None
