"""``emplette policy``."""

import sys
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from emplette.cli.policy_telling import difference_line, finding_line, scene_facts, summary_of, table_of_scenes
from emplette.cli.reaching import DataDir, Json, TenantOption, day, say, table, with_database
from emplette.cli.refusals import NamingCommand
from emplette.domain.errors import Invalid
from emplette.domain.policies import Policy
from emplette.domain.policy_checks import Finding
from emplette.domain.policy_differences import Difference
from emplette.domain.text import number_of
from emplette.formats.policies import read_written
from emplette.formats.policy_templates import TEMPLATES, template
from emplette.services import policies, rehearsals
from emplette.services.rehearsals import Scene
from emplette.services.tenants import find_tenant
from emplette.storage.database import Session

app = typer.Typer(
    help="Approval policies: check one, rehearse it, load it, show the one in force.", no_args_is_help=True
)

File = Annotated[Path, typer.Argument(metavar="FILE.yaml", help="The policy; - reads what is piped in.")]
Since = Annotated[
    date | None,
    typer.Option(parser=day, metavar="DATE", help="The first day of the rehearsal; without it, a year ago."),
]
Changed = Annotated[bool, typer.Option("--changed", help="Only what would have gone otherwise.")]
Template = Annotated[
    str | None, typer.Argument(metavar="NAME", help="The template to print; without it, all are listed.")
]


@app.command("load", cls=NamingCommand)
def load(file: File, tenant: TenantOption, data_dir: DataDir = None) -> None:
    r"""Put a policy in force: who is asked to approve what, in which order.

    Requests that wait already keep the policy they began with; new ones follow the new one within 5 seconds. A policy
    in which `emplette policy check` finds errors is refused. docs/policies.md says what can stand in it:

    \b
    rules:
      - name: Small amounts
        when: {amount: {atMost: 50}}
        approve: at once
    otherwise:
      steps:
        - name: Manager
          any: [manager]

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
    named = [rule.name for rule in policy.rules] or [step.name for step in policy.steps]
    joined = "; ".join(named) if policy.rules else ", then ".join(named)
    say(f"version {policy.version} is in force: {joined}")


@app.command("check", cls=NamingCommand)
def check(file: File, tenant: TenantOption, as_json: Json = False, data_dir: DataDir = None) -> None:
    r"""Look through a policy without loading it: tried on everybody there is.

    Errors keep it from being loaded: rules that nothing reaches, people who have left, amounts and requests that nobody
    could approve. Warnings do not: people whose own requests would be refused, managers in a ring.

    \b
    emplette policy check policy.yaml --tenant acme

    \b
    Exit codes: 0 no errors, 1 errors, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    source = _read(file)

    async def look_through(db: Session) -> tuple[Policy, list[Finding]]:
        company = await find_tenant(db, tenant)
        return await policies.check_policy(db, company, source=source, now=datetime.now(UTC))

    policy, findings = with_database("emplette policy check", data_dir, look_through)
    errors = sum(finding.is_error for finding in findings)
    if as_json:
        told = [{"path": one.path, "message": one.message, "isError": one.is_error} for one in findings]
        typer.echo(msgspec.json.encode({"findings": told, "errors": errors}).decode())
    for finding in () if as_json else findings:
        typer.echo(finding_line(finding))
    warnings = number_of(len(findings) - errors, "warning")
    say(f"{number_of(len(policy.outcomes), 'rule')}, {number_of(errors, 'error')}, {warnings}")
    raise typer.Exit(1 if errors else 0)


@app.command("rehearse", cls=NamingCommand)
def rehearse(
    file: File,
    tenant: TenantOption,
    since: Since = None,
    changed: Changed = False,
    as_json: Json = False,
    data_dir: DataDir = None,
) -> None:
    r"""Play the requests of the last year through a policy that is not in force, beside what became of them.

    For each: who was asked and who would be, by which rule, and whether it would have passed with the decisions that
    were made. People are those who are there today; budgets as they stood are not known. Nothing is written.

    \b
    emplette policy rehearse policy.yaml --tenant acme --changed
    emplette policy rehearse policy.yaml --tenant acme --since 2025-01-01 --json

    \b
    Exit codes: 0 rehearsed, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    source = _read(file)

    async def play(db: Session) -> list[Scene]:
        company, now = await find_tenant(db, tenant), datetime.now(UTC)
        first = since or _a_year_before(company.today(now))
        begin = datetime.combine(first, time.min, company.time_zone)
        scenes = rehearsals.rehearse_policy(db, company, source=source, since=begin, now=now)
        return [scene async for scene in scenes]

    scenes = with_database("emplette policy rehearse", data_dir, play)
    shown = [scene for scene in scenes if scene.rehearsed.is_different or not changed]
    if as_json:
        typer.echo(msgspec.json.encode([scene_facts(scene) for scene in shown]).decode())
    elif shown:
        typer.echo(table_of_scenes(shown))
    say(summary_of(scenes))


@app.command("diff", cls=NamingCommand)
def diff(file: File, tenant: TenantOption, as_json: Json = False, data_dir: DataDir = None) -> None:
    r"""Show what is different in a policy from the one in force, rule by rule.

    \b
    emplette policy diff policy.yaml --tenant acme

    \b
    Exit codes: 0 compared, 1 refused (none is in force), 2 not understood; those of `emplette serve` when the database
    can't be reached.
    """
    source = _read(file)

    async def compare(db: Session) -> list[Difference]:
        company = await find_tenant(db, tenant)
        return await rehearsals.compare_policies(db, company, read_written(source))

    differences = with_database("emplette policy diff", data_dir, compare)
    if as_json:
        told = [{"what": one.what, "before": one.before, "after": one.after} for one in differences]
        typer.echo(msgspec.json.encode(told).decode())
    for difference in () if as_json else differences:
        typer.echo(difference_line(difference))
    say(number_of(len(differences), "difference") if differences else "nothing is different")


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


@app.command("templates", cls=NamingCommand)
def templates(name: Template = None) -> None:
    r"""List the policies to begin with, or print one of them.

    \b
    emplette policy templates
    emplette policy templates growing > policy.yaml

    \b
    Exit codes: 0 listed or printed, 1 there is none of that name, 2 not understood.
    """
    if name is None:
        typer.echo(table(("template", "for"), list(TEMPLATES.items())))
    elif name in TEMPLATES:
        typer.echo(template(name), nl=False)
    else:
        raise Invalid.field("name", f"There is no template {name}: there are {', '.join(TEMPLATES)}.")


def _a_year_before(today: date) -> date:
    try:
        return today.replace(year=today.year - 1)
    except ValueError:
        return today.replace(year=today.year - 1, day=28)


def _read(file: Path) -> str:
    try:
        return (sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()).decode()
    except UnicodeDecodeError:
        raise Invalid.field("file", f"{file} is not text in UTF-8.") from None
    except OSError as error:
        raise Invalid.field("file", f"{file} cannot be read: {error.strerror}.") from None
