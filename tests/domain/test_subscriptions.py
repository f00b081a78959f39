"""Subscriptions: their periods, by when something must be decided, and of what people are reminded."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, product

import pytest

from emplette.domain.commitments import Subscription
from emplette.domain.dates import Duration, TimeUnit
from emplette.domain.errors import Invalid
from emplette.domain.subscriptions import (
    ACTIONS,
    LIFE,
    Act,
    ActKind,
    ReminderKind,
    Standing,
    SubscriptionAction,
    SubscriptionState,
    Wanted,
    reminder_days,
    reminders_due,
    schedule_of,
)
from emplette.domain.workflow import ActionNotAllowed
from tests.fixtures.dossiers import YEARLY

# From 14 April 2025 to 13 April 2026, bound until 13 October 2025; notice by 29 September 2025.
STANDING = Standing(commitment_id=21, purchase_id=11, owner_id=35, terms=YEARLY)
UNBOUND = replace(STANDING, terms=replace(YEARLY, obligation=None, notice=None))
DECIDE_BY, BOUND_UNTIL, END = date(2025, 9, 29), date(2025, 10, 13), date(2026, 4, 13)
START, AFTER = YEARLY.start_date, END + timedelta(days=1)
_S, _R = SubscriptionState, ReminderKind


def act(kind: ActKind, on: date = START) -> Act:
    return Act(61, 21, 1, kind, datetime(on.year, on.month, on.day, 12, tzinfo=UTC), on, decided_by=35)


def decided(kind: ActKind, on: date = START, of: Standing = STANDING) -> Standing:
    return replace(of, acts=(*of.acts, act(kind, on)))


def test_a_decision_was_in_time_until_the_last_safe_day() -> None:
    assert STANDING.was_in_time(act(ActKind.STOP, DECIDE_BY))
    assert not STANDING.was_in_time(act(ActKind.STOP, DECIDE_BY + timedelta(days=1)))


# Where they stand -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "until_its_end", "after_it"),
    [
        (None, _S.RUNNING, _S.RAN_OUT),
        (ActKind.LET_RUN, _S.LET_RUN, _S.ENDED),
        (ActKind.STOP, _S.STOPPING, _S.STOPPED),
        (ActKind.RENEWAL, _S.RENEWED, _S.RENEWED),
    ],
)
def test_what_was_decided_last_says_where_it_stands(
    kind: ActKind | None, until_its_end: SubscriptionState, after_it: SubscriptionState
) -> None:
    standing = STANDING if kind is None else decided(kind)
    assert standing.state(START) is until_its_end
    assert standing.state(standing.end_date) is until_its_end
    assert standing.state(standing.end_date + timedelta(days=1)) is after_it


@pytest.mark.parametrize(("kind", "state"), [(ActKind.STOP, _S.CLOSED), (ActKind.RENEWAL, _S.RENEWED)])
def test_a_closed_purchase_closes_its_subscription_unless_it_goes_on_as_another(
    kind: ActKind, state: SubscriptionState
) -> None:
    assert replace(decided(kind), is_closed=True).state(START) is state
    assert replace(STANDING, is_closed=True).state(AFTER) is _S.CLOSED


def test_what_is_decided_later_counts() -> None:
    assert decided(ActKind.STOP, of=decided(ActKind.LET_RUN)).state(START) is _S.STOPPING
    assert STANDING.last_act is None


@pytest.mark.parametrize(
    ("state", "action"), sorted(set(product(SubscriptionState, SubscriptionAction)) - set(LIFE.moves))
)
def test_every_decision_not_in_the_table_is_refused(state: SubscriptionState, action: SubscriptionAction) -> None:
    with pytest.raises(ActionNotAllowed):
        LIFE.after(state, action)


@pytest.mark.parametrize("kind", ActKind)
def test_a_decision_leads_where_the_table_says(kind: ActKind) -> None:
    assert decided(kind).state(START) is LIFE.after(_S.RUNNING, ACTIONS[kind])


def test_an_act_refers_to_nothing_that_goes_out_of_use() -> None:
    assert act(ActKind.STOP).references() == []


# Its days ---------------------------------------------------------------------------------------------------


def test_something_is_to_be_decided_by_the_last_safe_day_of_the_notice_else_by_the_end() -> None:
    assert STANDING.decide_by == DECIDE_BY
    assert UNBOUND.decide_by == END


@pytest.mark.parametrize(
    ("standing", "ends"),
    [
        (STANDING, END),
        (decided(ActKind.LET_RUN), END),
        (decided(ActKind.STOP, DECIDE_BY), BOUND_UNTIL),
        (decided(ActKind.STOP, DECIDE_BY + timedelta(days=1)), END),
        (decided(ActKind.STOP, of=UNBOUND), END),
        (
            decided(ActKind.STOP, of=replace(STANDING, terms=replace(YEARLY, obligation=Duration(2, TimeUnit.YEAR)))),
            END,
        ),
    ],
    ids=["running", "let run", "stopped in time", "stopped too late", "not bound", "bound for longer than it lasts"],
)
def test_it_ends_with_its_obligation_only_when_it_was_stopped_in_time(standing: Standing, ends: date) -> None:
    assert standing.end_date == ends


def test_periods_follow_each_other_without_a_gap_until_the_end() -> None:
    periods = schedule_of(YEARLY)
    assert [period.number for period in periods] == list(range(1, 13))
    assert (periods[0].start_date, periods[-1].end_date) == (START, END)
    assert all(following.start_date == before.end_date + timedelta(days=1) for before, following in pairwise(periods))
    assert [period.invoice_date for period in periods[:2]] == [date(2025, 5, 1), date(2025, 6, 1)]


def test_an_invoice_beyond_the_calendar_is_expected_on_no_day() -> None:
    far = Subscription(
        date(9998, 1, 1),
        date(9999, 12, 31),
        frequency=Duration(1, TimeUnit.MONTH),
        duration=Duration(2, TimeUnit.MONTH),
        obligation=None,
        notice=None,
    )
    assert [period.invoice_date for period in schedule_of(far)] == [date(9999, 12, 31), None]


# Reminders --------------------------------------------------------------------------------------------------


def reminded(
    standing: Standing, today: date, days: Sequence[int] = (90, 30, 7)
) -> list[tuple[ReminderKind, date, int]]:
    return [(one.kind, one.due_date, one.days_ahead) for one in reminders_due(standing, today, days)]


@pytest.mark.parametrize(("days_before", "ahead"), [(91, None), (90, 90), (31, 90), (30, 30), (8, 30), (7, 7), (0, 7)])
def test_people_are_reminded_of_the_nearest_day_only(days_before: int, ahead: int | None) -> None:
    found = reminded(STANDING, DECIDE_BY - timedelta(days=days_before))
    assert found == ([] if ahead is None else [(_R.NOTICE_DUE, DECIDE_BY, ahead)])


def test_once_it_is_too_late_for_the_notice_people_are_reminded_of_the_end() -> None:
    assert reminded(STANDING, DECIDE_BY + timedelta(days=1)) == []
    assert reminded(STANDING, END - timedelta(days=7)) == [(_R.END_DUE, END, 7)]


def test_without_a_notice_people_are_reminded_of_the_end() -> None:
    assert reminded(UNBOUND, END) == [(_R.END_DUE, END, 7)]
    assert reminded(UNBOUND, END, ()) == []


@pytest.mark.parametrize("kind", ActKind)
def test_of_what_was_decided_nobody_is_reminded(kind: ActKind) -> None:
    assert reminded(decided(kind), DECIDE_BY) == []


@pytest.mark.parametrize(("days_after", "is_told"), [(1, True), (366, True), (367, False)])
def test_that_it_has_run_out_is_told_within_a_year(days_after: int, is_told: bool) -> None:  # noqa: FBT001
    found = reminded(STANDING, END + timedelta(days=days_after))
    assert found == ([(_R.RAN_OUT, END, 0)] if is_told else [])


# Lists ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "is_listed"),
    [
        (Wanted(), True),
        (Wanted((_S.RUNNING, _S.RENEWED)), True),
        (Wanted((_S.STOPPED,)), False),
        (Wanted(notice_before=DECIDE_BY), False),
        (Wanted(notice_before=DECIDE_BY + timedelta(days=1)), True),
    ],
)
def test_they_are_listed_by_state_and_by_the_day_before_which_notice_has_to_be_given(
    wanted: Wanted,
    is_listed: bool,  # noqa: FBT001
) -> None:
    assert wanted.meets(STANDING, START) is is_listed


def test_those_without_a_notice_are_not_listed_by_its_day() -> None:
    assert not Wanted(notice_before=date.max).meets(UNBOUND, START)


def test_people_are_reminded_some_days_ahead_each_once_or_not_at_all() -> None:
    assert reminder_days([7, 60, 7, 30]) == (60, 30, 7)
    assert reminder_days([]) == ()


@pytest.mark.parametrize("days", [[0], [-1, 7], [731], list(range(1, 12))])
def test_nobody_is_reminded_too_late_too_early_or_all_the_time(days: list[int]) -> None:
    with pytest.raises(Invalid) as refused:
        reminder_days(days)
    assert list(refused.value.faults) == ["days"]
