"""A seed says what happens: the same schedule each time, with enough calls and at least one kill."""

import pytest

from torture.companies import COMPANIES
from torture.history import Kind
from torture.recovery import FEWEST_OPERATIONS
from torture.schedules import AIMED, KILLS, SHORT, WHOLE, Break, FaultKind, Shape, schedule_of

SEEDS = range(60)


@pytest.mark.parametrize("shape", [WHOLE, SHORT, AIMED], ids=["whole", "short", "aimed"])
def test_every_schedule_has_enough_to_do_and_something_is_killed(shape: Shape) -> None:
    for seed in SEEDS:
        schedule = schedule_of(seed, shape)
        assert sum(len(script.intents) for script in schedule.scripts) >= FEWEST_OPERATIONS
        assert any(fault.kind in KILLS for fault in schedule.faults)
        assert {script.company for script in schedule.scripts} == set(COMPANIES)


def test_a_seed_makes_the_same_schedule_again_and_another_one_another() -> None:
    assert schedule_of(7) == schedule_of(7)
    assert schedule_of(7) != schedule_of(8)


def test_thirty_schedules_try_everything_that_can_be_done_to_a_server() -> None:
    schedules = [schedule_of(seed) for seed in range(30)]
    assert {fault.kind for schedule in schedules for fault in schedule.faults} == set(FaultKind)
    intents = [intent for schedule in schedules for script in schedule.scripts for intent in script.intents]
    assert {intent.kind for intent in intents} == set(Kind)
    assert {intent.breaks for intent in intents} == set(Break)
    assert {intent.keyed for intent in intents} == {True, False}
