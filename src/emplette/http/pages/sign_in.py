"""Signing in and out, and setting a password by a link.

Whoever has not signed in has no session that a form could be made for: those forms are made for the browser, which is
given a cookie of its own. It is also what a person's browser is known by later, see `emplette.http.desk`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from emplette.domain.errors import Invalid
from emplette.domain.sign_in import SessionOver, SignInRefused, form_token, is_form_of
from emplette.http.contract.refusals import SignInTriedOften
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import RawHeaders, Response
from emplette.http.contract.statuses import OK, status_of
from emplette.http.pages.declaring import page
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import SESSION_COOKIE, FormForged, Visit, bound, cookie
from emplette.services import sign_in
from emplette.services.randomness import new_secret
from emplette.services.second_factors import CodeRefused
from emplette.services.sign_in import Begun, Caller

BROWSER_COOKIE: Final = "emplette-browser"
HOME: Final = "/"
SIGN_IN: Final = "/sign-in"

_A_YEAR: Final = 365 * 24 * 3600
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_WRONG: Final = marked("The mail address and the password don’t belong together.")
_WRONG_CODE: Final = marked("This is not the code that is shown now, or it was used before.")
_OFTEN: Final = marked("Too many wrong passwords came lately. Wait a little, then try again.")
_CODES_OFTEN: Final = marked("Too many wrong codes came lately. Wait a minute, then try again.")


@page(GET, SIGN_IN, public=True)
async def show_sign_in(visit: Visit) -> Response:
    """Ask who somebody is; who has signed in already goes on."""
    if visit.visitor is not None:
        return visit.go(safe_place(visit.query["next"]))
    return ask(visit)


@page(POST, SIGN_IN, public=True)
async def sign_in_with_password(visit: Visit) -> Response:
    """Sign somebody in, and lead to where they wanted to go."""
    caller = caller_of(visit)
    database, desk = visit.reception.database, visit.reception.desk
    try:
        begun = await desk.sign_in(
            database.session(), visit.tenant, visit.form["login"], visit.form.exactly("password"), caller
        )
    except (SignInRefused, SignInTriedOften) as refusal:
        said = _WRONG if isinstance(refusal, SignInRefused) else _OFTEN
        return ask(visit, status=status_of(type(refusal)), faults={"$": [said]})
    return go_in(visit, begun, safe_place(visit.form["next"]))


@page(GET, "/sign-in/code", public=True)
async def show_code_form(visit: Visit) -> Response:
    """Ask for a code of the second factor."""
    return _ask_code(visit)


@page(POST, "/sign-in/code", public=True)
async def sign_in_with_code(visit: Visit) -> Response:
    """Let in whoever has shown their password, and shows a code."""
    caller_of(visit)
    secret = visit.cookies.get(bound(SESSION_COOKIE, secure=visit.is_secure), "")
    session = visit.reception.database.session()
    try:
        begun = await visit.reception.desk.take_code(session, visit.tenant, secret, visit.form["code"])
    except SessionOver:
        return visit.go(SIGN_IN)
    except (CodeRefused, SignInTriedOften) as refusal:
        said = _WRONG_CODE if isinstance(refusal, CodeRefused) else _CODES_OFTEN
        return _ask_code(visit, status=status_of(type(refusal)), faults={"code": [said]})
    return go_in(visit, begun, safe_place(visit.form["next"]))


@page(POST, "/sign-out")
async def sign_out(visit: Visit) -> Response:
    """End the session."""
    await sign_in.sign_out(visit.work)
    forget_session(visit)
    name = bound(SESSION_COOKIE, secure=visit.is_secure)
    gone = cookie(name, "", seconds=0, secure=visit.is_secure)
    return visit.go(SIGN_IN, said="signed-out", cookies=[gone])


@page(GET, "/password-links/{secret}", public=True)
async def show_password_link(visit: Visit, secret: str) -> Response:
    """Let somebody choose a password; the link is used up when they send it, not by looking."""
    return await _offer(visit, secret)


@page(POST, "/password-links/{secret}", public=True)
async def set_password_by_link(visit: Visit, secret: str) -> Response:
    """Set a password by a link, and sign its owner in."""
    caller = caller_of(visit)
    now = visit.look.now
    reception = visit.reception
    session, password = reception.database.session(), visit.form.exactly("password")
    if password != visit.form.exactly("again"):
        return await _offer(visit, secret, faults={"again": [marked("Must be the same twice.")]})
    try:
        user = await sign_in.use_link(
            session, visit.tenant, secret, password, passwords=reception.desk.passwords, now=now
        )
    except Invalid as refusal:
        return await _offer(visit, secret, faults=refusal.faults)
    begun = await reception.desk.begin(session, visit.tenant, user, caller)
    return go_in(visit, begun, HOME, said="password-set")


def safe_place(wanted: str) -> str:
    """Lead to a page of ours; to the first one, where the address could be somebody else's."""
    is_ours = wanted.startswith("/") and wanted[1:2] not in {"/", "\\"} and wanted.isascii() and wanted.isprintable()
    return wanted if is_ours and not wanted.startswith(SIGN_IN) else HOME


