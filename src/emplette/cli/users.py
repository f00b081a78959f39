"""``emplette user``."""

import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer

from emplette.cli.acting import work_of
from emplette.cli.imports import Into, Mode, import_
from emplette.cli.reaching import LARGEST_ID, DataDir, Json, TenantOption, duration, say, table, with_database
from emplette.cli.refusals import NamingCommand
from emplette.domain.organisation import Person
from emplette.domain.people import User
from emplette.domain.roles import Role, RoleGrant
from emplette.domain.sign_in import LINK_LIFE
from emplette.domain.text import number_of
from emplette.runtime.mail import mailer_of
from emplette.services import people, roles, second_factors, sign_in, tenants
from emplette.services.invitations import Invitation
from emplette.services.invitations import invite as send_invitation
from emplette.services.passwords import Passwords
from emplette.services.roles import RoleDraft
from emplette.services.work import Work
from emplette.settings import read_settings
from emplette.storage.database import Session
from emplette.storage.lists import Slice

T = TypeVar("T")

_MOST = 100_000

app = typer.Typer(
    help="People: invite them, set a password, give and end roles, end their sessions, bring them along.",
    no_args_is_help=True,
)

UserId = Annotated[
    int, typer.Argument(metavar="USER_ID", min=1, max=LARGEST_ID, help="Their number: `emplette user list`.")
]
Life = Annotated[
    timedelta | None,
    typer.Option(parser=duration, metavar="TIME", help="How long the link is good: 24h, 7d. Without it, 72h."),
]
NoMail = Annotated[bool, typer.Option("--no-mail", help="Show the link, and write to nobody.")]
RoleOption = Annotated[Role, typer.Argument(help="The role.")]
Department = Annotated[
    int | None,
    typer.Option(min=1, max=LARGEST_ID, metavar="ID", help="For the people of this department, and of all below it."),
]
CostCenter = Annotated[
    int | None, typer.Option(min=1, max=LARGEST_ID, metavar="ID", help="For what is charged to this cost center.")
]
GrantId = Annotated[
    int, typer.Argument(metavar="ROLE_ID", min=1, max=LARGEST_ID, help="Its number: `emplette user roles`.")
]
File = Annotated[Path, typer.Argument(metavar="FILE.csv", help="The table; - reads what is piped in.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done and what is wrong; write nothing.")]


@app.command("list", cls=NamingCommand)
def list_(tenant: TenantOption, json: Json = False, data_dir: DataDir = None) -> None:
    r"""List the people of a company, and the roles that they have.

    \b
    Exit codes: 0 listed, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """

    async def look(work: Work) -> tuple[tuple[Person, ...], list[RoleGrant]]:
        everybody = await people.list_people(work, (), Slice(_MOST))
        return everybody.items, list((await roles.list_roles(work, Slice(_MOST))).items)

    everybody, held = _with_work("list", tenant, data_dir, look)
    by_user: dict[int, list[str]] = {}
    for grant in held:
        by_user.setdefault(grant.user_id, []).append(_in_words(grant))
    if json:
        typer.echo(msgspec.json.encode([_for_programs(one, by_user.get(one.id, [])) for one in everybody]).decode())
        return
    rows: list[tuple[str, ...]] = [
        (str(one.id), one.name, one.email or "-", str(one.left_on or "-"), ", ".join(by_user.get(one.id, ["-"])))
        for one in everybody
    ]
    typer.echo(table(("ID", "NAME", "MAIL", "LEFT", "ROLES"), rows))


