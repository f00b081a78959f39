"""Every page by whoever may look at it: roles, strangers, rivals, forged forms, and addresses that nobody was led to.

The pages are those that are served: a new one is tried without being named here.
"""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

import httpx2
import pytest
import pytest_asyncio
from starlette.routing import Router

from emplette.domain.people import Permission, Scope
from emplette.domain.roles import Held, Role, rights_of
from emplette.http.contract.registry import GET, POST
from emplette.http.pages.declaring import Page, pages_in
from emplette.http.pages.served import PAGES
from emplette.storage.database import Database
from tests.fixtures.companies import Company, found_company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.pages import Visiting, visiting
from tests.fixtures.rivals import SECRET, Ids, Neighbours, made_neighbours

CLOSED: Final = [made for made in pages_in(PAGES) if not made.operation.public]
LOOKED_AT: Final = [made for made in CLOSED if made.operation.method == GET]
FORMS: Final = [made for made in CLOSED if made.operation.method == POST]
OF_A_PURCHASE: Final = ("{purchase_id}", "{request_id}", "{order_id}", "{file_id}", "{commitment_id}")
"""What stands in the address of a page about a purchase, or about what hangs on one."""
FOR_SETTING: Final = {Permission.MANAGE, Permission.CONFIGURE}
OF_EVERYTHING: Final = {"/settings/log": Permission.VIEW}
"""What tells of everything in the company: who has this permission for a part only does not open it."""
KNOWN: Final = 40
"""Somebody in the company who has no role and nothing to do with any purchase."""
ROLES: Final = (None, *Role)
MOST: Final = (None, Role.ADMINISTRATOR)
ODD_NUMBERS: Final = ("0", "2147483648", "9" * 30, "-1", "1.5", "x", "%00")
ODD_QUERY: Final = (
    "?state=x&state=Closed&nature=99999999999&cost_center=x&supplier=0&q=%25%5F%00&whose=x&page=-1&before=x~y"
    "&after=0001-01-01~0&draft=99999999999&like=x&year=99999&budget=99999999999&id=99999999999&next=//x&language=x"
)


@dataclass(frozen=True, slots=True)
class Street:
    """Two companies, and their people: one of each role in the first, an administrator in the second."""

    neighbours: Neighbours
    people: dict[Role | None, Visiting]
    rival: Visiting

    async def rows(self) -> dict[str, list[str]]:
        """Copy what the first company has, but for the hour at which a session was used."""
        found = await self.neighbours.rows()
        return {table: rows for table, rows in found.items() if table != "sessions"}


@pytest_asyncio.fixture(scope="module")
async def street(app: Router, owner: OwnerConnection, database: Database) -> AsyncIterator[Street]:
    company, rival = await found_company(app, owner), await found_company(app, owner)
    async with AsyncExitStack() as doors:
        neighbours = await doors.enter_async_context(made_neighbours(company, rival, owner, database))
        people: dict[Role | None, Visiting] = {}
        for number, role in enumerate(ROLES, KNOWN):
            await owner.execute(
                "INSERT INTO users (tenant_id, user_id, first_name, last_name) VALUES ($1, $2, 'Nobody', 'Known')",
                company.tenant_id,
                number,
            )
            roles = () if role is None else (str(role),)
            people[role] = await doors.enter_async_context(await visiting(company, number, *roles))
        theirs = await doors.enter_async_context(await visiting(rival, 37, "administrator", "accountant", "purchaser"))
        yield Street(neighbours, people, theirs)


def address(made: Page, ids: Ids, odd: str | None = None) -> str:
    """Write the address of a page about what these ids name; where it names something else, what only one has."""
    named = {
        "purchase_id": ids.purchase,
        "request_id": ids.request,
        "order_id": ids.order,
        "commitment_id": ids.commitment,
        "file_id": ids.file,
    }
    return re.sub(r"\{(\w+)\}", lambda found: odd or str(named.get(found[1], ids.word)), made.operation.path)


async def token_of(visitor: Visiting) -> str:
    """Find what the forms of a session carry."""
    token: str = (await visitor.see("/account")).tree.xpath("string(//input[@name='csrf']/@value)")
    assert token
    return token


async def call(visitor: Visiting, made: Page, place: str, csrf: str | None = None) -> httpx2.Response:
    """Look at a page, or send a form with nothing in it but its token."""
    if made.operation.method == GET:
        return await visitor.client.get(place, headers={"accept": "text/html"})
    if made.takes_upload:
        query = {} if csrf is None else {"csrf": csrf}
        return await visitor.client.post(place, params=query, files={"file": ("offer.pdf", b"%PDF-1.4")})
    return await visitor.post(place, {} if csrf is None else {"csrf": csrf})


def may(made: Page, role: Role | None) -> bool:
    """Tell whether a role opens a page: with any of the permissions that it needs, if it needs one."""
    held = rights_of([] if role is None else [Held(role)]).permissions
    everything = next((each for path, each in OF_EVERYTHING.items() if made.operation.path.startswith(path)), None)
    if everything is not None:
        return held.get(everything) is Scope.ALL
    return not made.operation.needs or any(each in held for each in made.operation.needs)


def test_what_is_set_is_set_by_who_manages_or_configures() -> None:
    settings = [made.operation for made in FORMS if made.operation.path.startswith("/settings")]
    assert len(settings) >= 5
    others = [each.path for each in settings if not each.needs or set(each.needs) - FOR_SETTING]
    assert [path for path in others if not path.startswith(tuple(OF_EVERYTHING))] == []


