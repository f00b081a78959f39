"""The filters of the lists: each narrows, several values widen, and nothing is taken for nothing."""

from typing import Any

import httpx2
import pytest
import pytest_asyncio

from tests.fixtures.companies import Company
from tests.fixtures.guide import API, SUBSCRIPTION, make_commitment, make_purchase, make_request
from tests.fixtures.lives import Live
from tests.fixtures.problems import faults


@pytest_asyncio.fixture
async def named(client: httpx2.AsyncClient, company: Company) -> dict[str, int]:
    """Make purchases that differ in one thing each; answer their ids by that."""
    await company.owner.execute(
        """INSERT INTO cost_centers (tenant_id, cost_center_id, name, code, state)
        VALUES ($1, 5, 'IT', 'IT', 'Enabled')""",
        company.tenant_id,
    )
    plain = await make_purchase(client, title="Twelve chairs")
    swiss = await make_purchase(client, ownerId=39, title="Cheese", supplier={"id": 8})
    software = await make_purchase(client, natureId=3, costCenterId=5, title="Éditeur de texte")
    await make_commitment(client, software["id"], SUBSCRIPTION)
    draft = await make_purchase(client, supplier={"name": "Café Zoé", "territoryId": "FR"}, title="Coffee")
    approved = await make_request(client, title="Twelve tables")
    closed = await make_purchase(client, title="O'Brien & Söhne: 50 % off")
    await client.post(f"{API}/purchases/{closed['id']}/closing")
    return {
        "plain": plain["id"],
        "swiss": swiss["id"],
        "software": software["id"],
        "draft": draft["id"],
        "approved": approved["purchase"]["id"],
        "closed": closed["id"],
    }


ALL = {"plain", "swiss", "software", "draft", "approved", "closed"}
FILTERS: list[tuple[dict[str, str], set[str]]] = [
    ({}, ALL),
    ({"state": "Created"}, {"plain", "swiss", "software", "draft"}),
    ({"state": "Ongoing,Closed"}, {"approved", "closed"}),
    ({"state": "Ongoing, Closed"}, {"approved", "closed"}),
    ({"state": "Processing"}, set()),
    ({"state": "Denied,Cancelled"}, set()),
    ({"type": "OneTime"}, {"approved"}),
    ({"type": "Subscription"}, {"software"}),
    ({"type": "Subscription,OneTime"}, {"software", "approved"}),
    ({"ownerId": "39"}, {"swiss"}),
    ({"ownerId": "35,39"}, ALL),
    ({"ownerId": "4711"}, set()),
    ({"costCenterId": "5"}, {"software"}),
    ({"natureId": "3"}, {"software"}),
    ({"natureId": "1,3"}, ALL),
    ({"supplierId": "8"}, {"swiss"}),
    ({"supplierId": "6,8"}, ALL - {"draft"}),
    ({"supplierId": "6", "state": "Created"}, {"plain", "software"}),
    ({"ownerId": "39", "natureId": "3"}, set()),
    ({"search.terms": "twelve"}, {"plain", "approved"}),
    ({"search.terms": "TWELVE chairs"}, {"plain"}),
    ({"search.terms": "chair"}, {"plain"}),
    ({"search.terms": "chairs twelve"}, {"plain"}),
    ({"search.terms": "editeur"}, {"software"}),
    ({"search.terms": "éditeur"}, {"software"}),
    ({"search.terms": "cafe zoe"}, {"draft"}),
    ({"search.terms": "sohne"}, {"swiss", "closed"}),
    ({"search.terms": "o'brien"}, {"closed"}),
    ({"search.terms": "50 %"}, {"closed"}),
    ({"search.terms": "amazon"}, {"plain", "software", "approved", "closed"}),
    ({"search.terms": "Amazon SAS twelve"}, {"plain", "approved"}),
    ({"search.terms": "S.A.R.L. Zoé cof"}, {"draft"}),
    ({"search.terms": "obrien"}, {"closed"}),
    ({"search.terms": "gmbh"}, set()),
    ({"search.terms": "nothing"}, set()),
    ({"search.terms": ""}, ALL),
    ({"search.terms": "   "}, ALL),
    ({"search.terms": "amazon", "state": "Closed"}, {"closed"}),
    ({"createdAt.from": "1999-01-01"}, ALL),
    ({"createdAt.to": "1999-01-01"}, set()),
]


