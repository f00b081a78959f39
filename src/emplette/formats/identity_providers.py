"""A provider that vouches for people, by OpenID Connect: found by its address, asked with a code, believed by its keys.

The authorisation code flow with PKCE (RFC 7636), a state and a nonce; of the ID token, signature, issuer, audience, age
and nonce are checked.
"""

import asyncio
import base64
import hashlib
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet, import_key

from emplette.domain.errors import Unauthenticated, Unavailable

SIGNED_WITH: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
_SCOPE: Final = "openid email profile"
_KEPT_FOR: Final = 3600.0
_PATIENCE: Final = 3.0
_CLOCKS_DIFFER: Final = 60
_LARGEST: Final = 2**20
_IN_A_HEADER: Final = "client_secret_basic"
_IN_THE_FORM: Final = "client_secret_post"


class ProviderRefused(Unauthenticated):
    """The provider does not vouch for anybody here: it said no, or what it said can't be believed."""

    code = "sign_in.provider_refused"


class ProviderSilent(Unavailable):
    """The provider that vouches for people can't be reached."""

    code = "sign_in.provider_silent"


@dataclass(frozen=True, slots=True)
class Vouched:
    """For whom a provider vouches: who that is to it for ever, and their mail address if it has verified that."""

    issuer: str
    subject: str
    mail: str | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a sign-in is known again by: what comes back with it, what the token says, what proves the code ours."""

    state: str
    nonce: str
    verifier: str

    @property
    def challenge(self) -> str:
        """What is told of the verifier beforehand."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


class Provider:
    """One provider, as its own description says where things are; both are asked for again every hour.

    Args:
        issuer: its address.
        client_id: who we are to it.
        client_secret: what proves that.
    """

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        self.issuer = issuer.rstrip("/")
        self._client_id = client_id
        self._client_secret = client_secret
        self._http = httpx2.AsyncClient(timeout=_PATIENCE, follow_redirects=False)
        self._described: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._asking = asyncio.Lock()

    async def close(self) -> None:
        """Close the connections to it."""
        await self._http.aclose()

    async def address_for(self, attempt: Attempt, *, back_to: str) -> str:
        """Say where somebody signs in there, and comes back from.

        Raises:
            ProviderSilent: it can't be asked.
        """
        described = await self._description()
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": back_to,
            "scope": _SCOPE,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        address = _place(described, "authorization_endpoint")
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    async def vouched_for(self, code: str, attempt: Attempt, *, back_to: str) -> Vouched:
        """Ask for whom it vouches, with the code that somebody came back with.

        Raises:
            ProviderRefused: for nobody, or what it says can't be believed.
            ProviderSilent: it can't be asked.
        """
        described = await self._description()
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back_to,
            "code_verifier": attempt.verifier,
        }
        fields, auth = self._who_we_are(described)
        told = await self._ask("POST", _place(described, "token_endpoint"), data=asked | fields, auth=auth)
        claims = await self._believed(told.get("id_token"), attempt.nonce, described["issuer"])
        if "email" not in claims and "userinfo_endpoint" in described:
            bearer = {"Authorization": f"Bearer {told.get('access_token')}"}
            more = await self._ask("GET", _place(described, "userinfo_endpoint"), headers=bearer)
            claims = {**more, **claims} if more.get("sub") == claims["sub"] else claims
        mail = claims.get("email")
        is_verified = claims.get("email_verified") is True and isinstance(mail, str)
        return Vouched(self.issuer, claims["sub"], mail if is_verified else None)

    def _who_we_are(self, described: dict[str, Any]) -> tuple[dict[str, str], httpx2.BasicAuth | None]:
        """Show who we are: in a header, each part encoded as in a form (RFC 6749, 2.3.1), else in the form itself."""
        takes = described.get("token_endpoint_auth_methods_supported") or [_IN_A_HEADER]
        if _IN_A_HEADER not in takes and _IN_THE_FORM in takes:
            return {"client_id": self._client_id, "client_secret": self._client_secret}, None
        return {}, httpx2.BasicAuth(quote_plus(self._client_id), quote_plus(self._client_secret))

    async def _believed(self, token: object, nonce: str, issuer: str) -> dict[str, Any]:
        """Check an ID token, with keys that are asked for anew when it is signed with one that is not known."""
        if not isinstance(token, str):
            raise ProviderRefused("It answered without an ID token.")
        claims = jwt.JWTClaimsRegistry(
            leeway=_CLOCKS_DIFFER,
            # As it calls itself: some write a slash at the end.
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": self._client_id},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
            exp={"essential": True},
        )
        for is_last in (False, True):
            keys = await self._key_set(anew=is_last)
            try:
                decoded = jwt.decode(token, keys, algorithms=list(SIGNED_WITH))
                claims.validate(decoded.claims)
            except (JoseError, ValueError) as error:
                if not is_last:
                    continue
                raise ProviderRefused(f"Its ID token can't be believed: {error}.") from None
            return dict(decoded.claims)
        raise ProviderRefused

    async def _description(self) -> dict[str, Any]:
        async with self._asking:
            if self._described is None or time.monotonic() - self._described[0] > _KEPT_FOR:
                told = await self._ask("GET", f"{self.issuer}/.well-known/openid-configuration")
                if str(told.get("issuer", "")).rstrip("/") != self.issuer:
                    raise ProviderRefused("It calls itself something else than its address.")
                self._described = time.monotonic(), told
            return self._described[1]

    async def _key_set(self, *, anew: bool) -> KeySet:
        described = await self._description()
        async with self._asking:
            if anew or self._keys is None or time.monotonic() - self._keys[0] > _KEPT_FOR:
                found = await self._ask("GET", _place(described, "jwks_uri"))
                self._keys = time.monotonic(), keys_in(found)
            return self._keys[1]

    async def _ask(self, method: str, address: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - as httpx2 takes it
        if not is_safe(address):
            raise ProviderRefused("It names an address without TLS.")
        try:
            answer = await self._http.request(method, address, **more)
        except httpx2.TransportError as error:
            raise ProviderSilent(f"It can't be reached: {type(error).__name__}.") from error
        if answer.status_code >= httpx2.codes.INTERNAL_SERVER_ERROR:
            raise ProviderSilent(f"It answered {answer.status_code}.")
        if answer.status_code != httpx2.codes.OK or len(answer.content) > _LARGEST:
            raise ProviderRefused(f"It answered {answer.status_code}.")
        try:
            told = answer.json()
        except ValueError:
            raise ProviderRefused("It answered something that is no JSON.") from None
        if not isinstance(told, dict):
            raise ProviderRefused("It answered something else than an object.")
        return told


def keys_in(told: dict[str, Any]) -> KeySet:
    """Read the keys of a provider; one of a kind that we don't know is left out, and what it signs is not believed."""
    keys: list[Key] = []
    listed = told.get("keys")
    for key in listed if isinstance(listed, list) else []:
        # A curve that it doesn't know is a KeyError to the library.
        with suppress(JoseError, LookupError, TypeError, ValueError):
            keys += [import_key(key)] if isinstance(key, dict) else []
    return KeySet(keys)


def _place(described: dict[str, Any], name: str) -> str:
    address = described.get(name)
    if not isinstance(address, str):
        raise ProviderRefused(f"Its description names no {name}.")
    return address


def is_safe(address: str) -> bool:
    """Tell whether what is said there stays between us: with TLS, or on this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"})
