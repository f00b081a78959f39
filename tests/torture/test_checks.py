"""The checks of `make torture` find what is wrong: each is shown a history in which one thing is."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.torture.worlds import NORTH, SUBSCRIPTION, TERMS, World, feed_of
from torture.checks import Evidence, check
from torture.documents import Life, Refused
from torture.findings import Finding, Wrong
from torture.history import Call, End, Kind, Operation, Page
from torture.rows import Tables


def a_world() -> World:
    """Tell of two purchases, one approved by its key and one by people, then amended; with repeats and refusals."""
    world = World()
    bought = world.do(Kind.CREATE, key="one")
    world.read(bought)
    again = world.history.operations[0]
    world.answer(again, world.call(again), bought, is_replay=True)
    committed = world.do(Kind.COMMIT, of=bought)
    assert committed.bargain is not None
    world.refuse(world.ask(Kind.COMMIT, of=bought), Refused("commitment.exists", committed.bargain.id, "Created"))
    ordered = world.do(Kind.SUBMIT, of=committed, key="two")
    world.read(ordered)
    asked = world.do(Kind.CREATE, "form", key="three")
    asked = world.do(Kind.COMMIT, "form", of=asked)
    asked = world.do(Kind.SUBMIT, "form", of=asked)
    asked = world.do(Kind.APPROVE, "manager", of=asked, key="four")
    asked = world.do(Kind.APPROVE, "deputy", of=asked)
    asked = world.do(Kind.AMEND, "form", of=asked)
    asked = world.do(Kind.REASSIGN, "form", of=asked)
    for approver in ("manager", "deputy"):
        asked = world.do(Kind.APPROVE, approver, of=asked)
    return world


def found_in(world: World, evidence: Evidence | None = None) -> list[tuple[Wrong, str]]:
    findings = check(world.history, evidence or world.evidence())
    return [(finding.wrong, finding.check) for finding in findings.found]


def kinds_of(found: list[tuple[Wrong, str]]) -> set[Wrong]:
    return {wrong for wrong, _ in found}


def operation_of(world: World, kind: Kind) -> Operation:
    return next(operation for operation in world.history.operations if operation.kind is kind)


def spoilt(evidence: Evidence, **tables: list[dict[str, Any]]) -> Evidence:
    """Change tables, and let the feed tell what is there."""
    changed: Tables = replace(evidence.tables["north"], **tables)
    return replace(evidence, tables={"north": changed}, feeds={"north": feed_of(changed)})


def test_nothing_is_found_where_all_is_well() -> None:
    assert check(a_world().history, a_world().evidence()).found == []


def test_a_purchase_that_was_acknowledged_and_is_gone_is_lost() -> None:
    world = a_world()
    gone = next(iter(world.lives))
    del world.lives[gone]
    world.events = [event for event in world.events if event["purchase_id"] != gone]
    world.keys = [key for key in world.keys if key["purchase_id"] != gone]
    assert (Wrong.LOST, "effects") in found_in(world)


def test_a_row_of_which_events_tell_and_that_is_gone_is_lost() -> None:
    world = a_world()
    assert (Wrong.LOST, "tables") in found_in(world, spoilt(world.evidence(), orders=[]))


def test_a_key_under_which_two_purchases_were_made_is_doubled() -> None:
    world = World()
    operation = world.ask(Kind.CREATE, key="one")
    for _ in range(2):
        call = world.call(operation)
        world.answer(operation, call, world.happen(operation, call))
    assert {(Wrong.DOUBLED, "effects"), (Wrong.DOUBLED, "repeats")} <= set(found_in(world))


def test_a_call_without_a_key_that_had_two_effects_is_doubled() -> None:
    world = World()
    operation = world.ask(Kind.CREATE)
    call = world.call(operation)
    world.happen(operation, call)
    world.happen(operation, call)
    assert (Wrong.DOUBLED, "effects") in found_in(world)


@pytest.mark.parametrize("effects", [0, 1])
def test_a_call_without_a_key_whose_answer_was_lost_may_have_had_an_effect_or_none(effects: int) -> None:
    world = World()
    operation = world.ask(Kind.CREATE)
    call = world.call(operation)
    for _ in range(effects):
        world.happen(operation, call)
    assert found_in(world) == []


def test_repeats_without_a_key_may_each_have_had_an_effect() -> None:
    world = World()
    operation = world.ask(Kind.CREATE)
    for _ in range(2):
        world.happen(operation, world.call(operation))
    assert found_in(world) == []


def _unsent(world: World) -> None:
    operation = world.ask(Kind.CREATE)
    call = world.call(operation)
    call.end = End.UNSENT
    world.happen(operation, call)


def _refused_and_done(world: World) -> None:
    operation = world.ask(Kind.CREATE)
    world.happen(operation, world.refuse(operation, Refused("unavailable"), 503))


def _fault(world: World) -> None:
    world.refuse(world.ask(Kind.CREATE), Refused("internal"), 500)


def _nobodys(world: World) -> None:
    world.tell("somebody-else", "purchase.revised", next(iter(world.lives.values())))


def _swapped(world: World) -> None:
    one, other = (operation.calls[0] for operation in world.history.operations if operation.kind is Kind.CREATE)
    one.told, other.told = other.told, one.told


def _stale(world: World) -> None:
    life = next(iter(world.lives.values()))
    world.read(replace(life, version=1, state="Created", bargain=None))


def _foreseen(world: World) -> None:
    life = next(iter(world.lives.values()))
    world.read(replace(life, version=life.version + 1))


def _unfounded(world: World) -> None:
    life = next(iter(world.lives.values()))
    world.refuse(world.ask(Kind.REVISE, of=life), Refused("purchase.closed", life.id, "Closed"))


def _unreadable(world: World) -> None:
    life = next(iter(world.lives.values()))
    world.refuse(world.ask(Kind.READ_REQUEST, of=life), Refused("request.not_found"), 404)


def _otherwise(world: World) -> None:
    operation = operation_of(world, Kind.CREATE)
    operation.calls[-1].answer += b" "


def _repeated_and_refused(world: World) -> None:
    world.refuse(operation_of(world, Kind.SUBMIT), Refused("request.exists", 1, "Approved"))


def _orphan(world: World) -> None:
    operation = world.ask(Kind.CREATE, key="orphan")
    world.call(operation)
    world.keys.append({"key": "orphan", "object_id": 0, "purchase_id": 999, "version": 1})


def _keyless(world: World) -> None:
    del world.keys[0]


def _out_of_nowhere(world: World) -> None:
    """Take the commitment's version out of the story: what follows it was done to nothing."""
    number = next(iter(world.lives))
    world.events = [event for event in world.events if (event["purchase_id"], event["version"]) != (number, 2)]


