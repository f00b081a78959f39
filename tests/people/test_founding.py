"""The first start: an installation without a company gets one by the link of the server, once, and nothing else."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from starlette.routing import Router

from emplette.storage.migrate import migrate
from tests.fixtures.database import OwnerConnection, Urls, drop_database
from tests.fixtures.pages import Seen, seen
from tests.fixtures.programs import program
from tests.fixtures.visitors import token_in

SECRET = "the-link-of-a-test-ends-in-this"
LINK = f"/founding/{SECRET}"
PASSWORD = "nine blue boats on a lake"
SAID = {
    "name": "Atelier Nord",
    "country": "FR",
    "currency": "eur",
    "timeZone": "Europe/Paris",
    "firstName": "Zoé",
    "lastName": "Martin",
    "mail": "zoe@example.com",
    "password": PASSWORD,
    "again": PASSWORD,
}


def _in_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@pytest_asyncio.fixture(scope="module")
async def empty(urls: Urls) -> AsyncIterator[Urls]:
    """Make a database with the schema in it and no company."""
    name = f"founding_{secrets.token_hex(4)}"
    server: OwnerConnection = await asyncpg.connect(urls.owner)
    try:
        await server.execute(f"CREATE DATABASE {name}")
    except asyncpg.InsufficientPrivilegeError:
        await server.close()
        pytest.skip("The role of the server that a setting names makes no databases.")
    made = Urls(_in_database(urls.serving, name), _in_database(urls.owner, name), urls.serving_role)
    owner: OwnerConnection = await asyncpg.connect(made.owner)
    await migrate(owner, serving_role=urls.serving_role)
    await owner.close()
    yield made
    await drop_database(server, name)
    await server.close()


@pytest_asyncio.fixture(scope="module")
async def new_app(empty: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Router]:
    """Serve it, as a server that has shown its link does."""
    async with program(empty.serving, data_dir=tmp_path_factory.mktemp("data"), setup_secret=SECRET) as made:
        yield made


def _browser(app: Router) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"accept": "text/html", "accept-language": "fr"}
    return httpx2.AsyncClient(transport=transport, base_url="http://achats.example.com", headers=headers)


async def _send(browser: httpx2.AsyncClient, **changes: str) -> httpx2.Response:
    token = token_in(await browser.get(LINK))
    return await browser.post(LINK, data={"csrf": token, **SAID, **changes})


async def test_the_first_company_is_founded_once_by_the_link_and_its_founder_goes_on(
    new_app: Router, empty: Urls
) -> None:
    async with _browser(new_app) as first, _browser(new_app) as second:
        assert (await first.get("/founding/the-link-of-another-server-ends-so")).status_code == 404
        await _refused_with_what_was_typed(first)
        unforged = await first.post(LINK, data=SAID)
        assert unforged.status_code == 403
        outcomes = await asyncio.gather(_send(first), _send(second, name="Atelier Sud"))
        assert sorted(each.status_code for each in outcomes) == [303, 404]
        founder = first if outcomes[0].status_code == 303 else second
        steps = seen(await founder.get("/set-up"))
        assert "Atelier" in steps.title
        assert (await founder.get(LINK)).status_code == 404
        await _bring_people(founder)
        await _choose_policy(founder)
        asked = seen(await founder.get("/ask"))
        assert "Fournitures et équipement" in asked.choices("nature")
    async with _browser(new_app) as again:
        token = token_in(await again.get("/sign-in"))
        said = {"csrf": token, "login": SAID["mail"], "password": PASSWORD}
        assert (await again.post("/sign-in", data=said)).status_code == 303
    await _everything_is_on_record(empty)


async def _refused_with_what_was_typed(browser: httpx2.AsyncClient) -> None:
    """What is wrong is said beside its field, and nothing is founded by it."""
    for field, value in (("mail", "zoe"), ("currency", "EURO"), ("timeZone", "Paris"), ("again", "otherwise")):
        refused = seen(await _send(browser, **{field: value}))
        assert (refused.status, _faults(refused)) == (400, [f"{field}-wrong1"])
        assert refused.tree.xpath("//input[@id='name']/@value") == ["Atelier Nord"]
    easy = seen(await _send(browser, password="zoe martin", again="zoe martin"))
    assert _faults(easy) == ["password-wrong1"]


async def _bring_people(founder: httpx2.AsyncClient) -> None:
    table = "id;firstName;lastName;mail;managerId\n2;Olive;Owner;olive@example.com;1\n"
    page = seen(await founder.get("/set-up/people"))
    upload = next(action for action in page.actions() if action.startswith("/set-up/people/table"))
    wrong = table.replace("olive@", "olive").encode("cp1252")
    looked = seen(await founder.post(upload, files={"file": ("people.csv", wrong, "text/csv")}))
    assert (looked.status, "mail" in looked.text) == (400, True)
    mixed = "id;firstName\n2;Zoé\n".encode() + "3;Zoé\n".encode("cp1252")
    for refused in (mixed, b"PK\x03\x04 no zip"):
        shown = seen(await founder.post(upload, files={"file": ("people", refused, "text/csv")}))
        assert (shown.status, shown.form("/set-up/people").get("table", "")) == (400, "")
    looked = seen(await founder.post("/set-up/people", data=looked.form("/set-up/people") | {"table": table}))
    assert looked.tree.xpath("//button[@value='write']")
    answer = await founder.post("/set-up/people", data=looked.form("/set-up/people") | {"then": "write"})
    assert answer.headers["location"] == "/settings/people"
    assert "Olive Owner" in seen(await founder.get("/settings/people")).text


async def _choose_policy(founder: httpx2.AsyncClient) -> None:
    page = seen(await founder.get("/set-up/policy"))
    assert page.tree.xpath("//button[@name='template']/@value") == ["small"], "nobody here pays yet"
    form = page.form("/set-up/policy")
    assert (await founder.post("/set-up/policy", data=form | {"template": "strict"})).status_code == 400
    assert (await founder.post("/set-up/policy", data=form | {"template": "small"})).status_code == 303
    assert "EMPLETTE_SMTP_URL" in seen(await founder.get("/set-up/mail")).text


async def _everything_is_on_record(empty: Urls) -> None:
    owner: OwnerConnection = await asyncpg.connect(empty.owner)
    types = [row["type"] for row in await owner.fetch("SELECT type FROM events ORDER BY event_id")]
    await owner.close()
    assert types[:3] == ["tenant.created", "user.password_set", "role_grant.created"]
    assert {"user.created", "import.written", "policy.loaded"} <= set(types)


def _faults(page: Seen) -> list[str]:
    return [str(each) for each in page.tree.xpath("//*[contains(@class, 'invalid-feedback')]/@id")]
