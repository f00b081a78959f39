"""``emplette checkpoint``."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from emplette.cli.reaching import DataDir, with_database
from emplette.domain.checkpoints import Checkpoint
from emplette.domain.people import Tenant
from emplette.formats.checkpoints import own_key, sign
from emplette.jobs.seals import seal_what_waits
from emplette.runtime.folders import open_data_folder
from emplette.services.tenants import find_tenant, list_tenants
from emplette.settings import read_settings
from emplette.storage import seals
from emplette.storage.database import Session

EachTenant = Annotated[
    str | None,
    typer.Option("--tenant", metavar="ACCOUNT", help="One company only, by its account.", show_default=False),
]


def checkpoint(tenant: EachTenant = None, data_dir: DataDir = None) -> None:
    r"""Say, signed, how far each company's log has come: a line of JSON each, to be kept elsewhere.

    Who keeps it can prove later that nothing up to there was changed or removed: `emplette verify --checkpoint FILE`.
    It is signed with the key of this installation, which is made the first time and stays in the data folder, in
    `checkpoint-key.pem`. What happened until now is sealed first.

    \b
    emplette checkpoint --tenant acme > acme-2026.json

    \b
    Exit codes: 0 written, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    key = own_key(open_data_folder(read_settings(data_dir=data_dir).data_dir).path)

    async def look(db: Session) -> list[Checkpoint]:
        now = datetime.now(UTC)
        await seal_what_waits(db, now)
        heads = [(company.account, await seals.head(db, company.id)) for company in await tenants_of(db, tenant)]
        return [Checkpoint(account, head.epoch, head.position, head.hash, now) for account, head in heads]

    for found in with_database("emplette checkpoint", data_dir, look):
        typer.echo(sign(found, key))


async def tenants_of(db: Session, account: str | None) -> Sequence[Tenant]:
    """Find the company that was named, or all of them.

    Raises:
        Invalid: there is none of that account.
    """
    if account is not None:
        return [await find_tenant(db, account)]
    return [company.tenant for company in await list_tenants(db)]
