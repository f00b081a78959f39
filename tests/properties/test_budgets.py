"""Whatever is done to purchases and budgets, in whatever order, the law of budgets holds.

Things are asked for, decided, amended, stopped, renewed, closed; budgets are made later, corrected, carried over. It is
played against the real application and database; what must come of each step is reckoned beside it, and at the end what
hangs on the budgets is what would hang on them if they were made only then.
"""

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

import httpx2
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.fixtures.budgets import NUMBERS, euros, law, make_budget
from tests.fixtures.companies import Company, found_company
from tests.fixtures.guide import API, ONE_TIME, SUBSCRIPTION, make_commitment, make_purchase
from tests.fixtures.loops import World

YEARS: Final = [
    ("2025-01-01", "2025-12-31"),
    ("2025-04-01", "2030-06-30"),
    ("2030-01-01", "2030-12-31"),
    ("2031-01-01", "2031-12-31"),
]
YEARLY: Final = SUBSCRIPTION | {
    "startDate": "2030-04-14",
    "firstInvoiceDate": "2030-04-14",
    "contractualObligation": {"value": 7, "unit": "Month"},
}
NAMED: Final[list[dict[str, Any]]] = [
    {"costCenterId": 3},
    {"costCenterId": None, "natureId": 3},
    {"costCenterId": None, "departmentId": 10},
]


@dataclass(frozen=True, slots=True)
class Asked:
    """Something that was asked for: its request, the purchase and the commitment, and the amendment that waits."""

    request: int
    purchase: int
    commitment: int
    amendment: int | None = None
    is_stopped: bool = False


