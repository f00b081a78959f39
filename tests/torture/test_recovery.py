"""A server that refuses everything loses nothing, a schedule in which nothing happens finds nothing: both are told."""

from collections.abc import Callable
from dataclasses import replace

from tests.torture.worlds import World
from torture.checks import check
from torture.documents import Refused
from torture.findings import Findings, Wrong
from torture.history import Kind
from torture.recovery import check_schedule


def _rested(spoil: Callable[[World], object]) -> list[str]:
    """Say what is found when something is spoilt after the server has come to rest."""
    world = World()
    world.do(Kind.CREATE, key="before")
    world.now += 1
    rested = world.now
    spoil(world)
    return [
        finding.text
        for finding in check(world.history, replace(world.evidence(), rested=rested)).found
        if finding.check == "recovery"
    ]


def _asked_and_answered(world: World, status: int, kind: Kind = Kind.REVISE) -> None:
    world.do(Kind.CREATE, key="rested")
    operation = world.ask(kind, of=next(iter(world.lives.values())))
    world.refuse(operation, Refused("unavailable"), status)


def test_a_server_that_serves_again_has_recovered() -> None:
    assert _rested(lambda world: world.do(Kind.CREATE, key="rested")) == []
    assert _rested(lambda world: _asked_and_answered(world, 409)) == []


def test_a_server_that_refuses_everything_from_then_on_has_not_recovered() -> None:
    assert _rested(lambda _: None) == ["the server is at rest, and north could buy nothing more"]
    for status in (503, 504):
        (found,) = _rested(lambda world, status=status: _asked_and_answered(world, status))  # type: ignore[misc]
        assert f"was answered with {status} unavailable" in found
    (found,) = _rested(lambda world: _asked_and_answered(world, 404, Kind.READ_PURCHASE))
    assert "was answered with 404 unavailable" in found


def test_a_repeat_of_what_was_done_before_is_no_purchase_of_now() -> None:
    def repeat(world: World) -> None:
        operation = world.history.operations[0]
        world.answer(operation, world.call(operation), world.lives[min(world.lives)], is_replay=True)

    assert "the server is at rest, and north could buy nothing more" in _rested(repeat)


def test_a_schedule_in_which_little_was_wanted_or_nothing_killed_proves_nothing() -> None:
    findings = Findings()
    check_schedule(50, 1, findings)
    assert findings.found == []
    check_schedule(49, 1, findings)
    check_schedule(50, 0, findings)
    assert [(finding.wrong, finding.check) for finding in findings.found] == [(Wrong.BROKEN, "schedule")] * 2
