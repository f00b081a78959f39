"""Whatever people do to a request, over HTTP: what the database holds is what the rules make of what it held before.

The same rules, and the same laws, through which `model` walks without a database.
"""

import json
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

import httpx2
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from emplette.domain.approvals import Request, RequestState, Verdict
from emplette.domain.dossiers import request_of
from emplette.domain.errors import Refusal
from emplette.domain.standing_in import as_of
from emplette.formats.policies import read_document, read_policy
from emplette.jobs.acting import work_in
from emplette.services.escalating import escalate_request
from emplette.services.tenants import find_tenant
from emplette.services.work import Shelf
from emplette.storage import charts, dossiers
from model.laws import Wrong, faults_of, faults_of_decision
from model.moves import State, changed, decided, gone_up
from model.worlds import World as Company
from tests.fixtures.absences import WEEKS
from tests.fixtures.companies import found_company
from tests.fixtures.guide import API, ONE_TIME, make_commitment, make_purchase
from tests.fixtures.loops import World
from tests.fixtures.policies import put_in_force

OWNER: Final = 35
PEOPLE: Final = (OWNER, 36, 37, 39)
SHOP: Final = {"name": "Corner shop", "territoryId": "FR"}
people = st.sampled_from(PEOPLE)
_ACCOUNT: Final = "SELECT account FROM tenants WHERE tenant_id = $1"


@st.composite
def policies(draw: st.DrawFn) -> str:
    """Make the file of a policy of two steps."""
    asked = st.lists(people, min_size=1, max_size=3, unique=True)
    words = st.fixed_dictionaries(
        {}, optional={name: st.booleans() for name in ("distinct", "oneDenialDenies", "selfApproval")}
    )
    steps = [
        {"name": f"Step {number}", draw(st.sampled_from(["any", "all"])): draw(asked)} | draw(words)
        for number in (1, 2)
    ]
    changes: dict[str, object] = {"by": draw(st.sampled_from([["owner"], ["approvers"]]))}
    if draw(st.booleans()):
        changes["beginsAgainAt"] = "Step 2"
    above = {"goesUpTo": [draw(people)]} if draw(st.booleans()) else {}
    return json.dumps({"steps": steps, "changesUnderReview": changes, "reminders": {"escalateAfter": 1}} | above)


def kept(request: Request) -> tuple[object, ...]:
    """Tell what of a request the database keeps that anybody decides by."""
    made = [(one.step, one.by.id, one.verdict, one.in_place_of, one.content_hash) for one in request.decisions]
    asked = [
        (step.number, step.needed, [(one.user.id, one.in_place_of) for one in step.approvers]) for step in request.steps
    ]
    return request.state, request.step, request.requesters, made, asked


def kept_by_people(request: Request) -> tuple[object, ...]:
    """Tell what is kept, and of those who own, wrote or asked only the people: a key has a number of its own."""
    state, step, _, *others = kept(request)
    return state, step, frozenset(PEOPLE) & request.requesters, others


