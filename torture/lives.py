"""Whether every purchase lived as the model says: each version is what its call makes of the version before."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from math import inf
from typing import Any, Final

from torture.absences import Away, Left, absences_of, companies_at, companies_left, decided_as
from torture.companies import CALLERS, Company
from torture.documents import TOGETHER, Bargain, Decision, Life, Refused, Setting
from torture.effects import Effects
from torture.findings import Findings
from torture.history import Call, Kind, Operation
from torture.model import after, by_itself
from torture.rows import Row, Tables


@dataclass(slots=True)
class Story:
    """A purchase from its first version on: how it was at each, and which call led there."""

    lives: list[Life] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    def at(self, version: int) -> Life | None:
        """How it was at a version."""
        return self.lives[version - 1] if 0 < version <= len(self.lives) else None


@dataclass(frozen=True, slots=True)
class Told:
    """A company's history and tables, and what follows from both.

    ``days`` are the company's own: its first, and that to which its clock was moved. ``left`` are those who left it.
    """

    company: Company
    operations: Sequence[Operation]
    tables: Tables
    days: Sequence[date]
    left: Sequence[Left]
    stories: Mapping[int, Story]
    absences: Sequence[Away]
    decided: Mapping[int, Sequence[int | None]]

    def settings(self, operation: Operation, call: Call, new: Mapping[str, int] | None = None) -> list[Setting]:
        """Say what a call may meet beside the purchase: as many as there are sets of people away, and days."""
        setting = self._setting(operation, new or {})
        if operation.kind is Kind.CLOSE:
            closes_on = date.fromisoformat(operation.said["date"])
            return [replace(setting, future=closes_on > day) for day in self.days]
        known = self.absences if operation.kind in {Kind.APPROVE, Kind.DENY} else ()
        return [replace(setting, company=one) for one in companies_at(self.company, known, self.left, call)]

    def is_told(self, life: Life, events: Sequence[Row]) -> bool:
        """Tell whether events tell of a purchase like this: of those asked, and in whose place decisions were made."""
        asked = (events[0].get("facts") or {}).get("approvers")
        for request in [one for bargain in life.bargains for one in bargain.requests]:
            made = [one.in_place_of for one in request.decisions]
            if list(self.decided.get(request.id, ()))[: len(made)] != made:
                return False
            people = [one for one in asked or () if one["request_id"] == request.id]
            if people and any(_people_of(people, step.number) != step.people for step in request.steps):
                return False
        return True

    def may_have_left(self, operation: Operation, call: Call) -> bool:
        """Tell whether whoever called may have left by then."""
        person = CALLERS[operation.caller].person
        return any(one.person == person and one.may_from <= call.ended for one in self.left)

    def _setting(self, operation: Operation, new: Mapping[str, int]) -> Setting:
        shown = None
        if operation.shown is not None and operation.purchase is not None:
            seen = self.stories[operation.purchase].at(operation.shown) if operation.purchase in self.stories else None
            shown = None if seen is None else seen.content_of(operation.subject)
        return Setting(
            self.company,
            CALLERS[operation.caller],
            new,
            shown=shown,
        )


def tell(
    company: Company,
    operations: Sequence[Operation],
    tables: Tables,
    now: datetime,
    left: Sequence[Left],
    findings: Findings,
) -> Told:
    """Tell the story of every purchase from its events, and check each step of it."""
    stories: dict[int, Story] = {}
    absences, decided = absences_of(operations, tables), decided_as(tables.request_decisions)
    moved = now + timedelta(seconds=tables.tenants[0]["clock_ahead_seconds"])
    left = [one for one in left if one.account == company.account]
    told = Told(company, operations, tables, [now.date(), moved.date()], left, stories, absences, decided)
    effects = Effects.of(operations, tables)
    steps: dict[int, dict[int, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for event in sorted(tables.events, key=lambda event: event["event_id"]):
        if event["purchase_id"] is not None and event["version"] is not None:
            steps[event["purchase_id"]][event["version"]].append(event)
    for number, versions in steps.items():
        stories[number] = Story()
        _tell_purchase(number, versions, told, effects, findings)
    return told


def _tell_purchase(
    number: int, versions: Mapping[int, Sequence[Row]], told: Told, effects: Effects, findings: Findings
) -> None:
    story = told.stories[number]
    for expected, version in enumerate(sorted(versions), 1):
        events = versions[version]
        name = f"version {version} of purchase {number}"
        if version != expected:
            findings.broken("versions", f"purchase {number} has no version {expected}")
            return
        calls = {event["call_id"] for event in events}
        if len(calls) > 1:
            findings.broken("versions", f"{name} was made by {len(calls)} calls: {', '.join(map(str, calls))}")
            return
        before = story.lives[-1] if story.lives else None
        operation = effects.operations.get(events[0]["call_id"])
        call = effects.calls.get(events[0]["call_id"], _NOBODYS)
        if operation is not None:
            found = _after(before, operation, told, call, events)
        elif events[0]["call_id"] is None:
            found = _by_itself(before, told, events)
        else:
            return
        life = _likeliest(found, told, events)
        if not isinstance(life, Life):
            why = life.code if isinstance(life, Refused) else "there was nothing to do it to"
            who = "the server by itself" if operation is None else operation
            findings.broken("states", f"{who} made {name}, which the tables forbid: {why}")
            return
        if not told.is_told(life, events):
            findings.broken("asked", f"{name} is told with others asked than those of the policy: {_asked(life)}")
        if life.states not in TOGETHER:
            findings.broken("states", f"{name}: {life.states} do not go together")
        if [event["type"] for event in events] != list(life.log):
            findings.broken("log", f"{name} is told as {[event['type'] for event in events]}, not {list(life.log)}")
        story.lives.append(life)
        story.calls.append(call)


def _after(
    life: Life | None, operation: Operation, told: Told, call: Call, events: Sequence[Row]
) -> list[Life | Refused | None]:
    """Work out what a call can have made of a purchase."""
    new = {event["object_type"]: event["object_id"] for event in events}
    return [after(life, operation, setting) for setting in told.settings(operation, call, new)]


def _by_itself(life: Life | None, told: Told, events: Sequence[Row]) -> list[Life | Refused | None]:
    """Work out what the server can have made of a purchase by itself: when, only it can tell."""
    if life is None:
        return [None]
    what, number = events[0]["type"], events[0]["object_id"]
    companies = companies_left(told.company, told.left, 0, inf)
    return [by_itself(life, what, number, company) for company in companies]


def _likeliest(found: Sequence[Life | Refused | None], told: Told, events: Sequence[Row]) -> Life | Refused | None:
    """Choose what the events tell of; else anything that could be."""
    lives = [one for one in found if isinstance(one, Life)]
    return next((one for one in lives if told.is_told(one, events)), [*lives, *found][0])


def _people_of(approvers: Sequence[Mapping[str, Any]], number: int) -> tuple[int, ...]:
    """List who is asked in a step now, of all who ever were."""
    people: list[int] = []
    for one in approvers:
        if one["step"] == number:
            people = [person for person in people if person != one["in_place_of"]]
            people += [one["user_id"]] if one["user_id"] not in people else []
    return tuple(people)


def _asked(life: Life) -> dict[int, list[tuple[int, ...]]]:
    """Say who is asked in each request."""
    return {one.id: [step.people for step in one.steps] for bargain in life.bargains for one in bargain.requests}


_NOBODYS: Final = Call("", began=0.0)
"""What the server does by itself is no call's, and may have been done at any moment."""


