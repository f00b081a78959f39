"""Whom to ask: what a request for approval is made of, by the company's policy or by a key that approves by itself."""

import secrets
import string
from dataclasses import dataclass
from typing import Final, Self

from emplette.domain import reviewing
from emplette.domain.approvals import PolicyMissing
from emplette.domain.dossiers import Dossier, commitment_of
from emplette.domain.planning import LookedUp
from emplette.domain.reviewing import Submission
from emplette.services import planning
from emplette.services.policies_in_force import NO_POLICY, PolicyInForce
from emplette.services.work import Work
from emplette.storage import dossiers, looking_up

_ALPHANUMERICS: Final = string.ascii_uppercase + string.ascii_lowercase + string.digits
_WORKFLOW_ID_LENGTH: Final = 10


@dataclass(slots=True)
class Submitting:
    """Asking for approval: the ids of what may come of it, the policy, and what that wants to be looked up.

    ``order_id`` is 0 when the order is there already.
    """

    work: Work
    request_id: int
    order_id: int
    in_force: PolicyInForce | None = None
    looked_up: LookedUp | None = None

    @classmethod
    async def of(cls, work: Work, request_id: int, order_id: int = 0) -> Self:
        """Find the company's policy, unless the key approves by itself."""
        return cls(work, request_id, order_id, None if work.who.auto_approve else await planning.policy_in_force(work))

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
