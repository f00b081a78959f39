"""Asking for approval, deciding, taking back, and looking at requests."""

import secrets
import string
from dataclasses import dataclass
from typing import Final

from emplette.domain import approvals as rules
from emplette.domain import reviewing
from emplette.domain.approvals import PolicyMissing, RequestNotFound, Verdict
from emplette.domain.commitments import CommitmentNotFound
from emplette.domain.dossiers import Dossier, Move, commitment_of
from emplette.domain.planning import LookedUp
from emplette.domain.reviewing import Ruling, Submission
from emplette.services import planning
from emplette.services.commands import Done, Load, anybody, carry_out, visible
from emplette.services.policies import NO_POLICY, PolicyInForce
from emplette.services.work import Work
from emplette.storage import approvals as storage
from emplette.storage import dossiers, lists, looking_up
from emplette.storage.lists import Filters, Page, Slice

_ALPHANUMERICS: Final = string.ascii_uppercase + string.ascii_lowercase + string.digits
_WORKFLOW_ID_LENGTH: Final = 10


async def submit_commitment(work: Work, commitment_id: int) -> Done:
    """Ask for approval of a commitment; a key that may approves by itself, and the order exists.

    Raises:
        CommitmentNotFound, NotYours: the commitment is not there, or not for acting, for this caller.
        RequestExists, PurchaseClosed, ActionNotAllowed: what is there stands in the way.
        PolicyMissing, RefusedByPolicy, NobodyLeftToAsk: the company's policy does not say who decides.
    """
    asking = _Asking(work, await work.new_id("request"), await work.new_id("order"))
    await asking.find_policy()

    async def decide(dossier: Dossier) -> Move:
        reviewing.refuse_second_request(dossier)
        return reviewing.submit(dossier, await asking.submission(dossier), who=work.who, by=work.stamp)

    return await carry_out(
        work,
        lambda: asking.load(commitment_id),
        decide,
        absent=CommitmentNotFound,
        remembered=None if asking.looks_up else work.recall("commitment", commitment_id),
    )


async def decide_request(
    work: Work, request_id: int, verdict: Verdict, *, comment: str | None, content_hash: str | None
) -> Done:
    """Approve or deny as the person to whom the key is bound.

    Raises:
        PersonNeeded: the key is bound to nobody.
        RequestNotFound, NotAsked, OwnRequest: the request is not there, or not for this person to decide.
        RequestDecided, ContentChanged, ContentHashNeeded: what is there is not what was to be decided, or may not be.
    """
    rules.decider(work.who)
    order_id = await work.new_id("order")
    ruling = Ruling(verdict, comment, content_hash)

    async def decide(dossier: Dossier) -> Move:
        return reviewing.decide(dossier, ruling, who=work.who, order_id=order_id, by=work.stamp)

    return await carry_out(work, _load(work, request_id), decide, absent=RequestNotFound, allow=anybody)


async def cancel_request(work: Work, request_id: int, *, comment: str | None) -> Done:
    """Take a request back, and with it the commitment, the purchase and the order.

    Raises:
        RequestNotFound, NotYours: the request is not there, or not for acting, for this caller.
        PurchaseClosed, ActionNotAllowed: it has ended already.
    """

    async def decide(dossier: Dossier) -> Move:
        return reviewing.cancel(dossier, comment, by=work.stamp)

    return await carry_out(work, _load(work, request_id), decide, absent=RequestNotFound)


async def read_request(work: Work, request_id: int) -> Dossier:
    """Look at a request.

    Raises:
        RequestNotFound: it is not there for this caller.
    """
    return await visible(work, _load(work, request_id), RequestNotFound)


async def list_requests(work: Work, filters: Filters, piece: Slice) -> Page:
    """List the requests that the caller may see: of visible purchases, and those in which they are asked."""
    return await lists.requests(work.db, work.tenant.id, work.who.visible, filters, piece)


async def count_waiting(work: Work) -> int:
    """Count the requests that the caller is asked to decide now."""
    person = work.who.person
    return 0 if person is None else await storage.count_waiting(work.db, work.tenant.id, person.id)


async def list_waiting(work: Work, *, limit: int) -> tuple[Dossier, ...]:
    """List the requests that the caller is asked to decide now, the oldest first."""
    person = work.who.person
    return () if person is None else await storage.waiting(work.db, work.tenant.id, person.id, limit=limit)


def _load(work: Work, request_id: int) -> Load:
    return lambda: dossiers.of_request(work.db, work.tenant.id, request_id)


@dataclass(slots=True)
class _Asking:
    """Asking for approval: the ids of what may come of it, the policy, and what that wants to be looked up."""

    work: Work
    request_id: int
    order_id: int
    in_force: PolicyInForce | None = None
    looked_up: LookedUp | None = None

    async def find_policy(self) -> None:
        """Find the company's policy, unless the key approves by itself."""
        if not self.work.who.auto_approve:
            self.in_force = await planning.policy_in_force(self.work)

    @property
    def looks_up(self) -> bool:
        """Tell whether more is to be read than the commitment."""
        return self.in_force is not None and planning.wants_supplier(self.in_force.policy)

    async def load(self, commitment_id: int) -> Dossier | None:
        """Read the commitment, and what the policy wants to know beside it."""
        work = self.work
        if not self.looks_up:
            return await dossiers.of_commitment(work.db, work.tenant.id, commitment_id)
        dossier, self.looked_up = await looking_up.with_commitment(work.db, work.tenant.id, commitment_id)
        return dossier

    async def submission(self, dossier: Dossier) -> Submission:
        """Find who is asked.

        Raises:
            PolicyMissing, RefusedByPolicy, NobodyLeftToAsk: the company's policy does not say.
        """
        work = self.work
        if work.who.auto_approve:
            return Submission(self.request_id, self.order_id, _workflow_id(), policy_version=None, steps=())
        if self.in_force is None:
            commitment = commitment_of(dossier)
            raise PolicyMissing(NO_POLICY, kind="commitment", id=commitment.id, state=commitment.state)
        own_to = reviewing.requesters_of(dossier.purchase, work.stamp)
        looked_up = self.looked_up if self.looks_up else LookedUp()
        plan = await planning.plan_for(work, dossier, self.in_force, own_to=own_to, looked_up=looked_up)
        return Submission(
            self.request_id,
            self.order_id,
            _workflow_id(),
            plan.policy_version,
            plan.steps,
            rule=plan.rule.name,
            states_hash=plan.states_hash,
        )


def _workflow_id() -> str:
    """Draw the ten letters and digits under which the public API knows a workflow; asking for chance once is enough."""
    chance, digits = secrets.randbelow(len(_ALPHANUMERICS) ** _WORKFLOW_ID_LENGTH), []
    for _ in range(_WORKFLOW_ID_LENGTH):
        chance, digit = divmod(chance, len(_ALPHANUMERICS))
        digits.append(_ALPHANUMERICS[digit])
    return "".join(digits)
