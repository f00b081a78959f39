"""Signing in by a provider that vouches for people: going there, and coming back.

What one attempt is known again by stands in a cookie of its own for ten minutes. Whoever comes back without it, or with
another, did not go there from here.
"""

import hmac
from typing import Final
from urllib.parse import quote, unquote

from emplette.domain.errors import Unavailable
from emplette.domain.sign_in import SignInRefused
from emplette.formats.identity_providers import Attempt, Provider, ProviderRefused
from emplette.http.contract.refusals import PathUnknown
from emplette.http.contract.registry import GET
from emplette.http.contract.replies import Response
from emplette.http.contract.statuses import status_of
from emplette.http.pages.declaring import page
from emplette.http.pages.sign_in import BROWSER_COOKIE, ask, kept, safe_place, session_cookies
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Visit, bound
from emplette.services import identities
from emplette.services.randomness import new_secret
from emplette.services.sign_in import Caller

ATTEMPT_COOKIE: Final = "emplette-provider"
BACK: Final = "/sign-in/provider/return"

_TEN_MINUTES: Final = 600
_PARTS: Final = 4
_REFUSED: Final = marked("That did not work: nobody here was vouched for. Try again, or ask an administrator.")
_SILENT: Final = marked("The provider can’t be reached just now. Try again in a minute.")


@page(GET, "/sign-in/provider", public=True)
async def go_to_provider(visit: Visit) -> Response:
    """Send somebody to the provider, to sign in there."""
    attempt = Attempt(new_secret(), new_secret(), new_secret())
    try:
        to = await _provider(visit).address_for(attempt, back_to=_back(visit))
    except (ProviderRefused, Unavailable) as refusal:
        return ask(visit, status=status_of(type(refusal)), faults={"$": [_SILENT]})
    wanted = quote(safe_place(visit.query["next"]), safe="")
    value = f"{attempt.state}.{attempt.nonce}.{attempt.verifier}.{wanted}"
    return visit.go(to, cookies=[kept(visit, ATTEMPT_COOKIE, value, _TEN_MINUTES)])


@page(GET, BACK, public=True)
async def come_back_from_provider(visit: Visit) -> Response:
    """Let in whom the provider vouches for."""
    name = bound(ATTEMPT_COOKIE, secure=visit.is_secure)
    parts = visit.cookies.get(name, "").split(".", _PARTS - 1)
    reception = visit.reception
    try:
        attempt = _attempt_of(parts, visit.query["state"])
        vouched = await _provider(visit).vouched_for(visit.query["code"], attempt, back_to=_back(visit))
        session = reception.database.session()
        user = await identities.person_of(session, visit.tenant, vouched, now=visit.look.now)
        browser = visit.cookies.get(bound(BROWSER_COOKIE, secure=visit.is_secure), "") or new_secret()
        caller = Caller(visit.call.client, visit.call.program, browser)
        begun = await reception.desk.begin(session, visit.tenant, user, caller, is_vouched=True)
    except (ProviderRefused, SignInRefused, Unavailable) as refusal:
        said = _SILENT if isinstance(refusal, Unavailable) else _REFUSED
        return ask(visit, status=status_of(type(refusal)), faults={"$": [said]})
    gone = kept(visit, ATTEMPT_COOKIE, "", 0)
    return visit.go(safe_place(unquote(parts[-1])), cookies=[*session_cookies(visit, begun, browser), gone])


def _attempt_of(parts: list[str], state: str) -> Attempt:
    if len(parts) != _PARTS or not hmac.compare_digest(parts[0].encode(), state.encode()):
        raise ProviderRefused("Nobody was sent there from this browser.")
    return Attempt(*parts[: _PARTS - 1])


def _provider(visit: Visit) -> Provider:
    found = visit.reception.desk.provider
    if found is None:
        raise PathUnknown("No provider vouches for people here.")
    return found


def _back(visit: Visit) -> str:
    return f"{visit.call.base_url}{BACK}"
