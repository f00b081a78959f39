"""Signing in by certified software that vouches for people: what a person clicks through, page by page."""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import pytest_asyncio
from lxml import html
from starlette.routing import Router

from scripts.find_provider import HOW, PROGRAM, provider
from tests.fixtures.companies import Company, found_company
from tests.fixtures.database import OwnerConnection, Urls
from tests.fixtures.providers import believing, provider_by
from tests.fixtures.visitors import browser, mail_of

BACK = "/sign-in/provider/return"
MOST_PAGES = 12


@dataclass(frozen=True, slots=True)
class Certified:
    """A provider that runs, and the company that it knows."""

    url: str
    company: Company


@pytest.fixture(scope="module")
def software() -> list[str]:
    """Lend the command that runs it."""
    found = provider()
    if found is None and os.environ.get("CI"):
        pytest.fail(f"There is no provider here. {HOW}")
    if found is None:
        pytest.skip(HOW)
    node, place = found
    return [node, str(PROGRAM / "provider.mjs"), str(place)]


@pytest_asyncio.fixture(scope="module")
async def company(app: Router, owner: OwnerConnection) -> Company:
    """Found the company to which the provider sends people back, and to no other address."""
    company = await found_company(app, owner)
    await owner.execute(
        "UPDATE users SET email = $2 WHERE tenant_id = $1 AND user_id = 35", company.tenant_id, mail_of(35)
    )
    return company


@pytest.fixture(scope="module")
def running(software: list[str], company: Company) -> Iterator[str]:
    """Run the provider for this company."""
    with provider_by(lambda port: [*software, str(port), f"http://{company.host}{BACK}"]) as url:
        yield url


@pytest_asyncio.fixture(scope="module")
async def certified(running: str, company: Company, migrated: Urls, data_dir: Path) -> AsyncIterator[Certified]:
    """Lend an application that believes the provider."""
    async with believing(running, migrated.serving, data_dir=data_dir) as made:
        yield Certified(running, replace(company, app=made))


async def go(visitor: httpx2.AsyncClient, wanted: str = "/account") -> str:
    """Ask to be sent to the provider; answer with the address there."""
    told = await visitor.get("/sign-in/provider", params={"next": wanted})
    assert told.status_code == 303, told.text
    return told.headers["location"]


async def click_through(there: httpx2.AsyncClient, address: str, person: str) -> str:
    """Sign in at the provider and consent, by the forms that it shows; answer with where it sends the browser back."""
    answer = await there.get(address)
    for _ in range(MOST_PAGES):
        if answer.is_redirect:
            to = str(answer.url.join(answer.headers["location"]))
            if urlsplit(to).path == BACK:
                return to
            answer = await there.get(to)
            continue
        assert answer.status_code == 200, answer.text
        (form, *_) = html.document_fromstring(answer.content, base_url=str(answer.url)).forms
        fields = {name: value or "" for name, value in form.form_values()}
        for name in ("login", "password"):
            if name in form.fields:
                fields[name] = person
        answer = await there.post(str(answer.url.join(form.action or "")), data=fields)
    raise AssertionError(answer.text)


async def come_back(visitor: httpx2.AsyncClient, person: str) -> httpx2.Response:
    """Sign somebody in there, and see what we say to that."""
    address = await go(visitor)
    async with httpx2.AsyncClient() as there:
        back = urlsplit(await click_through(there, address, person))
    return await visitor.get(f"{back.path}?{back.query}")


async def test_whom_it_vouches_for_gets_in_by_the_address_that_only_its_user_info_tells(certified: Certified) -> None:
    async with browser(certified.company) as olive:
        told = await come_back(olive, "olive")
        assert (told.status_code, told.headers["location"]) == (303, "/account")
        assert (await olive.get("/account")).status_code == 200
    bound = await certified.company.owner.fetchrow(
        "SELECT issuer, subject, user_id FROM identities WHERE tenant_id = $1", certified.company.tenant_id
    )
    assert bound is not None
    assert tuple(bound) == (certified.url, "olive", 35)


@pytest.mark.parametrize("person", ["claimed", "stranger", "nobody at all"])
async def test_whom_nobody_here_is_does_not_get_in_and_whose_address_is_only_claimed(
    certified: Certified, person: str
) -> None:
    async with browser(certified.company) as visitor:
        assert (await come_back(visitor, person)).status_code == 401
        assert (await visitor.get("/account")).status_code == 303


async def test_it_sends_nobody_back_to_an_address_that_it_was_not_told(certified: Certified) -> None:
    async with browser(certified.company) as olive, httpx2.AsyncClient() as there:
        address = await go(olive)
        elsewhere = address.replace(certified.company.host, "elsewhere.test")
        assert elsewhere != address
        assert (await there.get(elsewhere)).status_code == 400


async def test_a_code_that_somebody_has_caught_is_worth_nothing_to_them(certified: Certified) -> None:
    async with browser(certified.company) as olive, browser(certified.company) as other, httpx2.AsyncClient() as there:
        back = urlsplit(await click_through(there, await go(olive), "olive"))
        theirs = parse_qs(urlsplit(await go(other)).query)["state"][0]
        # What proves who asked for the code is missing.
        caught = {"code": parse_qs(back.query)["code"][0], "state": theirs}
        assert (await other.get(BACK, params=caught)).status_code == 401
        assert (await other.get("/account")).status_code == 303


async def test_a_code_counts_once(certified: Certified) -> None:
    async with browser(certified.company) as olive, httpx2.AsyncClient() as there:
        back = urlsplit(await click_through(there, await go(olive), "olive"))
        kept = dict(olive.cookies)
        assert (await olive.get(f"{back.path}?{back.query}")).status_code == 303
        olive.cookies.update(kept)
        assert (await olive.get(f"{back.path}?{back.query}")).status_code == 401


async def test_who_refuses_there_is_not_let_in_here(certified: Certified) -> None:
    async with browser(certified.company) as olive:
        state = parse_qs(urlsplit(await go(olive)).query)["state"][0]
        told = await olive.get(BACK, params={"error": "access_denied", "state": state, "iss": certified.url})
        assert told.status_code == 401
        assert "provider" in told.text
