"""Who was away, or had left, when, as far as anybody outside can tell.

What is entered or taken back counts within seconds: in between in one process, and not yet in another. Each call is
held against all that could be then.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import inf
from typing import Final

from torture.companies import Company
from torture.history import Call, Operation
from torture.rows import Row, Tables

COUNTS_WITHIN: Final = 15.0
"""Seconds after which it counts everywhere: the five of the documentation, and a process that was paused meanwhile."""


@dataclass(frozen=True, slots=True)
class Away:
    """An absence, and by the machine's steady clock: from when on and until when it may, and must, have counted."""

    away: int
    deputy: int
    may_from: float
    must_from: float
    must_until: float
    may_until: float


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody who left a company while a schedule ran: from when on that may, and must, have counted."""

    account: str
    person: int
    may_from: float
    must_from: float = inf


def absences_of(operations: Sequence[Operation], tables: Tables) -> list[Away]:
    """List what was entered in a company, by id, with when that was and when it was taken back."""
    by_call = {call.id: operation for operation in operations for call in operation.calls}
    entered: dict[int, Operation] = {}
    ended: dict[int, Operation] = {}
    for event in tables.events:
        if event["object_type"] == "absence" and event["call_id"] in by_call:
            (entered if event["version"] == 1 else ended)[event["object_id"]] = by_call[event["call_id"]]
    rows = {row["absence_id"]: row for row in tables.absences}
    return [_away(rows[number], entered[number], ended.get(number)) for number in sorted(entered) if number in rows]


def _away(row: Row, entered: Operation, ended: Operation | None) -> Away:
    may_from, must_from = _when(entered)
    must_until, may_until = (inf, inf) if ended is None else _when(ended)
    return Away(row["user_id"], row["deputy_id"], may_from, must_from, must_until, may_until)


def _when(operation: Operation) -> tuple[float, float]:
    """Tell when what was done may have begun to count, and by when it did."""
    told = min((call.ended for call in operation.successes), default=inf)
    return min(call.began for call in operation.calls), told + COUNTS_WITHIN


def companies_at(company: Company, known: Sequence[Away], left: Sequence[Left], call: Call) -> Iterator[Company]:
    """List the company with everybody who may have been away, or have left, when a call was decided on."""
    # What nobody was told the outcome of may be done later than its caller waited.
    until = inf if call.is_unknown else call.ended
    away = product(*(_choices(one, call.began, until) for one in known))
    gone = list(companies_left(company, left, call.began, until))
    for choice in away:
        more = tuple((one.away, one.deputy) for one, counts in zip(known, choice, strict=True) if counts)
        for one in gone:
            yield replace(one, absences=(*company.absences, *more))


def companies_left(company: Company, left: Sequence[Left], began: float, until: float) -> Iterator[Company]:
    """List the company without anybody who may have left by a moment, and with them where that may not count yet."""
    gone = frozenset(one.person for one in left if one.may_from <= until)
    must = frozenset(one.person for one in left if one.must_from <= began)
    yield replace(company, left=gone)
    if must != gone:
        yield replace(company, left=must)


def _choices(one: Away, began: float, until: float) -> tuple[bool, ...]:
    if one.may_from > until or one.may_until < began:
        return (False,)
    if one.must_from <= began and until <= one.must_until:
        return (True,)
    return True, False


def decided_as(rows: Sequence[Row]) -> Mapping[int, Sequence[int | None]]:
    """Tell in whose place each decision was made, by request."""
    found: dict[int, list[int | None]] = {}
    for row in sorted(rows, key=lambda row: (row["request_id"], row["position"])):
        found.setdefault(row["request_id"], []).append(row["in_place_of"])
    return found
