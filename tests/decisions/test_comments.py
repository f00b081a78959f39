"""Comments: whoever sees a purchase may say something about it, and mention others who see it; they are written to."""

from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio

from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.guide import API, make_purchase
from tests.fixtures.mailboxes import Mailbox, correspondent, text_of, wish, write_all
from tests.fixtures.offices import Office

OWN = ("purchases:own", "view:own", "approve")


@pytest_asyncio.fixture
async def owner_of_it(company: Company) -> AsyncIterator[httpx2.AsyncClient]:
    async with await company.caller(permissions=OWN, person=35) as caller:
        yield caller


async def comments_on(purchase_id: int, caller: httpx2.AsyncClient) -> list[tuple[str, str, list[int]]]:
    items = (await caller.get(f"{API}/purchases/{purchase_id}/comments")).json()["items"]
    return [(one["author"]["name"], one["text"], [who["id"] for who in one["mentioned"]]) for one in items]


async def test_comments_stay_in_the_order_in_which_they_were_made(
    client: httpx2.AsyncClient, owner_of_it: httpx2.AsyncClient
) -> None:
    made = await make_purchase(client)
    path = f"{API}/purchases/{made['id']}/comments"
    first = await owner_of_it.post(path, json={"text": " Two or three? "})
    second = await client.post(path, json={"text": "Three.", "mentionedIds": [35, 35]})
    assert (first.status_code, second.status_code) == (201, 201)
    told = await comments_on(made["id"], client)
    assert [text for _, text, _ in told] == ["Two or three?", "Three."]
    assert [mentioned for *_, mentioned in told] == [[], [35]]
    # Nothing of the purchase is another one by this.
    assert (await client.get(f"{API}/purchases/{made['id']}")).headers["ETag"] == f'"{made["id"]}.1"'


async def test_a_repeat_says_it_once(client: httpx2.AsyncClient) -> None:
    made = await make_purchase(client)
    path, headers = f"{API}/purchases/{made['id']}/comments", {"Idempotency-Key": "said-once"}
    first, again = [await client.post(path, json={"text": "Once"}, headers=headers) for _ in range(2)]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert len(await comments_on(made["id"], client)) == 1


@pytest.mark.parametrize("people", [[39], [99], [35, 39]])
async def test_nobody_is_mentioned_who_may_not_see_the_purchase(people: list[int], client: httpx2.AsyncClient) -> None:
    made = await make_purchase(client)
    answer = await client.post(f"{API}/purchases/{made['id']}/comments", json={"text": "Look", "mentionedIds": people})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [f"mentionedIds[{len(people) - 1}]"]
    assert await comments_on(made["id"], client) == []


@pytest.mark.parametrize(
    ("grant", "status"),
    [
        ({}, 400),
        ({"role": "viewer"}, 201),
        ({"role": "viewer", "cost_center_id": 3}, 201),
        ({"role": "viewer", "cost_center_id": 4}, 400),
        ({"role": "purchaser", "department_id": 10}, 201),
        ({"role": "purchaser", "department_id": 20}, 400),
        ({"role": "supervisor"}, 400),
        ({"role": "approver"}, 400),
        ({"role": "accountant", "ended": True}, 400),
    ],
)
async def test_whom_a_role_lets_see_it_can_be_mentioned(
    grant: dict[str, object], status: int, company: Company, owner: OwnerConnection, client: httpx2.AsyncClient
) -> None:
    made = await make_purchase(client)
    other = "INSERT INTO departments (tenant_id, department_id, name, parent_id) VALUES ($1, 20, 'Sales', 10)"
    await owner.execute(other, company.tenant_id)
    if grant:
        await owner.execute(
            """INSERT INTO role_grants (tenant_id, role_grant_id, user_id, role, department_id, cost_center_id,
                granted_at, ended_at) VALUES ($1, 1, 39, $2, $3, $4, now(), CASE WHEN $5 THEN now() END)""",
            company.tenant_id,
            grant["role"],
            grant.get("department_id"),
            grant.get("cost_center_id"),
            "ended" in grant,
        )
    said = {"text": "Look", "mentionedIds": [39]}
    answer = await client.post(f"{API}/purchases/{made['id']}/comments", json=said)
    assert answer.status_code == status, answer.text


async def test_a_purchase_that_is_not_seen_is_not_there_to_be_talked_about(
    client: httpx2.AsyncClient, owner_of_it: httpx2.AsyncClient
) -> None:
    made = await make_purchase(client, ownerId=37)
    path = f"{API}/purchases/{made['id']}/comments"
    answers = [await owner_of_it.post(path, json={"text": "Hello"}), await owner_of_it.get(path)]
    assert [answer.status_code for answer in answers] == [404, 404]


async def test_who_is_mentioned_gets_the_words_and_the_way_to_them_and_nobody_else_does(
    office: Office, box: Mailbox, database: Database
) -> None:
    await wish(office.company, 35)
    request = (await office.ask(35, title="Chairs")).json()
    number = request["purchase"]["id"]
    path = f"{API}/purchases/{number}/comments"
    said = await (await office.of(36)).post(path, json={"text": "Why four?", "mentionedIds": [35, 36]})
    assert said.status_code == 201, said.text
    await write_all(database, correspondent(box))
    (mail,) = box.to(35)
    assert mail["Subject"] == "You are mentioned: Chairs"
    for kind in ("plain", "html"):
        text = text_of(mail, kind)
        assert "Why four?" in text
        assert f"https://{office.company.host}/purchases/{number}#comment-{said.json()['id']}" in text
    assert [mail["Subject"] for mail in box.to(36)] == ["À approuver : Chairs"]


async def test_who_may_see_it_no_more_when_the_mail_goes_out_is_not_told(
    office: Office, box: Mailbox, database: Database, owner: OwnerConnection
) -> None:
    tenant = office.company.tenant_id
    grant = (
        "INSERT INTO role_grants (tenant_id, role_grant_id, user_id, role, granted_at) VALUES ($1, 1, 39, $2, now())"
    )
    await owner.execute(grant, tenant, "viewer")
    caller = await office.of(35)
    made = await make_purchase(caller, ownerId=35)
    said = {"text": "Secret", "mentionedIds": [39]}
    assert (await caller.post(f"{API}/purchases/{made['id']}/comments", json=said)).status_code == 201
    await owner.execute("UPDATE role_grants SET ended_at = now() WHERE tenant_id = $1", tenant)
    await write_all(database, correspondent(box))
    assert box.to(39) == []
