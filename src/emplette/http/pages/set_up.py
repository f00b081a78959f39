"""What a new company needs, step by step: people, a policy, mails that arrive, a key. Each can be left for later."""

from collections.abc import Mapping
from dataclasses import dataclass
from secrets import token_hex
from typing import Final

from emplette.domain.errors import Faults, Invalid
from emplette.domain.people import Permission
from emplette.domain.policy_checks import Finding
from emplette.formats.policy_templates import TEMPLATES, template
from emplette.formats.tables import text_of
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.contract.statuses import OK, REFUSED
from emplette.http.pages.declaring import page
from emplette.http.pages.policies import TEMPLATES_SAID, put_in_force
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Visit
from emplette.services.imports import plan_import
from emplette.services.keys import list_keys
from emplette.services.mail_trials import try_mail
from emplette.services.people import list_people, read_user
from emplette.services.plans import Plan, Source, carry_out
from emplette.services.policies import check_policy, read_source
from emplette.storage.lists import Slice

SET_UP: Final = "/set-up"
_CONFIGURE: Final = (Permission.CONFIGURE,)
_INTO: Final = "people"
_SHOWN: Final = 100
"""Faults of a table that a page shows; there may be more."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something that a new company needs, whether it is done, and where."""

    title: str
    text: str
    href: str
    action: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a table would do: how many people are new, changed, as they are; and what is wrong, by place."""

    made: int
    changed: int
    same: int
    faults: Mapping[str, list[str]]
    more: int

    @property
    def does_something(self) -> bool:
        """Whether writing it would change anything."""
        return not self.faults and bool(self.made or self.changed)


@page(GET, SET_UP, needs=_CONFIGURE)
async def show_steps(visit: Visit) -> Response:
    """Show what the company needs, and what of it is there."""
    work = visit.work
    people = (await list_people(work, [], Slice(2))).items
    policy = await read_source(work.db, visit.tenant.id)
    today = visit.tenant.today(work.world_now)
    keys = [key for key in await list_keys(work.db, visit.tenant) if key.standing(today) == "active"]
    steps = [
        Step(
            marked("People"),
            marked("Who works here, and to whom they report, from a table."),
            "/set-up/people",
            marked("Bring them along"),
            len(people) > 1,
        ),
        Step(
            marked("Policy"),
            marked("Who approves what. Begin with one of three, and change it later."),
            "/set-up/policy",
            marked("Choose one"),
            policy is not None,
        ),
        Step(
            marked("Mails"),
            marked("Whoever is asked is written to, once the server knows how to send."),
            "/set-up/mail",
            marked("Try it"),
            work.shelf.mailer is not None,
        ),
        Step(
            marked("Key"),
            marked("For a program that asks for purchases, or reads what happened."),
            "/settings/keys",
            marked("Make one"),
            bool(keys),
        ),
    ]
    return visit.show("set-up/index.html", steps=steps)


@page(GET, "/set-up/people", needs=_CONFIGURE)
async def show_table(visit: Visit) -> Response:
    """Ask for a table of people."""
    return _table(visit, "")


@page(POST, "/set-up/people/table", needs=_CONFIGURE, upload=True)
async def read_table(visit: Visit) -> Response:
    """Take a table as a file, and say what it would do; nothing is written yet."""
    upload, faults = visit.upload, Faults()
    text = text_of(b"" if upload is None else upload.path.read_bytes(), faults)
    if faults:
        return _table(visit, "", Outcome(0, 0, 0, faults.as_dict(), 0), status=REFUSED)
    return await _tried(visit, text)


@page(POST, "/set-up/people", needs=_CONFIGURE)
async def bring_people(visit: Visit) -> Response:
    """Say what a table would do, or write it: all of it or nothing."""
    text, work = visit.form.exactly("table"), visit.work
    if visit.form["then"] != "write":
        return await _tried(visit, text)
    source = Source("set-up", text.encode())
    plan = await _plan(visit, source, dry_run=False)
    if plan.faults or not (plan.made or plan.changed):
        return _table(visit, text, _outcome(plan), status=REFUSED if plan.faults else OK)
    by = work.who.user.id
    number = await carry_out(work.db, visit.tenant, _INTO, plan, source, now=work.now, say=_quiet, by=by)
    if number is None:
        return await _tried(visit, text)
    work.shelf.policies.forget(work.tenant.id)
    return visit.go("/settings/people", said="added")


@page(GET, "/set-up/policy", needs=_CONFIGURE)
async def show_templates(visit: Visit) -> Response:
    """Offer three policies to begin with."""
    return await _templates(visit)


@page(POST, "/set-up/policy", needs=_CONFIGURE)
async def choose_template(visit: Visit) -> Response:
    """Put one of the three in force."""
    wanted = visit.form["template"]
    if wanted not in TEMPLATES:
        return await _templates(visit, faults={"template": [marked("Choose one of the list.")]})
    try:
        await put_in_force(visit, template(wanted))
    except Invalid as refusal:
        return await _templates(visit, faults={"template": [each for said in refusal.faults.values() for each in said]})
    return visit.go(SET_UP, said="policy-chosen")


@page(GET, "/set-up/mail", needs=_CONFIGURE)
async def show_mail(visit: Visit) -> Response:
    """Offer to try whether mails arrive."""
    email = (await read_user(visit.work, visit.who.user.id)).entry.email or ""
    return _mail(visit, email)


@page(POST, "/set-up/mail", needs=_CONFIGURE)
async def send_trial(visit: Visit) -> Response:
    """Send a mail now, and say how that went."""
    address, mailer = visit.form["address"], visit.work.shelf.mailer
    if mailer is None:
        return _mail(visit, address, faults={"address": [marked("The server knows of nobody who sends mails.")]})
    company, language = visit.tenant.name, visit.look.language
    try:
        await try_mail(
            mailer, address, company=company, language=language, now=visit.work.world_now, host=visit.call.host
        )
    except Invalid as refusal:
        return _mail(visit, address, faults=refusal.faults)
    return visit.go(SET_UP, said="mail-taken")


def _quiet(_: str) -> None:
    """Say nothing: a page shows what came of it."""


async def _plan(visit: Visit, source: Source, *, dry_run: bool) -> Plan:
    work = visit.work
    return await plan_import(
        work.db, visit.tenant, _INTO, source.content, today=work.today, say=_quiet, dry_run=dry_run
    )


async def _tried(visit: Visit, text: str) -> Response:
    plan = await _plan(visit, Source("set-up", text.encode()), dry_run=True)
    return _table(visit, text, _outcome(plan), status=REFUSED if plan.faults else OK)


def _outcome(plan: Plan) -> Outcome:
    shown = dict(list(plan.faults.items())[:_SHOWN])
    return Outcome(len(plan.made), len(plan.changed), plan.same, shown, len(plan.faults) - len(shown))


def _table(visit: Visit, text: str, outcome: Outcome | None = None, *, status: int = OK) -> Response:
    return visit.show("set-up/people.html", status=status, table=text, outcome=outcome, once=token_hex(16))


async def _templates(visit: Visit, *, faults: Mapping[str, list[str]] | None = None) -> Response:
    work, findings = visit.work, dict[str, list[Finding]]()
    for name in TEMPLATES:
        _, findings[name] = await check_policy(work.db, visit.tenant, source=template(name), now=work.now)
    there = await read_source(work.db, visit.tenant.id)
    return visit.show(
        "set-up/policy.html",
        templates=TEMPLATES_SAID,
        texts={name: template(name) for name in TEMPLATES},
        findings=findings,
        version=0 if there is None else there[0],
        faults=faults,
        once=token_hex(16),
    )


def _mail(visit: Visit, address: str, *, faults: Mapping[str, list[str]] | None = None) -> Response:
    mailer = visit.work.shelf.mailer
    return visit.show(
        "set-up/mail.html",
        address=address,
        server="" if mailer is None else f"{mailer.server.host}:{mailer.server.port}",
        faults=faults,
    )