def _own_approval(world: World) -> None:
    life = world.do(Kind.CREATE, "manager")
    life = world.do(Kind.COMMIT, "manager", of=life)
    life = world.do(Kind.SUBMIT, "form", of=life)
    operation = world.ask(Kind.APPROVE, "manager", of=life)
    call = world.call(operation)
    after: Life = replace(life, version=life.version + 1, log=("request.approved",))
    for kind in after.log:
        world.tell(call.id, kind, after)


def _one_of_two(world: World) -> None:
    """Let the first of two approvals make the order."""
    life = world.do(Kind.SUBMIT, "form", of=world.do(Kind.COMMIT, "form", of=world.do(Kind.CREATE, "form")))
    operation = world.ask(Kind.APPROVE, "manager", of=life)
    call = world.call(operation)
    world.happen(operation, call)
    world.events[-1]["type"] = "request.approved"


def _two_calls(world: World) -> None:
    last = dict(world.events[-1])
    other = world.call(world.ask(Kind.REVISE, of=world.lives[last["purchase_id"]]))
    world.tell(other.id, "purchase.revised", world.lives[last["purchase_id"]])


BROKEN: Mapping[Callable[[World], None], str] = {
    _unsent: "effects",
    _refused_and_done: "effects",
    _fault: "answers",
    _nobodys: "effects",
    _swapped: "answers",
    _stale: "moments",
    _foreseen: "moments",
    _unfounded: "refusals",
    _unreadable: "refusals",
    _otherwise: "repeats",
    _repeated_and_refused: "repeats",
    _orphan: "keys",
    _keyless: "keys",
    _out_of_nowhere: "versions",
    _own_approval: "states",
    _one_of_two: "log",
    _two_calls: "versions",
}


