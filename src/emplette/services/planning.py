"""Asking the company's policy about a purchase: by which rule it goes, who is asked, and why."""

from collections.abc import Collection
from dataclasses import replace

from emplette.domain.approvals import PolicyMissing, Request
from emplette.domain.budgets import BudgetState
from emplette.domain.conditions import SupplierTrait
from emplette.domain.dossiers import Dossier, commitment_of
from emplette.domain.drafting import AskedAnew
from emplette.domain.errors import Refusal
from emplette.domain.planning import LookedUp, facts_of, steps_if_others
from emplette.domain.policies import Policy
from emplette.domain.routing import Plan, plan_of
from emplette.services.amounts import amount_in
from emplette.services.charging import budget_state
from emplette.services.policies_in_force import PolicyInForce
from emplette.services.work import Work
from emplette.storage import looking_up


async def policy_in_force(work: Work) -> PolicyInForce | None:
    """Find the company's policy; None when it has none."""
    try:
        return await work.shelf.policies.current(work.db, work.tenant.id, work.today)
    except PolicyMissing:
        return None


async def policy_of(work: Work, request: Request) -> PolicyInForce | None:
    """Find the policy that a request started with; None when a key approved it by itself."""
    if request.policy_version is None:
        return None
    return await work.shelf.policies.of_version(work.db, work.tenant.id, request.policy_version, work.today)


def wants_supplier(policy: Policy) -> bool:
    """Tell whether a policy looks at what of a supplier has to be looked up."""
    return policy.looks_at(SupplierTrait.NEW, SupplierTrait.FLAGGED)


async def plan_for(
    work: Work,
    dossier: Dossier,
    in_force: PolicyInForce,
    *,
    own_to: Collection[int],
    looked_up: LookedUp | None = None,
) -> Plan:
    """Work out who would be asked about a purchase, whose owners and authors are ``own_to``.

    Raises:
        RefusedByPolicy, NobodyLeftToAsk: the policy does not say who decides; its facts are the commitment's.
        ExchangeRateMissing: its amount can't be told in the policy's currency.
    """
    policy, chart = in_force.policy, in_force.chart
    purchase, commitment = dossier.purchase, commitment_of(dossier)
    if looked_up is None:
        looked_up = LookedUp()
        if wants_supplier(policy) and purchase.supplier.id is not None:
            looked_up = await looking_up.of_supplier(work.db, work.tenant.id, purchase.supplier.id)
    if policy.looks_at(*BudgetState):
        looked_up = replace(looked_up, budget=await budget_state(work, dossier))
    amount = await amount_in(
        work.db, work.tenant.id, commitment, policy.currency, rates=work.shelf.rates, today=work.today
    )
    facts = facts_of(purchase, commitment.terms, amount, chart, looked_up, own_to)
    try:
        return plan_of(policy, facts, chart, work.today)
    except Refusal as refusal:
        refusal.facts = {"kind": "commitment", "id": commitment.id, "state": commitment.state, **refusal.facts}
        raise


async def asked_anew(work: Work, dossier: Dossier) -> AskedAnew | None:
    """Find who is asked about a purchase that was changed under review, when it is not who is asked already.

    Raises:
        RefusedByPolicy, NobodyLeftToAsk: nobody could be.
        NothingLeftToReview: nobody would be, and who changed it is asked already.
    """
    request = dossier.request
    in_force = None if request is None else await policy_of(work, request)
    if request is None or in_force is None:
        return None
    plan = await plan_for(work, dossier, in_force, own_to=request.requesters | work.who.user.identities)
    steps = steps_if_others(plan, request, work.who)
    return None if steps is None else AskedAnew(plan.rule.name, steps)
