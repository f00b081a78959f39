"""A change of what was approved, on the pages: who decides on it sees both, and the history tells of it."""

import re
from pathlib import Path
from typing import Any, Final

import httpx2

from emplette.http.pages.histories import DEEDS
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, make_request
from tests.fixtures.pages import Visiting, visiting

SOURCES: Final = Path(__file__).resolve().parents[2] / "src" / "emplette"
_HAPPENING = re.compile(
    r"(?:Happening\(|_left\(after, |happened = |else |replaced\(dossier\), |request=after\), )"
    r'"((?:purchase|commitment|request|order)\.[a-z_]+)"'
)


async def _dearer(client: httpx2.AsyncClient, submitter: httpx2.AsyncClient) -> dict[str, Any]:
    """Ask that what was approved for 120 may cost 150."""
    made = await make_request(client, title="A desk lamp")
    path = f"{API}/commitments/{made['businessObject']['id']}"
    tag = (await client.get(path)).headers["ETag"]
    amount = {"excludingTaxes": {"value": 150, "currency": "EUR"}, "taxes": []}
    body = ONE_TIME | {"amountIncludingTaxes": amount, "comment": "They got dearer"}
    answer = await submitter.post(f"{path}/amendments", json=body, headers={"If-Match": tag})
    assert answer.status_code == 201, answer.text
    proposed: dict[str, Any] = answer.json()
    return proposed


async def test_who_decides_on_a_change_sees_both_and_the_difference(
    company: Company, client: httpx2.AsyncClient, submitter: httpx2.AsyncClient
) -> None:
    request = await _dearer(client, submitter)
    async with await visiting(company, 36) as decider:
        listed = await decider.see("/approvals")
        assert "€150.00" in listed.text
        page = await decider.see(f"/approvals/{request['id']}")
        rows = [[cell.text_content() for cell in row] for row in page.tree.xpath("//table//tbody/tr")]
        assert rows == [["Amount before tax", "€120.00", "€150.00"], ["Why", "Comment", "They got dearer"]]
        assert "It costs €30.00 more" in page.text
        answer = await decider.send(page, f"/approvals/{request['id']}/approval")
        assert answer.status_code == 303
    order = (await client.get(f"{API}/requests/{request['id']}")).json()
    assert order["state"] == "Approved"


async def test_a_purchase_leads_to_the_change_that_waits_and_then_tells_of_it(
    buyer: Visiting, company: Company, client: httpx2.AsyncClient, submitter: httpx2.AsyncClient
) -> None:
    request = await _dearer(client, submitter)
    place = f"/purchases/{request['purchase']['id']}"
    waiting = await buyer.see(place)
    assert "€120.00" in waiting.text
    assert f"/approvals/{request['id']}" in waiting.links()
    async with await visiting(company, 36) as decider:
        page = await decider.see(f"/approvals/{request['id']}")
        assert (await decider.send(page, f"/approvals/{request['id']}/approval")).status_code == 303
    done = await buyer.see(place)
    assert "€150.00" in done.text
    assert "Alma Approver changed the order, as was approved" in done.text
    assert "A change of what was approved waits" not in done.text


def test_the_history_has_words_for_all_that_can_happen_to_a_purchase() -> None:
    sources = " ".join(path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py"))
    happened = set(_HAPPENING.findall(sources))
    assert len(happened) > 12
    assert happened - set(DEEDS) == set()
