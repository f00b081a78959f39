"""Signing in by a provider that vouches for people: a real one, on this machine."""

import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import pytest_asyncio
from starlette.routing import Router

from tests.fixtures.companies import Company
from tests.fixtures.database import Urls
from tests.fixtures.providers import believing, provider_by
from tests.fixtures.visitors import browser, mail_of

_PROGRAM = """
import sys, warnings
warnings.simplefilter("ignore")
from oidc_provider_mock import User, app
people = [
    User(sub="olive", claims={"email": "USER35@example.test", "email_verified": True}),
    User(sub="claimed", claims={"email": "user35@example.test", "email_verified": False}),
    User(sub="other", claims={"email": "user35@example.test", "email_verified": True}),
    User(sub="left", claims={"email": "user38@example.test", "email_verified": True}),
    User(sub="stranger", claims={"email": "stranger@example.test", "email_verified": True}),
]
app(require_nonce=True, user_claims=people).run(port=int(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """Run a provider that knows some people."""
    with provider_by(lambda port: [sys.executable, "-c", _PROGRAM, str(port)]) as url:
        yield url


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody at the provider: what they were sent there with."""

    asked: dict[str, str]
    address: str


@pytest_asyncio.fixture(scope="module")
async def program(migrated: Urls, data_dir: Path, issuer: str) -> AsyncIterator[Router]:
    """Lend an application that believes the provider."""
    async with believing(issuer, migrated.serving, data_dir=data_dir) as made:
        yield made


@pytest_asyncio.fixture
async def vouched(company: Company, program: Router) -> Company:
    """Lend a company whose people the provider vouches for."""
    for user_id in (35, 38):
        await company.owner.execute(
            "UPDATE users SET email = $3 WHERE tenant_id = $1 AND user_id = $2",
            company.tenant_id,
            user_id,
            mail_of(user_id),
        )
    return replace(company, app=program)


async def go_away(visitor: httpx2.AsyncClient, wanted: str = "/account") -> Away:
    told = await visitor.get("/sign-in/provider", params={"next": wanted})
    assert told.status_code == 303, told.text
    address = told.headers["location"]
    return Away({name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}, address)


async def sign_in_there(away: Away, subject: str) -> str:
    """Sign in at the provider; answer with what the browser is sent back to, from its path on."""
    async with httpx2.AsyncClient() as there:
        told = await there.post(away.address, data={"sub": subject})
    assert told.status_code == 302, told.text
    back = urlsplit(told.headers["location"])
    return f"{back.path}?{back.query}"


async def come_back(visitor: httpx2.AsyncClient, subject: str) -> httpx2.Response:
    away = await go_away(visitor)
    return await visitor.get(await sign_in_there(away, subject))


async def test_whom_the_provider_vouches_for_gets_in_and_goes_where_they_wanted(vouched: Company) -> None:
    async with browser(vouched) as olive:
        assert "Our directory" in (await olive.get("/sign-in?next=/account")).text
        told = await come_back(olive, "olive")
        assert (told.status_code, told.headers["location"]) == (303, "/account")
        assert (await olive.get("/account")).status_code == 200
        assert "emplette-provider" not in olive.cookies


async def test_each_attempt_has_its_own_state_nonce_and_challenge(vouched: Company) -> None:
    async with browser(vouched) as olive:
        first, second = await go_away(olive), await go_away(olive)
    for name in ("state", "nonce", "code_challenge"):
        assert first.asked[name] != second.asked[name]
    assert first.asked["code_challenge_method"] == "S256"
    assert first.asked["response_type"] == "code"


async def test_who_somebody_is_to_the_provider_stays_when_the_mail_address_goes_to_another(vouched: Company) -> None:
    async with browser(vouched) as olive, browser(vouched) as other:
        assert (await come_back(olive, "olive")).status_code == 303
        assert (await come_back(other, "other")).status_code == 401
        await vouched.owner.execute(
            "UPDATE users SET email = NULL WHERE tenant_id = $1 AND user_id = 35", vouched.tenant_id
        )
        assert (await come_back(olive, "olive")).status_code == 303
    bound = await vouched.owner.fetch(
        "SELECT object_id, facts FROM events WHERE tenant_id = $1 AND type = 'user.identity_bound'", vouched.tenant_id
    )
    assert [row["object_id"] for row in bound] == [35]


@pytest.mark.parametrize("subject", ["claimed", "left", "stranger"])
async def test_nobody_gets_in_by_an_address_that_is_not_verified_or_is_nobodys_here(
    vouched: Company, subject: str
) -> None:
    async with browser(vouched) as visitor:
        assert (await come_back(visitor, subject)).status_code == 401
        assert (await visitor.get("/account")).status_code == 303


async def test_who_comes_back_without_having_gone_from_here_does_not_get_in(vouched: Company) -> None:
    async with browser(vouched) as mallory, browser(vouched) as olive:
        theirs = await sign_in_there(await go_away(mallory), "olive")
        assert (await olive.get(theirs)).status_code == 401
        await go_away(olive)
        assert (await olive.get(theirs)).status_code == 401
        assert (await olive.get("/account")).status_code == 303


async def test_a_code_counts_once(vouched: Company) -> None:
    async with browser(vouched) as olive:
        away = await go_away(olive)
        back = await sign_in_there(away, "olive")
        kept = dict(olive.cookies)
        assert (await olive.get(back)).status_code == 303
        olive.cookies.update(kept)
        assert (await olive.get(back)).status_code == 401


async def test_a_token_for_another_attempt_is_not_believed(vouched: Company) -> None:
    async with browser(vouched) as olive:
        away = await go_away(olive)
        swapped = replace(away, address=away.address.replace(away.asked["nonce"], "another"))
        assert (await olive.get(await sign_in_there(swapped, "olive"))).status_code == 401


async def test_without_a_provider_nothing_leads_to_one(company: Company) -> None:
    async with browser(company) as olive:
        assert "/sign-in/provider" not in (await olive.get("/sign-in")).text
        assert (await olive.get("/sign-in/provider")).status_code == 404
