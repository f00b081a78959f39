"""Edits: one version for a purchase and all under it, and If-Match on every command."""

from typing import Any

import httpx2
import pytest

from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, PURCHASE
from tests.fixtures.lives import Life, Live
from tests.fixtures.problems import faults, refused, rows

DRAFT = {"name": "Zoé", "territoryId": "FR"}
COMMANDS: list[tuple[str, str, str, dict[str, Any] | None]] = [
    ("new", "PUT", "{purchase}", PURCHASE | {"supplier": DRAFT}),
    ("pending", "PUT", "{purchase}/supplier", {"id": 6}),
    ("new", "POST", "{purchase}/commitment", ONE_TIME),
    ("new", "POST", f"{API}/commitments", ONE_TIME),
    ("new", "POST", "{purchase}/closing", {"comment": "x"}),
    ("committed", "PUT", "{commitment}", ONE_TIME),
    ("committed", "POST", "{commitment}/requests", None),
    ("pending", "POST", "{request}/approvals", {"comment": "x"}),
    ("pending", "POST", "{request}/denials", {"comment": "x"}),
    ("pending", "POST", "{request}/cancellations", {"comment": "x"}),
    ("approved", "POST", "{request}/cancellations", None),
    ("approved", "POST", "{purchase}/closing", None),
]
EACH = pytest.mark.parametrize(
    ("stage", "method", "path", "body"), COMMANDS, ids=[f"{s} {m} {p}" for s, m, p, _ in COMMANDS]
)


class Command:
    """A command on a purchase in the stage in which it is allowed."""

    def __init__(self, life: Life, method: str, path: str, body: dict[str, Any] | None) -> None:
        self.life = life
        self._method = method
        self._place = path.format(purchase=life.purchase, commitment=life.commitment, request=life.request)
        named = body is not None and path.endswith("/commitments")
        self._body = (body or {}) | {"purchaseId": life.purchase_id} if named else body
        self._who = life.approver if path.endswith(("approvals", "denials")) else life.submitter

    async def __call__(self, if_match: str | None) -> httpx2.Response:
        """Give the command, for a version or for any."""
        headers = {} if if_match is None else {"If-Match": if_match}
        return await self._who.request(self._method, self._place, json=self._body, headers=headers)


async def _tags(life: Life) -> set[str]:
    """Read the tags of everything that there is of a purchase."""
    places = [life.purchase]
    places += [life.commitment] if life.commitment_id else []
    places += [life.request] if life.request_id else []
    places += [life.order] if life.order_id else []
    return {(await life.submitter.get(place)).headers["ETag"] for place in places}


@EACH
async def test_every_answer_carries_the_one_tag_and_every_change_another(
    live: Live, stage: str, method: str, path: str, body: dict[str, Any] | None
) -> None:
    life = await live(stage, supplier=DRAFT)
    (before,) = await _tags(life)
    assert before.startswith('"')
    assert before.endswith('"')
    answer = await Command(life, method, path, body)(None)
    assert answer.is_success, answer.text
    (after,) = await _tags(life)
    assert answer.headers["ETag"] == after != before
    assert answer.json()["version"] == (await life.read())["version"]


@EACH
@pytest.mark.parametrize("form", ["{}", '"x", {}', '{}, W/"1"', "*"])
async def test_the_current_version_lets_a_command_through(
    live: Live, stage: str, method: str, path: str, body: dict[str, Any] | None, form: str
) -> None:
    life = await live(stage, supplier=DRAFT)
    (tag,) = await _tags(life)
    answer = await Command(life, method, path, body)(form.format(tag))
    assert answer.is_success, answer.text


@EACH
@pytest.mark.parametrize("form", ["stale", "weak", "other"])
async def test_another_version_stops_a_command(
    live: Live, company: Company, stage: str, method: str, path: str, body: dict[str, Any] | None, form: str
) -> None:
    life = await live(stage, supplier=DRAFT)
    (tag,) = await _tags(life)
    sent = {"stale": tag.replace(".", ".9") if "." in tag else '"0"', "weak": f"W/{tag}", "other": '"nothing"'}[form]
    before = await rows(company)
    refused(await Command(life, method, path, body)(sent), 412, "version.stale")
    assert await rows(company) == before


@EACH
async def test_the_tag_of_any_of_them_works_for_all(
    live: Live, stage: str, method: str, path: str, body: dict[str, Any] | None
) -> None:
    life = await live(stage, supplier=DRAFT)
    for tag in await _tags(life):
        assert (await Command(life, method, path, body)(tag)).is_success


@EACH
@pytest.mark.parametrize("value", ["", "x", '"', "'1'", '"a" "b"', "1"])
async def test_an_if_match_that_cant_be_read_is_a_400(
    live: Live, company: Company, stage: str, method: str, path: str, body: dict[str, Any] | None, value: str
) -> None:
    life = await live(stage, supplier=DRAFT)
    before = await rows(company)
    assert set(faults(await Command(life, method, path, body)(value))) == {"If-Match"}
    assert await rows(company) == before


async def test_a_stale_version_is_told_with_the_current_one(live: Live) -> None:
    life = await live("new")
    (tag,) = await _tags(life)
    problem = refused(await life.submitter.put(life.purchase, json=PURCHASE, headers={"If-Match": '"0"'}), 412)
    assert problem["etag"] == tag


async def test_a_creation_for_a_version_is_stopped_since_nothing_has_one(
    client: httpx2.AsyncClient, company: Company
) -> None:
    refused(await client.post(f"{API}/purchases", json=PURCHASE, headers={"If-Match": '"1.1"'}), 412, "version.stale")
    assert (await rows(company))["purchases"] == 0


async def test_reading_and_repeating_nothing_keep_the_version(live: Live) -> None:
    life = await live("approved")
    (before,) = await _tags(life)
    await life.submitter.get(life.purchase)
    refused(await life.submitter.post(f"{life.commitment}/requests"), 409)
    refused(await life.submitter.put(life.purchase, json=PURCHASE), 409)
    assert await _tags(life) == {before}


async def test_two_purchases_have_two_tags(live: Live) -> None:
    one, other = await live("new"), await live("new")
    assert await _tags(one) != await _tags(other)
    (tag,) = await _tags(other)
    refused(await one.submitter.put(one.purchase, json=PURCHASE, headers={"If-Match": tag}), 412)


async def test_lists_carry_no_tag(client: httpx2.AsyncClient) -> None:
    assert "ETag" not in (await client.get(f"{API}/purchases")).headers
