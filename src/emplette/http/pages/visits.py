"""A visit: one page that is asked for, or one form that is sent; who does it, and what it is answered."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl, urlencode

from emplette.domain.appearances import Appearance
from emplette.domain.errors import Forbidden, Invalid
from emplette.domain.parties import Language
from emplette.domain.people import Permission, Principal, Tenant
from emplette.http.contract.gate import Call
from emplette.http.contract.replies import EVERYWHERE, RawHeaders, Response
from emplette.http.contract.statuses import OK, REFUSED, SEE_OTHER
from emplette.http.contract.upload import Upload
from emplette.http.desk import Desk
from emplette.http.pages.layout import SAID, Shown, initials_of, places_for
from emplette.http.pages.rendering import Look, render
from emplette.services.work import Work
from emplette.storage.database import Database

SESSION_COOKIE: Final = "emplette-session"
SAID_COOKIE: Final = "emplette-said"
"""What the page before has done, by the code of its message; it is said once."""
LANGUAGE_COOKIE: Final = "emplette-language"
THEME_COOKIE: Final = "emplette-theme"
ASKED_COOKIE: Final = "emplette-asked"
"""Which form to ask for something was taken last: what was typed into it need not be kept any more."""

_HTML: Final = "text/html; charset=utf-8"
_MOST_FIELDS: Final = 500
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "form-action 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS: Final[RawHeaders] = [
    *EVERYWHERE,
    (b"content-security-policy", _POLICY.encode()),
    (b"cache-control", b"no-store"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"vary", b"accept-language, cookie"),
]


class FormForged(Forbidden):
    """The form does not come from a page of this session: open the page again."""

    code = "form.forged"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who has signed in: in which company, as whom, and what their forms must carry.

    ``csrf`` is the session's own secret, which no other site knows. ``appearance`` is what the person chose of it.
    """

    tenant: Tenant
    who: Principal
    csrf: str
    appearance: Appearance = field(default_factory=Appearance)


class Reception(Protocol):
    """Finds out who visits, and prepares what a page works with."""

    @property
    def database(self) -> Database:
        """The way to the database, for a page that has no work yet."""

    @property
    def desk(self) -> Desk:
        """Where people sign in."""

    @property
    def setup_secret(self) -> str | None:
        """What the link ends in by which the first company is founded; None where none is founded by a link."""

    def forget(self, tenant: Tenant, cookie: str) -> None:
        """Look a session up anew when it is shown again: it has ended, or its owner may do something else now."""

    async def tenant_of_host(self, host: str) -> Tenant:
        """Find the company that answers under a host name."""

    async def visitor_of(self, tenant: Tenant, cookie: str) -> Visitor | None:
        """Find who signed in with this cookie; None when nobody did, or they signed out since."""

    def work(self, tenant: Tenant, who: Principal, call: Call) -> Work:
        """Prepare what a use case is given."""


