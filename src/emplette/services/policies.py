"""Approval policies: checking one, loading it, and looking at what was loaded."""

import asyncio
from datetime import datetime

from emplette.domain.errors import Faults
from emplette.domain.people import Tenant
from emplette.domain.policies import Policy
from emplette.domain.policy_checks import Finding, findings_of
from emplette.formats.policies import read_document, read_policy, read_written
from emplette.storage import charts
from emplette.storage import policies as storage
from emplette.storage.database import Session
from emplette.storage.keys import command_line_user


async def check_policy(db: Session, tenant: Tenant, *, source: str, now: datetime) -> tuple[Policy, list[Finding]]:
    """Read a policy from its YAML, and find what is wrong with it, worst first, and what is odd.

    Raises:
        Invalid: it can't be read; names every place at fault.
    """
    policy = await asyncio.to_thread(read_written, source)
    return policy, await _findings(db, tenant, policy, now)


async def load_policy(db: Session, tenant: Tenant, *, source: str, now: datetime, actor: int | None = None) -> Policy:
    """Load a company's policy from its YAML; requests that have started keep the version they started with.

    Without an ``actor`` it was the command line.

    Raises:
        Invalid: names every place at fault, and everything by which somebody could not be answered.
    """
    document = await asyncio.to_thread(read_document, source)
    faults = Faults()
    for finding in await _findings(db, tenant, read_policy(document), now):
        if finding.is_error:
            faults.add(finding.path, finding.message)
    faults.raise_if_any()
    by = await command_line_user(db, tenant.id) if actor is None else actor
    version = await storage.load(db, tenant.id, source=source, document=document, actor=by, now=now)
    return read_policy(document, version=version)


async def _findings(db: Session, tenant: Tenant, policy: Policy, now: datetime) -> list[Finding]:
    """Try a policy on everybody there is: beside what else the process does, for that can take seconds."""
    today = tenant.today(now)
    chart = await charts.find(db, tenant.id, today=today)
    unknown = await storage.unknown_places(db, tenant.id, policy.places)
    return await asyncio.to_thread(findings_of, policy, chart, today, unknown)


async def read_source(db: Session, tenant: int) -> tuple[int, str] | None:
    """Read the version of the policy in force and the YAML it was loaded from; None when the company has none."""
    return await storage.current_source(db, tenant)