async def test_a_role_opens_the_pages_that_it_may_and_no_other(street: Street) -> None:
    before = await street.rows()
    refused, opened = dict[str, int](), dict[str, int]()
    for role, visitor in street.people.items():
        csrf = await token_of(visitor)
        for made in [each for each in CLOSED if not may(each, role)]:
            place = address(made, street.neighbours.theirs)
            answer = await call(visitor, made, place, csrf)
            refused[f"{role} {made.operation.method} {place}"] = answer.status_code
    assert await street.rows() == before
    for role, visitor in street.people.items():
        # What everybody may open is opened by who has no role, and by who has most.
        more = [each for each in LOOKED_AT if may(each, role) and (role in MOST or not may(each, None))]
        for made in more:
            place = address(made, street.neighbours.theirs)
            opened[f"{role} {place}"] = (await call(visitor, made, place)).status_code
    assert {place: status for place, status in refused.items() if status != 403} == {}
    assert {place: status for place, status in opened.items() if status not in {200, 303, 304, 404}} == {}
    assert len(refused) > 100
    assert len(opened) > 2 * len([made for made in LOOKED_AT if may(made, None)])


async def test_who_sees_no_purchase_finds_no_page_of_one_and_sends_no_form_about_it(street: Street) -> None:
    visitor, before = street.people[None], await street.rows()
    csrf, about = (
        await token_of(visitor),
        [made for made in CLOSED if any(w in made.operation.path for w in OF_A_PURCHASE)],
    )
    told = {
        f"{made.operation.method} {place}": await call(visitor, made, place, csrf)
        for ids in (street.neighbours.theirs, street.neighbours.pending)
        for made in about
        for place in [address(made, ids)]
    }
    assert len(about) >= 10
    assert {place: answer.status_code for place, answer in told.items() if answer.status_code not in {403, 404}} == {}
    assert [place for place, answer in told.items() if SECRET in answer.text] == []
    assert await street.rows() == before


async def test_a_rival_who_knows_the_ids_finds_nothing_and_changes_nothing(street: Street) -> None:
    before, csrf = await street.rows(), await token_of(street.rival)
    for ids in (street.neighbours.theirs, street.neighbours.pending):
        for made in CLOSED:
            about_one = any(word in made.operation.path for word in OF_A_PURCHASE)
            if made.operation.path.startswith("/sign-out") or (ids is street.neighbours.pending and not about_one):
                continue
            place = address(made, ids)
            answer = await call(street.rival, made, place, csrf)
            assert answer.status_code < 500, (place, answer.text)
            assert SECRET not in answer.text, place
            if made.operation.method == GET and about_one:
                assert answer.status_code == 404, place
    assert await street.rows() == before


async def test_a_session_opens_no_page_of_another_company(street: Street) -> None:
    secret = street.rival.client.cookies["emplette-session"]
    async with street.neighbours.company.open(cookies={"emplette-session": secret}) as elsewhere:
        visitor = Visiting(elsewhere, 37)
        told = {
            place: (answer.status_code, answer.headers.get("location", "").partition("?")[0])
            for made in CLOSED
            for place in [address(made, street.neighbours.theirs)]
            for answer in [await call(visitor, made, place)]
        }
    assert set(told.values()) == {(303, "/sign-in")}


@pytest.mark.parametrize("token", ["none", "of another session", "made up"])
async def test_a_form_that_this_session_did_not_make_does_nothing(street: Street, token: str) -> None:
    before = await street.rows()
    administrator, other = street.people[Role.ADMINISTRATOR], street.people[Role.ACCOUNTANT]
    csrf = {"none": None, "of another session": await token_of(other), "made up": "x" * 43}[token]
    told: dict[str, int] = {}
    for made in FORMS:
        place = address(made, street.neighbours.pending)
        visitor = administrator if may(made, Role.ADMINISTRATOR) else other
        told[place] = (await call(visitor, made, place, csrf)).status_code
    assert len(told) >= 15
    assert {place: status for place, status in told.items() if status != 403} == {}
    assert await street.rows() == before
    assert (await administrator.see("/")).status == 200, "nobody was signed out"


@pytest.mark.parametrize("made", LOOKED_AT, ids=lambda made: made.operation.path)
async def test_an_address_that_nobody_was_led_to_is_answered_and_is_no_fault_of_ours(
    street: Street, made: Page
) -> None:
    visitor = street.people[Role.ADMINISTRATOR]
    odd = ODD_NUMBERS if "{" in made.operation.path else ()
    places = [*(address(made, street.neighbours.absent, number) for number in odd)]
    places += [
        address(made, street.neighbours.theirs) + query
        for query in (ODD_QUERY, "?" + "&".join(["q=" + "x" * 2000] * 2))
    ]
    for place in places:
        answer = await visitor.client.get(place, headers={"accept": "text/html"})
        assert answer.status_code < 500, (place, answer.text)
    for part in ("true", "yes"):
        answer = await visitor.client.get(places[-2], headers={"accept": "text/html", "HX-Request": part})
        assert answer.status_code < 500


async def test_whoever_has_left_opens_no_page(app: Router, owner: OwnerConnection) -> None:
    company: Company = await found_company(app, owner)
    async with await visiting(company, 38) as gone:
        told = {
            (answer.status_code, answer.headers.get("location", "").partition("?")[0])
            for made in CLOSED
            for answer in [await call(gone, made, re.sub(r"\{.+?\}", "1", made.operation.path))]
        }
    assert told == {(303, "/sign-in")}
