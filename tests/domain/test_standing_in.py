"""Deputies: who may decide a request while somebody is away, and for whom that counts."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from emplette.domain.absences import Absence
from emplette.domain.approvals import Approver, NotAsked, Request, RequestState, Step, Verdict
from emplette.domain.charts import Chart
from emplette.domain.deciding import may_decide
from emplette.domain.dossiers import Dossier
from emplette.domain.people import User
from emplette.domain.standing_in import as_kept, as_of, place_of
from tests.fixtures.dossiers import (
    HEAD,
    NOON,
    OWNER,
    SECOND,
    STRANGER,
    TODAY,
    approved,
    committed,
    ruled,
    step,
    submitted,
)


def deputy(person: User, absent: User) -> Approver:
    return Approver(person, f"stands in for user {absent.id}", in_place_of=absent.id)


def waiting(*steps: Step, stand_ins: tuple[Approver, ...], gone: frozenset[int] = frozenset()) -> Dossier:
    dossier = submitted(None, *steps)
    return replace(dossier, request=replace(request_of(dossier), stand_ins=stand_ins, gone=gone))


def request_of(dossier: Dossier) -> Request:
    assert dossier.request is not None
    return dossier.request


def deciders(dossier: Dossier) -> list[User]:
    return [one.user for one in request_of(dossier).deciders]


FOR_HEAD = (deputy(STRANGER, HEAD),)


def test_a_deputy_decides_beside_whoever_is_away() -> None:
    dossier = waiting(step(1, HEAD), stand_ins=FOR_HEAD)
    assert deciders(dossier) == [HEAD, STRANGER]
    assert request_of(dossier).first_there == STRANGER
    assert may_decide(request_of(dossier), STRANGER.id) == HEAD.id
    assert may_decide(request_of(dossier), HEAD.id) is None


def test_where_nobody_is_away_the_assignee_is_there() -> None:
    assert request_of(submitted()).first_there == HEAD
    both = waiting(step(1, HEAD, SECOND), stand_ins=(deputy(STRANGER, SECOND),))
    assert request_of(both).first_there == HEAD


def test_a_deputys_decision_counts_for_whoever_is_away_and_that_is_kept() -> None:
    dossier = waiting(step(1, HEAD, SECOND, needed=2), stand_ins=FOR_HEAD)
    after = ruled(dossier, Verdict.APPROVED, STRANGER)
    (decision,) = request_of(after).decisions
    assert (decision.by, decision.in_place_of) == (STRANGER, HEAD.id)
    assert [one.user for one in request_of(after).waits_for] == [SECOND]
    for person in (HEAD, STRANGER):
        with pytest.raises(NotAsked):
            may_decide(request_of(after), person.id)
    assert request_of(ruled(after, Verdict.APPROVED, SECOND)).state is RequestState.APPROVED


def test_nobody_stands_in_about_their_own_unless_the_step_says_so() -> None:
    for_head = (deputy(OWNER, HEAD),)
    assert deciders(waiting(step(1, HEAD), stand_ins=for_head)) == [HEAD]
    assert deciders(waiting(replace(step(1, HEAD), own_too=True), stand_ins=for_head)) == [HEAD, OWNER]


def test_what_owners_may_say_in_one_step_for_somebody_away_counts_in_no_other_one() -> None:
    steps = (replace(step(1, HEAD), own_too=True), step(2, HEAD))
    after = ruled(waiting(*steps, stand_ins=(deputy(OWNER, HEAD),)), Verdict.APPROVED, OWNER)
    assert (request_of(after).state, request_of(after).step) == (RequestState.PENDING, 2)
    assert [one.user for one in request_of(after).waits_for] == [HEAD]


def test_whoever_is_asked_in_their_own_right_does_not_stand_in_besides() -> None:
    dossier = waiting(step(1, HEAD, STRANGER, needed=2), stand_ins=FOR_HEAD)
    assert may_decide(request_of(dossier), STRANGER.id) is None
    after = ruled(dossier, Verdict.APPROVED, STRANGER)
    assert request_of(after).state is RequestState.PENDING
    assert deciders(after) == [HEAD]


@pytest.mark.parametrize(("distinct", "expected"), [(True, [HEAD]), (False, [HEAD, STRANGER])])
def test_whoever_is_asked_further_on_among_other_people_does_not_stand_in_before(
    distinct: bool,  # noqa: FBT001
    expected: list[User],
) -> None:
    later = replace(step(2, STRANGER), distinct=distinct)
    assert deciders(waiting(step(1, HEAD), later, stand_ins=FOR_HEAD)) == expected


def test_who_decides_no_more_is_not_asked_nor_is_their_deputy() -> None:
    assert deciders(waiting(step(1, HEAD, SECOND), stand_ins=FOR_HEAD, gone=frozenset({HEAD.id}))) == [SECOND]


def test_nobody_stands_in_for_somebody_for_whom_it_does_not_wait() -> None:
    assert deciders(waiting(step(1, SECOND), step(2, HEAD), stand_ins=FOR_HEAD)) == [SECOND]


def test_what_is_decided_waits_for_no_deputy() -> None:
    assert deciders(ruled(waiting(step(1, HEAD), stand_ins=FOR_HEAD), Verdict.DENIED)) == []
    nobody = replace(request_of(submitted()), steps=(), step=0)
    assert (nobody.deciders, nobody.waits_for, nobody.round) == ((), (), 0)


def test_two_steps_are_not_passed_by_one_person_for_two_others() -> None:
    for_both = (deputy(STRANGER, HEAD), deputy(STRANGER, SECOND))
    after = ruled(waiting(step(1, HEAD, SECOND, needed=2), stand_ins=for_both), Verdict.APPROVED, STRANGER)
    assert (request_of(after).state, deciders(after)) == (RequestState.PENDING, [SECOND])


def test_somebody_in_whose_place_a_deputy_decided_has_nothing_left_to_decide() -> None:
    after = ruled(waiting(step(1, HEAD, SECOND, needed=2), stand_ins=FOR_HEAD), Verdict.APPROVED, STRANGER)
    with pytest.raises(NotAsked, match="in your place"):
        may_decide(request_of(after), HEAD.id)


# As of a day -------------------------------------------------------------------------------------------------------


def away(number: int, absent: User, deputy_of_it: User) -> Absence:
    until = TODAY + timedelta(days=3)
    return Absence(
        id=number, user_id=absent.id, deputy_id=deputy_of_it.id, starts_on=TODAY, ends_on=until, entered_at=NOON
    )


def company(*absences: Absence, left: User | None = None) -> Chart:
    everybody = {one.id: one for one in (OWNER, HEAD, SECOND, STRANGER)}
    if left is not None:
        everybody[left.id] = replace(left, left_on=TODAY)
    return Chart(people=everybody, absences=absences)


def deputies_on(day: date, chart: Chart) -> list[tuple[User, str]]:
    return [(one.user, one.reason) for one in request_of(as_of(submitted(), chart, day)).stand_ins]


def test_deputies_are_there_from_the_first_day_to_the_last_with_the_reason() -> None:
    chart = company(away(1, HEAD, SECOND))
    said = "deputy of Alma Approver, who is away until 2025-04-17"
    assert deputies_on(TODAY, chart) == deputies_on(TODAY + timedelta(days=3), chart) == [(SECOND, said)]
    assert deputies_on(TODAY - timedelta(days=1), chart) == deputies_on(TODAY + timedelta(days=4), chart) == []


def test_a_deputy_of_a_deputy_says_through_whom_and_who_has_left_is_nobodys_deputy() -> None:
    chart = company(away(1, HEAD, SECOND), away(2, SECOND, STRANGER))
    through = (STRANGER, "deputy of Alma Approver, who is away until 2025-04-17, through Bo Second")
    assert through in deputies_on(TODAY, chart)
    assert deputies_on(TODAY, company(away(1, HEAD, SECOND), left=SECOND)) == []


def test_who_has_left_leaves_no_deputy_behind_nor_leads_to_one() -> None:
    absences = (away(1, HEAD, SECOND), away(2, SECOND, STRANGER))
    assert deputies_on(TODAY, company(*absences, left=HEAD)) == []
    assert deputies_on(TODAY, company(*absences, left=SECOND)) == []


def test_who_has_left_decides_no_more_and_what_waits_for_nobody_is_as_it_is() -> None:
    assert request_of(as_of(submitted(), company(left=HEAD), TODAY)).gone == {HEAD.id}
    for dossier in (submitted(), committed(), approved()):
        assert as_of(dossier, company(), TODAY) is dossier
    assert as_of(approved(), company(away(1, HEAD, SECOND)), TODAY) == approved()


def test_the_place_of_a_purchase_is_its_department_and_its_cost_center() -> None:
    assert place_of(committed()) == (14, 3)
    nowhere = replace(committed(), purchase=replace(committed().purchase, department=None))
    assert place_of(nowhere) == (None, 3)


def test_what_is_kept_says_nothing_of_the_day() -> None:
    asked = submitted(None, step(1, HEAD))
    assert as_kept(waiting(step(1, HEAD), stand_ins=FOR_HEAD, gone=frozenset({HEAD.id}))) == asked
    assert as_kept(asked) is asked
