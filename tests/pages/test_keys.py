"""Keys on the pages: a secret is shown once, and counts; a key does no more than its maker said."""

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from tests.fixtures.companies import Company
from tests.fixtures.guide import API
from tests.fixtures.pages import Seen, Visiting, seen, visiting

KEYS = "/settings/keys"


@pytest_asyncio.fixture
async def administrator(company: Company) -> AsyncIterator[Visiting]:
    async with await visiting(company, 36, "administrator") as visitor:
        yield visitor


def secret_in(page: Seen) -> str:
    return str(page.tree.xpath("//input[@id='secret']/@value")[0])


async def _make(visitor: Visiting, **said: str) -> Seen:
    page = await visitor.see(KEYS)
    said = {"name": "Order form", "contact": "it@example.test"} | said
    return seen(await visitor.send(page, KEYS, **said))


async def _status(company: Company, secret: str, path: str = "purchases") -> int:
    async with company.client(secret) as caller:
        return (await caller.get(f"{API}/{path}")).status_code


async def test_a_key_is_made_shown_once_and_lets_in(administrator: Visiting, company: Company) -> None:
    made = await _make(administrator)
    secret = secret_in(made)
    assert made.answer.headers["cache-control"] == "no-store"
    assert await _status(company, secret) == 200
    assert await _status(company, secret, "webhooks") == 403
    listed = await administrator.see(KEYS)
    assert "Order form" in listed.text
    assert secret not in listed.answer.text
    by = await company.owner.fetchval(
        "SELECT actor_id FROM events WHERE tenant_id = $1 AND type = 'api_key.created'", company.tenant_id
    )
    assert by == 36


async def test_another_secret_lets_in_and_the_former_one_ends_when_it_was_said_to(
    administrator: Visiting, company: Company
) -> None:
    first = secret_in(await _make(administrator))
    place = (await administrator.see(KEYS)).action("/secret")
    second = secret_in(seen(await administrator.send(await administrator.see(KEYS), place, ends="0")))
    assert first != second
    assert (await _status(company, first), await _status(company, second)) == (401, 200)


async def test_a_revoked_key_lets_nobody_in(administrator: Visiting, company: Company) -> None:
    secret = secret_in(await _make(administrator))
    page = await administrator.see(KEYS)
    assert (await administrator.send(page, page.action("/revocation"))).status_code == 303
    assert await _status(company, secret) == 401


async def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_is_kept(administrator: Visiting) -> None:
    page = await _make(administrator, contact="nobody", expires="2020-01-01")
    assert page.status == 400
    assert page.tree.xpath("//*[@id='contact-wrong1'] | //*[@id='expires-wrong1']")
    assert page.form(KEYS)["name"] == "Order form"


async def test_a_key_acts_for_nobody_but_whoever_makes_it(administrator: Visiting, company: Company) -> None:
    await _make(administrator, mine="yes", alone="yes", person="37")
    bound = await company.owner.fetchrow(
        "SELECT person_id, auto_approve FROM api_keys WHERE tenant_id = $1 AND name = 'Order form'", company.tenant_id
    )
    assert bound is not None
    assert (bound["person_id"], bound["auto_approve"]) == (36, False)


async def test_a_form_that_is_sent_twice_makes_one_key_and_shows_its_secret_twice(
    administrator: Visiting, company: Company
) -> None:
    page = await administrator.see(KEYS)
    said = page.form(KEYS) | {"name": "Order form", "contact": "it@example.test"}
    first, second = await asyncio.gather(*(administrator.post(KEYS, said) for _ in range(2)))
    secret = secret_in(seen(first))
    assert secret == secret_in(seen(second))
    assert await _status(company, secret) == 200
    made = "SELECT count(*) FROM api_keys WHERE tenant_id = $1 AND name = 'Order form'"
    assert await company.owner.fetchval(made, company.tenant_id) == 1
    assert secret_in(seen(await administrator.post(KEYS, said | {"name": "Another"}))) != secret


async def test_a_form_whose_key_was_revoked_meanwhile_makes_none_when_it_is_sent_again(
    administrator: Visiting,
) -> None:
    said = (await administrator.see(KEYS)).form(KEYS) | {"name": "Order form", "contact": "it@example.test"}
    await administrator.post(KEYS, said)
    page = await administrator.see(KEYS)
    await administrator.send(page, page.action("/revocation"))
    assert (await administrator.post(KEYS, said)).status_code == 422


async def test_a_new_secret_that_is_asked_for_twice_is_made_once(administrator: Visiting, company: Company) -> None:
    first = secret_in(await _make(administrator))
    page = await administrator.see(KEYS)
    place = page.action("/secret")
    answers = await asyncio.gather(*(administrator.send(page, place, ends="7") for _ in range(2)))
    (second,) = {secret_in(seen(answer)) for answer in answers}
    assert [await _status(company, secret) for secret in (first, second)] == [200, 200]
    query = "SELECT count(*) FROM former_secrets WHERE tenant_id = $1"
    assert await company.owner.fetchval(query, company.tenant_id) == 1
