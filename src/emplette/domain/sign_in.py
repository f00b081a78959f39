"""Signing in: what a session is and when it ends, which passwords are taken, and what somebody who may not is told."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from emplette.domain.errors import Conflict, NotFound, Unauthenticated

SHORTEST_PASSWORD: Final = 12
LONGEST_LOGIN: Final = 1_000
"""No mail address is longer, by far."""
LONGEST_PASSWORD: Final = 256
"""Characters; each counts, whatever it is, and none is asked for: what makes a password hard to guess is its length."""

LINK_LIFE: Final = timedelta(hours=72)
"""How long a link to set a password is good, unless somebody says otherwise."""
LONGEST_LINK: Final = timedelta(days=30)

CODE_WITHIN: Final = timedelta(minutes=10)
"""How long a code of the second factor may take, after the password."""

_FORMS: Final = b"emplette forms"


class SignInRefused(Unauthenticated):
    """The mail address and the password don't belong together, or nobody may sign in with them."""

    code = "sign_in.refused"


class SessionOver(Unauthenticated):
    """The session has ended: sign in again."""

    code = "session.over"


class SessionNotFound(NotFound):
    """There is no such session."""

    code = "session.not_found"


class LinkOver(NotFound):
    """This link is not good any more: it was used, or another one was made, or it is too old."""

    code = "link.over"


class NoMailAddress(Conflict):
    """The person has no mail address of their own, and signs in with none."""

    code = "user.no_mail_address"


@dataclass(frozen=True, slots=True)
class Terms:
    """How long sessions last: without being used, and at all."""

    idle: timedelta = timedelta(hours=12)
    whole: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Session:
    """That a person has signed in, from where and in which browser; ``id`` names it, and opens nothing.

    One that ``awaits_code`` lets nobody in: the person has shown a password, and has a second factor to show.
    """

    id: int
    user_id: int
    begun_at: datetime
    used_at: datetime
    ends_at: datetime
    address: str
    browser: str
    awaits_code: bool = False

    def is_over(self, now: datetime, terms: Terms) -> bool:
        """Tell whether it has ended by itself."""
        return now >= self.ends_at or now >= self.used_at + terms.idle


def form_token(secret: str) -> str:
    """Make what the forms of a page hold: whoever has the cookie can be known by it, and it tells nothing of that."""
    mac = hmac.digest(secret.encode(), _FORMS, hashlib.sha256)
    return urlsafe_b64encode(mac).rstrip(b"=").decode()


def is_form_of(secret: str, token: str) -> bool:
    """Tell whether a form comes from a page that was shown to who has the cookie."""
    return hmac.compare_digest(form_token(secret).encode(), token.encode("utf-8", "surrogatepass"))


def folded_login(login: str) -> str:
    """Write a mail address as it is compared: how it is written is no secret."""
    return login.strip().casefold()


def fault_of_length(password: str) -> str | None:
    """Say why a password is too short or too long, if so."""
    if len(password) < SHORTEST_PASSWORD:
        return f"Must have at least {SHORTEST_PASSWORD} characters: some words in a row are easily kept in mind."
    if len(password) > LONGEST_PASSWORD:
        return f"Must have at most {LONGEST_PASSWORD} characters."
    return None
