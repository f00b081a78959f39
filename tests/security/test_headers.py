"""Every answer tells a browser what it may do with it: pages, data, files, refusals."""

import httpx2
import pytest_asyncio

from tests.fixtures.attachments import keep_file
from tests.fixtures.companies import Company
from tests.fixtures.guide import API

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PLACES = {
    "data": ("GET", f"{API}/purchases", 200),
    "a page": ("GET", "/docs", 200),
    "a page about a problem": ("GET", "/problems/conflict", 200),
    "a page for anybody": ("GET", "/verify/1", 200),
    "a style": ("GET", "/docs/docs.css", 200),
    "the document": ("GET", "/openapi.json", 200),
    "health": ("GET", "/health/live", 200),
    "measures": ("GET", "/metrics", 200),
    "methods": ("OPTIONS", f"{API}/purchases", 204),
    "a refusal of what is asked": ("GET", f"{API}/purchases?wrong=1", 400),
    "nothing": ("GET", "/nothing", 404),
    "a wrong method": ("DELETE", f"{API}/purchases", 405),
    "an address that is too long": ("GET", f"{API}/purchases?{'a' * 40_000}", 414),
}


@pytest_asyncio.fixture
async def answers(company: Company, client: httpx2.AsyncClient) -> dict[str, httpx2.Response]:
    found = {name: await client.request(method, path) for name, (method, path, _) in PLACES.items()}
    found["a missing key"] = await client.get(f"{API}/purchases", headers={"Authorization": ""})
    found["too many headers"] = await client.get(f"{API}/purchases", headers={"X-Long": "a" * 9000})
    file = f"{API}/files/{await keep_file(company, client)}"
    found["a file that the caller has"] = await client.get(file, headers={"If-None-Match": "*"})
    return found


async def test_every_answer_says_what_holds_for_every_answer(answers: dict[str, httpx2.Response]) -> None:
    for name, answer in answers.items():
        expected = PLACES[name][2] if name in PLACES else answer.status_code
        assert answer.status_code == expected, name
        told = {header: answer.headers.get(header) for header in EVERYWHERE}
        assert told == EVERYWHERE, name
        assert "Strict-Transport-Security" not in answer.headers, name


async def test_whatever_a_browser_might_show_may_run_and_load_nothing(answers: dict[str, httpx2.Response]) -> None:
    for name, answer in answers.items():
        if answer.status_code not in {204, 304}:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy, name
            assert "script-src" not in policy, name
            assert "unsafe" not in policy, name
            assert "frame-ancestors 'none'" in policy, name


async def test_nothing_of_a_company_is_kept_by_anybody_on_the_way(answers: dict[str, httpx2.Response]) -> None:
    public = {"a page", "a page about a problem", "a style", "methods"}
    for name, answer in answers.items():
        if name not in public:
            assert answer.headers["Cache-Control"] in {"no-store", "private, no-cache"}, name


async def test_pages_are_alone_with_themselves(answers: dict[str, httpx2.Response]) -> None:
    for name, answer in answers.items():
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", name


async def test_whoever_came_by_tls_is_told_to_come_so_for_a_year(company: Company) -> None:
    transport = httpx2.ASGITransport(app=company.app)
    async with httpx2.AsyncClient(transport=transport, base_url=f"https://{company.host}") as client:
        for path in ("/docs", f"{API}/purchases", "/nothing"):
            assert (await client.get(path)).headers["Strict-Transport-Security"] == "max-age=31536000"