class Values:
    """The fields of a form, or the parameters of an address: each may come several times.

    ``language`` is that of the page on which they were typed: it says what a comma in a number is.
    """

    def __init__(self, pairs: list[tuple[str, str]] | None = None, language: Language = Language.ENGLISH) -> None:
        self.pairs = pairs or []
        self.language = language

    @classmethod
    def parse(cls, raw: bytes) -> "Values":
        """Read what a browser encoded.

        Raises:
            Invalid: it is no UTF-8, or has too many fields.
        """
        try:
            text = raw.decode("ascii")
            return cls(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"))
        except ValueError:
            raise Invalid.field("$", "Can't be read.") from None

    @classmethod
    def of_address(cls, raw: bytes) -> "Values":
        """Read the parameters of an address: nothing that one could look for has a NUL in it.

        Raises:
            Invalid: they can't be read.
        """
        read = cls.parse(raw)
        if any("\0" in value for _, value in read.pairs):
            raise Invalid.field("$", "Can't be read.")
        return read

    def __getitem__(self, name: str) -> str:
        return next((value for known, value in self.pairs if known == name), "").strip()

    def exactly(self, name: str) -> str:
        """Read a field as it was typed, with the spaces around it: a password is nobody's to change."""
        return next((value for known, value in self.pairs if known == name), "")

    def all(self, name: str) -> list[str]:
        """List every value of a field that was filled in."""
        return [value.strip() for known, value in self.pairs if known == name and value.strip()]

    def __contains__(self, name: str) -> bool:
        return any(known == name for known, _ in self.pairs)

    def but(self, **changed: str) -> str:
        """Write them as the query of an address, some changed; what is empty is left out."""
        kept = [(name, value) for name, value in self.pairs if name not in changed and value]
        return urlencode([*kept, *((name, value) for name, value in changed.items() if value)])


@dataclass(slots=True)
class Visit:
    """What a page is given."""

    reception: Reception
    tenant: Tenant
    visitor: Visitor | None
    call: Call
    query: Values
    form: Values
    look: Look
    cookies: Mapping[str, str]
    upload: Upload | None = None
    waiting: int = 0
    """How many requests wait for the visitor: what the navigation shows."""
    here: str = "/"
    """The path to come back to: that of this page, or of the one whose form led to it."""
    prepared: Work | None = None

    @property
    def who(self) -> Principal:
        """Who visits; a page that takes a visit without anybody does not ask."""
        if self.visitor is None:
            raise TypeError("Nobody has signed in.")
        return self.visitor.who

    @property
    def work(self) -> Work:
        """What the use cases of this visit are given: the same each time."""
        if self.prepared is None:
            self.prepared = self.reception.work(self.tenant, self.who, self.call)
        return self.prepared

    @property
    def partly(self) -> bool:
        """Tell whether a part of a page is asked for, by a page that stays open."""
        return self.look.partly

    def may(self, *permissions: Permission) -> bool:
        """Tell whether the visitor has one of these permissions."""
        return any(permission in self.who.permissions for permission in permissions)

    @property
    def places(self) -> list[Shown]:
        """The places that the visitor can go to."""
        return places_for(self.who, path=self.call.path, waiting=self.waiting)

    @property
    def initials(self) -> str:
        """The letters that stand for the visitor."""
        return initials_of(self.who.user.name)

    @property
    def said_text(self) -> str:
        """What the page before has done."""
        return self.say(SAID.get(self.cookies.get(SAID_COOKIE, ""), ""))

    def say(self, text: str, **values: object) -> str:
        """Say something in the visitor's language."""
        return self.look.say(text, **values)

    def check_form(self) -> None:
        """Check that the form was made for this session.

        Raises:
            FormForged: it was not.
        """
        expected = "" if self.visitor is None else self.visitor.csrf
        if not expected or not compare_digest(self.form["csrf"].encode(), expected.encode()):
            raise FormForged

    def show(
        self,
        template: str,
        *,
        status: int = OK,
        faults: Mapping[str, Sequence[str]] | None = None,
        **values: Any,  # noqa: ANN401 - what a page shows
    ) -> Response:
        """Answer with a page; ``faults`` are what it marks as wrong in its form, and make it one that refuses."""
        headers = [*_HEADERS, (b"content-type", _HTML.encode())]
        headers.append((b"content-language", str(self.look.language).encode()))
        if SAID_COOKIE in self.cookies and not self.partly:
            headers.append(cookie(SAID_COOKIE, "", seconds=0, secure=self.is_secure))
        status = REFUSED if faults and status == OK else status
        return Response(status, render(self.look, template, {"visit": self, "faults": faults or {}, **values}), headers)

    def go(self, to: str, *, said: str = "", cookies: RawHeaders | None = None) -> Response:
        """Answer a form that did what it was for: look at this page now, which says so."""
        headers = [*_HEADERS, (b"location", to.encode()), *(cookies or [])]
        if said:
            headers.append(cookie(SAID_COOKIE, said, seconds=60, secure=self.is_secure))
        return Response(SEE_OTHER, b"", headers)

    @property
    def is_secure(self) -> bool:
        """Tell whether the visitor came over TLS."""
        return self.call.base_url.startswith("https:")


def bound(name: str, *, secure: bool) -> str:
    """Name a cookie that lets somebody in: over TLS, as one that only this host can have set, and only so."""
    return f"__Host-{name}" if secure else name


def cookie(name: str, value: str, *, seconds: int, secure: bool, readable: bool = False) -> tuple[bytes, bytes]:
    """Write the header that keeps something in the browser for so long; 0 s forgets it."""
    parts = [f"{name}={value}", "Path=/", f"Max-Age={seconds}", "SameSite=Lax"]
    parts += ["Secure"] if secure else []
    parts += [] if readable else ["HttpOnly"]
    return b"set-cookie", "; ".join(parts).encode()


def place_here(address: str) -> str:
    """Take an address to go on to when it is one of our own pages, else the home page."""
    is_here = (
        address.startswith("/") and address[1:2] not in {"/", "\\"} and address.isprintable() and address.isascii()
    )
    return address if is_here else "/"


Show = Callable[..., Awaitable[Any]]
"""Answers a visit: takes it, and the variables of its path."""
