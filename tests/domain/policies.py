"""A small company, and policies for it as their files say them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from emplette.domain.charts import Charge, Chart, Holding, Unit
from emplette.domain.conditions import Facts, Field, Requester, Value
from emplette.domain.currencies import CURRENCIES
from emplette.domain.money import Money
from emplette.domain.people import Permission, User
from emplette.domain.policies import Policy
from emplette.domain.routing import Plan, plan_of
from emplette.formats.policies import read_document, read_policy

TODAY: Final = date(2025, 4, 14)
EURO: Final = CURRENCIES["EUR"]

# The boss leads Ann and Ben; Ann leads Cat, who leads the buyer. Sales is below Company.
BOSS, ANN, BEN, CAT, BUYER, LEFT = 1, 2, 3, 4, 5, 6
COMPANY, SALES, TEAM = 10, 11, 12
CHART: Final = Chart(
    people={
        BOSS: User(BOSS, "Bo", "Boss"),
        ANN: User(ANN, "Ann", "Above"),
        BEN: User(BEN, "Ben", "Beside"),
        CAT: User(CAT, "Cat", "Chief"),
        BUYER: User(BUYER, "Billy", "Buyer"),
        LEFT: User(LEFT, "Lee", "Left", left_on=date(2025, 1, 1)),
    },
    managers={ANN: BOSS, BEN: BOSS, CAT: ANN, BUYER: CAT, LEFT: ANN},
    departments={BOSS: COMPANY, ANN: SALES, BEN: SALES, CAT: TEAM, BUYER: TEAM},
    units={
        COMPANY: Unit("Company", BOSS),
        SALES: Unit("Sales", ANN, COMPANY),
        TEAM: Unit("Team", CAT, SALES),
    },
    cost_centers={3: Charge("MKT", BEN), 4: Charge("IT", None)},
    families={1: 7},
    holdings=(Holding(BEN, Permission.PAY), Holding(ANN, Permission.MANAGE, department_id=SALES)),
    currencies=frozenset({"EUR"}),
)


def policy(text: str) -> Policy:
    """Read a policy."""
    return read_policy(read_document(text), version=1)


def steps(*said: str) -> Policy:
    """Read a policy that has these steps for everything, each without its name."""
    listed = "".join(f"  - {{name: Step {number}, {one}}}\n" for number, one in enumerate(said, start=1))
    return policy(f"steps:\n{listed}")


def facts(
    amount: str = "100",
    values: Mapping[str, Value] = MappingProxyType({}),
    *,
    owner: int = BUYER,
    own: tuple[int, ...] = (),
) -> Facts:
    """Make the facts of a purchase of the team, charged to cost center 3; ``own`` are who else wrote it."""
    chart_line = CHART.line(CHART.departments.get(owner))
    people = tuple(dict.fromkeys((owner, *own)))
    found: dict[Field, frozenset[Value]] = {
        Field.TYPE: frozenset({"OneTime"}),
        Field.NATURE: frozenset({1}),
        Field.COST_FAMILY: frozenset({7}),
        Field.COST_CENTER: frozenset({3}),
        Field.DEPARTMENT: frozenset(chart_line),
        Field.ESTABLISHMENT: frozenset({1}),
        Field.SUPPLIER: frozenset({"listed", 6}),
        Field.AXIS_SECTION: frozenset({361, 362}),
    }
    found |= {Field(name): frozenset({value}) for name, value in values.items()}
    return Facts(
        amount=Money.exact(Decimal(amount), EURO),
        owner_id=owner,
        cost_center_id=3,
        department_id=CHART.departments.get(owner),
        requesters=tuple(Requester(one, CHART.line_of(one)) for one in people),
        own_to=frozenset(people),
        values=found,
    )


def plan(of: Policy, about: Facts | None = None, chart: Chart = CHART) -> Plan:
    """Ask a policy about a purchase."""
    return plan_of(of, about or facts(), chart, TODAY)


def asked(of: Policy, about: Facts | None = None, chart: Chart = CHART) -> list[list[int]]:
    """List whom each step asks."""
    return [[one.user.id for one in step.approvers] for step in plan(of, about, chart).steps]


def leaving(*people: int) -> Chart:
    """Let people leave."""
    gone = {one: replace(CHART.people[one], left_on=TODAY) for one in people}
    return replace(CHART, people={**CHART.people, **gone})
