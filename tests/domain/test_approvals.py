"""Approval: who is asked, who may decide, and what a decision leads to."""

from dataclasses import replace

import pytest

from emplette.domain.approvals import (
    LIFE,
    Decision,
    NotAsked,
    OwnRequest,
    PersonNeeded,
    Request,
    RequestAction,
    RequestState,
    Step,
    StepState,
    Verdict,
)
from emplette.domain.deciding import asked_anew, begun_anew, decided, decider, may_decide
from emplette.domain.dossiers import content_hash
from emplette.domain.people import User
from tests.fixtures.dossiers import (
    HEAD,
    NOON,
    OWNER,
    SECOND,
    STRANGER,
    caller,
    committed,
    stamp,
    step,
    submitted,
)

TWO_STEPS = (step(1, HEAD), step(2, SECOND))
SHOWN = content_hash(committed())


def request_of(*steps: Step) -> Request:
    request = submitted(None, *steps).request
    assert request is not None
    return request


def decision(by: User, verdict: Verdict = Verdict.APPROVED, *, number: int = 1) -> Decision:
    return Decision(number, by, verdict, comment=None, content_hash=SHOWN, stated=False, at=NOON, api_key_id=7)


def after(request: Request, *made: Decision) -> Request:
    for one in made:
        request = decided(request, one, by=stamp(one.by))
    return request


@pytest.mark.parametrize(
    ("action", "sources"),
    [
        (RequestAction.APPROVE, {"Pending"}),
        (RequestAction.DENY, {"Pending"}),
        (RequestAction.CANCEL, {"Pending", "Approved"}),
    ],
)
def test_an_action_is_possible_from_the_states_that_were_decided(action: RequestAction, sources: set[str]) -> None:
    assert set(LIFE.sources(action)) == sources


def test_a_key_decides_only_for_the_person_it_is_bound_to() -> None:
    assert decider(caller(HEAD)) == HEAD
    with pytest.raises(PersonNeeded):
        decider(caller())


def test_who_is_asked_now_may_decide() -> None:
    may_decide(request_of(*TWO_STEPS), HEAD.id)


def test_nobody_decides_on_what_they_own_or_wrote() -> None:
    request = request_of(step(1, OWNER, HEAD))
    with pytest.raises(OwnRequest):
        may_decide(request, OWNER.id)
    wrote_it = replace(request, requesters=frozenset({OWNER.id, HEAD.id}))
    with pytest.raises(OwnRequest):
        may_decide(wrote_it, HEAD.id)


def test_who_is_asked_in_another_step_or_in_none_may_not_decide_now() -> None:
    request = request_of(*TWO_STEPS)
    for person in (SECOND, STRANGER):
        with pytest.raises(NotAsked):
            may_decide(request, person.id)


def test_what_a_key_approves_by_itself_asks_nobody() -> None:
    request = replace(request_of(*TWO_STEPS), steps=(), step=0)
    assert request.current_step is None
    assert request.asked == frozenset()
    with pytest.raises(NotAsked):
        may_decide(request, HEAD.id)


def test_nobody_approves_the_same_step_twice() -> None:
    request = after(request_of(step(1, HEAD, SECOND, needed=2)), decision(HEAD))
    with pytest.raises(NotAsked, match="already"):
        may_decide(request, HEAD.id)
    may_decide(request, SECOND.id)


def test_who_is_asked_in_two_steps_is_asked_once() -> None:
    request = request_of(step(1, HEAD), step(2, HEAD), step(3, SECOND))
    assert after(request, decision(HEAD)).step == 3
    assert after(request_of(step(1, HEAD), step(2, HEAD)), decision(HEAD)).state is RequestState.APPROVED


def test_who_has_approved_before_counts_beside_the_others_of_a_later_step() -> None:
    request = after(request_of(step(1, HEAD), step(2, HEAD, SECOND, needed=2)), decision(HEAD))
    assert (request.step, request.assignee) == (2, SECOND)
    with pytest.raises(NotAsked, match="before this one"):
        may_decide(request, HEAD.id)
    assert after(request, decision(SECOND, number=2)).state is RequestState.APPROVED


def test_who_has_approved_before_does_not_count_in_a_distinct_step() -> None:
    pair = step(2, HEAD, SECOND)
    request = after(request_of(step(1, HEAD, SECOND), replace(pair, distinct=True)), decision(HEAD))
    assert (request.state, request.step, request.assignee) == (RequestState.PENDING, 2, SECOND)
    with pytest.raises(NotAsked):
        may_decide(request, HEAD.id)
    assert after(request, decision(SECOND, number=2)).state is RequestState.APPROVED


def test_a_step_may_be_denied_only_once_too_few_are_left() -> None:
    of_three = replace(step(1, HEAD, SECOND, STRANGER, needed=2), one_denial=False)
    request = after(request_of(of_three), decision(HEAD, Verdict.DENIED))
    assert (request.state, request.assignee) == (RequestState.PENDING, SECOND)
    assert after(request, decision(SECOND, Verdict.DENIED)).state is RequestState.DENIED
    assert after(request, decision(SECOND), decision(STRANGER)).state is RequestState.APPROVED


def test_people_decide_on_their_own_where_the_step_says_so() -> None:
    may_decide(request_of(replace(step(1, OWNER), own_too=True)), OWNER.id)


