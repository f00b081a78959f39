"""Approval policies: loading one, and the current one of a company."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from emplette.domain.approvals import Policy
from emplette.domain.errors import Faults
from emplette.domain.people import Tenant, User, UserKind
from emplette.formats.policies import read_policy
from emplette.storage import policies as storage
from emplette.storage.database import Session
from emplette.storage.keys import command_line_user

_SECOND: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class PolicyInForce:
    """A company's current policy, and the people whom it names."""

    policy: Policy
    people: Mapping[int, User]


class Policies:
    """The policies in force, kept in the process for a few seconds by company; what the docs promise is five."""

    def __init__(self, *, seconds: int = 4, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._lifetime = seconds * _SECOND
        self._clock = clock
        self._kept: dict[int, tuple[int, PolicyInForce]] = {}

    async def current(self, db: Session, tenant: int) -> PolicyInForce | None:
        """Find the policy in force; None when the company has none."""
        until, found = self._kept.get(tenant, (0, None))
        if found is not None and self._clock() < until:
            return found
        policy = await storage.current(db, tenant)
        if policy is None:
            return None
        people = await storage.people_named(db, tenant, policy)
        found = PolicyInForce(policy, people)
        self._kept[tenant] = (self._clock() + self._lifetime, found)
        return found


async def load_policy(db: Session, tenant: Tenant, *, source: str, now: datetime) -> Policy:
    """Load a company's policy from its YAML; requests that have started keep the version they started with.

    Raises:
        Invalid: names every step at fault, and everybody whom it names and who is not there.
    """
    steps = read_policy(source)
    people = await storage.people_named(db, tenant.id, Policy(0, steps))
    today = tenant.today(now)
    faults = Faults()
    for number, step in enumerate(steps):
        for user_id in step.any_of:
            person = people.get(user_id)
            if person is None or person.kind is not UserKind.PERSON or not person.is_active(today):
                faults.add(f"steps[{number}].anyOf", f"There is no active user {user_id}.")
    faults.raise_if_any()
    actor = await command_line_user(db, tenant.id)
    return await storage.load(db, tenant.id, source=source, steps=steps, actor=actor, now=now)


async def read_source(db: Session, tenant: int) -> tuple[int, str] | None:
    """Read the version of the policy in force and the YAML it was loaded from; None when the company has none."""
    return await storage.current_source(db, tenant)
