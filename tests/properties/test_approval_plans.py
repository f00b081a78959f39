"""Whatever the company and the policy: what is asked can be answered, by others than those whose it is."""

from dataclasses import replace

import hypothesis.strategies as st
from hypothesis import given

from emplette.domain.approvals import Decision, NobodyLeftToAsk, Pick, Request, RequestState, Verdict
from emplette.domain.charts import Charge, Chart, Holding, Unit
from emplette.domain.deciding import decided, may_decide
from emplette.domain.people import Permission, User
from emplette.domain.policies import HowMany, Picked, Policy, PolicyStep, Rule
from emplette.domain.routing import Plan, plan_of
from tests.domain.policies import TODAY, facts
from tests.fixtures.dossiers import NOON, stamp, submitted

PEOPLE = range(1, 6)
ids = st.sampled_from(PEOPLE)
picks = st.one_of(
    ids.map(lambda one: Picked(Pick.NAMED, one)),
    st.sampled_from([pick for pick in Pick if pick not in {Pick.NAMED, Pick.HOLDERS}]).map(Picked),
    st.just(Picked(Pick.HOLDERS, permission=Permission.PAY)),
)
policy_steps = st.builds(
    PolicyStep,
    name=st.just("Step"),
    asks=st.lists(picks, min_size=1, max_size=3, unique=True).map(tuple),
    how_many=st.sampled_from(HowMany),
    needed=st.integers(1, 3),
    distinct=st.booleans(),
    one_denial=st.booleans(),
    goes_up_to=st.lists(picks, max_size=2, unique=True).map(tuple),
)


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    """Make a company of five, in which anybody may lead anybody, also themselves in a ring."""
    left = draw(st.sets(ids, max_size=2))
    return Chart(
        people={one: User(one, "Ann", str(one), left_on=TODAY if one in left else None) for one in PEOPLE},
        managers=draw(st.dictionaries(ids, ids)),
        departments=draw(st.dictionaries(ids, st.sampled_from([10, 11, 12]))),
        units={
            unit: Unit(f"Unit {unit}", draw(st.none() | ids), draw(st.sampled_from([None, 10, 11, 12])))
            for unit in (10, 11, 12)
        },
        cost_centers={3: Charge("MKT", draw(st.none() | ids))},
        holdings=tuple(Holding(one, Permission.PAY) for one in draw(st.sets(ids, max_size=2))),
    )


def request_of(plan: Plan, own_to: frozenset[int]) -> Request:
    """Ask for approval by a plan."""
    request = submitted(None, *plan.steps).request
    assert request is not None
    return replace(request, requesters=own_to)


def said(request: Request, person: User, verdict: Verdict) -> Request:
    """Have somebody decide who may."""
    may_decide(request, person.id)
    made = Decision(request.step, person, verdict, None, request.content_hash, stated=True, at=NOON, api_key_id=7)
    return decided(request, made, by=stamp(person))


@given(charts(), st.lists(policy_steps, min_size=1, max_size=3), ids, st.sets(ids, max_size=2), st.data())
def test_what_is_asked_can_be_answered_whoever_answers_and_never_by_those_whose_it_is(
    chart: Chart, said_steps: list[PolicyStep], owner: int, writers: set[int], data: st.DataObject
) -> None:
    policy = Policy(1, (), Rule("Everything", steps=tuple(said_steps)))
    department = chart.departments.get(owner)
    about = replace(facts(owner=1), owner_id=owner, department_id=department, own_to=frozenset({owner, *writers}))
    try:
        plan = plan_of(policy, about, chart, TODAY)
    except NobodyLeftToAsk:
        return
    assert len(plan.steps) == len(said_steps)
    request = request_of(plan, about.own_to)
    asked_of: list[int] = []
    for _ in range(50):
        if request.state is not RequestState.PENDING:
            break
        waits = request.waits_for
        assert waits, "nobody is left, and it waits"
        assert request.assignee in [approver.user for approver in waits]
        person = data.draw(st.sampled_from([approver.user for approver in waits]))
        asked_of.append(person.id)
        request = said(
            request, person, data.draw(st.sampled_from([Verdict.APPROVED, Verdict.APPROVED, Verdict.DENIED]))
        )
    assert request.state in {RequestState.APPROVED, RequestState.DENIED}
    assert about.own_to.isdisjoint(asked_of)
    assert all(chart.is_there(one, TODAY) for one in asked_of)
    if request.state is RequestState.APPROVED:
        for step in plan.steps:
            assert len(request.approvers_of(step)) >= step.needed, "a step was passed over"


@given(charts(), st.lists(policy_steps, min_size=1, max_size=3), ids)
def test_a_plan_says_why_each_is_asked_and_asks_nobody_twice_in_a_step(
    chart: Chart, said_steps: list[PolicyStep], owner: int
) -> None:
    about = replace(facts(owner=1), owner_id=owner, own_to=frozenset({owner}))
    try:
        plan = plan_of(Policy(1, (), Rule("Everything", steps=tuple(said_steps))), about, chart, TODAY)
    except NobodyLeftToAsk:
        return
    for step in plan.steps:
        people = [approver.user.id for approver in step.approvers]
        assert len(set(people)) == len(people)
        assert all(approver.reason and approver.because is not None for approver in step.approvers)
        assert 1 <= step.needed <= len(people)
