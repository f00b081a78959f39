"""``emplette key``."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

import msgspec
import typer

from emplette.cli.reaching import LARGEST_ID, DataDir, Json, TenantOption, day, duration, say, table, with_database
from emplette.cli.refusals import NamingCommand
from emplette.domain.keys import ApiKey, KeyDraft
from emplette.domain.people import Tenant
from emplette.services import keys
from emplette.services.tenants import find_tenant
from emplette.storage.database import Session

_A_DAY = timedelta(days=1)

app = typer.Typer(help="API keys: make one, list them, give one another secret, revoke one.", no_args_is_help=True)

Name = Annotated[str, typer.Option(help="What the key is for; shown as the author of what it does.")]
Contact = Annotated[str, typer.Option(metavar="MAIL", help="Who is told when something is wrong with it.")]
Person = Annotated[
    int | None,
    typer.Option(metavar="USER_ID", min=1, max=LARGEST_ID, help="The person it acts for; only such a key can decide."),
]
Permissions = Annotated[
    list[str] | None,
    typer.Option(
        "--permission",
        metavar="PERMISSION",
        help="What it may do; may be repeated. purchases:own|supervised|all, view:own|supervised|all, approve, "
        "manage, pay, configure. Without any: purchases:all view:all manage.",
    ),
]
NoAutoApprove = Annotated[
    bool, typer.Option("--no-auto-approve", help="What it submits is decided by people, as the policy says.")
]
CreatedStatus = Annotated[
    int,
    typer.Option(metavar="200|201", help="The status of a commitment that was created at /purchases/{id}/commitment."),
]
Expires = Annotated[date | None, typer.Option(parser=day, metavar="DATE", help="The last day on which it is good.")]
Overlap = Annotated[
    timedelta | None,
    typer.Option(
        parser=duration,
        metavar="TIME",
        help="How long the old secret goes on letting in: 30m, 24h, 7d, or 0. Without it, 24h.",
    ),
]
KeyId = Annotated[int, typer.Argument(metavar="KEY_ID", max=LARGEST_ID, help="Its number: `emplette key list`.")]


@app.command("create", cls=NamingCommand)
def create(
    tenant: TenantOption,
    name: Name,
    contact: Contact,
    person: Person = None,
    permission: Permissions = None,
    no_auto_approve: NoAutoApprove = False,
    created_status: CreatedStatus = 200,
    expires: Expires = None,
    data_dir: DataDir = None,
) -> None:
    r"""Make an API key. It is the last line of standard output, and is shown this once.

    A key without a person approves at once what it submits, unless --no-auto-approve says that people decide. A key
    with a person never does. Calls show it so: `Authorization: lucca application=KEY`.

    \b
    emplette key create --tenant acme --name "Order form" --contact it@acme.example
    KEY=$(emplette key create --tenant acme --name Shop --contact it@acme.example | tail -n 1)
    emplette key create --tenant acme --name "Zoe's phone" --contact it@acme.example \
        --person 36 --permission approve --permission view:all

    \b
    Exit codes: 0 made, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    draft = KeyDraft(
        name,
        contact,
        permissions=tuple(permission or ()),
        person_id=person,
        auto_approve=not no_auto_approve,
        created_status=created_status,
        expires_on=expires,
    )

    async def make(db: Session) -> tuple[ApiKey, str]:
        company = await find_tenant(db, tenant)
        return await keys.create_key(db, company, draft, now=datetime.now(UTC))

    key, secret = with_database("emplette key create", data_dir, make)
    say(f"made key {key.id}, {key.name}: {_abilities(key)}. It is not shown again:")
    typer.echo(secret)


