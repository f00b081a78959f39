"""The policies in force and those that requests are bound to, with the chart they ask, as a process keeps them."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from emplette.domain.approvals import PolicyMissing
from emplette.domain.charts import Chart
from emplette.domain.policies import Policy
from emplette.formats.policies import read_policy
from emplette.storage import charts
from emplette.storage import policies as storage
from emplette.storage.database import Session

_SECOND: Final = 1_000_000_000
_MOST_VERSIONS: Final = 200
NO_POLICY: Final = (
    "Load one with `emplette policy load FILE.yaml --tenant ACCOUNT`, or use a key that approves by itself."
)


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """A company's policy, and the organisation chart in which it finds people."""

    policy: Policy
    chart: Chart


class Policies:
    """The policies in force, kept in the process for a few seconds by company; what the docs promise is five.

    A version never changes: one that a request is bound to is kept for as long as there is room.
    """

    def __init__(self, *, seconds: int = 4, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._lifetime = seconds * _SECOND
        self._clock = clock
        self._kept: dict[int, tuple[int, Policy]] = {}
        self._charts: dict[int, tuple[int, date, Chart]] = {}
        self._versions: OrderedDict[tuple[int, int], Policy] = OrderedDict()

    async def current(self, db: Session, tenant: int, today: date) -> PolicyInForce:
        """Find the policy in force.

        Raises:
            PolicyMissing: the company has none.
        """
        until, policy = self._kept.get(tenant, (0, None))
        if policy is None or self._clock() >= until:
            document = await storage.current(db, tenant)
            if document is None:
                raise PolicyMissing(NO_POLICY)
            policy = self._read(tenant, document)
            self._kept[tenant] = (self._clock() + self._lifetime, policy)
        return PolicyInForce(policy, await self.chart(db, tenant, today))

    async def of_version(self, db: Session, tenant: int, version: int, today: date) -> PolicyInForce:
        """Find the policy that a request started with, and the chart of today."""
        policy = self._versions.get((tenant, version))
        if policy is None:
            document = await storage.of_version(db, tenant, version)
            if document is None:
                raise PolicyMissing(NO_POLICY)
            policy = self._read(tenant, document)
        return PolicyInForce(policy, await self.chart(db, tenant, today))

    async def chart(self, db: Session, tenant: int, today: date) -> Chart:
        """Find the organisation chart."""
        until, day, chart = self._charts.get(tenant, (0, today, None))
        if chart is not None and day == today and self._clock() < until:
            return chart
        chart = await charts.find(db, tenant, today=today)
        self._charts[tenant] = (self._clock() + self._lifetime, today, chart)
        return chart

    def forget_chart(self, tenant: int) -> None:
        """Forget the organisation chart of a company, since it has just changed here."""
        self._charts.pop(tenant, None)

    def forget(self, tenant: int) -> None:
        """Forget what is kept of a company, since it has just changed here."""
        self._kept.pop(tenant, None)
        self._charts.pop(tenant, None)

    def _read(self, tenant: int, document: storage.Document) -> Policy:
        version, said = document
        policy = self._versions.get((tenant, version)) or read_policy(said, version=version)
        self._versions[tenant, version] = policy
        if len(self._versions) > _MOST_VERSIONS:
            self._versions.popitem(last=False)
        return policy
