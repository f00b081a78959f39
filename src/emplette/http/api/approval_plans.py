"""Approval plans: who would be asked about a draft, who is asked about a request, and why."""

from typing import Any

from emplette.domain.approvals import NobodyLeftToAsk, PolicyMissing, RequestNotFound
from emplette.domain.errors import Faults
from emplette.domain.exchange_rates import ExchangeRateMissing
from emplette.domain.people import Permission
from emplette.domain.policies import RefusedByPolicy
from emplette.domain.purchases import TypeContradicted
from emplette.http.api import examples
from emplette.http.api.approval_plans_out import PlanOut, draft_plan_out, request_plan_out
from emplette.http.api.commitments_in import OneTimeIn, SubscriptionIn
from emplette.http.api.lists import PURCHASE_READERS
from emplette.http.api.purchases_in import PurchaseIn
from emplette.http.api.readable import readable
from emplette.http.api.replies import reply_to_reading
from emplette.http.contract import GET, POST, Body, Call, Reply, operation
from emplette.http.contract.places import BASE
from emplette.http.contract.told import ETAG
from emplette.services import approval_plans, purchases
from emplette.services.work import Work


class DraftIn(Body):
    """A purchase and its commitment, as they would be sent."""

    purchase: PurchaseIn
    commitment: OneTimeIn | SubscriptionIn

    def check(self, faults: Faults) -> None:
        """Find what joins several fields of either."""
        for name, part in (("purchase", readable(self.purchase)), ("commitment", readable(self.commitment))):
            if part is not None:
                _within(name, faults, part.check)


def _within(name: str, faults: Faults, check: Any) -> None:  # noqa: ANN401  a check of a body
    """Ask a part what is wrong with it: it knows its own fields, which here stand below a name."""
    own, before = Faults(), f"{name}."
    for path, messages in faults:
        if path.startswith(before):
            own.add_all({path.removeprefix(before): messages})
    check(own)
    for path, messages in own:
        faults.add_all({f"{before}{path}": messages})


async def faults_of_draft(work: Work, draft: DraftIn | None, faults: Faults) -> None:
    """Find what is missing among the things that a draft with faults refers to."""
    purchase = None if draft is None else readable(draft.purchase)
    if purchase is not None:
        missing = Faults()
        await purchases.note_missing_references(work, purchase.readable_draft(), missing)
        for path, messages in missing:
            faults.add_all({f"purchase.{path}": messages})


@operation(
    POST,
    f"{BASE}/api/approval-plans",
    answers={200: PlanOut},
    needs=Permission.PURCHASES,
    tag="Approval",
    problems=(PolicyMissing, RefusedByPolicy, NobodyLeftToAsk, ExchangeRateMissing, TypeContradicted),
    examples=examples.DRAFTS,
    also=faults_of_draft,
    ours=True,
    only_asks=True,
)
async def plan_approval(work: Work, call: Call, draft: DraftIn) -> PlanOut:
    """Work out who would be asked about a purchase before it is written down, and why. Nothing is written.

    It is the plan of this moment: of today's policy and people, for the caller who asks.
    """
    plan = await approval_plans.plan_draft(work, draft.purchase.draft(), draft.commitment.draft())
    return draft_plan_out(plan, work.who.key_name, call.base_url)


@operation(
    GET,
    f"{BASE}/api/requests/{{request_id}}/plan",
    answers={200: PlanOut},
    tells=(ETAG,),
    needs=PURCHASE_READERS,
    tag="Approval",
    problems=(RequestNotFound,),
    ours=True,
)
async def read_request_plan(work: Work, call: Call, request_id: int) -> Reply[PlanOut]:
    """Read by which rule of the policy a request goes, which steps, who is asked in each, and why."""
    plan = await approval_plans.plan_of_request(work, request_id)
    return reply_to_reading(request_plan_out(plan, call.base_url), plan.dossier)
