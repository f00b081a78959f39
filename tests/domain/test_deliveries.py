"""What an answer means, when something is tried again, and what has to wait for what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emplette.domain.deliveries import (
    KEEPS_TRYING,
    MOST_WAITING,
    Answered,
    Lanes,
    Tried,
    Verdict,
    Waiting,
    gives_up,
    pause_after,
    rest_after,
)

DAY = KEEPS_TRYING.total_seconds()
LOST = Answered(status=503)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.DELIVERED),
        (299, Verdict.DELIVERED),
        *[(status, Verdict.AGAIN) for status in (199, 301, 302, 400, 401, 403, 408, 409, 429, 500, 503, 599)],
        (404, Verdict.GONE),
        (410, Verdict.GONE),
        (None, Verdict.AGAIN),
    ],
)
def test_what_an_answer_means(status: int | None, verdict: Verdict) -> None:
    assert Answered(status=status).verdict is verdict


def test_pauses_double_up_to_four_hours() -> None:
    pauses = [pause_after(failures, 0.5).total_seconds() for failures in range(1, 15)]
    assert pauses[:5] == [5, 10, 20, 40, 80]
    assert pauses[-1] == pause_after(1_000, 0.5).total_seconds() == 4 * 3_600
    tried = sum(1 for count in range(1, 15) if sum(pauses[:count]) < KEEPS_TRYING.total_seconds())
    assert tried >= 12


@given(st.integers(1, 100), st.floats(0, 1))
def test_pauses_are_spread_by_a_quarter(failures: int, chance: float) -> None:
    middle = pause_after(failures, 0.5)
    assert 0.75 * middle <= pause_after(failures, chance) <= 1.25 * middle


def test_an_event_is_parked_after_a_day_of_failures_and_not_before() -> None:
    fresh, old = Waiting(1, ("order", 1)), Waiting(2, ("order", 2), attempts=9, failing_for=86_400.0)
    for one in (fresh, old):
        one.fail(Answered(status=503), 0.5)
    assert (fresh.is_parked, fresh.attempts, fresh.error) == (False, 1, "Answered 503.")
    assert (old.is_parked, old.attempts) == (True, 10)


@given(st.integers(0, 100), st.floats(0, 1), st.floats(0, 1e9), st.floats(0, 86_400))
def test_the_rest_that_a_receiver_asks_for_is_no_shorter_than_the_pause_and_ends_with_the_day(
    attempts: int, chance: float, rest: float, failing_for: float
) -> None:
    one = Waiting(1, ("order", 1), attempts=attempts, failing_for=failing_for)
    one.fail(Answered(status=429, rest=rest), chance)
    pause, left = pause_after(attempts + 1, chance).total_seconds(), 86_400 - failing_for
    assert one.due_in == max(pause, min(rest, left))


def test_what_waits_holds_back_what_happened_to_the_same_object_later() -> None:
    failed = Waiting(3, ("order", 1), attempts=1, due_in=4.0)
    parked = Waiting(4, ("order", 2), attempts=9, is_parked=True)
    lanes = Lanes.of([failed, parked], [Waiting(number, ("order", number % 3)) for number in (5, 6, 7, 8)])
    assert [[one.position for one in lane] for lane in lanes.ready()] == [[6]]
    assert (lanes.failing, lanes.next_due_in()) == (2, 0.0)


def test_how_long_it_has_failed_is_said_of_the_first_of_those_that_are_still_tried() -> None:
    failing = [Waiting(1, ("order", 1), attempts=3, failing_for=40.0), Waiting(2, ("order", 2), failing_for=90.0)]
    parked = Waiting(3, ("order", 3), attempts=9, failing_for=90_000.0, is_parked=True)
    assert Lanes.of([*failing, parked], [Waiting(4, ("order", 1))]).longest_failing == 90.0
    assert Lanes.of([parked], [Waiting(5, ("order", 4))]).longest_failing == 0.0
    assert Lanes.of([parked]).longest_failing == 0.0


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 1_000)), unique_by=lambda one: one[1]))
def test_in_a_lane_everything_stands_in_the_order_in_which_it_happened(events: list[tuple[int, int]]) -> None:
    lanes = Lanes.of([Waiting(position, ("order", number)) for number, position in events])
    for lane in lanes.lanes.values():
        positions = [one.position for one in lane]
        assert positions == sorted(positions)
    assert sum(map(len, lanes.lanes.values())) == len(events)


def failing(objects: int) -> Lanes:
    """So many objects whose first event has failed."""
    return Lanes.of([Waiting(number, ("order", number), attempts=1, due_in=5.0) for number in range(objects)])


def test_what_gets_through_ends_the_failing_and_one_failure_begins_it() -> None:
    assert not Tried(delivered=True, failed=[LOST], failing_for=9.0, left=failing(1)).is_failing
    assert Tried(delivered=False, failed=[LOST], failing_for=None, left=failing(1)).is_failing
    assert Tried(delivered=False, failed=[], failing_for=9.0, left=failing(0)).is_failing
    assert not Tried(delivered=False, failed=[], failing_for=None, left=failing(0)).is_failing


def test_a_receiver_rests_when_all_that_was_tried_failed_and_that_was_much() -> None:
    assert Tried(delivered=False, failed=[LOST], failing_for=None, left=failing(3)).rests_for == 15
    assert Tried(delivered=False, failed=[LOST], failing_for=None, left=failing(2)).rests_for == 0
    assert Tried(delivered=True, failed=[LOST], failing_for=None, left=failing(3)).rests_for == 0


def test_a_rest_that_is_asked_for_is_granted_to_who_is_not_stuck_too() -> None:
    asking = Answered(status=429, rest=60.0)
    assert Tried(delivered=True, failed=[LOST, asking], failing_for=None, left=failing(1)).rests_for == 60


@pytest.mark.parametrize(("objects", "failing_for", "told"), [(3, DAY, True), (2, DAY, False), (3, DAY - 1, False)])
def test_a_receiver_that_was_stuck_for_a_day_is_told_nothing_more(
    objects: int, failing_for: float, *, told: bool
) -> None:
    tried = Tried(delivered=False, failed=[LOST], failing_for=failing_for, left=failing(objects))
    assert tried.suspended_because == ("Answered 503." if told else None)


def test_who_wants_nothing_more_is_told_nothing_more_whatever_else_gets_through() -> None:
    gone = Answered(status=410)
    assert (
        Tried(delivered=True, failed=[gone, LOST], failing_for=None, left=failing(1)).suspended_because
        == "Answered 410."
    )


def test_nothing_more_is_taken_when_a_thousand_wait_and_it_ends_when_none_of_them_is_tried_again() -> None:
    still = Lanes.of([Waiting(number, ("order", 1), attempts=1) for number in range(MOST_WAITING)])
    tried = Tried(delivered=False, failed=[], failing_for=9.0, left=still)
    assert (tried.is_full, tried.suspended_because) == (True, None)
    parked = Lanes.of([Waiting(number, ("order", 1), attempts=1, is_parked=True) for number in range(MOST_WAITING)])
    tried = Tried(delivered=False, failed=[], failing_for=9.0, left=parked)
    assert tried.suspended_because == "1,000 events are parked, or wait behind one that is."


def test_when_the_receiver_is_back_nothing_waits_any_longer() -> None:
    waiting = [Waiting(number, ("order", number), attempts=1, due_in=float(number)) for number in range(3)]
    lanes = Lanes.of(waiting)
    assert lanes.due_at_once() == [0, 1, 2]
    assert [one.due_in for one in waiting] == [0, 0, 0]


def test_what_comes_before_all_else_is_tried_again_after_as_long_again_as_it_has_failed() -> None:
    assert [rest_after(LOST, failed, 0.5) for failed in (0, 7, 60, DAY)] == [5, 7, 60, 4 * 3_600]
    assert (rest_after(LOST, 60, 0.0), rest_after(LOST, 60, 1.0)) == (45, 75)
    assert rest_after(Answered(status=503, rest=90.0), 60, 0.5) == 90


def test_somebody_gives_up_after_a_day_or_when_nothing_more_is_wanted() -> None:
    assert (gives_up(LOST, DAY), gives_up(LOST, DAY - 1), gives_up(Answered(status=404), 0)) == (True, False, True)
