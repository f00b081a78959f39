"""Rehearsing a policy: what would have become of the requests of the last year."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from emplette.domain.amending import as_asked
from emplette.domain.dossiers import Dossier, commitment_of, request_of
from emplette.domain.errors import Invalid, Refusal
from emplette.domain.money import Money
from emplette.domain.people import Tenant
from emplette.domain.planning import LookedUp, facts_of
from emplette.domain.policies import Policy
from emplette.domain.policy_differences import Difference, differences_of
from emplette.domain.rehearsals import Rehearsed, rehearsed
from emplette.domain.routing import plan_of
from emplette.formats.policies import read_policy, read_written
from emplette.services.amounts import amount_in
from emplette.services.conversions import Rates
from emplette.storage import charts, rehearsing
from emplette.storage import policies as storage
from emplette.storage.database import Session

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Scene:
    """One request of a rehearsal, and the amount that the policy saw."""

    dossier: Dossier
    amount: Money
    rehearsed: Rehearsed


async def rehearse_policy(
    db: Session, tenant: Tenant, *, source: str, since: datetime, now: datetime
) -> AsyncIterator[Scene]:
    """Play the requests since then under a policy that is not in force, one after the other, the oldest first.

    People are asked who are there today; of budgets nothing is known for moments that are over.

    Raises:
        Invalid: the policy can't be read; names every place at fault.
    """
    policy = await asyncio.to_thread(read_written, source)
    today = tenant.today(now)
    chart, rates = await charts.find(db, tenant.id, today=today), Rates()
    async for dossier, looked_up in _requests_since(db, tenant.id, since):
        request, commitment = request_of(dossier), commitment_of(dossier)
        amount = commitment.total.counter.excluding
        try:
            amount = await amount_in(db, tenant.id, commitment, policy.currency, rates=rates, today=today)
            own_to = request.requesters
            facts = facts_of(dossier.purchase, commitment.terms, amount, chart, looked_up, own_to)
            played = rehearsed(request, plan_of(policy, facts, chart, today))
        except Refusal as refusal:
            played = rehearsed(request, refusal)
        yield Scene(dossier, amount, played)


async def _requests_since(db: Session, tenant: int, since: datetime) -> AsyncIterator[tuple[Dossier, LookedUp]]:
    behind = (since, 0)
    while True:
        found = await rehearsing.requests_behind(db, tenant, behind, most=_AT_ONCE)
        for dossier, looked_up in found:
            yield as_asked(dossier), looked_up
        if len(found) < _AT_ONCE:
            return
        last = request_of(found[-1][0])
        behind = last.created.at, last.id


async def compare_policies(db: Session, tenant: Tenant, policy: Policy) -> list[Difference]:
    """List what is different in a policy from the one in force.

    Raises:
        Invalid: none is in force.
    """
    document = await storage.current(db, tenant.id)
    if document is None:
        message = f"{tenant.account} has no policy: `emplette policy load FILE.yaml --tenant {tenant.account}`."
        raise Invalid.field("tenant", message)
    version, said = document
    return differences_of(read_policy(said, version=version), policy)
