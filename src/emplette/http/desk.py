"""The desk where people sign in: it looks at what they show, and slows who guesses without locking anybody out.

An address is charged for each wrong password, and so is the account that was tried. Where too many were wrong lately,
the next one waits before it is looked at, and few wait at a time. A browser in which the person has signed in before is
charged for itself alone: whoever guesses elsewhere does not slow it. All of it is known to this process only, and is
bounded; nobody is ever locked.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, TypeVar

from emplette.domain.errors import Invalid, Unauthenticated
from emplette.domain.keys import hash_of_secret
from emplette.domain.people import Tenant, User
from emplette.domain.sign_in import SignInRefused, Terms, folded_login
from emplette.formats.identity_providers import Provider
from emplette.http.contract.rate import RateLimit, household
from emplette.http.contract.refusals import SignInTriedOften
from emplette.services import second_factors, sign_in
from emplette.services.passwords import Passwords
from emplette.services.sign_in import Begun, Caller
from emplette.services.work import Work
from emplette.storage.database import Session

T = TypeVar("T")

PAUSE: Final = 1.0
"""Seconds that a password waits to be looked at, where too many were wrong."""
MOST_WAITING: Final = 4
"""Passwords that wait at a time, of one address or for one account; the next is refused."""


CODES_A_MINUTE: Final = 5
"""Wrong codes of a second factor that one account has in a minute; there are few codes, so that the next is refused.

Only who knows the person's password gets so far as to use them up.
"""


@dataclass(slots=True)
class Desk:
    """Where people sign in.

    Args:
        terms: how long their sessions last.
        per_minute: how many wrong passwords an address, an account and a known browser have in a minute before they
            are slowed; 0 slows nobody.
        pause: how long they then wait for each, in seconds.
        passwords: hashes and judges them.
        provider: who vouches for people, if anybody does, and what it is called.
    """

    terms: Terms = field(default_factory=Terms)
    per_minute: int = 10
    pause: float = PAUSE
    passwords: Passwords = field(default_factory=Passwords)
    provider: Provider | None = None
    provider_name: str = ""
    _wrong: RateLimit = field(init=False)
    _codes: RateLimit = field(init=False)
    _waiting: Counter[Hashable] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._wrong = RateLimit(self.per_minute or 1)
        self._codes = RateLimit(CODES_A_MINUTE)

    async def sign_in(self, db: Session, tenant: Tenant, login: str, password: str, caller: Caller) -> Begun:
        """Begin a session of whoever has this mail address and password.

        Raises:
            SignInRefused: nobody has.
            SignInTriedOften: too many were wrong.
            Unavailable: too many sign in just now.
        """
        now = datetime.now(UTC)
        found = await sign_in.find_credentials(db, tenant, login, caller)
        if found is not None and found.is_known:
            lines: list[Hashable] = [("browser", tenant.id, hash_of_secret(caller.known_by))]
        else:
            account = hash_of_secret(folded_login(login))
            lines = [("address", household(caller.address)), ("account", tenant.id, account)]
        user = await self.slowly(
            lines,
            lambda: sign_in.check_password(db, tenant, found, password, passwords=self.passwords, now=now),
        )
        return await self.begin(db, tenant, user, caller)

    async def begin(
        self, db: Session, tenant: Tenant, user: User, caller: Caller, *, is_vouched: bool = False
    ) -> Begun:
        """Begin a session of somebody who has shown who they are by other means.

        Of whom a provider has vouched for, no code is asked: what more they have to show, the provider asks for.

        Raises:
            SignInRefused: they have left.
        """
        now = datetime.now(UTC)
        return await sign_in.begin_session(db, tenant, user, caller, terms=self.terms, now=now, is_vouched=is_vouched)

    async def close(self) -> None:
        """End what runs beside, and close the connections."""
        self.passwords.close()
        if self.provider is not None:
            await self.provider.close()

    async def change_password(self, work: Work, *, current: str, new: str) -> None:
        """Change one's own password, with the current one.

        Raises:
            Invalid: the current one is wrong, or the new one can't be taken.
            SignInTriedOften: too many were wrong.
        """
        await self.check_own(work, current)
        await sign_in.change_password(work, new=new, passwords=self.passwords)

    async def check_own(self, work: Work, current: str) -> None:
        """Check that whoever has a session knows the password as well.

        Raises:
            Invalid: it is wrong.
            SignInTriedOften: too many were wrong.
        """
        try:
            await self.slowly(
                [("own", work.tenant.id, work.who.user.id)],
                lambda: sign_in.check_own(work, current, passwords=self.passwords),
            )
        except SignInRefused:
            raise Invalid.field("current", "Is not your password.") from None

    async def take_code(self, db: Session, tenant: Tenant, secret: str, code: str) -> Begun:
        """Let in whoever shows the code that their session waits for.

        Raises:
            SessionOver: it does not wait any more.
            CodeRefused: the code is wrong, or was used before.
            SignInTriedOften: too many were wrong.
        """
        now = datetime.now(UTC)
        user_id = await sign_in.awaiting(db, tenant, secret, now=now)
        account = (tenant.id, user_id)
        wait = self._codes.wait(account)
        if wait:
            raise SignInTriedOften("Too many wrong codes came lately.", retryAfter=wait)
        try:
            await second_factors.show_code(db, tenant, user_id, code, now=now)
        except Unauthenticated:
            self._codes.spend(account)
            raise
        return await sign_in.complete_session(db, tenant, user_id, secret, terms=self.terms, now=now)

    async def slowly(self, lines: list[Hashable], look: Callable[[], Awaitable[T]]) -> T:
        """Look at what somebody shows; who has shown too much that is wrong, waits first.

        Args:
            lines: whom it is charged to when it is wrong.
            look: looks at it.

        Raises:
            SignInTriedOften: others wait in the same line already.
            Unauthenticated: it is wrong.
        """
        await self._stand_in([line for line in lines if self.per_minute and self._wrong.wait(line)])
        try:
            return await look()
        except Unauthenticated:
            for line in lines:
                self._wrong.spend(line)
            raise

    async def _stand_in(self, lines: list[Hashable]) -> None:
        if not lines:
            return
        if any(self._waiting[line] >= MOST_WAITING for line in lines):
            wait = max(self._wrong.wait(line) for line in lines)
            raise SignInTriedOften("Wait a little, then try again.", retryAfter=max(1, wait))
        self._waiting.update(lines)
        try:
            await asyncio.sleep(self.pause)
        finally:
            self._waiting.subtract(lines)
            self._waiting = +self._waiting
