"""What holds for every page: its policy of content, its weight, the addresses of what it is made of."""

import gzip
import re
from pathlib import Path

import httpx2
import pytest

from emplette.http.contract.registry import GET
from emplette.http.pages.assets import assets
from emplette.http.pages.declaring import Page, pages_in
from emplette.http.pages.served import PAGES as MODULES
from tests.fixtures.attachments import keep_file
from tests.fixtures.companies import Company
from tests.fixtures.guide import ONE_TIME, make_commitment, make_purchase, make_request
from tests.fixtures.pages import Visiting, seen, visiting

PAGES = Path(__file__).resolve().parents[2] / "src" / "emplette" / "http" / "pages"
FIRST_LOAD = 150_000
"""Bytes, compressed."""

_OURS = re.compile(r"\.([a-z][a-z0-9-]*)")
_CLASSES = re.compile(r'class="([^"]*)"')
_SAID = re.compile(r"\{%.*?%\}|[\w-]*\{\{.*?\}\}[\w-]*")
# Classes by which scripts find things, or that Tabler gives no rule of its own.
_MARKS = {
    "appearance",
    "datagrid-item",
    "decide",
    "money",
    "purchases-table",
    "more",
    "request",
    "restored",
    "when-new",
    "files",
    "filters",
    "keys",
    "wide",
    "skip",
}


async def test_no_page_lets_anything_run_that_is_not_ours(buyer: Visiting) -> None:
    answer = await buyer.client.get("/", headers={"accept": "text/html"})
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    page = seen(answer).tree
    assert page.xpath("//script[not(@src)] | //style | //*[@style]") == []
    assert [name for element in page.iter() for name in element.attrib if str(name).startswith("on")] == []


async def test_every_page_opened_first_comes_with_all_it_is_made_of_to_less_than_150_kb(
    company: Company, submitter: httpx2.AsyncClient
) -> None:
    request = await make_request(submitter)
    places = [f"/approvals/{request['id']}", f"/purchases/{request['purchase']['id']}", "/nowhere"]
    places += [made.operation.path for made in pages_in(MODULES) if made.operation.method == GET and _is_plain(made)]
    weights: dict[str, int] = {}
    async with await visiting(company, 36, "administrator", "accountant") as visitor:
        for place in places:
            page = await visitor.see(place)
            assert page.status < 500, place
            parts = page.tree.xpath(
                "//link[@rel='stylesheet']/@href | //script/@src | //img/@src[not(starts-with(., 'data:'))]"
            )
            sprites = {use.split("#")[0] for use in page.tree.xpath("//use/@href")}
            weight = len(page.answer.content) + sum(
                [await _weight(visitor, part, weights) for part in {*parts, *sprites}]
            )
            assert weight < FIRST_LOAD, place
    assert len(places) > 15


def _is_plain(made: Page) -> bool:
    path = made.operation.path
    return "{" not in path and not path.endswith((".csv", ".ics")) and "text/html" in made.operation.media_type


async def _weight(visitor: Visiting, address: str, known: dict[str, int]) -> int:
    """Weigh what a page is made of, as it goes over the wire; each once."""
    if address not in known:
        answer = await visitor.client.get(address, headers={"accept-encoding": "gzip"})
        assert answer.status_code == 200, address
        assert not address.startswith("/assets/") or answer.headers["content-encoding"] == "gzip"
        assert not address.startswith("/assets/") or "immutable" in answer.headers["cache-control"]
        known[address] = int(answer.headers["content-length"])
    return known[address]


async def test_what_a_page_is_made_of_has_another_address_when_it_has_other_bytes(buyer: Visiting) -> None:
    asset = assets()["pages.css"]
    answer = await buyer.client.get(asset.address, headers={"accept-encoding": "identity"})
    assert answer.content == asset.content
    assert gzip.decompress(asset.compressed) == asset.content
    assert (await buyer.client.get("/assets/pages.000000000000.css")).status_code == 404


def test_every_class_that_a_page_names_has_a_rule() -> None:
    known = set(
        _OURS.findall(" ".join(each.content.decode() for name, each in assets().items() if name.endswith("css")))
    )
    named: dict[str, str] = {}
    for template in (PAGES / "templates").rglob("*.html"):
        if template.parent.name == "templates" and template.stem in {"docs", "problem", "verify"}:
            continue
        plain = _SAID.sub(" ", template.read_text(encoding="utf-8"))
        for classes in _CLASSES.findall(plain):
            named |= dict.fromkeys(classes.split(), template.name)
    unknown = {name: place for name, place in named.items() if name not in known | _MARKS}
    assert unknown == {}, "run scripts/vendor-assets.sh, or mind the spelling"