def check_tables(told: Told, findings: Findings) -> None:
    """Check that the rows are what the last version of every purchase says: no more, no fewer, no others."""
    tables = told.tables
    ends = {number: story.lives[-1] for number, story in told.stories.items() if story.lives}
    bargains = {bargain.id: bargain for life in ends.values() for bargain in life.bargains}
    requests = {request.id: request for bargain in bargains.values() for request in bargain.requests}
    taxes: dict[int, int] = defaultdict(int)
    for row in tables.commitment_taxes:
        taxes[row["commitment_id"]] += row["tax_minor"]
    decisions: dict[int, list[Decision]] = defaultdict(list)
    for row in sorted(tables.request_decisions, key=lambda row: row["position"]):
        said = row["step"], row["user_id"], row["verdict"], row["comment"], row["in_place_of"]
        decisions[row["request_id"]].append(Decision(*said))
    there: dict[str, dict[int, object]] = {
        "purchase": {row["purchase_id"]: _of_purchase(row) for row in tables.purchases},
        "commitment": {row["commitment_id"]: _of_commitment(row, taxes) for row in tables.commitments},
        "request": {
            row["request_id"]: (row["state"], row["step"], decisions[row["request_id"]]) for row in tables.requests
        },
        "order": {row["order_id"]: (row["state"], row["commitment_id"]) for row in tables.orders},
    }
    expected: dict[str, dict[int, object]] = {
        "purchase": {number: _purchase(life) for number, life in ends.items()},
        "commitment": {number: _commitment(bargain) for number, bargain in bargains.items()},
        "request": {
            number: (request.state, request.step, list(request.decisions)) for number, request in requests.items()
        },
        "order": {
            bargain.order[0]: (bargain.order[1], bargain.id)
            for bargain in bargains.values()
            if bargain.order is not None
        },
    }
    for kind, rows in there.items():
        _compare(kind, rows, expected[kind], findings)
    _check_sums(told, list(bargains.values()), findings)


