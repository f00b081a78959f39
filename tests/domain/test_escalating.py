"""Reminding and going up: when it is time, and who is asked then, in whose place."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from emplette.domain.approvals import Because, Cause, Decision, Pick, Request, RequestState, Verdict, Waiting
from emplette.domain.charts import Chart
from emplette.domain.deciding import decided
from emplette.domain.escalating import Deadlines, deadlines_of, escalated, goes_up_to
from emplette.domain.people import Stamp, Tenant
from emplette.domain.policies import Policy
from emplette.domain.routing import goes_up_from, plan_of
from tests.domain.policies import ANN, BEN, BOSS, BUYER, CAT, CHART, TODAY, facts, leaving, steps
from tests.fixtures.dossiers import submitted

COMPANY = Tenant(1, "acme", "Acme", ZoneInfo("Europe/Paris"), "EUR", "FR")
THURSDAY = datetime(2026, 4, 30, 21, 59, tzinfo=UTC)
FRIDAY_THERE = datetime(2026, 4, 30, 22, 1, tzinfo=UTC)


def asked_by(policy: Policy) -> Request:
    """Ask for approval by a policy."""
    request = submitted(None, *plan_of(policy, facts(), CHART, TODAY).steps).request
    assert request is not None
    return replace(request, requesters=frozenset({BUYER}))


def gone_up(policy: Policy, request: Request | None = None, chart: Chart = CHART) -> Request:
    """Let the step that is asked go up, by the one rule of a policy."""
    request = request or asked_by(policy)
    assert policy.otherwise is not None
    rule = policy.otherwise.steps[request.step - 1]
    return escalated(request, goes_up_from(rule, request.step, facts(), chart, TODAY), chart, TODAY)


def approved_by(request: Request, person: int) -> Request:
    """Have somebody approve the step that is asked."""
    stamp = Stamp(THURSDAY, CHART.people[person])
    made = Decision(
        request.step, stamp.by, Verdict.APPROVED, None, request.content_hash, stated=True, at=THURSDAY, api_key_id=None
    )
    return decided(request, made, by=stamp)


def people(request: Request, number: int = 1) -> list[int]:
    return [one.user.id for one in request.steps[number - 1].people]


# When ----------------------------------------------------------------------------------------------------


def waiting(since: datetime, *, remind: tuple[int, ...] = (2, 4), up: int | None = 6) -> Request:
    request = asked_by(steps("any: [2]"))
    (step,) = request.steps
    return replace(request, asked_at=since, steps=(replace(step, waiting=Waiting(remind, up)),))


def deadlines(since: datetime, *, remind: tuple[int, ...] = (2, 4), up: int | None = 6) -> Deadlines:
    return deadlines_of(waiting(since, remind=remind, up=up), COMPANY, lambda _place, _year: ())


def test_days_are_counted_from_the_day_on_which_the_step_was_asked_where_the_company_is() -> None:
    assert deadlines(THURSDAY).goes_up_on == date(2026, 5, 8)
    assert deadlines(FRIDAY_THERE).goes_up_on == date(2026, 5, 11)


@pytest.mark.parametrize(
    ("today", "due"),
    [(date(2026, 5, 1), None), (date(2026, 5, 4), 2), (date(2026, 5, 5), 2), (date(2026, 5, 6), 4)],
)
def test_of_reminders_that_are_due_the_last_one_stands_for_all(today: date, due: int | None) -> None:
    assert deadlines(THURSDAY).reminder_due(today) == due


def test_it_is_slow_from_the_day_on_that_the_policy_says() -> None:
    assert [deadlines(THURSDAY).is_slow(date(2026, 5, day)) for day in (7, 8, 9)] == [False, True, True]
    assert not deadlines(THURSDAY, up=None).is_slow(date(2036, 1, 1))


def test_reminders_are_told_that_come_before_it_goes_up() -> None:
    told = deadlines(THURSDAY, remind=(1, 2, 9)).reminders_from(date(2026, 5, 1))
    assert told == (date(2026, 5, 4),)
    assert deadlines(THURSDAY, remind=(1,), up=None).reminders_from(TODAY) == (date(2026, 5, 1),)


def test_nothing_comes_of_what_waits_for_nobody() -> None:
    request = waiting(THURSDAY)
    of_nobody = lambda _place, _year: ()  # noqa: E731
    for other in (
        replace(request, state=RequestState.APPROVED),
        replace(request, asked_at=None),
        replace(request, step=0),
    ):
        assert deadlines_of(other, COMPANY, of_nobody) == Deadlines()


def test_the_next_step_is_asked_from_the_moment_on_at_which_the_one_before_passed() -> None:
    request = asked_by(steps("any: [2]", "any: [3]"))
    assert request.asked_at == request.created.at
    assert approved_by(request, ANN).asked_at == THURSDAY


def test_an_approval_that_does_not_pass_a_step_begins_nothing_anew() -> None:
    request = asked_by(steps("all: [2, 3]"))
    assert approved_by(request, ANN).asked_at == request.created.at


# To whom -------------------------------------------------------------------------------------------------


def test_the_manager_is_asked_in_the_place_of_who_kept_it_waiting() -> None:
    request = gone_up(steps("any: [manager]"))
    higher = request.steps[0].approvers[-1]
    assert (people(request), request.assignee.id) == ([ANN], ANN)
    assert higher.reason == f"manager above, in place of user {CAT}, who kept it waiting"
    assert (higher.in_place_of, higher.because) == (
        CAT,
        Because(Pick.MANAGER, of=CAT, instead_of=CAT, cause=Cause.SLOW),
    )


def test_it_goes_up_again_and_ends_at_the_top() -> None:
    policy = steps("any: [manager]")
    once = gone_up(policy)
    twice = gone_up(policy, once)
    assert people(twice) == [BOSS]
    assert gone_up(policy, twice) == twice


def test_it_goes_up_first_to_whom_the_policy_says() -> None:
    policy = steps(f"any: [manager], goesUpTo: [{BEN}, {BOSS}]")
    once = gone_up(policy)
    assert people(once) == [BEN]
    assert once.steps[0].approvers[-1].because == Because(Pick.NAMED, of=BEN, instead_of=CAT, cause=Cause.SLOW)
    assert people(gone_up(policy, once)) == [BOSS]


def test_from_the_head_of_a_department_it_goes_up_to_the_next_head() -> None:
    policy = steps("any: [headOfDepartment]")
    once = gone_up(policy)
    assert people(once) == [ANN]
    assert (
        once.steps[0].approvers[-1].reason == f"head of department Sales, in place of user {CAT}, who kept it waiting"
    )
    twice = gone_up(policy, once)
    assert people(twice) == [BOSS]
    assert gone_up(policy, twice) == twice, "no head is above, nor a manager"


def test_a_head_whose_department_is_gone_is_followed_by_their_manager() -> None:
    request = asked_by(steps("any: [headOfDepartment]"))
    chart = replace(CHART, units={})
    assert people(gone_up(steps("any: [headOfDepartment]"), request, chart)) == [ANN]


def test_as_many_are_asked_as_are_missing() -> None:
    assert people(gone_up(steps(f"any: [{CAT}, {BEN}]"))) == [BEN, ANN]
    assert people(gone_up(steps(f"all: [{CAT}, {BEN}]"))) == [ANN, BOSS]
    policy = steps(f"all: [{CAT}, {BEN}]")
    assert people(gone_up(policy, approved_by(asked_by(policy), CAT))) == [CAT, BOSS]


def test_it_goes_up_by_one_where_the_next_above_is_asked_already() -> None:
    policy = steps(f"all: [{ANN}, {BEN}]")
    once = gone_up(policy)
    assert people(once) == [BEN, BOSS], "the boss, once: in the place of one of them"
    assert people(gone_up(steps(f"all: [{CAT}, {ANN}]"))) == [CAT, BOSS]


def test_of_those_whom_the_policy_says_each_is_asked_for_one() -> None:
    assert people(gone_up(steps(f"all: [{CAT}, {ANN}], goesUpTo: [{BEN}, {BOSS}]"))) == [BEN, BOSS]


def test_nobody_is_asked_about_their_own_who_has_left_or_has_acted() -> None:
    policy = steps("any: [manager]")
    own = replace(asked_by(policy), requesters=frozenset({BUYER, ANN}))
    assert people(gone_up(policy, own)) == [BOSS]
    assert people(gone_up(policy, chart=leaving(ANN))) == [BOSS]
    itself = steps("any: [manager], selfApproval: true")
    assert people(gone_up(itself, replace(asked_by(itself), requesters=frozenset({ANN})))) == [ANN]


def test_whom_nobody_knows_any_more_is_not_asked() -> None:
    chart = replace(CHART, managers={CAT: 99})
    policy = steps("any: [manager]")
    assert gone_up(policy, asked_by(policy), chart) == asked_by(policy)


def test_somebody_without_a_reason_of_the_policy_is_followed_by_their_manager() -> None:
    policy = steps("any: [manager]")
    request = asked_by(policy)
    (step,) = request.steps
    bare = replace(step, approvers=(replace(step.approvers[0], because=None),))
    assert people(gone_up(policy, replace(request, steps=(bare,)))) == [ANN]


def test_what_is_decided_goes_nowhere() -> None:
    policy = steps("any: [manager]")
    done = replace(asked_by(policy), state=RequestState.APPROVED)
    above = goes_up_from(steps("any: [manager]").otherwise.steps[0], 1, facts(), CHART, TODAY)  # type: ignore[union-attr]
    assert escalated(done, above, CHART, TODAY) == done
    assert goes_up_to(replace(done, step=0), above, CHART, TODAY) == ()


def test_to_whom_it_goes_up_is_known_beforehand() -> None:
    policy = steps("any: [manager]")
    assert policy.otherwise is not None
    above = goes_up_from(policy.otherwise.steps[0], 1, facts(), CHART, TODAY)
    assert [one.user.id for one in goes_up_to(asked_by(policy), above, CHART, TODAY)] == [ANN]
    assert not Waiting()
    assert Waiting((1,))
    assert Waiting(escalate_after=1)