def test_a_request_that_begins_anew_keeps_its_steps_and_gets_further_ones() -> None:
    request = begun_anew(after(request_of(*TWO_STEPS), decision(HEAD)), "v1:other", [step(1, SECOND), step(2, HEAD)])
    assert [(one.number, one.round) for one in request.steps] == [(1, 1), (2, 1), (3, 2), (4, 2)]
    assert (request.step, request.assignee, request.decisions_that_count) == (3, SECOND, ())
    approved = after(
        request,
        *(replace(decision(one), step=number, content_hash="v1:other") for number, one in ((3, SECOND), (4, HEAD))),
    )
    assert approved.state is RequestState.APPROVED


def test_what_was_approved_before_it_began_anew_does_not_count_though_nothing_else_changed() -> None:
    request = begun_anew(after(request_of(*TWO_STEPS), decision(HEAD)), SHOWN, [step(1, HEAD), step(2, SECOND)])
    assert request.step == 3
    assert [asked.user for asked in request.waits_for] == [HEAD]


def test_everybody_who_is_asked_in_any_step_is_known() -> None:
    assert request_of(*TWO_STEPS).asked == {HEAD.id, SECOND.id}


def test_a_request_waits_in_its_first_step_for_the_first_person_named() -> None:
    request = request_of(step(1, SECOND, HEAD), step(2, HEAD))
    assert (request.state, request.step, request.assignee) == (RequestState.PENDING, 1, SECOND)
    assert request.current_step == request.steps[0]


def test_one_approval_passes_a_step_and_the_next_is_asked() -> None:
    request = after(request_of(*TWO_STEPS), decision(HEAD))
    assert (request.state, request.step, request.assignee) == (RequestState.PENDING, 2, SECOND)
    assert request.modified == stamp(HEAD)


def test_the_last_steps_passing_approves_the_request() -> None:
    request = after(request_of(*TWO_STEPS), decision(HEAD), decision(SECOND, number=2))
    assert request.state is RequestState.APPROVED
    assert [made.by for made in request.decisions] == [HEAD, SECOND]


def test_a_step_waits_until_enough_have_approved() -> None:
    request = after(request_of(step(1, HEAD, SECOND, needed=2)), decision(HEAD))
    assert (request.state, request.step) == (RequestState.PENDING, 1)
    assert after(request, decision(SECOND)).state is RequestState.APPROVED


@pytest.mark.parametrize("earlier", [(), (decision(HEAD),)], ids=["in the first step", "in a later step"])
def test_one_denial_denies(earlier: tuple[Decision, ...]) -> None:
    request = after(request_of(*TWO_STEPS), *earlier)
    who = HEAD if request.step == 1 else SECOND
    assert after(request, decision(who, Verdict.DENIED, number=request.step)).state is RequestState.DENIED


def test_what_changed_after_is_asked_for_from_the_first_step_on() -> None:
    request = asked_anew(after(request_of(*TWO_STEPS), decision(HEAD)), "v1:other")
    assert (request.state, request.step, request.assignee) == (RequestState.PENDING, 1, HEAD)
    assert request.decisions_that_count == ()
    assert [made.by for made in request.decisions] == [HEAD]
    with pytest.raises(NotAsked):
        may_decide(request, SECOND.id)
    may_decide(request, HEAD.id)


def test_an_approval_of_something_else_does_not_count() -> None:
    waiting = after(request_of(step(1, HEAD, SECOND, needed=2)), decision(HEAD))
    request = after(asked_anew(waiting, "v1:other"), replace(decision(SECOND), content_hash="v1:other"))
    assert request.state is RequestState.PENDING
    assert after(request, replace(decision(HEAD), content_hash="v1:other")).state is RequestState.APPROVED


def test_where_nobody_is_asked_nobody_is_asked_anew() -> None:
    request = replace(request_of(*TWO_STEPS), steps=(), step=0)
    assert asked_anew(request, "v1:other") == replace(request, content_hash="v1:other")


def standings(request: Request) -> list[StepState]:
    return [request.standing_of(each) for each in request.steps]


def test_steps_are_passed_one_after_the_other_and_wait_for_those_before() -> None:
    asked = request_of(*TWO_STEPS)
    assert standings(asked) == [StepState.ASKED, StepState.TO_COME]
    first = after(asked, decision(HEAD))
    assert standings(first) == [StepState.PASSED, StepState.ASKED]
    assert standings(after(first, decision(SECOND, number=2))) == [StepState.PASSED, StepState.PASSED]


def test_a_denial_is_of_the_step_in_which_it_was_said_and_ends_the_others() -> None:
    denied = after(request_of(*TWO_STEPS), decision(HEAD, Verdict.DENIED))
    assert standings(denied) == [StepState.DENIED, StepState.GIVEN_UP]


def test_what_was_taken_back_asks_nobody_any_more_and_keeps_what_has_passed() -> None:
    taken_back = replace(after(request_of(*TWO_STEPS), decision(HEAD)), state=RequestState.CANCELLED)
    assert standings(taken_back) == [StepState.PASSED, StepState.GIVEN_UP]


def test_the_steps_of_what_began_anew_are_given_up() -> None:
    anew = begun_anew(after(request_of(*TWO_STEPS), decision(HEAD)), "0" * 64, [step(1, SECOND)])
    assert standings(anew) == [StepState.GIVEN_UP, StepState.GIVEN_UP, StepState.ASKED]
