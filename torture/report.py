"""How a torture is told: a line for each schedule, one for each finding, and the last line."""

import sys
from collections.abc import Sequence

from torture.findings import Wrong
from torture.history import End
from torture.trial import Outcome


def say(text: str) -> None:
    """Tell how far it is."""
    print(f"torture: {text}", file=sys.stderr, flush=True)


def line_of(outcome: Outcome) -> str:
    """Tell one schedule."""
    operations = outcome.history.operations
    calls = [call for operation in operations for call in operation.calls]
    unanswered = sum(call.end is not End.ANSWERED for call in calls)
    disk = "" if outcome.disk is None else f", full disk: {outcome.disk}"
    found = len(outcome.findings.found)
    return (
        f"seed {outcome.schedule.seed}: {len(operations)} operations, {len(calls)} calls ({unanswered} unanswered), "
        f"{outcome.kills} kills{disk}, {outcome.by_itself} times asked others by itself, {outcome.took:.0f} s: "
        f"{f'{found} FINDINGS' if found else 'good'}"
    )


def details_of(outcome: Outcome, most: int = 20) -> list[str]:
    """Tell what was found in a schedule, and what was done to the server."""
    seed = outcome.schedule.seed
    found = [f"seed {seed}: {finding}" for finding in outcome.findings.found[:most]]
    if len(outcome.findings.found) > most:
        found.append(f"seed {seed}: and {len(outcome.findings.found) - most} more")
    faults = [f"seed {seed}: what was done to it: {'; '.join(outcome.log)}"]
    return [*found, *faults, f"seed {seed}: again with: make torture SCHEDULES=1 SEED={seed}"] if found else []


def last_line(outcomes: Sequence[Outcome]) -> str:
    """Tell all of it in one line."""
    operations = sum(len(outcome.history.operations) for outcome in outcomes)
    kills = sum(outcome.kills for outcome in outcomes)
    counts = " ".join(f"{wrong}={sum(outcome.findings.count(wrong) for outcome in outcomes)}" for wrong in Wrong)
    return f"torture: schedules={len(outcomes)} operations={operations} kills={kills} {counts}"
