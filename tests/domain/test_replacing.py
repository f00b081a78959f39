"""Asking somebody else: nobody is taken off the record, and as many are needed as before."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from emplette.domain.approvals import Approver, Because, Cause, NotAsked, OwnRequest, Pick, Request, Step, Verdict
from emplette.domain.charts import Chart, Holding
from emplette.domain.people import Permission, User
from emplette.domain.policies import Rule
from emplette.domain.replacing import AskedAlready, lost_the_right, reassigned, without_gone
from emplette.domain.routing import Plan
from tests.domain.policies import ANN, BEN, BOSS, BUYER, CAT, CHART, LEFT, TEAM, TODAY, leaving
from tests.fixtures.dossiers import HEAD, OWNER, SECOND, STRANGER, ruled, step, submitted

PLACE = (TEAM, 3)


def waiting(*steps: Step) -> Request:
    request = submitted(None, *steps).request
    assert request is not None
    return request


def after(*steps: Step, by: User = HEAD) -> Request:
    """Have somebody approve the first of these steps."""
    request = ruled(submitted(None, *steps), Verdict.APPROVED, by).request
    assert request is not None
    return request


def of(number: int, *people: int, needed: int = 1) -> Step:
    return step(number, *(CHART.people[one] for one in people), needed=needed)


def people(request: Request) -> list[list[int]]:
    return [[one.user.id for one in step.people] for step in request.steps]


# By an administrator ----------------------------------------------------------------------------------------


def test_another_one_is_asked_in_somebodys_place_and_the_reason_stands_there() -> None:
    request = reassigned(waiting(step(1, HEAD, SECOND)), HEAD.id, STRANGER, "On leave")
    assert people(request) == [[SECOND.id, STRANGER.id]]
    assert request.assignee == SECOND
    assert request.steps[0].approvers[-1] == Approver(
        STRANGER,
        f"in place of user {HEAD.id}, as an administrator said: On leave",
        HEAD.id,
        Because(Pick.NAMED, of=STRANGER.id, instead_of=HEAD.id, cause=Cause.REASSIGNED),
    )
    assert [one.user for one in request.steps[0].approvers[:2]] == [HEAD, SECOND]


def test_the_other_one_is_asked_in_every_step_in_which_it_still_waits_for_somebody() -> None:
    request = reassigned(waiting(step(1, HEAD), step(2, SECOND), step(3, HEAD)), HEAD.id, STRANGER, "On leave")
    assert people(request) == [[STRANGER.id], [SECOND.id], [STRANGER.id]]
    assert request.assignee == STRANGER


def test_nobody_is_asked_in_the_place_of_who_is_not_asked_or_has_decided() -> None:
    for request in (waiting(step(1, SECOND)), after(step(1, HEAD), step(2, SECOND))):
        with pytest.raises(NotAsked, match=f"not wait for user {HEAD.id}"):
            reassigned(request, HEAD.id, STRANGER, "On leave")


def test_nobody_is_asked_about_their_own_unless_the_step_says_so() -> None:
    with pytest.raises(OwnRequest):
        reassigned(waiting(step(1, HEAD)), HEAD.id, OWNER, "On leave")
    allowed = reassigned(waiting(replace(step(1, HEAD), own_too=True)), HEAD.id, OWNER, "On leave")
    assert people(allowed) == [[OWNER.id]]


@pytest.mark.parametrize(
    ("request_before", "absent", "to"),
    [
        (waiting(step(1, HEAD, SECOND)), HEAD, SECOND),
        (after(step(1, HEAD), step(2, SECOND)), SECOND, HEAD),
        (waiting(step(1, HEAD), replace(step(2, SECOND), distinct=True)), HEAD, SECOND),
        (waiting(step(1, HEAD), replace(step(2, SECOND), distinct=True)), SECOND, HEAD),
    ],
    ids=["beside them", "before", "in a later step of others", "in an earlier step"],
)
def test_one_person_counts_once(request_before: Request, absent: User, to: User) -> None:
    with pytest.raises(AskedAlready):
        reassigned(request_before, absent.id, to, "On leave")


def test_who_is_asked_in_another_step_may_be_asked_in_this_one_where_that_counts_for_both() -> None:
    assert people(reassigned(waiting(step(1, HEAD), step(2, SECOND)), HEAD.id, SECOND, "On leave")) == [
        [SECOND.id],
        [SECOND.id],
    ]


def test_where_the_step_that_is_asked_waits_for_nobody_the_assignee_stays() -> None:
    short = after(step(1, HEAD, needed=2), step(2, SECOND))
    assert short.waits_for == ()
    request = reassigned(short, SECOND.id, STRANGER, "On leave")
    assert (people(request)[1], request.assignee) == ([STRANGER.id], HEAD)


def deputy_approves(*steps: Step) -> Request:
    """Have a stranger approve in the place of the head."""
    dossier, deputy = submitted(None, *steps), Approver(STRANGER, "deputy", in_place_of=HEAD.id)
    assert dossier.request is not None
    represented = replace(dossier, request=replace(dossier.request, stand_ins=(deputy,)))
    request = ruled(represented, Verdict.APPROVED, STRANGER).request
    assert request is not None
    return request


def test_for_whom_a_deputy_has_answered_is_not_asked_besides() -> None:
    request = deputy_approves(step(1, HEAD), step(2, SECOND))
    with pytest.raises(AskedAlready):
        reassigned(request, SECOND.id, HEAD, "On leave")


def test_where_the_deputy_answers_in_their_own_right_the_one_who_was_away_can_be_asked() -> None:
    request = deputy_approves(step(1, HEAD), step(2, SECOND, STRANGER, needed=2))
    assert people(reassigned(request, SECOND.id, HEAD, "On leave"))[1] == [STRANGER.id, HEAD.id]


# By their leaving -------------------------------------------------------------------------------------------


def plan(*steps: Step) -> Plan:
    return Plan(2, Rule("All"), steps, states_hash=False)


def replaced(request: Request, chart: Chart, now: Plan | None = None) -> Request:
    return without_gone(request, now, chart, TODAY, place=PLACE)


def test_who_has_left_is_replaced_by_whom_the_policy_asks_now() -> None:
    now = plan(of(1, BOSS), replace(of(2, CAT, BEN), name="Step 1"))
    other = replace(now, steps=(replace(now.steps[0], name="Other"), now.steps[1]))
    request = replaced(waiting(of(1, CAT)), leaving(CAT), other)
    assert people(request) == [[BEN]]
    assert request.assignee.id == BEN
    added = request.steps[0].approvers[-1]
    assert added.reason == f"named by step 2, in place of user {CAT}, who has left"
    assert (added.in_place_of, added.because) == (
        CAT,
        Because(Pick.NAMED, of=BEN, instead_of=CAT, cause=Cause.LEFT),
    )


def test_whom_the_policy_asks_in_the_place_of_who_has_left_is_told_to_be_that_once() -> None:
    why = f"manager above, in place of user {CAT}, who has left"
    above = Because(Pick.NAMED, of=CAT, instead_of=CAT, cause=Cause.LEFT)
    now = plan(Step(1, "Step 1", 1, (Approver(CHART.people[ANN], why, because=above),)))
    (_, added) = replaced(waiting(of(1, CAT)), leaving(CAT), now).steps[0].approvers
    assert (added.reason, added.because) == (why, above)


def test_why_the_policy_asks_somebody_now_is_kept() -> None:
    holds = Because(Pick.HOLDERS, permission=Permission.PAY)
    now = plan(Step(1, "Step 1", 1, (Approver(CHART.people[BEN], "holds the permission pay", because=holds),)))
    (_, added) = replaced(waiting(of(1, CAT)), leaving(CAT), now).steps[0].approvers
    assert added.because == replace(holds, instead_of=CAT, cause=Cause.LEFT)


def test_where_the_policy_asks_nobody_else_those_above_are_asked() -> None:
    request = replaced(waiting(of(1, CAT)), leaving(CAT))
    assert people(request) == [[ANN]]
    assert request.steps[0].approvers[-1].reason == f"manager above, in place of user {CAT}, who has left"


def test_where_the_policy_asks_only_those_who_can_not_decide_those_above_are_asked() -> None:
    own = replace(waiting(of(1, CAT)), requesters=frozenset({BUYER}))
    assert people(replaced(own, leaving(CAT), plan(of(1, CAT, LEFT, BUYER)))) == [[ANN]]


def test_where_nobody_is_above_the_heads_of_the_department_are_asked() -> None:
    request = replaced(waiting(of(1, CAT)), replace(leaving(CAT, ANN), managers={}))
    assert people(request) == [[BOSS]]
    assert request.steps[0].approvers[-1].reason.startswith("head of department Company, in place of")


def test_where_nobody_at_all_is_left_the_request_waits_as_it_did() -> None:
    before = waiting(of(1, CAT))
    assert replaced(before, replace(leaving(CAT), managers={}, units={})) == before


@pytest.mark.parametrize(
    ("steps", "expected"),
    [((of(1, CAT, BEN),), [[CAT, BEN]]), ((of(1, CAT, BEN, needed=2),), [[BEN, ANN]])],
    ids=["any", "both"],
)
def test_who_has_left_is_replaced_only_where_too_few_would_be_left(
    steps: tuple[Step, ...], expected: list[list[int]]
) -> None:
    assert people(replaced(waiting(*steps), leaving(CAT))) == expected


def test_two_who_have_left_are_replaced_by_two() -> None:
    request = replaced(waiting(of(1, CAT, LEFT, needed=2)), leaving(CAT))
    assert people(request) == [[ANN, BOSS]]


def test_where_nobody_is_above_one_who_has_left_those_above_another_are_asked() -> None:
    request = waiting(of(1, BEN, CAT))
    chart = replace(leaving(BEN, CAT), managers={CAT: ANN}, units={})
    assert people(replaced(request, chart)) == [[BEN, ANN]]
    assert request.steps[0].needed == 1


def test_nobody_replaces_somebody_about_their_own() -> None:
    own = replace(waiting(of(1, CAT)), requesters=frozenset({BUYER, ANN}))
    assert people(replaced(own, leaving(CAT))) == [[BOSS]]
    allowed = replace(own, steps=(replace(own.steps[0], own_too=True),))
    assert people(replaced(allowed, leaving(CAT))) == [[ANN]]


def test_whoever_has_approved_a_step_is_not_replaced_when_they_leave() -> None:
    before = after(of(1, CAT), of(2, BEN), by=CHART.people[CAT])
    assert replaced(before, leaving(CAT)) == before


def holding(*holders: int, instead_of: int | None = None) -> tuple[Request, Chart]:
    """Ask Ben as a holder of a permission, which these people hold now."""
    because = Because(Pick.HOLDERS, permission=Permission.PAY, instead_of=instead_of)
    asked = Step(1, "Step 1", 1, (Approver(CHART.people[BEN], "holds the permission pay", because=because),))
    held: Mapping[int, Holding] = {one: Holding(one, Permission.PAY) for one in holders}
    return waiting(asked), replace(CHART, holdings=tuple(held.values()))


def test_who_has_lost_the_permission_by_which_they_were_asked_is_replaced() -> None:
    request, chart = holding(ANN)
    assert lost_the_right(request, chart, TODAY, PLACE) == {BEN}
    assert people(replaced(request, chart)) == [[BOSS]]
    assert replaced(request, chart).steps[0].approvers[-1].reason.endswith("who may decide no more")


@pytest.mark.parametrize(("holders", "instead_of"), [((BEN,), None), ((), CAT)])
def test_who_holds_it_still_or_was_asked_in_anothers_place_stays(
    holders: tuple[int, ...], instead_of: int | None
) -> None:
    request, chart = holding(*holders, instead_of=instead_of)
    assert lost_the_right(request, chart, TODAY, PLACE) == frozenset()
    assert replaced(request, chart) == request


def test_who_was_asked_by_name_loses_no_right() -> None:
    assert lost_the_right(waiting(of(1, CAT, BEN)), CHART, TODAY, PLACE) == frozenset()
    assert lost_the_right(waiting(of(1, CAT, BEN)), leaving(CAT), TODAY, PLACE) == {CAT}
