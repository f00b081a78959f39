"""API keys: what one is made of, what can't be, and what is kept of its secret."""

import hashlib
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from emplette.domain.errors import Faults
from emplette.domain.people import (
    DEFAULT_PERMISSIONS,
    SCOPED,
    Permission,
    PermissionUnknown,
    User,
    UserKind,
    parse_permissions,
)
from emplette.domain.text import fault_of_name, is_mail_address

CREATED_STATUSES: Final = (200, 201)
PREFIX: Final = "emp_"
"""What the secrets that we make begin with, so that one that was published by mistake is known for what it is."""

LONGEST_OVERLAP: Final = timedelta(days=90)
"""How long the old secret of a key can go on letting in beside its new one."""

_SECRET: Final = re.compile(r"[\x21-\x7e]{16,128}")


@dataclass(frozen=True, slots=True)
class KeyDraft:
    """What somebody says of a new key. ``auto_approve`` is what they wish; ``settled`` says what it becomes.

    ``permissions`` are as they are written, none for those that every key gets; ``expires_on`` is the last good day.
    """

    name: str
    contact: str
    permissions: tuple[str, ...] = ()
    person_id: int | None = None
    auto_approve: bool = True
    created_status: int = 200
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is kept: everything but its secret.

    ``former_until`` is when the last of its replaced secrets ends, ``former_used_on`` the last day one was used.
    """

    id: int
    user_id: int
    name: str
    contact: str
    permissions: tuple[str, ...]
    person_id: int | None
    auto_approve: bool
    created_status: int
    expires_on: date | None
    revoked_at: datetime | None
    created_at: datetime
    last_used_on: date | None
    former_until: datetime | None = None
    former_used_on: date | None = None

    def standing(self, today: date) -> str:
        """Say in a word whether the key lets anybody in."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_on is not None and today > self.expires_on else "active"


def settled(draft: KeyDraft) -> KeyDraft:
    """Fill in what was not stated; a key that acts for a person never approves what it submits."""
    return replace(
        draft,
        permissions=draft.permissions or DEFAULT_PERMISSIONS,
        auto_approve=draft.auto_approve and draft.person_id is None,
    )


def faults_of_key(draft: KeyDraft, person: User | None, *, today: date) -> Faults:
    """Say everything that is wrong with a new key; ``person`` is whom it names, as they were found."""
    faults = Faults()
    for path, text in (("name", draft.name), ("contact", draft.contact)):
        fault = fault_of_name(text)
        if fault is not None:
            faults.add(path, fault)
    if not faults.covers("contact") and not is_mail_address(draft.contact):
        faults.add("contact", "Must be a mail address: who is told when something is wrong with what the key does.")
    _note_permissions(draft.permissions, faults)
    if draft.person_id is not None:
        _note_person(draft.person_id, person, faults, today=today)
    if draft.created_status not in CREATED_STATUSES:
        faults.add("createdStatus", "Must be 200 or 201.")
    if draft.expires_on is not None and draft.expires_on < today:
        faults.add("expires", f"Must not be over already: today is {today}.")
    return faults


def fault_of_overlap(overlap: timedelta) -> str | None:
    """Say why an old secret can't be good for so much longer, if so."""
    if timedelta(0) <= overlap <= LONGEST_OVERLAP:
        return None
    return f"Must be {LONGEST_OVERLAP.days} days at most: two secrets are twice as easily lost."


def fault_of_secret(secret: str) -> str | None:
    """Say why somebody can't choose this secret, if so."""
    if _SECRET.fullmatch(secret):
        return None
    return "Must be 16 to 128 visible characters (ASCII, no spaces)."


def secret_from(once: str) -> str:
    """Make the secret that follows from what only one form knows: sent twice, it comes to the same key.

    ``once`` is long, random and kept nowhere, as a secret is.
    """
    return PREFIX + urlsafe_b64encode(hashlib.sha256(f"secret of a key: {once}".encode()).digest()).decode().rstrip("=")


def hash_of_secret(secret: str) -> bytes:
    """Hash a secret for keeping: it is long and random, so that a plain SHA-256 can't be turned round."""
    return hashlib.sha256(secret.encode()).digest()


def _note_permissions(permissions: tuple[str, ...], faults: Faults) -> None:
    try:
        parse_permissions(permissions)
    except PermissionUnknown as unknown:
        faults.add("permission", unknown.detail)
        return
    for permission in Permission:
        stated = [text for text in permissions if text.partition(":")[0] == permission]
        if len(stated) > 1 and permission in SCOPED:
            faults.add("permission", f"Names {permission} more than once ({', '.join(stated)}): say the widest.")


def _note_person(person_id: int, person: User | None, faults: Faults, *, today: date) -> None:
    if person is None or person.kind is not UserKind.PERSON:
        faults.add("person", f"There is no person {person_id}.")
    elif not person.is_active(today):
        faults.add("person", f"{person.name} ({person_id}) has left.")