def _compare(kind: str, rows: Mapping[int, object], expected: Mapping[int, object], findings: Findings) -> None:
    for number in expected.keys() - rows.keys():
        findings.lost("tables", f"{kind} {number}, of which events tell, is not there")
    for number in rows.keys() - expected.keys():
        findings.broken("tables", f"{kind} {number} is there, and no event tells of it")
    for number in rows.keys() & expected.keys():
        if rows[number] != expected[number]:
            findings.broken("tables", f"{kind} {number} is {rows[number]}, and should be {expected[number]}")


def _check_sums(told: Told, bargains: Sequence[Bargain], findings: Findings) -> None:
    """Check that no cent came or went, and that every approved request has its one order."""
    there = sum(row["excluding_minor"] * row["periods_count"] for row in told.tables.commitments)
    asked = sum(bargain.terms.total for bargain in bargains)
    if there != asked:
        findings.broken("amounts", f"commitments come to {there} cents, and {asked} were asked for")
    of_request = {
        row["commitment_id"]: row["request_id"] for row in told.tables.requests if row["kind"] == "Commitment"
    }
    approved = {bargain.request.id for bargain in bargains if bargain.request and bargain.request.state == "Approved"}
    ordered = [of_request.get(row["commitment_id"]) for row in told.tables.orders if row["state"] != "Cancelled"]
    if len(ordered) != len(set(ordered)) or set(ordered) != approved:
        findings.broken("orders", f"{len(ordered)} orders that count for {len(approved)} approved requests")


def _of_purchase(row: Row) -> tuple[object, ...]:
    return row["version"], row["state"], row["title"], row["supplier_id"] is None, row["commitment_id"]


def _purchase(life: Life) -> tuple[object, ...]:
    bargain = life.bargain
    return life.version, life.state, life.title, life.drafted, None if bargain is None else bargain.id


def _of_commitment(row: Row, taxes: Mapping[int, int]) -> tuple[object, ...]:
    numbers = row["request_id"], row["order_id"]
    tax = taxes.get(row["commitment_id"], 0)
    return row["type"], row["state"], row["comment"], row["excluding_minor"], tax, row["periods_count"], numbers


def _commitment(bargain: Bargain) -> tuple[object, ...]:
    request, order = bargain.request, bargain.order
    numbers = None if request is None else request.id, None if order is None else order[0]
    terms = bargain.terms
    return terms.type, bargain.state, terms.mark, terms.cents, terms.tax, terms.periods, numbers