@app.command("invite", cls=NamingCommand)
def invite(
    user_id: UserId, tenant: TenantOption, life: Life = None, no_mail: NoMail = False, data_dir: DataDir = None
) -> None:
    r"""Make a link by which a person chooses a password, once, and mail it to them, where mails can be sent.

    It is for the first password as for one that was forgotten, and ends the link before it. Where no mail can be sent,
    or none is taken, or with --no-mail, the link is the last line of standard output, shown this once.

    \b
    emplette user invite 35 --tenant acme
    emplette user invite 35 --tenant acme --life 24h --no-mail

    \b
    Exit codes: 0 made, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    mailer = mailer_of(read_settings(data_dir=data_dir))

    async def make(db: Session) -> Invitation:
        work = await work_of(db, tenant)
        hosts = next(one.hosts for one in await tenants.list_tenants(db) if one.tenant.id == work.tenant.id)
        has_address = bool(hosts) or (mailer is not None and mailer.public_url is not None)
        return await send_invitation(
            replace(work, shelf=replace(work.shelf, mailer=mailer)),
            user_id,
            base_url=f"https://{hosts[0] if hosts else 'YOUR-HOST'}",
            by_mail=has_address and not no_mail,
            life=LINK_LIFE if life is None else life,
        )

    made = with_database("emplette user invite", data_dir, make)
    named = f"{made.person.name} ({user_id})"
    if made.mailed_to:
        say(f"mailed a link to {named}, {made.mailed_to}")
        return
    if made.fault:
        say(made.fault)
    say(f"made a link for {named}. It is not shown again:")
    typer.echo(made.link)


@app.command("set-password", cls=NamingCommand)
def set_password(user_id: UserId, tenant: TenantOption, data_dir: DataDir = None) -> None:
    r"""Set a person's password, which is asked for, or is piped in. All their sessions end.

    An invitation is better: then nobody else has seen the password.

    \b
    emplette user set-password 35 --tenant acme
    emplette user set-password 35 --tenant acme < password.txt

    \b
    Exit codes: 0 set, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")

    async def set_it(work: Work) -> User:
        return await sign_in.set_password(
            work.db,
            work.tenant,
            user_id,
            password,
            passwords=Passwords(),
            actor=work.who.user.id,
            now=work.world_now,
        )

    user = _with_work("set-password", tenant, data_dir, set_it)
    say(f"set the password of {user.name} ({user.id}); their sessions have ended")


@app.command("sessions", cls=NamingCommand)
def sessions(user_id: UserId, tenant: TenantOption, json: Json = False, data_dir: DataDir = None) -> None:
    r"""List where a person has signed in.

    \b
    Exit codes: 0 listed, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    found = _with_work("sessions", tenant, data_dir, _of_somebody(user_id, sign_in.list_sessions))
    if json:
        typer.echo(msgspec.json.encode(found).decode())
        return
    rows: list[tuple[str, ...]] = [
        (str(one.id), f"{one.begun_at:%Y-%m-%d %H:%M}", f"{one.used_at:%Y-%m-%d %H:%M}", one.address, one.browser)
        for one in found
    ]
    typer.echo(table(("ID", "BEGUN (UTC)", "USED (UTC)", "ADDRESS", "BROWSER"), rows))


@app.command("end-sessions", cls=NamingCommand)
def end_sessions(user_id: UserId, tenant: TenantOption, data_dir: DataDir = None) -> None:
    r"""End all sessions of a person: within 5 seconds, on every process.

    \b
    Exit codes: 0 ended, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    ended = _with_work("end-sessions", tenant, data_dir, _of_somebody(user_id, sign_in.end_sessions))
    say(f"ended {number_of(ended, 'session')}")


@app.command("remove-codes", cls=NamingCommand)
def remove_codes(user_id: UserId, tenant: TenantOption, data_dir: DataDir = None) -> None:
    r"""Ask a person for no codes at the sign-in any more, because telephone and paper are lost.

    Make sure who asks for it: whoever knows the password gets in without the telephone then.

    \b
    Exit codes: 0 done, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    removed = _with_work("remove-codes", tenant, data_dir, _of_somebody(user_id, second_factors.remove))
    say("no codes are asked for any more" if removed else "no codes were asked for")


@app.command("roles", cls=NamingCommand)
def list_roles(tenant: TenantOption, json: Json = False, data_dir: DataDir = None) -> None:
    r"""List the roles that people have, beyond what everybody may: ask, see what is theirs, decide what they are asked.

    \b
    Exit codes: 0 listed, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    page = _with_work("roles", tenant, data_dir, lambda work: roles.list_roles(work, Slice(_MOST)))
    if json:
        typer.echo(msgspec.json.encode(page.items).decode())
        return
    rows: list[tuple[str, ...]] = [
        (
            str(one.id),
            str(one.user_id),
            page.known.users[one.user_id].name,
            _in_words(one),
            f"{one.granted_at:%Y-%m-%d}",
        )
        for one in page.items
    ]
    typer.echo(table(("ID", "USER", "NAME", "ROLE", "SINCE"), rows))


