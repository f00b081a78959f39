"""From a purchase to the facts that a policy looks at, and who may change it while it is under review."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from emplette.domain.approvals import Request, RequestState, Step
from emplette.domain.budgets import BudgetState
from emplette.domain.charts import Chart
from emplette.domain.commitments import Terms
from emplette.domain.conditions import Facts, Field, Requester, SupplierTrait, Value
from emplette.domain.errors import Conflict
from emplette.domain.money import Money
from emplette.domain.people import Principal, UserKind
from emplette.domain.policies import Changer, Policy
from emplette.domain.purchases import Purchase
from emplette.domain.routing import Plan


class NothingLeftToReview(Conflict):
    """As it is said anew, the policy asks nobody about it."""

    code = "approval.nothing_to_review"


class OneByOne(Conflict):
    """The policy wants the request to be decided by itself, and not with others at once."""

    code = "approval.one_by_one"


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What of a purchase's facts stands neither in the purchase nor in the chart; None is what was not looked up."""

    supplier_is_new: bool | None = None
    supplier_is_flagged: bool | None = None
    budget: BudgetState | None = None


NOT_LOOKED_UP: Final = LookedUp()


def facts_of(
    purchase: Purchase, terms: Terms, amount: Money, chart: Chart, looked_up: LookedUp, own_to: Collection[int]
) -> Facts:
    """List what a policy looks at; ``amount`` is the whole one, in the currency that the policy reckons in."""
    department = None if purchase.department is None else purchase.department.id
    persons = [one for one in sorted(own_to) if one in chart.people and chart.people[one].kind is UserKind.PERSON]
    family = chart.families.get(purchase.nature.id)
    supplier = purchase.supplier
    of_supplier: set[Value] = {SupplierTrait.UNKNOWN if supplier.id is None else SupplierTrait.LISTED}
    if supplier.id is not None:
        of_supplier.add(supplier.id)
    # A supplier that stands on the purchase only has delivered nothing yet.
    if looked_up.supplier_is_new or supplier.is_draft:
        of_supplier.add(SupplierTrait.NEW)
    if looked_up.supplier_is_flagged:
        of_supplier.add(SupplierTrait.FLAGGED)
    return Facts(
        amount=amount,
        owner_id=purchase.owner.id,
        cost_center_id=purchase.cost_center.id,
        department_id=department,
        requesters=tuple(Requester(one, chart.line_of(one)) for one in persons),
        own_to=frozenset(own_to),
        values={
            Field.TYPE: frozenset({str(terms.purchase_type)}),
            Field.NATURE: frozenset({purchase.nature.id}),
            Field.COST_FAMILY: frozenset() if family is None else frozenset({family}),
            Field.COST_CENTER: frozenset({purchase.cost_center.id}),
            Field.DEPARTMENT: frozenset(chart.line(department)),
            Field.ESTABLISHMENT: frozenset()
            if purchase.establishment is None
            else frozenset({purchase.establishment.id}),
            Field.SUPPLIER: frozenset(of_supplier),
            Field.AXIS_SECTION: frozenset(section.id for section in purchase.axis_sections),
            Field.BUDGET: frozenset() if looked_up.budget is None else frozenset({str(looked_up.budget)}),
        },
    )


def may_change(policy: Policy, purchase: Purchase, request: Request, who: Principal) -> bool:
    """Tell whether the policy lets the caller change a commitment under review."""
    by, callers = policy.changes.by, who.user.identities
    if request.state is not RequestState.PENDING:
        return False
    waits_for = {approver.user.id for approver in request.waits_for}
    return (
        not by.isdisjoint(callers)
        or (Changer.OWNER in by and purchase.owner.id in callers)
        or (Changer.REQUESTERS in by and not request.requesters.isdisjoint(callers))
        or (Changer.APPROVERS in by and not waits_for.isdisjoint(callers))
    )


def refuse_several(policy: Policy | None, request: Request) -> None:
    """Check that the policy lets a request be approved together with others.

    Raises:
        OneByOne: it does not.
    """
    if policy is None or not policy.lets_several(request.rule):
        raise OneByOne


def steps_anew(plan: Plan, policy: Policy, request: Request) -> tuple[Step, ...]:
    """List the steps of a request that begins anew, from the step that the policy names on.

    What comes before that one is asked as well, unless the same people have approved it in this request: a change
    leads past nobody. Where a distinct step names some of them, all are asked: who approved before the change would
    count beside it otherwise.

    Raises:
        NothingLeftToReview: nobody would be asked.
    """
    if not plan.steps:
        detail = "As it would be now, nobody has to approve it: take the request back, and ask for it anew."
        raise NothingLeftToReview(detail)
    names = [step.name for step in plan.steps]
    begins = policy.changes.begins_at
    named = names.index(begins) if begins in names else 0
    begins_at = min(named, plan.passed_in(request))
    left_out = {approver.user.id for step in plan.steps[:begins_at] for approver in step.approvers}
    anew = plan.steps[begins_at:]
    return plan.steps if any(step.distinct and any(map(step.asks, left_out)) for step in anew) else anew


def steps_if_others(plan: Plan, request: Request, who: Principal) -> tuple[Step, ...] | None:
    """List the steps of a request whose supplier has been listed, when others are asked then; None when they are not.

    Raises:
        NothingLeftToReview: nobody would be asked, and whoever lists the supplier is: they could not decide any more.
    """
    if plan.steps:
        return None if plan.asks_as(request) else plan.steps
    if not request.asked.isdisjoint(who.user.identities):
        detail = (
            "With this supplier nobody has to approve it, and you are asked to: decide it first, or let others say it."
        )
        raise NothingLeftToReview(detail)
    return None
