"""Signing in on the page: who gets in, for how long, and what everybody else is told."""

import re
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from emplette.domain.sign_in import SessionOver
from emplette.services.access import Access
from emplette.services.randomness import new_secret
from emplette.storage import people
from emplette.storage import sign_in as storage
from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.visitors import PASSWORD, browser, let_in, mail_of, send, sign_in, token_in


async def sessions_of(company: Company, user_id: int) -> int:
    count: int = await company.owner.fetchval(
        "SELECT count(*) FROM sessions WHERE tenant_id = $1 AND user_id = $2", company.tenant_id, user_id
    )
    return count


async def test_whoever_has_not_signed_in_is_led_to_the_sign_in_and_back(company: Company) -> None:
    await let_in(company, 35)
    async with browser(company) as olive:
        away = await olive.get("/account?x=1")
        assert (away.status_code, away.headers["location"]) == (303, "/sign-in?next=%2Faccount%3Fx%3D1")
        page = await olive.get(away.headers["location"])
        told = await olive.post(
            "/sign-in",
            data={"csrf": token_in(page), "login": mail_of(35), "password": PASSWORD, "next": "/account?x=1"},
        )
        assert (told.status_code, told.headers["location"]) == (303, "/account?x=1")
        assert (await olive.get("/account")).status_code == 200


async def test_the_mail_address_counts_however_it_is_written(company: Company) -> None:
    await let_in(company, 35)
    async with browser(company) as olive:
        login = f"  {mail_of(35).upper()} "
        assert (await send(olive, "/sign-in", login=login, password=PASSWORD)).status_code == 303


@pytest.mark.parametrize("wanted", ["//evil.example/", "https://evil.example", "/\\evil.example", "evil", "/sign-in"])
async def test_the_sign_in_leads_to_no_other_site(company: Company, wanted: str) -> None:
    await let_in(company, 35)
    async with browser(company) as olive:
        told = await send(olive, "/sign-in", login=mail_of(35), password=PASSWORD, next=wanted)
        assert told.headers["location"] == "/"


async def test_whatever_is_wrong_is_answered_alike(company: Company) -> None:
    await let_in(company, 35)
    await let_in(company, 38)
    async with browser(company) as stranger:
        wrong = [
            await send(stranger, "/sign-in", login="x@example.test", password="whatever it may be"),
            await send(stranger, "/sign-in", login="x@example.test", password=PASSWORD),
            await send(stranger, "/sign-in", login="x@example.test", password=""),
        ]
        nobody = [re.sub("x@example.test", "LOGIN", told.text) for told in wrong]
        for login, password in ((mail_of(35), "wrong"), (mail_of(38), PASSWORD), (mail_of(36), PASSWORD)):
            told = await send(stranger, "/sign-in", login=login, password=password)
            assert told.status_code == 401
            assert re.sub(login, "LOGIN", told.text) in nobody
    assert {told.status_code for told in wrong} == {401}


async def test_what_is_kept_of_a_session_opens_nothing(company: Company) -> None:
    await let_in(company, 35)
    async with browser(company) as olive:
        await sign_in(olive, 35)
        secret = olive.cookies["emplette-session"]
    rows = await company.owner.fetch("SELECT * FROM sessions WHERE tenant_id = $1", company.tenant_id)
    assert [secret in str(dict(row)) for row in rows] == [False]
    assert len(secret) == 43


async def test_cookies_are_for_this_host_and_for_no_script(company: Company) -> None:
    await let_in(company, 35)
    async with browser(company, secure=True) as olive:
        told = await sign_in(olive, 35)
    kept = told.headers.get_list("set-cookie")
    assert {one.partition("=")[0] for one in kept} == {"__Host-emplette-session", "__Host-emplette-browser"}
    for one in kept:
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(one.split("; "))
        assert "Domain" not in one


async def test_over_http_a_cookie_of_another_host_lets_nobody_in_over_https(company: Company) -> None:
    await let_in(company, 35)
    async with browser(company) as olive:
        await sign_in(olive, 35)
        secret = olive.cookies["emplette-session"]
    async with browser(company, secure=True) as other:
        told = await other.get("/account", headers={"Cookie": f"emplette-session={secret}"})
        assert told.status_code == 303
        told = await other.get("/account", headers={"Cookie": f"__Host-emplette-session={secret}"})
        assert told.status_code == 200


