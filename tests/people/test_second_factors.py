"""Codes by telephone: asked for after the password, each good once, and paper for when the telephone is lost."""

import re
from datetime import UTC, datetime

import httpx2
import pyotp

from tests.fixtures.companies import Company
from tests.fixtures.visitors import PASSWORD, browser, let_in, mail_of, send, sign_in


async def set_up(company: Company, olive: httpx2.AsyncClient) -> tuple[str, list[str]]:
    """Set a second factor up; answer what codes are made of, and the codes on paper."""
    await let_in(company, 35)
    await sign_in(olive, 35)
    await send(olive, "/account/second-factor", seen_at="/account")
    page = await olive.get("/account")
    secret = re.findall(r"<code>([A-Z2-7]{32})</code>", page.text)[0]
    assert "data:image/svg+xml" in page.text
    wrong = await send(olive, "/account/second-factor/confirmation", seen_at="/account", code="000000x")
    assert wrong.status_code == 400
    # The code of the step before is good as well, and leaves this step's for the sign-in.
    code = pyotp.TOTP(secret).at(int(datetime.now(UTC).timestamp()) - 30)
    shown = await send(olive, "/account/second-factor/confirmation", seen_at="/account", code=code)
    papers = re.findall(r"<code>([a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4})</code>", shown.text)
    assert len(papers) == 10
    return secret, papers


async def show(visitor: httpx2.AsyncClient, code: str) -> httpx2.Response:
    return await send(visitor, "/sign-in/code", code=code)


async def test_the_password_alone_lets_nobody_in_any_more(company: Company) -> None:
    async with browser(company) as olive, browser(company) as other:
        await set_up(company, olive)
        told = await send(other, "/sign-in", login=mail_of(35), password=PASSWORD, next="/account")
        assert told.headers["location"] == "/sign-in/code?next=%2Faccount"
        assert (await other.get("/account")).status_code == 303
        assert (await show(other, "123")).status_code == 401
        assert (await other.get("/account")).status_code == 303


async def test_a_code_lets_in_once(company: Company) -> None:
    async with browser(company) as olive, browser(company) as first, browser(company) as second:
        secret, _ = await set_up(company, olive)
        await sign_in(first, 35)
        await sign_in(second, 35)
        # The newest that is good: no step begins between making and showing it that would make it too old.
        code = pyotp.TOTP(secret).at(int(datetime.now(UTC).timestamp()) + 30)
        assert (await show(first, f" {code[:3]} {code[3:]} ")).status_code == 303
        assert (await first.get("/account")).status_code == 200
        assert (await show(second, code)).status_code == 401
        assert (await second.get("/account")).status_code == 303


async def test_a_code_on_paper_lets_in_once_however_it_is_written(company: Company) -> None:
    async with browser(company) as olive, browser(company) as first, browser(company) as second:
        _, papers = await set_up(company, olive)
        await sign_in(first, 35)
        await sign_in(second, 35)
        assert (await show(first, papers[3].upper().replace("-", " "))).status_code == 303
        assert (await show(second, papers[3])).status_code == 401
        assert (await show(second, papers[4])).status_code == 303
    kept = await company.owner.fetch("SELECT * FROM second_factors WHERE tenant_id = $1", company.tenant_id)
    assert [paper for paper in papers if paper in str(dict(kept[0]))] == []


async def test_codes_are_few_so_that_wrong_ones_are_few_too(company: Company) -> None:
    async with browser(company) as olive, browser(company) as mallory:
        _, papers = await set_up(company, olive)
        await sign_in(mallory, 35)
        told = [(await show(mallory, "wrong")).status_code for _ in range(6)]
        assert told == [401] * 5 + [429]
        assert (await show(mallory, papers[0])).status_code == 429
        assert (await olive.get("/account")).status_code == 200


async def test_only_who_knows_the_password_takes_the_codes_away(company: Company) -> None:
    async with browser(company) as olive, browser(company) as other:
        await set_up(company, olive)
        told = await send(olive, "/account/second-factor/removal", seen_at="/account", current="wrong")
        assert told.status_code == 400
        await send(olive, "/account/second-factor/removal", seen_at="/account", current=PASSWORD)
        assert (await sign_in(other, 35)).headers["location"] == "/"
    told_of = await company.owner.fetch(
        "SELECT type FROM events WHERE tenant_id = $1 AND object_type = 'user' ORDER BY event_id", company.tenant_id
    )
    assert [row["type"] for row in told_of] == ["user.second_factor_set", "user.second_factor_removed"]


async def test_a_session_that_waits_for_a_code_ends_after_minutes(company: Company) -> None:
    async with browser(company) as olive, browser(company) as other:
        _, papers = await set_up(company, olive)
        await sign_in(other, 35)
        await company.owner.execute(
            "UPDATE sessions SET begun_at = begun_at - interval '11 minutes', ends_at = ends_at - interval '11 minutes'"
            " WHERE tenant_id = $1 AND awaits_code",
            company.tenant_id,
        )
        assert (await show(other, papers[0])).headers["location"] == "/sign-in"
        assert (await other.get("/account")).status_code == 303
