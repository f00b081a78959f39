"""Signing in and out, sessions, passwords, and setting one by a link."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from emplette.domain.errors import Invalid
from emplette.domain.keys import hash_of_secret
from emplette.domain.people import Tenant, User
from emplette.domain.sign_in import (
    CODE_WITHIN,
    LONGEST_LOGIN,
    LONGEST_PASSWORD,
    LinkOver,
    Session,
    SessionNotFound,
    SessionOver,
    SignInRefused,
    Terms,
    folded_login,
)
from emplette.domain.text import fault_of_text
from emplette.services.password_links import member_of
from emplette.services.passwords import Passwords, is_outdated
from emplette.services.randomness import new_secret
from emplette.services.work import Work
from emplette.storage import second_factors
from emplette.storage import sign_in as storage
from emplette.storage.database import Session as Connection
from emplette.storage.sign_in import Credentials, Member

_LONGEST_BROWSER = 300


@dataclass(frozen=True, slots=True)
class Caller:
    """Where somebody signs in: from which address, in which browser, and the secret that this browser is known by."""

    address: str
    browser: str
    known_by: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A session that has just begun: the secret that its browser keeps, and who has it."""

    secret: str
    user_id: int
    ends_at: datetime
    awaits_code: bool = False


async def find_credentials(db: Connection, tenant: Tenant, login: str, caller: Caller) -> Credentials | None:
    """Find whom a mail address belongs to, and whether they have signed in in this browser before.

    What can't be kept is nobody's address.
    """
    if fault_of_text(login, longest=LONGEST_LOGIN):
        return None
    browser_hash = hash_of_secret(caller.known_by)
    return await storage.credentials(db, tenant.id, folded_login(login), browser_hash=browser_hash)


async def check_password(
    db: Connection, tenant: Tenant, found: Credentials | None, password: str, *, passwords: Passwords, now: datetime
) -> User:
    """Tell whether a password lets somebody in: it takes as long, and is answered alike, whatever is wrong.

    Raises:
        SignInRefused: it does not.
        Unavailable: too many are being looked at.
    """
    hashed = None if found is None else found.hash
    if not await passwords.is_right(hashed, password[: LONGEST_PASSWORD + 1]) or found is None or hashed is None:
        raise SignInRefused
    if not found.user.is_active(tenant.today(now)):
        raise SignInRefused
    if is_outdated(hashed):
        anew = await passwords.hash(password)
        await storage.rehash(db, tenant.id, found.user.id, before=hashed, after=anew)
    return found.user


async def begin_session(
    db: Connection, tenant: Tenant, user: User, caller: Caller, *, terms: Terms, now: datetime, is_vouched: bool = False
) -> Begun:
    """Begin a session of somebody who has shown who they are; with a second factor it waits for a code.

    No code is asked of whom a provider has vouched for (``is_vouched``).

    Raises:
        SignInRefused: they have left.
    """
    if not user.is_active(tenant.today(now)):
        raise SignInRefused
    secret = new_secret()
    awaits_code = not is_vouched and await second_factors.is_set(db, tenant.id, user.id)
    ends_at = now + (CODE_WITHIN if awaits_code else terms.whole)
    browser = caller.browser[:_LONGEST_BROWSER]
    session = Session(0, user.id, now, now, ends_at, caller.address, browser, awaits_code)
    number = await storage.begin(
        db,
        tenant.id,
        session,
        secret_hash=hash_of_secret(secret),
        idle_since=now - terms.idle,
        browser_hash=hash_of_secret(caller.known_by) if caller.known_by else None,
    )
    if number is None:
        raise SignInRefused
    return Begun(secret, user.id, ends_at, awaits_code)


async def awaiting(db: Connection, tenant: Tenant, secret: str, *, now: datetime) -> int:
    """Find whose session waits for a code.

    Raises:
        SessionOver: none does, or not any more.
    """
    found = await storage.find_session(db, tenant.id, hash_of_secret(secret))
    if found is None or not found.awaits_code or now >= found.ends_at:
        raise SessionOver
    return found.user_id


async def complete_session(
    db: Connection, tenant: Tenant, user_id: int, secret: str, *, terms: Terms, now: datetime
) -> Begun:
    """Let in whoever has shown the code that their session waited for.

    Raises:
        SessionOver: it does not wait any more.
    """
    ends_at = now + terms.whole
    if not await storage.complete(db, tenant.id, hash_of_secret(secret), now=now, ends_at=ends_at):
        raise SessionOver
    return Begun(secret, user_id, ends_at)


