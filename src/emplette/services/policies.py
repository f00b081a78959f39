"""Approval policies: the one in force and those that requests are bound to, with the organisation chart they ask."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from emplette.domain.approvals import PolicyMissing
from emplette.domain.charts import Chart
from emplette.domain.errors import Faults
from emplette.domain.people import Tenant
from emplette.domain.policies import Policy
from emplette.domain.policy_checks import Finding, findings_of
from emplette.formats.policies import read_document, read_policy
from emplette.storage import charts
from emplette.storage import policies as storage
from emplette.storage.database import Session
from emplette.storage.keys import command_line_user

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


async def check_policy(db: Session, tenant: Tenant, *, source: str, now: datetime) -> tuple[Policy, list[Finding]]:
    """Read a policy from its YAML, and find what is wrong with it, worst first, and what is odd.

    Raises:
        Invalid: it can't be read; names every place at fault.
    """
    policy = read_policy(read_document(source))
    today = tenant.today(now)
    chart = await charts.find(db, tenant.id, today=today)
    return policy, findings_of(policy, chart, today)


async def load_policy(db: Session, tenant: Tenant, *, source: str, now: datetime, actor: int | None = None) -> Policy:
    """Load a company's policy from its YAML; requests that have started keep the version they started with.

    Without an ``actor`` it was the command line.

    Raises:
        Invalid: names every place at fault, and everything by which somebody could not be answered.
    """
    document = read_document(source)
    _, findings = await check_policy(db, tenant, source=source, now=now)
    faults = Faults()
    for finding in findings:
        if finding.is_error:
            faults.add(finding.path, finding.message)
    faults.raise_if_any()
    by = await command_line_user(db, tenant.id) if actor is None else actor
    version = await storage.load(db, tenant.id, source=source, document=document, actor=by, now=now)
    return read_policy(document, version=version)


async def read_source(db: Session, tenant: int) -> tuple[int, str] | None:
    """Read the version of the policy in force and the YAML it was loaded from; None when the company has none."""
    return await storage.current_source(db, tenant)