@pytest.mark.parametrize(("spoil", "name"), BROKEN.items(), ids=lambda part: getattr(part, "__name__", part))
def test_what_can_not_be_is_broken(spoil: Callable[[World], None], name: str) -> None:
    world = a_world()
    spoil(world)
    assert (Wrong.BROKEN, name) in found_in(world)


def _rows(table: str, change: Callable[[list[dict[str, Any]]], object]) -> Callable[[Evidence], Evidence]:
    def spoil(evidence: Evidence) -> Evidence:
        rows = [dict(row) for row in getattr(evidence.tables["north"], table)]
        change(rows)
        return spoilt(evidence, **{table: rows})

    return spoil


def _feed(evidence: Evidence) -> Evidence:
    return replace(evidence, feeds={"north": [*evidence.feeds["north"]][1:]})


LEFT_BEHIND: Mapping[str, tuple[Callable[[Evidence], Evidence], str]] = {
    "a cent more": (_rows("commitments", lambda rows: rows[0].update(excluding_minor=12006)), "amounts"),
    "a cent that a budget holds too much": (
        _rows("budgets", lambda rows: rows[0].update(committed_minor=rows[0]["committed_minor"] + 1)),
        "amounts",
    ),
    "a cent that hangs on nothing": (_rows("budget_entries", lambda rows: rows.pop()), "amounts"),
    "a cent that was freed twice": (_rows("budget_entries", lambda rows: rows[0].update(held_minor=0)), "amounts"),
    "an amendment beside what it takes the place of": (
        _rows(
            "budget_entries",
            lambda rows: next(row for row in rows if row["state"] == "Freed").update(state="Committed"),
        ),
        "amounts",
    ),
    "a deputy who decided for nobody": (
        _rows("request_decisions", lambda rows: [row.update(in_place_of=None) for row in rows]),
        "tables",
    ),
    "a budget below nothing": (_rows("budgets", lambda rows: rows[0].update(free_minor=-5)), "amounts"),
    "a tax less": (_rows("commitment_taxes", lambda rows: rows.pop(0)), "tables"),
    "a state past the log": (_rows("purchases", lambda rows: rows[0].update(state="Closed")), "tables"),
    "a row past the log": (_rows("purchases", lambda rows: rows.append(rows[0] | {"purchase_id": 7})), "tables"),
    "an order too many": (
        _rows("orders", lambda rows: rows.append(rows[0] | {"order_id": 7, "number": "PO-7", "commitment_id": 7})),
        "orders",
    ),
    "a gap": (_rows("sealed", lambda rows: rows[-1].update(position=99)), "log"),
    "an event without a seal": (_rows("sealed", lambda rows: rows.pop()), "log"),
    "something unsealed": (_rows("unsealed", lambda rows: rows.append({"event_id": 1000})), "log"),
    "seals against the versions": (
        _rows("sealed", lambda rows: (rows[0].update(position=2), rows[1].update(position=1))),
        "log",
    ),
    "a feed that lacks one": (_feed, "feed"),
    "a chain that does not verify": (lambda evidence: replace(evidence, verified=(1, "changed")), "verify"),
    "a process": (lambda evidence: replace(evidence, left=["process 7 is left"]), "remains"),
}


@pytest.mark.parametrize(("spoil", "name"), LEFT_BEHIND.values(), ids=LEFT_BEHIND.keys())
def test_what_is_there_and_should_not_be_is_broken(spoil: Callable[[Evidence], Evidence], name: str) -> None:
    world = a_world()
    assert (Wrong.BROKEN, name) in found_in(world, spoil(world.evidence()))


def _reminded(of: Mapping[str, Any], *ahead: int) -> list[tuple[Wrong, str]]:
    """Remind of a purchase on these terms, so many days ahead."""
    world = World()
    bought = world.do(Kind.COMMIT, of=world.do(Kind.CREATE), **of)
    assert bought.bargain is not None
    for days in ahead:
        world.remind(bought.bargain.id, days)
    return found_in(world)


def test_a_subscription_is_told_of_by_itself_each_thing_once_and_nothing_else_is() -> None:
    assert _reminded(SUBSCRIPTION, 30, 14) == []
    assert _reminded(SUBSCRIPTION, 30, 30) == [(Wrong.DOUBLED, "effects")]
    assert _reminded(TERMS, 30) == [(Wrong.BROKEN, "effects")]