class LifeOfARequest(RuleBasedStateMachine):
    """Asks, decides, goes away and comes back, gives it to others, lets it wait, changes and amends it at random."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.request = 0
        self.own_to: frozenset[int] = frozenset()
        self.writers: frozenset[int] = frozenset({OWNER})
        self.proposer: frozenset[int] = frozenset()
        self.outdated = False
        self.absences: list[int] = []
        self.weeks = 0

    def call(
        self, person: int, path: str, body: object, *, put: bool = False, if_match: str | None = None
    ) -> httpx2.Response:
        """Have somebody call."""
        caller, headers = self.callers[person], {} if if_match is None else {"If-Match": if_match}
        return self.world.run((caller.put if put else caller.post)(f"{API}/{path}", json=body, headers=headers))

    @initialize(policy=policies(), is_bought=st.booleans())
    def ask(self, policy: str, *, is_bought: bool) -> None:
        """Buy under a policy, as the owner, or let a key do so by itself; nothing follows where nobody could decide."""

        async def do() -> httpx2.Response:
            self.company = await found_company(self.world.app, self.world.owner)
            await put_in_force(self.company, policy)
            self.policy = read_policy(read_document(policy))
            rights = ("view:all", "purchases:all", "approve", "configure", "manage")
            self.callers = {one: await self.company.caller(permissions=rights, person=one) for one in PEOPLE}
            purchase = await make_purchase(self.callers[OWNER], supplier=SHOP)
            made = await make_commitment(self.callers[OWNER], purchase["id"])
            self.purchase, self.commitment = purchase["id"], made["id"]
            caller = await self.company.caller() if is_bought else self.callers[OWNER]
            return await caller.post(f"{API}/commitments/{made['id']}/requests")

        answer = self.world.run(do())
        assert answer.status_code in {201, 409}, answer.text
        if answer.status_code == 201:
            self.request, self.own_to = answer.json()["id"], frozenset({OWNER})

    @property
    def today(self) -> date:
        """The company's day."""
        return datetime.now(UTC).astimezone(ZoneInfo("Europe/Paris")).date()

    def company_of(self, state: State) -> Company:
        """Name what the rules look at beside a request."""
        return Company("the company of the test", self.policy, state.chart, OWNER)

    def state(self) -> State:
        """Read what the database holds."""

        async def read() -> State:
            db, tenant = self.world.database.session(), self.company.tenant_id
            found = await dossiers.of_request(db, tenant, self.request)
            assert found is not None
            return State(found, await charts.find(db, tenant, today=self.today), self.own_to, 0, self.outdated)

        return self.world.run(read())

    @precondition(lambda self: self.request)
    @rule(
        person=people,
        verdict=st.sampled_from([Verdict.APPROVED, Verdict.APPROVED, Verdict.DENIED]),
        says=st.sampled_from(["what is there", "what is there", "nothing", "something else"]),
    )
    def decide(self, person: int, verdict: Verdict, says: str) -> None:
        """Decide: it comes to what the rules make of it, and is refused where they refuse it."""
        before = self.state()
        current = before.request.content_hash
        said = {"what is there": current, "nothing": None, "something else": "v1:" + "0" * 64}[says]
        shown = as_of(before.dossier, before.chart, self.today)
        expected: Request | str
        try:
            expected = decided(before, shown, person, verdict, said).request
        except Refusal as refusal:
            expected = refusal.code
        path = f"requests/{self.request}/{'approvals' if verdict is Verdict.APPROVED else 'denials'}"
        answer = self.call(person, path, {"comment": "So be it"} | ({"contentHash": said} if said else {}))
        if isinstance(expected, str):
            assert (answer.status_code >= 400, answer.json()["code"]) == (True, expected)
            return
        assert answer.status_code == 201, answer.text
        assert kept(self.state().request) == kept(expected)
        assert list(faults_of_decision(before, person)) == []

    @rule(person=people, deputy=people)
    def go_away(self, person: int, deputy: int) -> None:
        """Leave it to a deputy, unless that leads back to who is away."""
        answer = self.call(36, "absences", WEEKS | {"userId": person, "deputyId": deputy})
        assert answer.status_code in {201, 400, 409}, answer.text
        if answer.status_code == 201:
            self.absences.append(answer.json()["id"])

    @precondition(lambda self: self.absences)
    @rule()
    def come_back(self) -> None:
        answer = self.call(36, f"absences/{self.absences.pop()}/ending", {})
        assert answer.status_code == 200, answer.text

    @precondition(lambda self: self.request)
    @rule(person=people, to=people)
    def give(self, person: int, to: int) -> None:
        """Ask another one: whoever it is, nobody is asked about their own, and nobody twice."""
        body = {"fromUserId": person, "toUserId": to, "reason": "On leave"}
        answer = self.call(36, f"requests/{self.request}/reassignments", body)
        assert answer.status_code in {201, 400, 403, 409}, answer.text

    @precondition(lambda self: self.request)
    @rule(person=people, value=st.sampled_from([120, 900]))
    def change(self, person: int, value: int) -> None:
        """Say it anew, where the policy lets them: the request begins anew with whom the rules ask then."""
        before = self.state()
        expected: Request | str | None = None
        if not self.proposer:
            try:
                expected = changed(self.company_of(before), before, person).request
            except Refusal as refusal:
                expected = refusal.code
        amount = {"amountIncludingTaxes": {"excludingTaxes": {"value": value, "currency": "EUR"}, "taxes": []}}
        answer = self.call(person, f"commitments/{self.commitment}", ONE_TIME | amount, put=True)
        self._wrote(person, answer)
        if isinstance(expected, str):
            assert (answer.status_code >= 400, answer.json()["code"]) == (True, expected)
        elif expected is not None:
            assert answer.status_code == 200, answer.text
            assert kept_by_people(self.state().request) == kept_by_people(expected)

    @precondition(lambda self: self.request)
    @rule()
    def let_wait(self) -> None:
        """Let two weeks go by: it goes up to whom the rules ask then, or goes on waiting where there is nobody."""
        before, self.weeks = self.state(), self.weeks + 2
        then = datetime.now(UTC) + timedelta(weeks=self.weeks)

        async def wait() -> bool:
            db = self.world.database.session()
            account = await self.company.owner.fetchval(_ACCOUNT, self.company.tenant_id)
            work = await work_in(await find_tenant(db, account), db, Shelf(), then)
            return await escalate_request(work, self.request)

        expected = gone_up(self.company_of(before), before)
        assert self.world.run(wait()) == (expected is not before)
        assert kept(self.state().request) == kept(expected.request)

    @precondition(lambda self: self.request)
    @rule(person=people)
    def list_supplier(self, person: int) -> None:
        """Put a listed supplier in the place of the shop: who does has written it."""
        self._wrote(person, self.call(person, f"purchases/{self.purchase}/supplier", {"id": 6}, put=True))

    @precondition(lambda self: self.request)
    @rule(person=people, value=st.sampled_from([120, 700]))
    def amend(self, person: int, value: int) -> None:
        """Propose something else of what is approved: a request of its own, which whoever proposed it has written."""
        before = self.state()
        version = f'"{self.purchase}.{before.dossier.purchase.version}"'
        amount = {"amountIncludingTaxes": {"excludingTaxes": {"value": value, "currency": "EUR"}, "taxes": []}}
        body = ONE_TIME | amount | {"comment": f"As user {person} says"}
        answer = self.call(person, f"commitments/{self.commitment}/amendments", body, if_match=version)
        assert answer.status_code in {201, 409}, answer.text
        if answer.status_code == 201:
            assert not before.is_pending
            if before.request.state is RequestState.APPROVED:
                self.writers |= self.proposer
            self.request, self.proposer, self.outdated = answer.json()["id"], frozenset({person}), False
            self.own_to = self.writers | self.proposer

    def _wrote(self, person: int, answer: httpx2.Response) -> None:
        assert answer.status_code in {200, 403, 409}, answer.text
        if answer.status_code != 200:
            return
        self.writers |= {person}
        if self.state().is_pending:
            # What an amendment was asked about is no more; what a purchase is asked about is theirs now, too.
            self.outdated = bool(self.proposer)
            self.own_to |= frozenset() if self.proposer else {person}

    @invariant()
    def the_laws_hold(self) -> None:
        if self.request:
            state = self.state()
            # What has ended may be written anew: nobody decides on it any more.
            written_anew = set() if state.is_pending else {Wrong.UNSHOWN}
            assert [fault for fault in faults_of(state) if fault.wrong not in written_anew] == []
            if state.request.state is RequestState.PENDING:
                shown = request_of(as_of(state.dossier, state.chart, self.today))
                assert shown.deciders, "nobody is left, and it waits"


def _run(world: World, examples: int, length: int) -> None:
    LifeOfARequest.world = world
    run_state_machine_as_test(
        LifeOfARequest,
        settings=settings(
            max_examples=examples, stateful_step_count=length, deadline=None, phases=[Phase.generate], print_blob=True
        ),
    )


def test_a_request_stands_where_the_rules_lead_whatever_people_do(world: World) -> None:
    _run(world, 6, 12)


@pytest.mark.long
def test_a_request_stands_where_the_rules_lead_in_long_lives_too(world: World) -> None:
    _run(world, 80, 25)