@app.command("grant", cls=NamingCommand)
def grant(
    user_id: UserId,
    role: RoleOption,
    tenant: TenantOption,
    department: Department = None,
    cost_center: CostCenter = None,
    data_dir: DataDir = None,
) -> None:
    r"""Give a person a role, for the whole company or a part of it. It counts within 5 seconds.

    \b
    viewer         sees purchases
    purchaser      sees purchases and acts on them
    supervisor     sees the purchases of those whom they lead, and acts on them
    approver       can be asked by policies that ask whoever may approve
    accountant     sees everything, keeps suppliers, natures and cost centers
    payer          sees everything, pays
    administrator  sees everything, configures the company

    \b
    emplette user grant 36 administrator --tenant acme
    emplette user grant 40 viewer --department 12 --tenant acme

    \b
    Exit codes: 0 given, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    draft = RoleDraft(user_id, role, department, cost_center)
    given = _with_work("grant", tenant, data_dir, lambda work: roles.grant_role(work, draft))
    say(f"gave role {given.entry.id}: {_in_words(given.entry)}, to {given.known.users[user_id].name} ({user_id})")


@app.command("end-role", cls=NamingCommand)
def end_role(role_id: GrantId, tenant: TenantOption, data_dir: DataDir = None) -> None:
    r"""End a role. It counts within 5 seconds.

    \b
    Exit codes: 0 ended, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    ended = _with_work("end-role", tenant, data_dir, lambda work: roles.end_role(work, role_id))
    say(f"ended role {role_id}: {_in_words(ended.entry)}, of user {ended.entry.user_id}")


@app.command("import", cls=NamingCommand)
def import_people(file: File, tenant: TenantOption, dry_run: DryRun = False, data_dir: DataDir = None) -> None:
    r"""Bring people along, those who joined and those who left: `emplette import FILE.csv --into people`.

    Whoever has a day in `leftOn` lets nobody in from that day on: their sessions end, and keys that are bound to them.
    Everything wrong is said by line and column before anything is written, and all takes effect at once.

    \b
    emplette user import people.csv --tenant acme --dry-run
    emplette export people --tenant acme > people.csv

    \b
    Exit codes: 0 written (or could be), 1 refused, 2 not understood; those of `emplette serve` when the database can't
    be reached.
    """
    import_(tenant, file, Into.PEOPLE, Mode.ALL_OR_NOTHING, dry_run=dry_run, data_dir=data_dir)


def _with_work(command: str, tenant: str, data_dir: Path | None, do: Callable[[Work], Awaitable[T]]) -> T:
    async def act(db: Session) -> T:
        return await do(await work_of(db, tenant))

    return with_database(f"emplette user {command}", data_dir, act)


def _of_somebody(user_id: int, do: Callable[[Work, int], Awaitable[T]]) -> Callable[[Work], Awaitable[T]]:
    """Do it for somebody who is there: of who is not, "0 sessions" would be said of a mistyped number."""

    async def act(work: Work) -> T:
        await people.read_user(work, user_id)
        return await do(work, user_id)

    return act


def _in_words(grant: RoleGrant) -> str:
    if grant.department_id is not None:
        return f"{grant.role} of department {grant.department_id}"
    return grant.role if grant.cost_center_id is None else f"{grant.role} of cost center {grant.cost_center_id}"


def _for_programs(person: Person, held: list[str]) -> dict[str, object]:
    return {
        "id": person.id,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "mail": person.email,
        "leftOn": person.left_on,
        "roles": held,
    }