def asked_by_form(world: World) -> Life:
    """Buy something that north's people are asked about: two of 36, 37 and 38."""
    return world.do(Kind.SUBMIT, "form", of=world.do(Kind.COMMIT, "form", of=world.do(Kind.CREATE, "form")))


def test_who_changes_what_waits_has_it_asked_for_anew() -> None:
    world = World()
    asked = world.do(Kind.APPROVE, "manager", of=asked_by_form(world))
    asked = world.do(Kind.REVISE_COMMITMENT, "form", of=asked)
    for approver in ("manager", "deputy"):
        asked = world.do(Kind.APPROVE, approver, of=asked)
    assert (asked.state, found_in(world)) == ("Ongoing", [])


def test_an_approval_of_what_was_changed_since_counts_no_more() -> None:
    world = World()
    asked = world.do(Kind.APPROVE, "manager", of=asked_by_form(world))
    asked = world.do(Kind.REVISE_COMMITMENT, "form", of=asked)
    asked = world.do(Kind.APPROVE, "deputy", of=asked)
    world.events[-1]["type"] = "request.approved"
    assert found_in(world) == [(Wrong.BROKEN, "log")]


@pytest.mark.parametrize(("since", "found"), [(1, []), (100, [(Wrong.BROKEN, "states")])])
def test_who_came_back_is_represented_for_some_seconds_at_most(since: int, found: list[tuple[Wrong, str]]) -> None:
    world = World()
    asked = asked_by_form(world)
    world.go_away(36, 40)
    world.company = replace(NORTH, absences=(*NORTH.absences, (36, 40)))
    world.come_back()
    world.now += since
    world.do(Kind.APPROVE, "head", of=asked)
    assert found_in(world)[:1] == found


@pytest.mark.parametrize(("days", "found"), [(7, []), (0, [(Wrong.BROKEN, "effects")])])
def test_it_goes_up_when_time_has_gone_on_and_never_before(days: int, found: list[tuple[Wrong, str]]) -> None:
    world = World(ahead=days * 86400)
    asked = world.happen_by_itself("request.escalated", asked_by_form(world))
    world.do(Kind.APPROVE, "head", of=asked)
    assert found_in(world) == found


def test_others_are_asked_than_those_to_whom_it_goes_up() -> None:
    world = World(ahead=7 * 86400)
    asked = world.happen_by_itself("request.escalated", asked_by_form(world))
    assert asked.bargain is not None
    assert asked.bargain.request is not None
    row = {"request_id": asked.bargain.request.id, "step": 1, "in_place_of": None}
    world.events[-1]["facts"] = {"approvers": [row | {"user_id": person} for person in (36, 37, 38)]}
    assert found_in(world) == [(Wrong.BROKEN, "asked")]


def test_two_orders_for_one_commitment_are_doubled() -> None:
    world = a_world()
    spoil = _rows("orders", lambda rows: rows.append(rows[0] | {"order_id": 7, "number": "PO-7"}))
    assert Wrong.DOUBLED in kinds_of(found_in(world, spoil(world.evidence())))


@pytest.mark.parametrize("positions", [(1, 3), (2, 1)])
def test_a_follower_that_missed_something_or_read_it_otherwise_is_broken(positions: tuple[int, int]) -> None:
    world = a_world()
    whole = world.evidence().feeds["north"]
    world.history.pages.append(Page("north", tuple(whole[position - 1] for position in positions)))
    assert found_in(world) == [(Wrong.BROKEN, "feed")]


def test_findings_are_counted_by_how_they_are_wrong() -> None:
    findings = check(World().history, replace(World().evidence(), left=["one", "two"]))
    assert {wrong: findings.count(wrong) for wrong in Wrong} == {Wrong.LOST: 0, Wrong.DOUBLED: 0, Wrong.BROKEN: 2}
    assert str(findings.found[0]) == str(Finding(Wrong.BROKEN, "remains", "one")) == "broken, by remains: one"


def test_a_call_that_was_answered_with_an_unknown_outcome_may_have_had_an_effect() -> None:
    world = World()
    operation = world.ask(Kind.CREATE)
    call: Call = world.refuse(operation, Refused("outcome.unknown"), 504)
    world.happen(operation, call)
    assert found_in(world) == []
