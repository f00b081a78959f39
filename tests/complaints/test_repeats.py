"""What people complained about where something was asked twice, each against the running server."""

import asyncio
import json
import socket
from contextlib import closing
from urllib.parse import urlsplit

import httpx2
import pytest

from tests.complaints.paging import walk
from tests.fixtures.budgets import euros, law, make_budget, numbers
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, make_commitment, make_purchase
from tests.fixtures.offices import Office
from tests.fixtures.pages import visiting
from tests.fixtures.served import ServedCompany


async def test_complaint_7_a_double_click_on_approve_approves_once(office: Office) -> None:
    """See github.com/hmislk/hmis/issues/22102 and github.com/LeanerCloud/CUDly/issues/644."""
    request = (await office.ask(35)).json()
    place = f"/approvals/{request['id']}"
    async with await visiting(office.company, 36) as approver:
        page = await approver.see(place)
        clicks = await asyncio.gather(*(approver.send(page, f"{place}/approval") for _ in range(5)))
    assert {click.status_code for click in clicks} == {303}
    caller = await office.of(37)
    decided = (await caller.get(f"{API}/requests/{request['id']}")).json()
    assert (decided["state"], len(decided["decisions"])) == ("Approved", 1)
    orders = (await caller.get(f"{API}/orders", params={"purchaseId": request["purchase"]["id"]})).json()["items"]
    assert [order["id"] for order in orders] == [decided["order"]["id"]]


