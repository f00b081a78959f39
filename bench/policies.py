"""How long a decision takes over a policy of a thousand rules: `python -m bench.policies`."""

import statistics
import time
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from emplette.domain.charts import Chart
from emplette.domain.conditions import Facts, Field, Requester
from emplette.domain.currencies import CURRENCIES
from emplette.domain.money import Money
from emplette.domain.people import User
from emplette.domain.policies import Policy
from emplette.domain.routing import plan_of
from emplette.formats.policies import read_document, read_policy

RULES: Final = 1_000
PEOPLE: Final = 10_000
ROUNDS: Final = 500
GOAL: Final = 1.0
"""Milliseconds."""


def large_policy() -> Policy:
    """Make a policy whose rules look at an amount and two facts each, and none of which is for what is asked."""
    rules = "".join(
        f"  - name: Rule {number}\n"
        f"    when: {{amount: {{over: {number}}}, nature: [{number + 2}, {number + 3}], costCenter: {{not: [7]}}}}\n"
        f"    steps: [{{name: A, any: [manager]}}, {{name: B, atLeast: 2, of: [1, 2, 3]}}]\n"
        for number in range(RULES - 1)
    )
    last = "  - {name: Last, steps: [{name: A, any: [manager]}, {name: B, atLeast: 2, of: [1, 2, 3]}]}\n"
    return read_policy(read_document(f"rules:\n{rules}{last}"), version=1)


def large_chart() -> Chart:
    """Make a company in which everybody but the first has a manager."""
    people = {number: User(number, "Ann", f"Number {number}") for number in range(1, PEOPLE + 1)}
    return Chart(people=people, managers={number: number // 10 + 1 for number in range(2, PEOPLE + 1)})


def main() -> None:
    """Take the time of single decisions, and print the middle and the slowest in a hundred."""
    policy, chart, today = large_policy(), large_chart(), date(2025, 4, 14)
    facts = Facts(
        amount=Money.exact(Decimal(5000), CURRENCIES["EUR"]),
        owner_id=5_000,
        cost_center_id=3,
        department_id=None,
        requesters=(Requester(5_000),),
        own_to=frozenset({5_000}),
        values={Field.NATURE: frozenset({1}), Field.COST_CENTER: frozenset({3})},
    )
    taken = []
    for number in range(ROUNDS):
        asked = replace(facts, amount=Money(500_000 + number, facts.amount.currency))
        begun = time.perf_counter_ns()
        plan = plan_of(policy, asked, chart, today)
        taken.append((time.perf_counter_ns() - begun) / 1e6)
        if plan.rule.name != "Last":
            raise SystemExit(f"the wrong rule was found: {plan.rule.name}")
    middle, slow = statistics.median(taken), statistics.quantiles(taken, n=100)[98]
    print(f"policies: rules={RULES} people={PEOPLE} ms={middle:.3f} p99={slow:.3f} goal={GOAL}")


if __name__ == "__main__":
    main()