async def sign_out(work: Work) -> None:
    """End the session in which this is asked."""
    if work.who.session_id is not None:
        await storage.sign_out(work.db, work.tenant.id, work.who.user.id, work.who.session_id)


async def list_sessions(work: Work, user_id: int | None = None) -> list[Session]:
    """List one's own sessions, or somebody's."""
    return await storage.sessions_of(work.db, work.tenant.id, user_id or work.who.user.id)


async def end_own_session(work: Work, session_id: int) -> None:
    """End one of one's own sessions.

    Raises:
        SessionNotFound: it is none of them.
    """
    if not await storage.sign_out(work.db, work.tenant.id, work.who.user.id, session_id):
        raise SessionNotFound


async def end_sessions(work: Work, user_id: int, session_id: int | None = None) -> int:
    """End one of somebody's sessions, or all; answer how many there were."""
    actor = work.who.user.id
    return await storage.end_sessions(
        work.db, work.tenant.id, user_id, actor=actor, now=work.now, session_id=session_id
    )


async def check_own(work: Work, current: str, *, passwords: Passwords) -> None:
    """Check that whoever has a session knows the password as well.

    Raises:
        SignInRefused: they don't.
    """
    if not await has_password(work.db, work.tenant, work.who.user.id, current, passwords=passwords):
        raise SignInRefused


async def change_password(work: Work, *, new: str, passwords: Passwords) -> None:
    """Change one's own password, having shown the current one; all one's other sessions end.

    Raises:
        NoMailAddress: one signs in with none.
        Invalid: it can't be taken.
    """
    who = work.who
    member = await member_of(work.db, work.tenant, who.user.id)
    hashed = await _hashed(work.tenant, member, new, passwords)
    await storage.set_password(
        work.db, work.tenant.id, who.user.id, hashed=hashed, actor=who.user.id, now=work.now, keeps=who.session_id
    )


async def set_password(
    db: Connection, tenant: Tenant, user_id: int, password: str, *, passwords: Passwords, actor: int, now: datetime
) -> User:
    """Set somebody's password; all their sessions end.

    Raises:
        UserNotFound: there is no such person.
        NoMailAddress: they could not sign in with it.
        Invalid: it can't be taken.
    """
    member = await member_of(db, tenant, user_id)
    hashed = await _hashed(tenant, member, password, passwords)
    await storage.set_password(db, tenant.id, user_id, hashed=hashed, actor=actor, now=now)
    return member.user


async def has_password(db: Connection, tenant: Tenant, user_id: int, password: str, *, passwords: Passwords) -> bool:
    """Tell whether a password is somebody's."""
    member = await storage.member(db, tenant.id, user_id)
    return member is not None and await passwords.is_right(member.hash, password[: LONGEST_PASSWORD + 1])


async def person_of_link(db: Connection, tenant: Tenant, secret: str, *, now: datetime) -> User:
    """Find whose password a link sets. Looking does not use it up.

    Raises:
        LinkOver: it is not good any more, or never was.
    """
    user = await storage.person_of_link(db, tenant.id, hash_of_secret(secret), now=now)
    if user is None or not user.is_active(tenant.today(now)):
        raise LinkOver
    return user


async def use_link(
    db: Connection, tenant: Tenant, secret: str, password: str, *, passwords: Passwords, now: datetime
) -> User:
    """Set a password by a link, which is used up.

    Raises:
        LinkOver: it is not good any more.
        Invalid: the password can't be taken; the link stays good.
    """
    user = await person_of_link(db, tenant, secret, now=now)
    member = await member_of(db, tenant, user.id)
    hashed = await _hashed(tenant, member, password, passwords)
    link = hash_of_secret(secret)
    if not await storage.set_password(db, tenant.id, user.id, hashed=hashed, actor=user.id, now=now, link_hash=link):
        raise LinkOver
    return user


async def _hashed(tenant: Tenant, member: Member, password: str, passwords: Passwords) -> str:
    fault = await passwords.fault_of(password, known=_known_of(tenant, member))
    if fault is not None:
        raise Invalid.field("password", fault)
    return await passwords.hash(password)


def _known_of(tenant: Tenant, member: Member) -> Sequence[str]:
    return [member.user.name, member.email or "", tenant.name, tenant.account, "emplette"]