class LifeOfBudgets(RuleBasedStateMachine):
    """Makes budgets, buys, decides and corrects at random."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.budgets: list[int] = []
        self.pending: list[Asked] = []
        self.approved: list[Asked] = []

    @initialize()
    def found(self) -> None:
        async def do() -> None:
            self.company: Company = await found_company(self.world.app, self.world.owner)
            self.admin = await self.company.caller(permissions=("configure", "view:all"))
            self.buyer = await self.company.caller(auto_approve=False)
            self.shop = await self.company.caller()
            self.head = await self.company.caller(permissions=("view:all", "approve"), person=36)

        self.world.run(do())

    def numbers(self) -> dict[int, dict[str, Any]]:
        """Read the numbers of all budgets."""
        items = self.world.run(self.admin.get(f"{API}/budgets")).json()["items"]
        return {item["id"]: {name: item[name]["value"] for name in NUMBERS} | {"kind": item["kind"]} for item in items}

    @rule(
        amount=st.integers(0, 20),
        kind=st.sampled_from(["Hard", "Hard", "Soft"]),
        days=st.sampled_from(YEARS),
        named=st.sampled_from(NAMED),
    )
    def make_budget(self, amount: int, kind: str, days: tuple[str, str], named: dict[str, Any]) -> None:
        wish = {"amount": euros(amount * 100), "kind": kind, "startDate": days[0], "endDate": days[1]} | named
        self.budgets.append(self.world.run(make_budget(self.admin, **wish))["id"])

    @rule(value=st.integers(0, 9), nature=st.sampled_from([1, 3]), waits=st.booleans(), over_years=st.booleans())
    def ask(self, value: int, nature: int, *, waits: bool, over_years: bool) -> None:
        """Ask for approval: refused exactly when a hard budget has less free than falls into it."""
        caller = self.buyer if waits else self.shop
        place = self.world.run(self.said(caller, value * 100, nature, over_years=over_years))
        before = self.numbers()
        answer = self.world.run(caller.post(place))
        after = self.numbers()
        if answer.status_code == 409:
            refused = answer.json()
            assert refused["code"] == "budget.exceeded"
            for named in refused["budgets"]:
                assert before[named["id"]]["kind"] == "Hard"
                assert before[named["id"]]["free"] == named["free"] < named["asked"]
            assert after == before
            return
        assert answer.status_code == 201, answer.text
        made = answer.json()
        asked = Asked(made["id"], made["purchase"]["id"], made["businessObject"]["id"])
        (self.pending if waits else self.approved).append(asked)
        for number, was in before.items():
            if waits or was["kind"] == "Hard":
                assert after[number]["overrun"] == was["overrun"], "reserving never raises an overrun"

    async def said(self, caller: httpx2.AsyncClient, value: int, nature: int, *, over_years: bool) -> str:
        purchase = await make_purchase(caller, natureId=nature)
        name = "amountIncludingTaxesPerPeriod" if over_years else "amountIncludingTaxes"
        terms = (YEARLY if over_years else ONE_TIME) | {name: {"excludingTaxes": euros(value)}}
        made = await make_commitment(caller, purchase["id"], terms)
        return f"{API}/commitments/{made['id']}/requests"

    @precondition(lambda self: self.pending)
    @rule(which=st.integers(0, 99), how=st.sampled_from(["approvals", "approvals", "denials", "cancellations"]))
    def decide(self, which: int, how: str) -> None:
        """Decide, or take back: what was refused to nobody then is refused to nobody now."""
        one = self.pending.pop(which % len(self.pending))
        caller = self.buyer if how == "cancellations" else self.head
        answer = self.world.run(caller.post(f"{API}/requests/{one.request}/{how}", json={"comment": "So be it"}))
        assert answer.status_code == 201, answer.text
        if how == "approvals":
            self.approved.append(one)

    @precondition(lambda self: self.approved)
    @rule(which=st.integers(0, 99), closes=st.booleans())
    def end(self, which: int, *, closes: bool) -> None:
        """Close or cancel: refused while an amendment waits, and everything is given back else."""
        one = self.approved[which % len(self.approved)]
        place = f"{API}/purchases/{one.purchase}/closing" if closes else f"{API}/requests/{one.request}/cancellations"
        answer = self.world.run(self.shop.post(place, json={}))
        assert answer.status_code == (201 if one.amendment is None else 409), answer.text
        if one.amendment is None:
            self.approved.remove(one)

    @precondition(lambda self: any(one.amendment is None for one in self.approved))
    @rule(which=st.integers(0, 99), value=st.integers(0, 9), waits=st.booleans())
    def amend(self, which: int, value: int, *, waits: bool) -> None:
        """Propose another price, or have it at once: refused when a hard budget has not what it adds."""
        those = [one for one in self.approved if one.amendment is None]
        one = those[which % len(those)]
        answer = self.world.run(self.proposed(self.buyer if waits else self.shop, one, value * 100))
        if answer.status_code == 409:
            assert answer.json()["code"] in {"budget.exceeded", "amendment.nothing_changed"}
        else:
            assert answer.status_code == 201, answer.text
            self.approved.remove(one)
            self.approved.append(replace(one, amendment=answer.json()["id"] if waits else None))

    async def proposed(self, caller: httpx2.AsyncClient, one: Asked, value: int) -> httpx2.Response:
        place = f"{API}/commitments/{one.commitment}"
        read = await caller.get(place)
        name = "amountIncludingTaxesPerPeriod" if "startDate" in read.json() else "amountIncludingTaxes"
        said = read.json() | {name: {"excludingTaxes": euros(value)}, "state": "Created"}
        return await caller.post(f"{place}/amendments", json=said, headers={"If-Match": read.headers["ETag"]})

    @precondition(lambda self: any(one.amendment for one in self.approved))
    @rule(which=st.integers(0, 99), how=st.sampled_from(["approvals", "approvals", "denials", "cancellations"]))
    def decide_amendment(self, which: int, how: str) -> None:
        """Decide about an amendment; a hard budget may have become too small meanwhile."""
        those = [one for one in self.approved if one.amendment]
        one = those[which % len(those)]
        caller = self.buyer if how == "cancellations" else self.head
        answer = self.world.run(caller.post(f"{API}/requests/{one.amendment}/{how}", json={"comment": "So be it"}))
        if how == "approvals" and answer.status_code == 409:
            assert answer.json()["code"] == "budget.exceeded", answer.text
            return
        assert answer.status_code == 201, answer.text
        self.approved.remove(one)
        self.approved.append(replace(one, amendment=None))

    @precondition(lambda self: any(not one.is_stopped and one.amendment is None for one in self.approved))
    @rule(which=st.integers(0, 99), renews=st.booleans())
    def stop_or_renew(self, which: int, *, renews: bool) -> None:
        """Decide about a subscription: stopped, it gives back what it will not have; a renewal is a draft at first."""
        those = [one for one in self.approved if not one.is_stopped and one.amendment is None]
        one = those[which % len(those)]
        before = self.numbers()
        place = f"{API}/commitments/{one.commitment}/{'renewals' if renews else 'stops'}"
        answer = self.world.run(self.shop.post(place))
        assert answer.status_code in {201, 404, 409}, answer.text
        if answer.status_code == 201 and not renews:
            self.approved.remove(one)
            self.approved.append(replace(one, is_stopped=True))
        if answer.status_code != 201 or renews:
            assert self.numbers() == before

    @precondition(lambda self: len(self.budgets) > 1)
    @rule(into=st.integers(0, 99), source=st.integers(0, 99), value=st.integers(0, 5))
    def carry_over(self, into: int, source: int, value: int) -> None:
        """Carry over what is free: what one gets, the other had."""
        numbers = [self.budgets[number % len(self.budgets)] for number in (into, source)]
        before = self.numbers()
        body = {"fromBudgetId": numbers[1]} | ({"amount": {"value": value * 100}} if value else {})
        answer = self.world.run(self.admin.post(f"{API}/budgets/{numbers[0]}/carry-overs", json=body))
        assert answer.status_code in {201, 409}, answer.text
        assert sum(one["amount"] for one in self.numbers().values()) == sum(one["amount"] for one in before.values())

    @precondition(lambda self: self.budgets)
    @rule(which=st.integers(0, 99), value=st.integers(-5, 5))
    def correct(self, which: int, value: int) -> None:
        """Correct by something: refused when less than nothing would be left, or by nothing."""
        number = self.budgets[which % len(self.budgets)]
        before = self.numbers()[number]["amount"]
        body = {"amount": {"value": value * 100}, "reason": "So be it"}
        answer = self.world.run(self.admin.post(f"{API}/budgets/{number}/corrections", json=body))
        assert answer.status_code == (201 if value and before + value * 100 >= 0 else 400)

    @invariant()
    def the_law_holds(self) -> None:
        if hasattr(self, "company"):
            self.world.run(law(self.company))

    def teardown(self) -> None:
        """Make each budget once more: what it takes over is what hangs on the one that was there."""
        if not hasattr(self, "company"):
            return
        for told in self.world.run(self.admin.get(f"{API}/budgets")).json()["items"]:
            named = {f"{name}Id": told[name] and told[name]["id"] for name in ("costCenter", "nature", "department")}
            days = {"startDate": told["startDate"], "endDate": told["endDate"]}
            wish = named | days | {"kind": "Soft", "amount": told["amount"]}
            again = self.world.run(make_budget(self.admin, **wish))
            assert again["committed"] == told["committed"]
            if told["kind"] == "Hard":
                assert again["reserved"] == told["reserved"]


def test_the_law_of_budgets_holds_whatever_happens(world: World) -> None:
    play(world, examples=5)


@pytest.mark.long
def test_the_law_of_budgets_holds_in_many_lives(world: World) -> None:
    play(world, examples=60)


def play(world: World, *, examples: int) -> None:
    LifeOfBudgets.world = world
    limits = settings(max_examples=examples, stateful_step_count=16, deadline=None, print_blob=True)
    run_state_machine_as_test(LifeOfBudgets, settings=limits)