def session_cookies(visit: Visit, begun: Begun, browser: str = "") -> RawHeaders:
    """Have the browser keep a session as long as it can last, and a new name of its own for the next time."""
    seconds = int((begun.ends_at - visit.look.now).total_seconds())
    return [
        kept(visit, SESSION_COOKIE, begun.secret, seconds),
        kept(visit, BROWSER_COOKIE, browser or _browser(visit), _A_YEAR),
    ]


def forget_session(visit: Visit) -> None:
    """Look this browser's session up anew when it is shown again."""
    secret = visit.cookies.get(bound(SESSION_COOKIE, secure=visit.is_secure), "")
    visit.reception.forget(visit.tenant, secret)


def go_in(visit: Visit, begun: Begun, to: str, *, said: str = "") -> Response:
    """Have the browser keep a session that has begun, and lead on; first to the code that the session waits for."""
    cookies = session_cookies(visit, begun)
    if begun.awaits_code:
        return visit.go(f"/sign-in/code?{urlencode({'next': to})}", cookies=cookies)
    forget_session(visit)
    return visit.go(to, said=said, cookies=cookies)


def _ask_code(visit: Visit, *, status: int = OK, faults: dict[str, list[str]] | None = None) -> Response:
    wanted = safe_place(visit.form["next"] or visit.query["next"])
    return with_form(visit, "sign-in-code.html", status=status, wanted=wanted, faults=faults)


def ask(visit: Visit, *, status: int = OK, faults: dict[str, list[str]] | None = None) -> Response:
    """Ask who somebody is, saying what was wrong before."""
    return with_form(
        visit,
        "sign-in.html",
        status=status,
        login=visit.form["login"],
        wanted=safe_place(visit.form["next"] or visit.query["next"]),
        provider="" if visit.reception.desk.provider is None else visit.reception.desk.provider_name,
        faults=faults,
    )


async def _offer(visit: Visit, secret: str, *, faults: dict[str, list[str]] | None = None) -> Response:
    session = visit.reception.database.session()
    user = await sign_in.person_of_link(session, visit.tenant, secret, now=visit.look.now)
    return with_form(visit, "password-link.html", person=user.name, faults=faults)


def with_form(
    visit: Visit,
    template: str,
    *,
    status: int = OK,
    faults: Mapping[str, Sequence[str]] | None = None,
    **values: object,
) -> Response:
    """Show a form that is made for this browser, which is given a name for that when it has none."""
    browser = _browser(visit) or new_secret()
    token = form_token(browser) if visit.visitor is None else visit.visitor.csrf
    answer = visit.show(template, status=status, faults=faults, token=token, **values)
    if _browser(visit):
        return answer
    return replace(answer, headers=[*answer.headers, kept(visit, BROWSER_COOKIE, browser, _A_YEAR)])


def caller_of(visit: Visit) -> Caller:
    """Say where somebody signs in.

    Raises:
        FormForged: the form was not made for this browser.
    """
    browser = _browser(visit)
    # The form of somebody who has signed in was made for the session, and was looked at already.
    if not browser or (visit.visitor is None and not is_form_of(browser, visit.form["csrf"])):
        raise FormForged
    return Caller(visit.call.client, visit.call.program, browser)


def _browser(visit: Visit) -> str:
    found = visit.cookies.get(bound(BROWSER_COOKIE, secure=visit.is_secure), "")
    return found if _SECRET.fullmatch(found) else ""


def kept(visit: Visit, name: str, value: str, seconds: int) -> tuple[bytes, bytes]:
    """Have the browser keep what lets somebody in; 0 s forgets it."""
    return cookie(bound(name, secure=visit.is_secure), value, seconds=seconds, secure=visit.is_secure)