@pytest.mark.parametrize(("query", "expected"), FILTERS, ids=[str(query) for query, _ in FILTERS])
async def test_purchases_are_filtered(
    client: httpx2.AsyncClient, named: dict[str, int], query: dict[str, str], expected: set[str]
) -> None:
    answer = await client.get(f"{API}/purchases", params=query | {"fields.root": "count"})
    assert answer.status_code == 200, answer.text
    by_id = {number: name for name, number in named.items()}
    assert {by_id[item["id"]] for item in answer.json()["items"]} == expected
    assert answer.json()["count"] == len(expected)


@pytest.mark.parametrize(
    "terms",
    ["'", "\\", "&", "|", "!", ":*", "(", "zq:zq", "%", "_", "<->", "'' OR 1=1 --", "\u200b", "\u202e", "é" * 255],
)
async def test_words_that_mean_something_to_a_machine_are_only_words(
    client: httpx2.AsyncClient, named: dict[str, int], terms: str
) -> None:
    answer = await client.get(f"{API}/purchases", params={"search.terms": terms, "fields.root": "count"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["count"] in {0, len(named)}


ORDERS: list[tuple[str, int]] = [
    ("state=Open", 1),
    ("state=Closed", 1),
    ("state=Cancelled", 1),
    ("state=Open,Closed,Cancelled", 3),
    ("ownerId=35", 3),
    ("ownerId=36", 0),
    ("supplierId=6", 3),
    ("supplierId=8", 0),
    ("purchaseId={purchase}", 1),
    ("purchaseId={purchase},4711", 1),
    ("purchaseId={purchase}&state=Closed", 0),
    ("createdAt.from=1999-01-01&createdAt.to=2999-01-01", 3),
    ("createdAt.from=2999-01-01", 0),
]


@pytest.mark.parametrize(("query", "count"), ORDERS)
async def test_orders_are_filtered(live: Live, query: str, count: int) -> None:
    life = await live("approved")
    await live("cancelled when approved")
    await live("closed when approved")
    answer = await life.submitter.get(f"{API}/orders?fields.root=count&{query.format(purchase=life.purchase_id)}")
    assert (len(answer.json()["items"]), answer.json()["count"]) == (count, count)


BAD: list[tuple[str, dict[str, Any]]] = [
    ("purchases", {"state": "Open"}),
    ("purchases", {"state": "created"}),
    ("purchases", {"state": ""}),
    ("purchases", {"state": "Created,"}),
    ("purchases", {"type": "OneTimeCommitment"}),
    ("purchases", {"ownerId": "me"}),
    ("purchases", {"ownerId": "0"}),
    ("purchases", {"ownerId": "-1"}),
    ("purchases", {"ownerId": "2147483648"}),
    ("purchases", {"ownerId": "1,two"}),
    ("purchases", {"ownerId": "1;2"}),
    ("purchases", {"ownerId": ""}),
    ("purchases", {"costCenterId": "1.0"}),
    ("purchases", {"natureId": "x"}),
    ("purchases", {"supplierId": "6 8"}),
    ("purchases", {"search.terms": "x" * 256}),
    ("purchases", {"search.terms": "a\x00b"}),
    ("purchases", {"createdAt.from": "2025-02-30"}),
    ("purchases", {"createdAt.from": "2025-01-01T00:00:00"}),
    ("purchases", {"createdAt.to": "yesterday"}),
    ("purchases", {"createdAt.to": ""}),
    ("purchases", {"createdAt.to": "0000-01-01"}),
    ("requests", {"state": "Created"}),
    ("requests", {"assigneeId": "x"}),
    ("requests", {"commitmentId": "0"}),
    ("requests", {"purchaseId": "1"}),
    ("orders", {"state": "Ongoing"}),
    ("orders", {"purchaseId": ""}),
    ("orders", {"assigneeId": "1"}),
]


@pytest.mark.parametrize(("kind", "query"), BAD)
async def test_a_filter_that_can_mean_nothing_is_refused_by_name(
    client: httpx2.AsyncClient, kind: str, query: dict[str, str]
) -> None:
    assert set(faults(await client.get(f"{API}/{kind}", params=query))) == set(query)


@pytest.mark.parametrize(
    ("zone", "day", "count"),
    [
        ("Europe/Paris", "2025-07-01", 1),
        ("UTC", "2025-07-01", 0),
        ("America/New_York", "2025-07-01", 0),
        ("Pacific/Kiritimati", "2025-07-01", 1),
    ],
)
async def test_a_date_is_midnight_where_the_company_is(company: Company, zone: str, day: str, count: int) -> None:
    await company.owner.execute("UPDATE tenants SET time_zone = $2 WHERE tenant_id = $1", company.tenant_id, zone)
    async with await company.caller() as client:
        await make_purchase(client)
        await company.owner.execute(
            "UPDATE purchases SET created_at = '2025-06-30T22:00:00Z' WHERE tenant_id = $1", company.tenant_id
        )
        page = (await client.get(f"{API}/purchases?createdAt.from={day}")).json()
        assert len(page["items"]) == count
        page = (await client.get(f"{API}/purchases?createdAt.to={day}")).json()
        assert len(page["items"]) == 1 - count


async def test_every_item_of_a_list_is_what_reading_it_answers(live: Live) -> None:
    life = await live("approved")
    for kind, place in (("purchases", life.purchase), ("requests", life.request), ("orders", life.order)):
        (item,) = (await life.submitter.get(f"{API}/{kind}")).json()["items"]
        assert item == (await life.submitter.get(place)).json()


async def test_with_words_counts_are_exact_up_to_ten_thousand_and_tokens_go_on(
    client: httpx2.AsyncClient, company: Company
) -> None:
    made = await make_purchase(client, title="Pencil")
    names = "state, title, owner_id, nature_id, cost_center_id, supplier_id, search_text, author_id, modifier_id"
    await company.owner.execute(
        f"""INSERT INTO purchases (tenant_id, purchase_id, version, created_at, modified_at, {names})
        SELECT tenant_id, 1000000 + n, 1, created_at + n * interval '1 second', modified_at, {names}
        FROM purchases, generate_series(1, 10049) AS n WHERE tenant_id = $1 AND purchase_id = $2""",  # noqa: S608
        company.tenant_id,
        made["id"],
    )

    async def page(**parameters: str | int) -> httpx2.Response:
        return await client.get(f"{API}/purchases", params=parameters)

    words = {"search.terms": "pencil"}
    count, following = {"fields.root": "count"}, {"fields.root": "next"}
    assert (await page(limit=0, **count, **words)).json()["count"] == 10_000
    assert (await page(limit=0, **count)).json()["count"] == 10_050
    last = (await page(limit=100, page=100, **following, **words)).json()
    assert len(last["items"]) == 100
    assert len((await page(limit=100, page=last["next"], **words)).json()["items"]) == 50
    assert set(faults(await page(limit=100, page=101, **words))) == {"page"}
    assert len((await page(limit=100, page=101)).json()["items"]) == 50


@pytest.mark.parametrize(
    ("title", "terms"),
    [
        ("Formation/Coaching 2025", "coaching"),
        ("Pc/ecran 24''", "ecran"),
        ("Order of 01/2025", "2025"),
        ("From jean@acme.fr", "acme"),
        ("Licence adobe.com", "adobe"),
        ("Bold <b>text</b> & more", "text"),
    ],
)
async def test_words_are_parted_by_whatever_is_no_letter_and_no_digit(
    client: httpx2.AsyncClient, title: str, terms: str
) -> None:
    purchase = await make_purchase(client, title=title)
    answer = await client.get(f"{API}/purchases", params={"search.terms": terms, "fields.root": "count"})
    assert ([item["id"] for item in answer.json()["items"]], answer.json()["count"]) == ([purchase["id"]], 1)


async def test_the_word_by_which_the_index_knows_a_company_is_no_word_of_a_search(
    client: httpx2.AsyncClient, company: Company
) -> None:
    await make_purchase(client)
    answer = await client.get(f"{API}/purchases", params={"search.terms": f"_{company.tenant_id}"})
    assert answer.json()["items"] == []
