"""Whether every answer was true at a moment between its call and itself: the history could have happened in a line.

The versions of a purchase are that line. A version can't be there before its call began; whatever was answered stays
behind. So each answer, a refusal too, has a first and a last version that it may be about, and must fit one of them.
"""

from collections.abc import Sequence

from torture.answers import differences
from torture.documents import Life, Refused
from torture.findings import Findings
from torture.history import ASIDE, READS, Call, Kind, Operation
from torture.lives import Story, Told
from torture.model import after

_ABOUT_NO_STATE = frozenset({"idempotency.reused", "unavailable", "outcome.unknown", "overtaken"})


def check_moments(told: Told, findings: Findings) -> None:
    """Check all answers about purchases."""
    by_purchase: dict[int, list[tuple[Operation, Call]]] = {}
    for operation in told.operations:
        for call in operation.calls:
            number = operation.purchase or call.told.get("id")
            if operation.kind not in ASIDE and call.is_final and isinstance(number, int):
                by_purchase.setdefault(number, []).append((operation, call))
            if call.is_final and call.succeeded and not _is_about(operation, call):
                findings.broken("answers", f"{operation}: call {call.id} was answered with another thing's answer")
    for number, answered in by_purchase.items():
        story = told.stories.get(number)
        if story is not None and story.lives:
            _check_purchase(told, story, answered, findings)


def _is_about(operation: Operation, call: Call) -> bool:
    """Tell whether an answer is about what the call was about, by the mark and the number in it."""
    body = call.told
    match operation.kind:
        case Kind.CREATE | Kind.REVISE:
            return bool(body.get("title") == operation.mark)
        case Kind.COMMIT | Kind.REVISE_COMMITMENT:
            return bool(body.get("comment") == operation.mark)
        case Kind.ADD_SUPPLIER:
            return bool(body.get("name") == operation.mark)
        case Kind.GO_AWAY:
            return bool(body.get("user", {}).get("id") == operation.said["userId"])
        case Kind.SUBMIT | Kind.AMEND:
            return bool(body.get("businessObject", {}).get("id") == operation.subject)
        case _:
            return bool(body.get("id") == operation.subject)


def _check_purchase(told: Told, story: Story, answered: Sequence[tuple[Operation, Call]], findings: Findings) -> None:
    # What anybody was told by a moment: no later call may be answered with less.
    floors = sorted((call.ended, call.version) for _, call in answered if call.succeeded and call.version is not None)
    for operation, call in answered:
        if call.is_replay:
            _check_replay(story, operation, call, findings)
            continue
        floor = max((version for ended, version in floors if ended <= call.began), default=0)
        ceiling = _ceiling(story, call.ended)
        if call.succeeded:
            _check_success(story, operation, call, (floor, ceiling), findings)
        elif call.told.get("code") not in _ABOUT_NO_STATE:
            _check_refusal(told, story, operation, call, (floor, ceiling), findings)


def _ceiling(story: Story, by: float) -> int:
    """Find the last version that may have been there by a moment: its call, and those before, had begun."""
    for version, call in enumerate(story.calls):
        if call.began > by:
            return version
    return len(story.calls)


def _check_success(story: Story, operation: Operation, call: Call, window: tuple[int, int], findings: Findings) -> None:
    floor, ceiling = window
    version = call.version or 0
    first = floor if operation.kind in READS else floor + 1
    if not first <= version <= ceiling:
        text = f"{operation}: call {call.id} was answered with version {version}, not of {first} to {ceiling}"
        findings.broken("moments", text)
        return
    life = story.at(version)
    if life is None:
        return
    if operation.kind not in READS and story.calls[version - 1] is not call and operation.key is None:
        findings.broken("moments", f"{operation}: call {call.id} was answered with version {version}, another's")
    _note_differences(operation, call, life, findings)


def _check_replay(story: Story, operation: Operation, call: Call, findings: Findings) -> None:
    life = story.at(call.version or 0)
    if life is None:
        findings.broken("repeats", f"{operation}: it was answered again with version {call.version}, which never was")
    else:
        _note_differences(operation, call, life, findings)


def _note_differences(operation: Operation, call: Call, life: Life, findings: Findings) -> None:
    for difference in differences(operation, call, life):
        findings.broken("answers", f"{operation}: in the answer to call {call.id}, {difference}")


def _check_refusal(
    told: Told, story: Story, operation: Operation, call: Call, window: tuple[int, int], findings: Findings
) -> None:
    """Look for a version at which the model refuses in the same words."""
    floor, ceiling = window
    settings = told.settings(operation, call)
    said = Refused(call.told.get("code", ""), call.told.get("id"), call.told.get("state"))
    for version in range(max(floor, 1), ceiling + 1):
        if said.code == "key.revoked" and told.may_have_left(operation, call):
            return
        for setting in settings:
            expected = after(story.at(version), operation, setting)
            if isinstance(expected, Refused) and _agree(said, expected):
                return
    text = f"{operation}: call {call.id} was refused, and nothing between {floor} and {ceiling} does"
    findings.broken("refusals", f"{text}: {call.answer.decode(errors='replace')}")


def _agree(said: Refused, expected: Refused) -> bool:
    if said.code != expected.code:
        return False
    return expected.id is None or (said.id, said.state) == (expected.id, expected.state)