async def test_complaint_7_a_program_that_approves_again_and_again_approves_once(office: Office) -> None:
    """See github.com/hmislk/hmis/issues/22102."""
    request = (await office.ask(35)).json()
    caller, place = await office.of(36), f"{API}/requests/{request['id']}/approvals"
    answers = await asyncio.gather(*(caller.post(place, json={}) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert {answer.json()["id"] for answer in answers if answer.status_code == 409} == {request["id"]}
    again = await asyncio.gather(*(caller.post(place, headers={"Idempotency-Key": "mine"}) for _ in range(3)))
    assert {answer.json()["code"] for answer in again} == {"request.decided"}


async def test_complaint_8_a_call_whose_answer_never_came_is_repeated_and_makes_nothing_twice(
    company: ServedCompany, client: httpx2.AsyncClient
) -> None:
    """See github.com/odoo/odoo/issues/54132 and /issues/40567."""
    body = json.dumps(PURCHASE).encode()
    head = (
        f"POST {API}/purchases HTTP/1.1\r\nHost: {company.host}\r\nContent-Type: application/json\r\n"
        f"Authorization: {client.headers['Authorization']}\r\nIdempotency-Key: once\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    for _ in range(3):
        with closing(socket.create_connection((urlsplit(company.url).hostname, urlsplit(company.url).port))) as line:
            line.sendall(head.encode() + body)
    repeats = [
        await client.post(f"{API}/purchases", json=PURCHASE, headers={"Idempotency-Key": "once"}) for _ in range(3)
    ]
    assert {answer.status_code for answer in repeats} == {201}
    (number,) = {answer.json()["id"] for answer in repeats}
    assert repeats[-1].headers["Idempotency-Replayed"] == "true"
    assert [made["id"] for made in (await client.get(f"{API}/purchases")).json()["items"]] == [number]


async def test_complaint_8_a_repeat_with_another_content_is_told_so_and_not_taken_for_the_first(
    client: httpx2.AsyncClient,
) -> None:
    """See github.com/odoo/odoo/issues/65876."""
    once = {"Idempotency-Key": "once"}
    first = await client.post(f"{API}/purchases", json=PURCHASE, headers=once)
    other = await client.post(f"{API}/purchases", json=PURCHASE | {"title": "Something else"}, headers=once)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.reused")
    turned = dict(reversed(PURCHASE.items()))
    assert (await client.post(f"{API}/purchases", json=turned, headers=once)).json()["id"] == first.json()["id"]
    (listed,) = (await client.get(f"{API}/purchases")).json()["items"]
    assert listed["title"] == PURCHASE["title"]


async def test_complaint_18_what_stopped_half_way_is_found_and_gone_on_with(client: httpx2.AsyncClient) -> None:
    """A vendor's community forum, 2024: creating and asking takes several calls."""
    made = await make_purchase(client, title="Stopped after the first call")
    half = await make_purchase(client, title="Stopped after the second call")
    commitment = await make_commitment(client, half["id"])
    unfinished = (await client.get(f"{API}/purchases", params={"state": "Created"})).json()["items"]
    assert {found["id"]: "commitment" in found for found in unfinished} == {made["id"]: False, half["id"]: True}
    again = await client.post(f"{API}/commitments", json=ONE_TIME | {"purchaseId": half["id"]})
    assert (again.status_code, again.json()["id"]) == (409, commitment["id"])
    place = f"{again.json()['href']}/requests"
    request = await client.post(place)
    assert (request.status_code, request.json()["state"]) == (201, "Approved")
    twice = await client.post(place)
    assert (twice.status_code, twice.json()["id"]) == (409, request.json()["id"])


async def test_complaint_18_all_three_calls_can_be_repeated_from_the_first_at_any_time(
    client: httpx2.AsyncClient,
) -> None:
    """A vendor's community forum, 2024: a script that was killed begins again, and does not know where it was."""
    ids: set[tuple[int, int, int]] = set()
    for calls in (1, 2, 3, 3):
        purchase = await client.post(f"{API}/purchases", json=PURCHASE, headers={"Idempotency-Key": "a1"})
        if calls == 1:
            continue
        body = ONE_TIME | {"purchaseId": purchase.json()["id"]}
        commitment = await client.post(f"{API}/commitments", json=body, headers={"Idempotency-Key": "a2"})
        if calls == 2:
            continue
        place = f"{API}/commitments/{commitment.json()['id']}/requests"
        request = await client.post(place, headers={"Idempotency-Key": "a3"})
        ids.add((purchase.json()["id"], commitment.json()["id"], request.json()["order"]["id"]))
    assert len(ids) == 1
    assert len((await client.get(f"{API}/orders")).json()["items"]) == 1


async def test_complaint_19_every_call_that_makes_something_takes_an_idempotency_key(
    client: httpx2.AsyncClient,
) -> None:
    """See github.com/Tripletex/tripletex-api2/issues/76 and github.com/freakboy3742/pyxero/issues/328."""
    document = (await client.get("/openapi.json")).json()
    components = document["components"]["parameters"]

    def named(parameter: dict[str, str]) -> str:
        found = components[parameter["$ref"].rpartition("/")[2]] if "$ref" in parameter else parameter
        name: str = found["name"]
        return name

    posts = {path: methods["post"] for path, methods in document["paths"].items() if "post" in methods}
    without = [path for path, post in posts.items() if "Idempotency-Key" not in map(named, post.get("parameters", []))]
    assert len(posts) > 20
    assert without == [f"{API}/approval-plans"], "which makes nothing"


async def test_complaint_22_nobody_sees_that_others_write_at_the_same_moment(
    client: httpx2.AsyncClient, company: ServedCompany
) -> None:
    """See github.com/odoo/odoo/issues/18553 and /issues/30382: people saw serialisation errors of the database."""
    async with await company.caller(permissions=("configure", "view:all")) as administrator:
        budgets = [await make_budget(administrator, name=name, costCenterId=3) for name in ("One", "Two")]
        commitments = []
        for _ in range(8):
            purchase = await make_purchase(client)
            amount = {"amountIncludingTaxes": {"excludingTaxes": euros(200)}}
            commitments.append(await make_commitment(client, purchase["id"], **amount))
        places = [f"{API}/commitments/{one['id']}/requests" for one in commitments]
        answers = await asyncio.gather(*(client.post(place) for place in places))
        assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 3
        assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"budget.exceeded"}
        for budget in budgets:
            assert await numbers(administrator, budget["id"]) == {"amount": 1000, "committed": 1000}
    await law(company)


async def test_complaint_22_what_others_do_elsewhere_does_not_make_my_page_an_old_one(
    client: httpx2.AsyncClient,
) -> None:
    """See github.com/frappe/erpnext/issues/59265: "modified after you opened it", by nobody."""
    mine, other = await make_purchase(client, title="Mine"), await make_purchase(client, title="Another")
    opened = (await client.get(f"{API}/purchases/{mine['id']}")).headers["ETag"]
    await make_commitment(client, other["id"])
    assert (await client.post(f"{API}/purchases/{other['id']}/closing")).status_code == 201
    body = PURCHASE | {"title": "Mine, said better"}
    kept = await client.put(f"{API}/purchases/{mine['id']}", json=body, headers={"If-Match": opened})
    assert (kept.status_code, kept.json()["title"]) == (200, "Mine, said better")
    late = await client.put(f"{API}/purchases/{mine['id']}", json=PURCHASE, headers={"If-Match": opened})
    assert late.status_code == 412


@pytest.mark.parametrize("limit", [1, 7])
async def test_complaint_35_pages_hold_everything_once_while_others_write(
    client: httpx2.AsyncClient, limit: int
) -> None:
    """See github.com/siwapp/siwapp-ror/issues/209 and github.com/invoiceninja/invoiceninja/issues/10933."""
    before = [(await make_purchase(client))["id"] for _ in range(9)]
    seen = []
    async for page in walk(client, f"{API}/purchases", limit):
        seen += [found["id"] for found in page]
        if len(seen) < 30:
            await make_purchase(client)
    assert len(seen) == len(set(seen))
    assert seen[: len(before)] == before
