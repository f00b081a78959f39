"""Importing cost centers: two modes, one report, known codes, doubled codes, ten thousand at once."""

import asyncio
from typing import Any

import httpx2

from tests.fixtures.companies import Company
from tests.fixtures.guide import API
from tests.fixtures.problems import faults, refused, rows

IMPORTS = "/cleemy-procurement/services/imports/costcenters"
GOOD: dict[str, Any] = {"name": "Media", "code": "MED", "ownerId": 35, "state": "Disabled", "establishmentIds": [1]}
WRONG: dict[str, Any] = {"name": "", "code": "BAD", "ownerId": 99}


async def send(client: httpx2.AsyncClient, *items: Any, mode: str = "SkipInvalidItems") -> dict[str, Any]:  # noqa: ANN401
    answer = await client.post(IMPORTS, json={"mode": mode, "items": list(items)})
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    assert report["mode"] == mode
    return report


async def test_each_item_is_answered_with_its_cost_center(client: httpx2.AsyncClient) -> None:
    report = await send(client, GOOD, {"name": "Plain", "code": "PLN"}, mode="AllOrNothing")
    assert (report["imported"], report["failedValidation"]) == (2, 0)
    media, plain = (item["result"] for item in report["items"])
    assert (media["code"], media["owner"]["id"], media["state"]) == ("MED", 35, "Disabled")
    assert plain["state"] == "Enabled"
    for made in (media, plain):
        assert (await client.get(made["href"])).json() == made


async def test_a_wrong_item_is_left_out_or_keeps_out_all(company: Company, client: httpx2.AsyncClient) -> None:
    before = await rows(company)
    report = await send(client, GOOD, WRONG, 7, mode="AllOrNothing")
    assert (report["imported"], report["failedValidation"]) == (0, 2)
    assert report["items"][0] == {}
    problem = report["items"][1]["problem"]
    assert (problem["status"], problem["code"], problem["instance"]) == (400, "request.invalid", f"{IMPORTS}#/items/1")
    assert problem["errors"].keys() == {"name", "ownerId"}
    assert await rows(company) == before
    skipped = await send(client, GOOD, WRONG, 7)
    assert (skipped["imported"], skipped["failedValidation"]) == (1, 2)
    assert skipped["items"][1:] == report["items"][1:]


async def test_a_known_code_changes_its_cost_center_and_keeps_what_is_not_said(client: httpx2.AsyncClient) -> None:
    made = (await send(client, GOOD))["items"][0]["result"]
    changed = (await send(client, {"name": "Press", "code": "MED"}))["items"][0]["result"]
    assert changed == made | {"name": "Press", "version": 2}
    again = (await send(client, {"name": "Press", "code": "MED"}))["items"][0]["result"]
    assert again == changed


async def test_a_code_that_comes_twice_is_a_problem_of_the_second(client: httpx2.AsyncClient) -> None:
    report = await send(client, GOOD, GOOD | {"name": "Other"}, {"name": "Old", "code": "OLD"})
    assert [list(item) for item in report["items"]] == [["result"], ["problem"], ["result"]]
    assert report["items"][1]["problem"]["errors"] == {"code": ["Is the code of items[0] already."]}


async def test_a_call_that_is_no_import_is_refused(client: httpx2.AsyncClient) -> None:
    assert faults(await client.post(IMPORTS, json={"mode": "Some", "items": 3})).keys() == {"mode", "items"}
    assert faults(await client.post(IMPORTS, json={"items": [{}] * 10_001})).keys() == {"items"}
    assert (await send(client))["items"] == []


async def test_a_repeat_is_answered_with_the_report(company: Company, client: httpx2.AsyncClient) -> None:
    body, headers = {"mode": "SkipInvalidItems", "items": [GOOD, WRONG]}, {"Idempotency-Key": "import"}
    first, *others = await asyncio.gather(*(client.post(IMPORTS, json=body, headers=headers) for _ in range(4)))
    assert [other.json() for other in others] == [first.json()] * 3
    assert first.json()["items"][0]["result"]["version"] == 1
    same = {"items": [{"establishmentIds": [1], **GOOD}, WRONG], "mode": "SkipInvalidItems"}
    again = await client.post(IMPORTS, json=same, headers=headers)
    assert (again.headers["Idempotency-Replayed"], again.json()) == ("true", first.json())
    other = await client.post(IMPORTS, json={"items": [GOOD]}, headers=headers)
    refused(other, 422, "idempotency.reused")
    assert (await rows(company))["events"] == 1


async def test_imports_of_the_same_codes_do_not_get_in_each_others_way(client: httpx2.AsyncClient) -> None:
    items = [[{"name": f"{letter} {number}", "code": f"C{number}"} for number in range(20)] for letter in "ABCD"]
    reports = await asyncio.gather(*(send(client, *each) for each in items))
    assert [report["imported"] for report in reports] == [20] * 4
    listed = (await client.get(f"{API}/costcenters?limit=1000")).json()["items"]
    assert len({item["code"] for item in listed}) == len(listed) == 22


async def test_ten_thousand_are_imported_in_one_call(company: Company, client: httpx2.AsyncClient) -> None:
    items = [GOOD | {"name": f"Center {number}", "code": f"C{number}"} for number in range(10_000)]
    report = await send(client, *items, mode="AllOrNothing")
    assert report["imported"] == 10_000
    assert (await rows(company))["events"] == (await rows(company))["unsealed"] == 10_000
