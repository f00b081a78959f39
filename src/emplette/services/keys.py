"""API keys: making one, looking at them, revoking one."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from emplette.domain.errors import Faults, Invalid
from emplette.domain.keys import (
    PREFIX,
    ApiKey,
    KeyDraft,
    fault_of_secret,
    faults_of_key,
    hash_of_secret,
    settled,
)
from emplette.domain.people import Tenant
from emplette.storage import keys as storage
from emplette.storage import people
from emplette.storage.database import Session

_RANDOM_BYTES = 32


async def create_key(
    db: Session, tenant: Tenant, draft: KeyDraft, *, now: datetime, secret: str | None = None
) -> tuple[ApiKey, str]:
    """Make a key; answer it and its secret, which is kept nowhere and can't be asked for again.

    Args:
        db: the way to the database.
        tenant: the company that the key is for.
        draft: what is said of it.
        now: when it is made.
        secret: one of somebody's own choice; without it one is made up.

    Raises:
        Invalid: names everything that can't be.
    """
    today = tenant.today(now)
    person_id = draft.person_id
    person = None if person_id is None else (await people.by_id(db, tenant.id, [person_id])).get(person_id)
    faults = faults_of_key(draft, person, today=today)
    fault = None if secret is None else fault_of_secret(secret)
    if fault is not None:
        faults.add("secret", fault)
    faults.raise_if_any()
    chosen = secret or PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    actor = await storage.command_line_user(db, tenant.id)
    key = await storage.create(db, tenant.id, settled(draft), secret_hash=hash_of_secret(chosen), actor=actor, now=now)
    if key is None:
        raise Invalid.field("secret", "Is that of another key already.")
    return key, chosen


async def find_key(db: Session, tenant: Tenant, secret: str) -> ApiKey | None:
    """Find a key by its secret, whether it still lets anybody in or not."""
    return await storage.by_secret(db, tenant.id, hash_of_secret(secret))


async def list_keys(db: Session, tenant: Tenant) -> Sequence[ApiKey]:
    """List the keys of a company, in the order in which they were made."""
    return await storage.all_of(db, tenant.id)


async def revoke_key(db: Session, tenant: Tenant, key_id: int, *, now: datetime) -> ApiKey:
    """Revoke a key: within seconds it lets nobody in any more, on every process.

    Raises:
        Invalid: there is no such key, or it was revoked before.
    """
    actor = await storage.command_line_user(db, tenant.id)
    key = await storage.revoke(db, tenant.id, key_id, actor=actor, now=now)
    if key is not None:
        return key
    faults = Faults()
    known = await storage.by_id(db, tenant.id, key_id)
    if known is None or known.revoked_at is None:
        faults.add("keyId", f"{tenant.account} has no key {key_id}.")
    else:
        faults.add("keyId", f"Key {key_id} ({known.name}) was revoked on {tenant.today(known.revoked_at)}.")
    raise Invalid(faults)
