"""How the commands about policies tell what they found."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from emplette.cli.reaching import table
from emplette.domain.approvals import Request, Step
from emplette.domain.policy_checks import Finding
from emplette.domain.policy_differences import Difference
from emplette.domain.rehearsals import Ending, Rehearsed
from emplette.domain.text import number_of
from emplette.services.rehearsals import Scene


def finding_line(finding: Finding) -> str:
    """Tell a finding: how bad, where, what."""
    return f"{'error' if finding.is_error else 'warning'}: {finding.path or 'policy'}: {finding.message}"


def difference_line(difference: Difference) -> str:
    """Tell a difference, as such lists are commonly written."""
    if difference.before is None:
        return f"+ {difference.what}: {difference.after}"
    if difference.after is None:
        return f"- {difference.what}: {difference.before}"
    return f"~ {difference.what}: {difference.before} -> {difference.after}"


def table_of_scenes(scenes: Sequence[Scene]) -> str:
    """Lay out a rehearsal: one request a line, then beside would be."""
    heads = ("request", "asked on", "amount", "then", "it was", "would ask", "by rule", "it")
    rows: list[tuple[str, ...]] = []
    for scene in scenes:
        request, played = scene.rehearsed.request, scene.rehearsed
        then = people_in([step for step in request.steps if step.round == request.round])
        rows.append(
            (
                str(request.id),
                request.created.at.date().isoformat(),
                str(scene.amount),
                then or "nobody",
                request.state.lower(),
                people_in(played.steps) or "nobody",
                played.rule or "-",
                _ending(played),
            )
        )
    return table(heads, rows)


def people_in(steps: Sequence[Step]) -> str:
    """List who is asked in steps: ``36; 2 of 41, 42``."""
    return "; ".join(
        f"{f'{step.needed} of ' if len(step.approvers) > 1 else ''}"
        f"{', '.join(str(asked.user.id) for asked in step.approvers)}"
        for step in steps
    )


def _ending(played: Rehearsed) -> str:
    if played.ending is Ending.WAITS:
        return f"waits for {', '.join(map(str, played.waits_for)) or 'others'}"
    return f"is refused: {played.refusal}" if played.ending is Ending.REFUSED else str(played.ending)


def scene_facts(scene: Scene) -> dict[str, Any]:
    """Tell one request of a rehearsal for programs."""
    played = scene.rehearsed
    return {
        "requestId": played.request.id,
        "purchaseId": played.request.purchase_id,
        "createdAt": played.request.created.at,
        "amount": {"value": scene.amount.decimal, "currency": scene.amount.currency.code},
        "then": _then(played.request),
        "rehearsed": {
            "outcome": played.ending.name.title().replace("_", ""),
            "rule": played.rule,
            "steps": _steps(played.steps),
            "waitsFor": played.waits_for,
            "refusal": played.refusal,
        },
        "isDifferent": played.is_different,
    }


def _then(request: Request) -> dict[str, Any]:
    now = [step for step in request.steps if step.round == request.round]
    return {
        "state": request.state,
        "policyVersion": request.policy_version,
        "rule": request.rule,
        "steps": _steps(now),
        "decidedBy": [made.by.id for made in request.decisions],
    }


def _steps(steps: Sequence[Step]) -> list[dict[str, Any]]:
    return [
        {"name": step.name, "needed": step.needed, "userIds": [asked.user.id for asked in step.approvers]}
        for step in steps
    ]


def summary_of(scenes: Sequence[Scene]) -> str:
    """Count what a rehearsal came to."""
    endings = Counter(scene.rehearsed.ending for scene in scenes)
    different = sum(scene.rehearsed.is_different for scene in scenes)
    counted = ", ".join(number_of(endings[ending], *_COUNTED[ending]) for ending in Ending)
    return f"{number_of(len(scenes), 'request')} rehearsed, {different:,} otherwise than they went: {counted}"


_COUNTED = {
    Ending.AT_ONCE: ("passes at once", "pass at once"),
    Ending.PASSES: ("passes", "pass"),
    Ending.WAITS: ("waits", "wait"),
    Ending.DENIED: ("is denied", "are denied"),
    Ending.REFUSED: ("is refused", "are refused"),
}
