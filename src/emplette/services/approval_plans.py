"""Who would be asked, and why: of a draft before anything is written, and of a request as it stands."""

from dataclasses import dataclass

from emplette.domain import drafting, reviewing
from emplette.domain.approvals import PolicyMissing, Request, RequestNotFound
from emplette.domain.commitments import CommitmentDraft
from emplette.domain.dossiers import Dossier, request_of
from emplette.domain.errors import Faults, Invalid, Refusal
from emplette.domain.outlooks import Outlooks, foreseen
from emplette.domain.policies import Policy
from emplette.domain.purchases import PurchaseDraft, note_missing, purchase_from
from emplette.domain.routing import Plan
from emplette.services.amounts import amount_of
from emplette.services.charging import book_of, coverage_of
from emplette.services.commands import by_request, visible
from emplette.services.outlooks import outlooks_of
from emplette.services.planning import plan_for, policy_in_force, policy_of
from emplette.services.policies_in_force import NO_POLICY
from emplette.services.prospects import Prospect, prospect_of
from emplette.services.standing_in import with_stand_ins
from emplette.services.work import Work
from emplette.storage import purchases as storage

_NOT_YET = 1
"""Stands for the ids of what is not written yet."""


@dataclass(frozen=True, slots=True)
class RequestPlan:
    """A request with what its policy says of it; without a policy, a key approved it by itself.

    ``outlooks`` is what it leaves of the budgets, if there are any; ``prospect`` what happens if nobody decides.
    """

    dossier: Dossier
    policy: Policy | None
    outlooks: Outlooks | None = None
    prospect: Prospect | None = None

    @property
    def request(self) -> Request:
        """The request."""
        return request_of(self.dossier)

    @property
    def conditions(self) -> tuple[str, ...]:
        """For what its rule is, in words."""
        rules = () if self.policy is None else self.policy.outcomes
        found = next((rule for rule in rules if rule.name == self.request.rule), None)
        return () if found is None else tuple(condition.words() for condition in found.conditions)


@dataclass(frozen=True, slots=True)
class DraftPlan:
    """Who would be asked about a draft, nobody when the key approves by itself; and what it would leave of the budgets.

    ``outlooks`` is None in a company without budgets.
    """

    plan: Plan | None
    outlooks: Outlooks | None


async def plan_draft(work: Work, purchase: PurchaseDraft, commitment: CommitmentDraft) -> DraftPlan:
    """Work out who would be asked about a purchase that is not written yet, and what it would leave of the budgets.

    Raises:
        PolicyMissing, RefusedByPolicy, NobodyLeftToAsk: the company's policy does not say who decides.
        ExchangeRateMissing, Invalid: what it refers to is not there, or its amount can't be; paths begin with
            ``purchase`` or ``commitment``.
    """
    dossier = await _as_written(work, purchase, commitment)
    coverage, book = await coverage_of(work, dossier), await book_of(work)
    outlooks = foreseen(coverage, book) if book.lines else None
    if work.who.auto_approve:
        return DraftPlan(None, outlooks)
    in_force = await policy_in_force(work)
    if in_force is None:
        raise PolicyMissing(NO_POLICY)
    own_to = reviewing.requesters_of(dossier.purchase, work.stamp)
    try:
        return DraftPlan(await plan_for(work, dossier, in_force, own_to=own_to), outlooks)
    except Refusal as refusal:
        # What is not written yet has no id by which it could be named.
        for fact in ("kind", "id", "state"):
            refusal.facts.pop(fact, None)
        raise


async def plan_of_request(work: Work, request_id: int) -> RequestPlan:
    """Look at who is asked about a request, and why.

    Raises:
        RequestNotFound: it is not there for this caller.
    """
    dossier = await with_stand_ins(work, await visible(work, by_request(work, request_id), RequestNotFound))
    in_force = await policy_of(work, request_of(dossier))
    outlooks = await outlooks_of(work, dossier, of_request=True)
    policy, prospect = None if in_force is None else in_force.policy, await prospect_of(work, dossier)
    return RequestPlan(dossier, policy, outlooks, prospect)


async def _as_written(work: Work, draft: PurchaseDraft, commitment: CommitmentDraft) -> Dossier:
    """Make of drafts what would be written, without writing it."""
    found = await storage.find_references(work.db, work.tenant.id, draft)
    faults, missing = Faults(), Faults()
    note_missing(draft, found, missing, today=work.today)
    for path, messages in missing:
        faults.add_all({f"purchase.{path}": messages})
    faults.raise_if_any()
    purchase = purchase_from(draft, found, purchase_id=_NOT_YET, stamp=work.stamp)
    try:
        amount = await amount_of(work, purchase, commitment, Faults())
    except Invalid as invalid:
        for path, messages in invalid.faults.items():
            faults.add_all({f"commitment.{path}": messages})
        raise Invalid(faults) from None
    return drafting.commit(Dossier(purchase), commitment, amount, commitment_id=_NOT_YET, by=work.stamp).after
