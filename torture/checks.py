"""All checks of a schedule, one company after the other; what each is for stands in its own file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import Any

from torture.absences import Left
from torture.budgets import check_budgets
from torture.companies import COMPANIES
from torture.effects import check_effects, check_keys
from torture.findings import Findings
from torture.history import History
from torture.lives import check_tables, tell
from torture.log import check_feed, check_log, check_verification
from torture.moments import check_moments
from torture.recovery import check_recovery
from torture.rows import Tables
from torture.unasked import check_reminders


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is there after a schedule, when all has come to rest. ``now`` is the moment where the companies are.

    ``feeds`` is the whole log of each company as the API tells it; ``left`` names processes and locks that should be
    gone. ``rested`` is the moment, on the machine's steady clock, from which on nobody wrecked the server any more.
    """

    tables: Mapping[str, Tables]
    feeds: Mapping[str, Sequence[Mapping[str, Any]]]
    now: datetime
    verified: tuple[int, str] = (0, "")
    left: Sequence[str] = field(default_factory=tuple)
    people_who_left: Sequence[Left] = ()
    rested: float = inf


def check(history: History, evidence: Evidence) -> Findings:
    """Hold the history of a schedule against what is there."""
    findings = Findings()
    for account, tables in evidence.tables.items():
        operations = [operation for operation in history.operations if operation.company == account]
        check_effects(operations, tables, findings)
        check_keys(operations, tables, findings)
        told = tell(COMPANIES[account], operations, tables, evidence.now, evidence.people_who_left, findings)
        check_reminders(told, findings)
        check_tables(told, findings)
        check_budgets(told, findings)
        check_moments(told, findings)
        check_log(tables, findings)
        pages = [page for page in history.pages if page.company == account]
        check_feed(tables, evidence.feeds[account], pages, findings)
    if evidence.rested < inf:
        check_recovery(history, evidence.tables, evidence.rested, findings)
    check_verification(*evidence.verified, findings)
    for left in evidence.left:
        findings.broken("remains", left)
    return findings
