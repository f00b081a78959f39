"""The policy on the pages: an editor, and beside it what is wrong, what is different, what would have become of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from secrets import token_hex
from typing import Final

from emplette.domain.approvals import Step
from emplette.domain.errors import Invalid
from emplette.domain.people import Permission
from emplette.domain.policy_checks import Finding
from emplette.domain.policy_differences import Difference
from emplette.domain.rehearsals import Ending
from emplette.formats.policy_templates import TEMPLATES, template
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.contract.statuses import OK, REFUSED
from emplette.http.pages.declaring import page
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Visit
from emplette.services.policies import check_policy, load_policy, read_source
from emplette.services.rehearsals import Scene, compare_policies, rehearse_policy

POLICY: Final = "/settings/policy"
_CONFIGURE: Final = (Permission.CONFIGURE,)
_LAST_OF_ALL_MONTHS: Final = 28
_MOST_SCENES: Final = 100
_MOST_REHEARSED: Final = 2_000
"""Requests that are played through for a page; the command line plays all of a year."""
TEMPLATES_SAID: Final = {
    "small": (marked("Small"), marked("One manager decides; what costs little passes at once.")),
    "growing": (
        marked("Growing"),
        marked("The more it costs, the more people decide; new suppliers are looked at by whoever pays."),
    ),
    "strict": (marked("Strict"), marked("Two different people decide on everything, and say what they were shown.")),
}
"""The policies to begin with: what each is called, and whom it is for."""
_ENDINGS: Final = {
    Ending.AT_ONCE: (marked("passes at once"), "green"),
    Ending.PASSES: (marked("passes"), "green"),
    Ending.WAITS: (marked("waits"), "yellow"),
    Ending.DENIED: (marked("is denied"), "red"),
    Ending.REFUSED: (marked("is refused"), "red"),
}
"""What would have become of a request, in words."""


@dataclass(frozen=True, slots=True)
class Played:
    """A request of a rehearsal as the page shows it: beside what was, what would be."""

    scene: Scene
    title: str
    then: str
    now: str
    ending: str
    color: str


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a rehearsal came to: how many were played, how many go otherwise, and the first of these."""

    count: int
    different: int
    scenes: tuple[Played, ...]
    stopped: bool


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside the editor; None where it was not asked for."""

    findings: list[Finding] | None = None
    differences: list[Difference] | None = None
    rehearsal: Rehearsal | None = None


@page(GET, POLICY, needs=_CONFIGURE)
async def show_policy(visit: Visit) -> Response:
    """Show the policy in force, to be changed; or a template, to begin with."""
    there = await read_source(visit.work.db, visit.tenant.id)
    wanted = visit.query["template"]
    source = template(wanted) if wanted in TEMPLATES else "" if there is None else there[1]
    return await _policy(visit, source, Beside())


@page(POST, "/settings/policy/check", needs=_CONFIGURE)
async def check_written_policy(visit: Visit) -> Response:
    """Tell what is wrong with a policy, and what is different in it, before it counts."""
    return await _checked(visit)


@page(POST, "/settings/policy/rehearsal", needs=_CONFIGURE)
async def rehearse_written_policy(visit: Visit) -> Response:
    """Play the requests of the last year through a policy that does not count yet."""
    work, source = visit.work, visit.form.exactly("source")
    today = visit.tenant.today(work.now)
    first = today.replace(year=today.year - 1, day=min(today.day, _LAST_OF_ALL_MONTHS))
    begin = datetime.combine(first, time.min, visit.tenant.time_zone)
    count, different, scenes = 0, 0, list[Played]()
    try:
        async for scene in rehearse_policy(work.db, visit.tenant, source=source, since=begin, now=work.now):
            if count == _MOST_REHEARSED:
                break
            count += 1
            different += scene.rehearsed.is_different
            if scene.rehearsed.is_different and len(scenes) < _MOST_SCENES:
                scenes.append(_played(scene))
    except Invalid:
        return await _checked(visit, status=REFUSED)
    stopped = count == _MOST_REHEARSED
    return await _policy(visit, source, Beside(rehearsal=Rehearsal(count, different, tuple(scenes), stopped)))


@page(POST, POLICY, needs=_CONFIGURE)
async def put_policy_in_force(visit: Visit) -> Response:
    """Put a policy in force, for what is asked from now on."""
    try:
        await put_in_force(visit, visit.form.exactly("source"))
    except Invalid:
        return await _checked(visit, status=REFUSED)
    return visit.go(POLICY, said="changed")


async def put_in_force(visit: Visit, source: str) -> None:
    """Put a policy in force here and now, in the name of who visits.

    Raises:
        Invalid: something is wrong with it.
    """
    work = visit.work
    await load_policy(work.db, work.tenant, source=source, now=work.now, actor=work.who.user.id)
    work.shelf.policies.forget(work.tenant.id)


async def _checked(visit: Visit, *, status: int = OK) -> Response:
    work, source = visit.work, visit.form.exactly("source")
    differences = None
    try:
        policy, findings = await check_policy(work.db, visit.tenant, source=source, now=work.now)
        if await read_source(work.db, visit.tenant.id) is not None:
            differences = await compare_policies(work.db, visit.tenant, policy)
    except Invalid as invalid:
        findings = [Finding(path, message, is_error=True) for path, said in invalid.faults.items() for message in said]
    return await _policy(visit, source, Beside(findings, differences), status=status)


async def _policy(visit: Visit, source: str, beside: Beside, *, status: int = OK) -> Response:
    there = await read_source(visit.work.db, visit.tenant.id)
    return visit.show(
        "settings/policy.html",
        status=status,
        source=source,
        version=0 if there is None else there[0],
        beside=beside,
        templates=TEMPLATES_SAID,
        once=token_hex(16),
    )


def _played(scene: Scene) -> Played:
    played = scene.rehearsed
    request = played.request
    ending, color = _ENDINGS[played.ending]
    then = [step for step in request.steps if step.round == request.round]
    return Played(
        scene,
        title=scene.dossier.purchase.title,
        then=_names(then),
        now=played.refusal or _names(played.steps),
        ending=ending,
        color=color,
    )


def _names(steps: Sequence[Step]) -> str:
    """Say who is asked, step by step."""
    return ", ".join(" / ".join(asked.user.name for asked in step.approvers) for step in steps) or "–"
