"""API keys: making one, looking at them, giving one another secret, revoking one."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from emplette.domain.errors import Invalid, KeyReused
from emplette.domain.keys import (
    PREFIX,
    ApiKey,
    KeyDraft,
    fault_of_overlap,
    fault_of_secret,
    faults_of_key,
    hash_of_secret,
    secret_from,
    settled,
)
from emplette.domain.people import Tenant
from emplette.storage import keys as storage
from emplette.storage import people
from emplette.storage.database import Session

_RANDOM_BYTES = 32


async def create_key(
    db: Session,
    tenant: Tenant,
    draft: KeyDraft,
    *,
    now: datetime,
    secret: str | None = None,
    actor: int | None = None,
    once: str | None = None,
) -> tuple[ApiKey, str]:
    """Make a key; answer it and its secret, which is kept nowhere and can't be asked for again.

    Args:
        db: the way to the database.
        tenant: the company that the key is for.
        draft: what is said of it.
        now: when it is made.
        secret: one of somebody's own choice; without it one is made up.
        actor: who makes it; without one it is the command line.
        once: what only the form knows that makes it: sent twice, it makes one key, and both answers have its secret.

    Raises:
        Invalid: names everything that can't be.
        KeyReused: the form was sent before, and its key has another secret by now, or none.
    """
    today = tenant.today(now)
    person_id = draft.person_id
    person = None if person_id is None else (await people.by_id(db, tenant.id, [person_id])).get(person_id)
    faults = faults_of_key(draft, person, today=today)
    fault = None if secret is None else fault_of_secret(secret)
    if fault is not None:
        faults.add("secret", fault)
    faults.raise_if_any()
    chosen = secret or _new_secret(once)
    by = await _actor(db, tenant, actor)
    key = await storage.create(db, tenant.id, settled(draft), secret_hash=hash_of_secret(chosen), actor=by, now=now)
    if key is None and once is not None:
        key = await _sent_before(db, tenant, chosen)
    if key is None:
        raise Invalid.field("secret", "Is that of another key already.")
    return key, chosen


async def list_keys(db: Session, tenant: Tenant) -> Sequence[ApiKey]:
    """List the keys of a company, in the order in which they were made."""
    return await storage.all_of(db, tenant.id)


async def rotate_key(
    db: Session,
    tenant: Tenant,
    key_id: int,
    *,
    overlap: timedelta,
    now: datetime,
    actor: int | None = None,
    once: str | None = None,
) -> tuple[ApiKey, str]:
    """Give a key another secret; answer it and the secret. The old one is good until the overlap is over.

    Both are the same key: what it may do, who it is in histories, its limits. The secrets that it had before end no
    later than the one that is replaced. A form that is sent twice, known by ``once``, replaces it once.

    Raises:
        Invalid: there is no such key, it lets nobody in any more, or the overlap is too long.
        KeyReused: the form was sent before, and the key has another secret by now.
    """
    fault = fault_of_overlap(overlap)
    if fault is not None:
        raise Invalid.field("overlap", fault)
    known = await storage.by_id(db, tenant.id, key_id)
    today = tenant.today(now)
    if known is not None and known.standing(today) == "expired":
        raise Invalid.field("keyId", f"Key {key_id} ({known.name}) was good until {known.expires_on}: make a new one.")
    secret = _new_secret(once)
    by = await _actor(db, tenant, actor)
    hashed, until = hash_of_secret(secret), now + overlap
    key = await storage.rotate(db, tenant.id, key_id, secret_hash=hashed, former_until=until, actor=by, now=now)
    if key is None and once is not None and (known is None or known.revoked_at is None):
        key = await _sent_before(db, tenant, secret)
    if key is None:
        raise await _nothing_to_change(db, tenant, key_id)
    return key, secret


async def revoke_key(db: Session, tenant: Tenant, key_id: int, *, now: datetime, actor: int | None = None) -> ApiKey:
    """Revoke a key: within seconds it lets nobody in any more, on every process.

    Raises:
        Invalid: there is no such key, or it was revoked before.
    """
    by = await _actor(db, tenant, actor)
    key = await storage.revoke(db, tenant.id, key_id, actor=by, now=now)
    if key is not None:
        return key
    raise await _nothing_to_change(db, tenant, key_id)


async def _actor(db: Session, tenant: Tenant, actor: int | None) -> int:
    return await storage.command_line_user(db, tenant.id) if actor is None else actor


def _new_secret(once: str | None) -> str:
    return secret_from(once) if once is not None else PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


async def _sent_before(db: Session, tenant: Tenant, secret: str) -> ApiKey:
    """Find what a form came to that was sent before.

    Raises:
        KeyReused: the key has another secret by now, or lets nobody in.
    """
    key = await storage.by_secret(db, tenant.id, hash_of_secret(secret))
    if key is None or key.revoked_at is not None:
        detail = "This form was sent before, and what it made lets nobody in any more."
        raise KeyReused(detail)
    return key


async def _nothing_to_change(db: Session, tenant: Tenant, key_id: int) -> Invalid:
    """Say why there is no such key that could still be changed."""
    known = await storage.by_id(db, tenant.id, key_id)
    if known is None or known.revoked_at is None:
        return Invalid.field("keyId", f"{tenant.account} has no key {key_id}.")
    return Invalid.field("keyId", f"Key {key_id} ({known.name}) was revoked on {tenant.today(known.revoked_at)}.")
