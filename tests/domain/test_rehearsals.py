"""What would have become of a request under another policy."""

from dataclasses import replace

import pytest

from emplette.domain.approvals import NobodyLeftToAsk, Request, RequestState, Step, Verdict
from emplette.domain.dossiers import Dossier
from emplette.domain.people import User
from emplette.domain.policies import Rule
from emplette.domain.rehearsals import Ending, Rehearsed, rehearsed
from emplette.domain.routing import Plan
from tests.fixtures.dossiers import HEAD, SECOND, STRANGER, approved, cancelled, denied, ruled, step, submitted

BOTH = step(1, HEAD, SECOND, needed=2)


def request_of(dossier: Dossier) -> Request:
    assert dossier.request is not None
    return dossier.request


def rehearse(request: Request, *steps: Step) -> Rehearsed:
    return rehearsed(request, Plan(2, Rule("Other"), steps, states_hash=False))


def decided(*verdicts: tuple[User, Verdict]) -> Request:
    """Have these people decide, of three of whom all are needed and one may deny."""
    dossier = submitted(None, replace(step(1, HEAD, SECOND, STRANGER, needed=2), one_denial=False))
    for person, verdict in verdicts:
        dossier = ruled(dossier, verdict, person)
    return request_of(dossier)


def test_a_plan_that_refuses_would_have_refused() -> None:
    found = rehearsed(request_of(approved()), NobodyLeftToAsk("Nobody"))
    assert (found.ending, found.rule, found.refusal) == (Ending.REFUSED, None, "Nobody")
    assert found.is_different


def test_a_rule_that_approves_at_once_asks_nobody() -> None:
    found = rehearsed(request_of(approved()), Plan(2, Rule("Small", at_once=True), (), states_hash=False))
    assert (found.ending, found.rule, found.steps) == (Ending.AT_ONCE, "Small", ())
    assert found.is_different


def test_the_same_people_with_the_same_end_are_no_difference() -> None:
    for dossier, ending in ((submitted(), Ending.WAITS), (approved(), Ending.PASSES), (denied(), Ending.DENIED)):
        found = rehearse(request_of(dossier), step(1, HEAD))
        assert (found.ending, found.is_different) == (ending, False)


def test_others_who_would_be_asked_are_a_difference_though_it_ends_alike() -> None:
    found = rehearse(request_of(submitted()), step(1, SECOND))
    assert (found.ending, found.waits_for, found.is_different) == (Ending.WAITS, (SECOND.id,), True)


def test_what_has_passed_waits_where_others_are_needed_too() -> None:
    found = rehearse(request_of(approved()), BOTH)
    assert (found.ending, found.waits_for, found.is_different) == (Ending.WAITS, (SECOND.id,), True)


def test_it_passes_step_by_step() -> None:
    found = rehearse(request_of(approved()), step(1, HEAD), step(2, SECOND), step(3, STRANGER))
    assert (found.ending, found.waits_for) == (Ending.WAITS, (SECOND.id,))


def test_who_approved_a_step_before_does_not_count_in_a_distinct_one() -> None:
    request = request_of(approved())
    again = step(2, HEAD, SECOND)
    assert rehearse(request, step(1, HEAD), again).ending is Ending.PASSES
    found = rehearse(request, step(1, HEAD), replace(again, distinct=True))
    assert (found.ending, found.waits_for) == (Ending.WAITS, (SECOND.id,))


def test_one_denial_denies_unless_enough_are_left() -> None:
    request = decided((HEAD, Verdict.DENIED), (SECOND, Verdict.APPROVED), (STRANGER, Verdict.APPROVED))
    assert request.state is RequestState.APPROVED
    people = (HEAD, SECOND, STRANGER)
    assert rehearse(request, step(1, *people, needed=2)).ending is Ending.DENIED
    assert rehearse(request, replace(step(1, *people, needed=2), one_denial=False)).ending is Ending.PASSES
    assert rehearse(request, replace(step(1, *people, needed=3), one_denial=False)).ending is Ending.DENIED


def test_who_denied_is_not_waited_for() -> None:
    request = decided((HEAD, Verdict.DENIED))
    found = rehearse(request, replace(step(1, HEAD, SECOND, STRANGER, needed=2), one_denial=False))
    assert (found.ending, found.waits_for) == (Ending.WAITS, (SECOND.id, STRANGER.id))


@pytest.mark.parametrize("steps", [(), (step(1, HEAD),)])
def test_what_was_taken_back_may_have_ended_in_any_way_but_be_refused(steps: tuple[Step, ...]) -> None:
    request = replace(request_of(cancelled()), steps=steps)
    assert not rehearse(request, *steps).is_different
    assert rehearsed(request, NobodyLeftToAsk()).is_different


def test_only_the_steps_of_its_last_round_are_compared() -> None:
    request = request_of(submitted())
    again = replace(request, steps=(*request.steps, replace(step(2, SECOND), round=2)), step=2)
    assert not rehearse(again, step(1, SECOND)).is_different