async def test_who_has_not_signed_in_is_led_to_the_sign_in_and_back(company: Company) -> None:
    async with company.client() as nobody:
        answer = await nobody.get("/purchases?state=Closed", headers={"accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fpurchases%3Fstate%3DClosed"


@pytest.mark.parametrize("path", ["/nowhere", "/purchases/99999", "/approvals/99999"])
async def test_what_is_not_there_is_a_page_that_says_so(buyer: Visiting, path: str) -> None:
    page = await buyer.see(path)
    assert page.status == 404
    assert "There is nothing here" in page.text


async def test_a_form_of_another_session_is_said_to_be_old(buyer: Visiting) -> None:
    answer = await buyer.post("/account/password", {"csrf": "of another", "current": "", "password": "", "again": ""})
    assert answer.status_code == 403
    assert "This page has become old" in answer.text


@pytest.mark.parametrize(
    ("path", "told"),
    [("/password-links/used-long-ago", "Ask an administrator for another"), ("/founding/any", "There is a company")],
)
async def test_a_link_that_is_not_good_any_more_says_what_to_do(buyer: Visiting, path: str, told: str) -> None:
    page = await buyer.see(path)
    assert (page.status, told in page.text) == (404, True)


async def test_who_calls_a_server_by_a_name_that_no_company_has_is_told_so(buyer: Visiting) -> None:
    page = await buyer.see("/sign-in", host="nobody.test")
    assert (page.status, "No company is at this address" in page.text) == (404, True)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/settings/log?type=%00", 400),
        ("/settings/people?q=%00", 400),
        (f"/settings/suppliers?q={'x' * 3_000}", 200),
        (f"/purchases?whose=all&q={'x' * 3_000}", 200),
        ("/overview?to=0001-01", 200),
        ("/overview?to=9999-12", 400),
    ],
)
async def test_what_no_link_asks_for_is_no_fault_of_ours(company: Company, path: str, status: int) -> None:
    async with await visiting(company, 37, "administrator") as administrator:
        assert (await administrator.see(path)).status == status


async def test_programs_are_still_told_in_json(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/nowhere")
    assert answer.status_code == 404
    assert answer.json()["code"] == "path.unknown"


async def test_who_may_not_open_a_page_is_told_so(buyer: Visiting) -> None:
    page = await buyer.see("/purchases/1/supplier")
    assert page.status == 405
    answer = await buyer.post("/purchases/1/supplier", {"supplier": "6"})
    assert answer.status_code == 403
    assert "This is not for you" in answer.text


async def test_the_navigation_shows_what_somebody_may_and_where_they_are(buyer: Visiting) -> None:
    page = await buyer.see("/purchases")
    assert [link.get("href") for link in page.tree.xpath("//nav[@class='places']//a")] == [
        "/",
        "/ask",
        "/approvals",
        "/purchases",
        "/overview",
    ]
    assert page.tree.xpath("//a[@aria-current='page']/@href") == ["/purchases"]


async def test_a_file_says_one_length_and_says_it_only_where_it_is_told_of(
    buyer: Visiting, company: Company, client: httpx2.AsyncClient
) -> None:
    file_id = await keep_file(company, client)
    purchase = await make_purchase(client)
    await make_commitment(client, purchase["id"], ONE_TIME | {"attachmentIds": [file_id]})
    told = await buyer.client.head(f"/files/{file_id}")
    assert (told.status_code, told.headers.get_list("content-length"), told.content) == (200, ["1234"], b"")
    known = await buyer.client.get(f"/files/{file_id}", headers={"If-None-Match": told.headers["ETag"]})
    assert (known.status_code, known.headers.get_list("content-length"), known.content) == (304, [], b"")


def test_what_was_taken_from_others_has_its_licence_beside_it() -> None:
    vendored = PAGES / "static" / "vendored"
    assert {path.name for path in vendored.glob("LICENSE*")} == {"LICENSE.htmx", "LICENSE.tabler"}