async def test_a_form_of_another_site_signs_nobody_in_and_nobody_out(company: Company) -> None:
    await let_in(company, 35)
    async with browser(company) as olive, browser(company) as mallory:
        theirs = token_in(await mallory.get("/sign-in"))
        fields = {"login": mail_of(35), "password": PASSWORD}
        for forged in ({}, {"csrf": theirs}, {"csrf": "é"}):
            assert (await olive.post("/sign-in", data=fields | forged)).status_code == 403
        await sign_in(olive, 35)
        for forged in ({}, {"csrf": theirs}):
            assert (await olive.post("/sign-out", data=forged)).status_code == 403
        assert (await olive.get("/account")).status_code == 200


async def test_signing_out_ends_the_session_here_and_no_other(company: Company) -> None:
    await let_in(company, 35)
    async with browser(company) as here, browser(company) as there:
        await sign_in(here, 35)
        await sign_in(there, 35)
        stolen = here.cookies["emplette-session"]
        told = await send(here, "/sign-out", seen_at="/account")
        assert (told.status_code, told.headers["location"]) == (303, "/sign-in")
        assert (await here.get("/account", headers={"Cookie": f"emplette-session={stolen}"})).status_code == 303
        assert (await there.get("/account")).status_code == 200
    assert await sessions_of(company, 35) == 1


@pytest.mark.parametrize(
    ("idle", "old"), [(timedelta(hours=13), timedelta(hours=14)), (timedelta(0), timedelta(days=8))]
)
async def test_a_session_ends_when_it_is_idle_and_when_it_is_old(
    company: Company, idle: timedelta, old: timedelta
) -> None:
    await let_in(company, 35)
    async with browser(company) as olive:
        await sign_in(olive, 35)
        await company.owner.execute(
            """UPDATE sessions SET used_at = now() - $2::interval, begun_at = now() - $3::interval,
                                   ends_at = now() - $3::interval + '7 days' WHERE tenant_id = $1""",
            company.tenant_id,
            idle,
            old,
        )
        assert (await olive.get("/account")).status_code == 303
        await sign_in(olive, 35)
    assert await sessions_of(company, 35) == 1, "what is over goes with the next sign-in"


async def test_a_session_that_was_ended_ends_on_every_process_within_five_seconds(
    company: Company, database: Database
) -> None:
    await let_in(company, 35)
    async with browser(company) as olive:
        await sign_in(olive, 35)
        secret = olive.cookies["emplette-session"]
    tenant = await people.tenant_of_host(database.session(), company.host)
    assert tenant is not None
    now = 0
    processes = [Access(database, clock=lambda: now) for _ in range(2)]
    for process in processes:
        assert (await process.session(tenant, secret)).principal.user.id == 35
    ended = await storage.end_sessions(database.session(), tenant.id, 35, actor=36, now=datetime.now(UTC))
    assert ended == 1
    now = 5_000_000_000
    for process in processes:
        with pytest.raises(SessionOver):
            await process.session(tenant, secret)
    told = await company.owner.fetchval(
        "SELECT actor_id FROM events WHERE tenant_id = $1 AND type = 'user.sessions_ended'", company.tenant_id
    )
    assert told == 36


async def test_a_person_who_has_left_gets_in_no_more(company: Company) -> None:
    await let_in(company, 35)
    async with browser(company) as olive:
        await sign_in(olive, 35)
        await company.owner.execute(
            "UPDATE users SET left_on = '2024-01-01' WHERE tenant_id = $1 AND user_id = 35", company.tenant_id
        )
        assert (await olive.get("/account")).status_code == 303
        assert (await sign_in(olive, 35)).status_code == 401


async def test_a_session_of_one_company_is_unknown_to_another(company: Company, rival: Company) -> None:
    await let_in(company, 35)
    await let_in(rival, 35)
    async with browser(company) as olive, browser(rival) as other:
        await sign_in(olive, 35)
        other.cookies.set("emplette-session", olive.cookies["emplette-session"])
        assert (await other.get("/account")).status_code == 303


async def test_two_people_with_one_mail_address_get_in_with_neither_password(company: Company) -> None:
    await let_in(company, 35)
    await let_in(company, 36)
    await company.owner.execute(
        "UPDATE users SET email = $2 WHERE tenant_id = $1 AND user_id = 36", company.tenant_id, mail_of(35)
    )
    async with browser(company) as olive:
        assert (await sign_in(olive, 35)).status_code == 401


async def test_what_was_typed_is_kept_but_for_the_password(company: Company) -> None:
    async with browser(company) as olive:
        told = await send(olive, "/sign-in", login='"><script>', password="not this, please", next="/account")
    assert "&#34;&gt;&lt;script&gt;" in told.text
    assert 'value="/account"' in told.text
    assert "not this, please" not in told.text


async def test_a_page_of_the_sign_in_runs_under_the_strict_policy_and_is_kept_nowhere(company: Company) -> None:
    async with browser(company) as olive:
        page = await olive.get("/sign-in")
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "unsafe" not in page.headers["content-security-policy"]


