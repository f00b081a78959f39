"""Second factors: codes that a telephone makes (RFC 6238), and codes on paper for when it is lost."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import pyotp

from emplette.domain.errors import Conflict, Invalid, Unauthenticated
from emplette.domain.keys import hash_of_secret
from emplette.domain.people import Tenant
from emplette.services.work import Work
from emplette.storage import second_factors as storage
from emplette.storage.database import Session

RECOVERY_CODES: Final = 10
_STEP: Final = 30
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_LETTERS_OF_CODE: Final = 12
_DRIFT: Final = (0, -1, 1)
"""Steps by which a telephone's clock may be wrong: half a minute either way."""


class CodeRefused(Unauthenticated):
    """The code is wrong, or was used before."""

    code = "sign_in.code_refused"


class SecondFactorSet(Conflict):
    """There is a second factor already: remove it before another is set."""

    code = "second_factor.set"


@dataclass(frozen=True, slots=True)
class Setting:
    """One's own second factor: whether it counts; until it does, what a telephone reads from a picture, and letters."""

    is_set: bool
    address: str = field(default="", repr=False)
    letters: str = field(default="", repr=False)


async def begin_setting(work: Work) -> None:
    """Make what one's codes are to be made of; they count when a first one was shown.

    Raises:
        SecondFactorSet: there is one that counts.
    """
    secret = pyotp.random_base32()
    user = work.who.user
    if not await storage.begin(work.db, work.tenant.id, user.id, secret=secret, now=work.world_now):
        raise SecondFactorSet


async def read_own(work: Work) -> Setting:
    """Look at one's own second factor."""
    factor = await storage.read(work.db, work.tenant.id, work.who.user.id)
    if factor is None or factor.confirmed_at is not None:
        return Setting(is_set=factor is not None)
    return Setting(is_set=False, address=_address(work, factor.secret), letters=factor.secret)


async def confirm(work: Work, code: str) -> list[str]:
    """Let one's codes count from now on, having shown a first one; answer the codes on paper, which are kept nowhere.

    Raises:
        Invalid: the code is wrong.
        SecondFactorSet: codes count already.
    """
    factor = await storage.read(work.db, work.tenant.id, work.who.user.id)
    step = None if factor is None else _step_of(factor.secret, code, work.world_now)
    if step is None:
        raise Invalid.field("code", "Is not the code that is shown now.")
    papers = [_paper() for _ in range(RECOVERY_CODES)]
    hashes = [_hash_of_paper(paper) for paper in papers]
    user_id = work.who.user.id
    if not await storage.confirm(work.db, work.tenant.id, user_id, step=step, recovery=hashes, now=work.world_now):
        raise SecondFactorSet
    return papers


async def remove(work: Work, user_id: int) -> bool:
    """Ask somebody for no codes any more."""
    actor = work.who.user.id
    return await storage.remove(work.db, work.tenant.id, user_id, actor=actor, now=work.world_now)


async def show_code(db: Session, tenant: Tenant, user_id: int, code: str, *, now: datetime) -> None:
    """Take a code, or one on paper: each once.

    Raises:
        CodeRefused: it is wrong, or was taken before.
    """
    factor = await storage.read(db, tenant.id, user_id)
    if factor is None or factor.confirmed_at is None:
        raise CodeRefused
    step = _step_of(factor.secret, code, now)
    if step is not None and step > factor.last_step and await storage.take(db, tenant.id, user_id, step):
        return
    if step is None and await storage.take_recovery(db, tenant.id, user_id, _hash_of_paper(code)):
        return
    raise CodeRefused


def _address(work: Work, secret: str) -> str:
    user = work.who.user
    return pyotp.TOTP(secret).provisioning_uri(name=user.name, issuer_name=f"Emplette {work.tenant.name}")


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """Find the time step whose code this is, now or within what clocks are wrong by."""
    shown = "".join(code.split())
    this_step = int(now.timestamp()) // _STEP
    codes = pyotp.TOTP(secret)
    found = [
        this_step + drift
        for drift in _DRIFT
        if secrets.compare_digest(codes.at((this_step + drift) * _STEP).encode(), shown.encode("utf-8", "replace"))
    ]
    return found[0] if found else None


def _paper() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_LETTERS_OF_CODE))
    return "-".join(letters[start : start + 4] for start in range(0, _LETTERS_OF_CODE, 4))


def _hash_of_paper(code: str) -> bytes:
    """Hash a code on paper: it is random, and 59 bits, so that a plain SHA-256 will do while guesses are slow."""
    return hash_of_secret("".join(letter for letter in code.casefold() if letter in _LETTERS))