@app.command("list", cls=NamingCommand)
def list_(tenant: TenantOption, json: Json = False, data_dir: DataDir = None) -> None:
    r"""List the API keys of a company, those that let nobody in any more too.

    \b
    Exit codes: 0 listed, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """

    async def look(db: Session) -> tuple[Tenant, list[ApiKey]]:
        company = await find_tenant(db, tenant)
        return company, list(await keys.list_keys(db, company))

    company, found = with_database("emplette key list", data_dir, look)
    if json:
        typer.echo(msgspec.json.encode([_for_programs(key, company) for key in found]).decode())
        return
    heads = ("ID", "NAME", "CONTACT", "PERSON", "MAY", "EXPIRES", "LAST USED", "OLD SECRET", "")
    typer.echo(table(heads, [_row(key, company) for key in found]))


@app.command("rotate", cls=NamingCommand)
def rotate(tenant: TenantOption, key_id: KeyId, overlap: Overlap = None, data_dir: DataDir = None) -> None:
    r"""Give an API key another secret. It is the last line of standard output, and is shown this once.

    The old secret goes on letting in until the overlap is over, so that nothing stands still while programs change
    over; of --overlap 0 it lets nobody in any more within 5 seconds. Both are the same key. `emplette key list` says
    until when the old one is good, and when it was used last.

    \b
    emplette key rotate --tenant acme 7
    KEY=$(emplette key rotate --tenant acme 7 --overlap 30m | tail -n 1)

    \b
    Exit codes: 0 made, 1 refused (there is no such key, or it lets nobody in any more), 2 not understood; those of
    `emplette serve` when the database can't be reached.
    """

    async def change(db: Session) -> tuple[ApiKey, str]:
        company = await find_tenant(db, tenant)
        return await keys.rotate_key(
            db, company, key_id, overlap=_A_DAY if overlap is None else overlap, now=datetime.now(UTC)
        )

    key, secret = with_database("emplette key rotate", data_dir, change)
    say(
        f"key {key.id}, {key.name}: the old secret is good until {_instant(key.former_until)}. Its new one, shown once:"
    )
    typer.echo(secret)


@app.command("revoke", cls=NamingCommand)
def revoke(tenant: TenantOption, key_id: KeyId, data_dir: DataDir = None) -> None:
    r"""Revoke an API key: within 5 seconds it lets nobody in any more, on every process.

    \b
    emplette key revoke --tenant acme 7

    \b
    Exit codes: 0 revoked, 1 refused (there is no such key, or it was revoked before), 2 not understood; those of
    `emplette serve` when the database can't be reached.
    """

    async def end(db: Session) -> ApiKey:
        return await keys.revoke_key(db, await find_tenant(db, tenant), key_id, now=datetime.now(UTC))

    key = with_database("emplette key revoke", data_dir, end)
    say(f"revoked key {key.id}, {key.name}")


def _abilities(key: ApiKey) -> str:
    return " ".join(key.permissions) + (", approves what it submits" if key.auto_approve else "")


def _row(key: ApiKey, company: Tenant) -> tuple[str, ...]:
    now = datetime.now(UTC)
    return (
        str(key.id),
        key.name,
        key.contact,
        str(key.person_id or "-"),
        _abilities(key),
        str(key.expires_on or "-"),
        str(key.last_used_on or "-"),
        _old_secret(key, now),
        key.standing(company.today(now)),
    )


def _old_secret(key: ApiKey, now: datetime) -> str:
    """Say until when the key's old secret lets in, and whether anybody still uses it."""
    if key.former_until is None or key.former_until <= now:
        return "-"
    return f"until {_instant(key.former_until)}, last used {key.former_used_on or 'never'}"


def _instant(at: datetime | None) -> str:
    return "-" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _for_programs(key: ApiKey, company: Tenant) -> dict[str, object]:
    return {
        "id": key.id,
        "userId": key.user_id,
        "name": key.name,
        "contact": key.contact,
        "permissions": key.permissions,
        "personId": key.person_id,
        "autoApprove": key.auto_approve,
        "createdStatus": key.created_status,
        "expires": key.expires_on,
        "lastUsed": key.last_used_on,
        "createdAt": key.created_at,
        "revokedAt": key.revoked_at,
        "oldSecretUntil": key.former_until,
        "oldSecretLastUsed": key.former_used_on,
        "standing": key.standing(company.today(datetime.now(UTC))),
    }