# Passwords ----------------------------------------------------------------------------------------------------


async def change(olive: httpx2.AsyncClient, new: str, current: str = PASSWORD) -> httpx2.Response:
    fields = {"current": current, "password": new, "again": new}
    return await send(olive, "/account/password", seen_at="/account", **fields)


async def test_a_new_password_ends_all_other_sessions_and_is_an_event(company: Company) -> None:
    await let_in(company, 35)
    async with browser(company) as here, browser(company) as there:
        await sign_in(here, 35)
        await sign_in(there, 35)
        assert (await change(here, "nine blue boats on a lake")).headers["location"] == "/account"
        assert (await here.get("/account")).status_code == 200
        assert (await there.get("/account")).status_code in {200, 303}, "within seconds, as docs/people.md says"
    assert await sessions_of(company, 35) == 1
    (told,) = await company.owner.fetch(
        "SELECT * FROM events WHERE tenant_id = $1 AND type = 'user.password_set'", company.tenant_id
    )
    assert (told["object_id"], told["actor_id"], told["api_key_id"]) == (35, 35, None)
    assert "argon2" not in str(dict(told))


@pytest.mark.parametrize(
    "bad", ["short one", "password1234", "aaaaaaaaaaaaaaaa", "oliveowner35", "user35@example.test", "x" * 257]
)
async def test_a_password_that_is_easily_guessed_is_not_taken(company: Company, bad: str) -> None:
    await let_in(company, 35)
    async with browser(company) as olive:
        await sign_in(olive, 35)
        told = await change(olive, bad)
        assert told.status_code == 400
        assert 'id="password-wrong1"' in told.text
        assert bad not in told.text


async def test_a_session_alone_changes_no_password(company: Company) -> None:
    await let_in(company, 35)
    async with browser(company) as olive:
        await sign_in(olive, 35)
        told = await change(olive, "nine blue boats on a lake", current="wrong")
        assert 'id="current-wrong1"' in told.text
        olive.cookies.clear()
        assert (await sign_in(olive, 35)).status_code == 303


def test_no_two_secrets_are_alike_and_each_fits_in_a_cookie_and_an_address() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert {len(secret) for secret in secrets} == {43}
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", secret) for secret in secrets)


# Links --------------------------------------------------------------------------------------------------------


async def make_link(company: Company, user_id: int, *, ends: timedelta = timedelta(hours=1)) -> str:
    secret = new_secret()
    now = datetime.now(UTC)
    await company.owner.execute(
        "INSERT INTO password_links (tenant_id, secret_hash, user_id, made_at, ends_at)"
        " VALUES ($1, sha256($2::text::bytea), $3, $4, $5)",
        company.tenant_id,
        secret,
        user_id,
        now - timedelta(days=1),
        now + ends,
    )
    return f"/password-links/{secret}"


async def test_a_link_sets_a_password_once_and_looking_does_not_use_it_up(company: Company) -> None:
    await let_in(company, 35)
    link = await make_link(company, 35)
    new = "nine blue boats on a lake"
    async with browser(company) as olive:
        for _ in range(3):
            assert (await olive.get(link)).status_code == 200
        assert (await send(olive, link, password="password1234", again="password1234")).status_code == 400
        assert (await send(olive, link, password=new, again="something else")).status_code == 400
        token = token_in(await olive.get(link))
        told = await olive.post(link, data={"csrf": token, "password": new, "again": new})
        assert (told.status_code, told.headers["location"]) == (303, "/")
        assert (await olive.get("/account")).status_code == 200
        assert (await olive.get(link)).status_code == 404
        token = token_in(await olive.get("/account"))
        assert (await olive.post(link, data={"csrf": token, "password": new, "again": new})).status_code == 404


async def test_a_link_that_is_old_or_of_another_company_is_none(company: Company, rival: Company) -> None:
    await let_in(company, 35)
    old = await make_link(company, 35, ends=timedelta(seconds=-1))
    good = await make_link(company, 35)
    async with browser(company) as olive, browser(rival) as other:
        assert (await olive.get(old)).status_code == 404
        assert (await other.get(good)).status_code == 404
        assert (await olive.get(good)).status_code == 200


async def test_a_link_does_nothing_without_the_form_that_it_shows(company: Company) -> None:
    await let_in(company, 35)
    link = await make_link(company, 35)
    async with browser(company) as olive:
        new = {"password": "nine blue boats on a lake", "again": "nine blue boats on a lake"}
        assert (await olive.post(link, data=new)).status_code == 403
        assert (await olive.get(link)).status_code == 200
