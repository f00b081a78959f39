"""Each operation of the API as a rival that knows the ids: nothing seen, nothing changed, nothing told apart."""

import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from emplette.http.app import API as MODULES
from emplette.http.contract import GET, Registry
from tests.fixtures import absences, budgets, webhooks
from tests.fixtures.absences import WEEKS
from tests.fixtures.attachments import attach
from tests.fixtures.budgets import YEAR
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, SUBSCRIPTION, make_commitment, make_purchase, make_request
from tests.fixtures.rivals import PAPER, SECRET, Ids, Neighbours

OPERATIONS = Registry(MODULES)
EVERYTHING = ("purchases:all", "view:all", "manage", "approve", "configure")


def _purchase(ids: Ids) -> dict[str, Any]:
    word = ids.word
    words = {"ownerId": word, "natureId": word, "costCenterId": word, "establishmentId": word, "departmentId": word}
    return PURCHASE | words | {"supplier": {"id": word}, "axisSectionIds": [word]}


# What each operation is asked with, beside the ids in its path: a body, or the filters of a list.
ASKED: dict[str, Callable[[Ids], dict[str, Any] | None]] = {
    "list_purchases": lambda ids: {"supplierId": ids.word, "ownerId": ids.word, "search.terms": ids.key},
    "create_purchase": _purchase,
    "read_purchase": lambda _: None,
    "revise_purchase": lambda _: PURCHASE,
    "list_purchase_supplier": lambda _: {"id": 6},
    "close_purchase": lambda _: {"date": "2025-04-20"},
    "list_comments": lambda _: None,
    "create_comment": lambda ids: {"text": "Mine", "mentionedIds": [ids.word]},
    "create_commitment": lambda ids: ONE_TIME | {"purchaseId": ids.purchase, "attachmentIds": [ids.attachment]},
    "create_purchase_commitment": lambda ids: SUBSCRIPTION | {"attachmentIds": [str(ids.file)]},
    "read_commitment": lambda _: None,
    "revise_commitment": lambda ids: ONE_TIME | {"attachmentIds": [ids.attachment, str(ids.file)]},
    "create_attachment": lambda ids: {"fileId": str(ids.file)},
    "read_attachment": lambda _: None,
    "upload_file": lambda _: {"file": ("offer.pdf", PAPER)},
    "read_file": lambda _: None,
    "display_file": lambda _: None,
    "display_page": lambda _: None,
    "create_request": lambda _: None,
    "create_amendment": lambda ids: ONE_TIME | {"attachmentIds": [ids.attachment, str(ids.file)]},
    "create_price_rise": lambda _: {"index": "Syntec", "before": 305.2, "after": 312.4},
    "list_amendments": lambda _: None,
    "list_requests": lambda ids: {"commitmentId": ids.commitment},
    "read_request": lambda _: None,
    "read_request_plan": lambda _: None,
    "plan_approval": lambda ids: {"purchase": _purchase(ids), "commitment": ONE_TIME},
    "approve_request": lambda _: {"comment": "Fine"},
    "deny_request": lambda _: {"comment": "No"},
    "approve_requests": lambda ids: {"items": [{"requestId": ids.request, "contentHash": "as shown"}]},
    "cancel_request": lambda _: {"comment": "No"},
    "reassign_request": lambda _: {"fromUserId": 36, "toUserId": 39, "reason": "Mine"},
    "read_calendar_link": lambda _: None,
    "change_calendar_link": lambda _: {"isOpen": "wrong"},
    "read_working_days": lambda _: None,
    "change_working_days": lambda _: {"weekdays": [0]},
    "read_overview": lambda _: {"from": "2025-01", "to": "2025-12"},
    "list_spending": lambda ids: {"from": "2025-01", "to": "2025-12", "natureId": ids.word},
    "list_absences": lambda _: {"userId": 36},
    "create_absence": lambda ids: WEEKS | {"userId": 36, "deputyId": ids.word},
    "end_absence": lambda _: None,
    "list_orders": lambda ids: {"purchaseId": ids.purchase, "supplierId": ids.word},
    "read_order": lambda _: None,
    "read_order_pdf": lambda _: None,
    "list_events": lambda _: None,
    "list_subscriptions": lambda ids: {"ownerId": ids.word},
    **dict.fromkeys(
        ["read_subscription", "read_schedule", "renew_subscription", "stop_subscription", "let_subscription_run"],
        lambda _: None,
    ),
    "list_natures": lambda _: None,
    "read_nature": lambda _: None,
    "create_nature": lambda ids: {"name": "Mine", "costFamilyId": ids.word},
    "change_nature": lambda _: {"name": "Mine"},
    "list_cost_centers": lambda _: None,
    "read_cost_center": lambda _: None,
    "change_cost_center": lambda ids: {"name": "Mine", "ownerId": ids.word},
    **dict.fromkeys(
        [f"list_{name}" for name in ("establishments", "legal_units", "departments", "axes", "axis_sections", "users")],
        lambda ids: {"id": ids.word},
    ),
    **dict.fromkeys(
        [f"read_{name}" for name in ("establishment", "legal_unit", "department", "axis", "axis_section", "user")],
        lambda _: None,
    ),
    "import_cost_centers": lambda ids: {"items": [{"name": "Mine", "code": ids.key, "ownerId": ids.word}]},
    "list_suppliers": lambda ids: {"search.terms": ids.key},
    "read_supplier": lambda _: None,
    "create_supplier": lambda ids: {"name": "Mine", "territoryId": "FR", "preferredNatureId": ids.word},
    "change_supplier": lambda ids: {"name": "Mine", "preferredNatureId": ids.word},
    "create_webhook": lambda ids: {"webhookUrl": f"https://example.com/{ids.key}", "topics": ["wrong"]},
    "change_webhook": lambda _: {"name": "Mine"},
    "replay_webhook": lambda _: {"after": "0"},
    **dict.fromkeys(
        ["list_webhooks", *(f"{verb}_webhook" for verb in ("read", "delete", "rotate", "ping", "resume"))],
        lambda _: None,
    ),
    "list_webhook_deliveries": lambda _: None,
    "list_budgets": lambda _: {"kind": "Hard"},
    "create_budget": lambda ids: YEAR | {"costCenterId": ids.word},
    "correct_budget": lambda _: {"amount": {"value": 1}, "reason": "Mine"},
    "carry_over_budget": lambda ids: {"fromBudgetId": ids.word},
    **dict.fromkeys(["read_budget", "list_budget_entries"], lambda _: None),
    "list_vat_rates": lambda _: {"date": "2025-04-14", "territoryId": "FR"},
}


# What is about a subscription: its number is that of a commitment.
SUBSCRIPTIONS = {
    *("list_subscriptions", "read_subscription", "read_schedule"),
    *("renew_subscription", "stop_subscription", "let_subscription_run"),
}
# The id of a file is nobody else's; and one that hangs on nothing is only its sender's.
FILES = {"read_file", "display_file", "display_page"}
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# Words of a company that its rival has as well.
SHARED = {
    "nature_id": 1,
    "cost_center_id": 3,
    "supplier_id": 6,
    "establishment_id": 1,
    "legal_unit_id": 1,
    "department_id": 14,
    "axis_id": 1,
    "axis_section_id": 361,
    "user_id": 36,
    "webhook_id": 1,
    "budget_id": 1,
    "absence_id": 1,
}


async def ask(caller: httpx2.AsyncClient, name: str, ids: Ids, **words: int) -> httpx2.Response:
    operation = OPERATIONS[name]
    path = operation.path.format(
        purchase_id=ids.purchase,
        commitment_id=ids.subscription if name in SUBSCRIPTIONS else ids.commitment,
        request_id=ids.request,
        order_id=ids.order,
        attachment_id=ids.attachment,
        file_id=ids.file,
        page_number=1,
        **(dict.fromkeys(SHARED, ids.word) | words),
    )
    asked = ASKED[name](ids)
    if operation.method == GET:
        return await caller.get(
            path, params={"fields.root": "count"} | asked if asked and "date" not in asked else asked
        )
    sent: dict[str, Any] = {"files" if operation.takes_upload else "json": asked}
    return await caller.request(operation.method, path, **sent)


def told(answer: httpx2.Response) -> tuple[int, str]:
    """Say what was answered, whatever the numbers in it are."""
    if "json" not in answer.headers["Content-Type"]:
        return answer.status_code, repr(answer.content)
    body = answer.json()
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name not in {"requestId", "instance"}}
    return answer.status_code, re.sub(r"\d+", "#", _UUID.sub("#", repr(body)))


@pytest_asyncio.fixture
async def stranger(rival: Company) -> AsyncIterator[httpx2.AsyncClient]:
    async with await rival.caller(permissions=EVERYTHING, person=36) as caller:
        yield caller


def test_every_operation_is_tried_as_a_rival() -> None:
    # What is asked without a company's data, such as what a territory is called, is everybody's.
    assert set(ASKED) == {operation.name for operation in OPERATIONS if operation.takes_work}


@pytest.mark.parametrize("name", sorted(ASKED))
@pytest.mark.parametrize("which", ["theirs", "pending"])
async def test_a_rival_that_knows_the_ids_is_answered_as_if_there_was_nothing(
    name: str, which: str, neighbours: Neighbours, stranger: httpx2.AsyncClient
) -> None:
    ids: Ids = getattr(neighbours, which)
    before = await neighbours.rows()
    answer = await ask(stranger, name, ids)
    assert SECRET not in answer.text
    assert told(answer) == told(await ask(stranger, name, neighbours.absent))
    assert await neighbours.rows() == before
    # The company itself is answered otherwise: else this would prove nothing.
    async with await neighbours.company.caller(permissions=EVERYTHING, person=36) as caller:
        own = await ask(caller, name, ids)
    if which == "theirs" or name not in {"list_orders", "read_order", "read_order_pdf"} | FILES | SUBSCRIPTIONS:
        assert own.content != answer.content
        assert own.status_code < 500
        assert own.status_code != 404


@pytest.mark.parametrize("name", sorted(set(ASKED) - FILES - SUBSCRIPTIONS))
async def test_a_rival_that_has_the_same_ids_gets_its_own(
    name: str, neighbours: Neighbours, stranger: httpx2.AsyncClient
) -> None:
    async with await neighbours.rival.caller() as caller, await neighbours.rival.caller(auto_approve=False) as slow:
        made = await make_purchase(caller)
        hung = [await attach(neighbours.rival, caller)]
        await make_commitment(caller, made["id"], attachmentIds=hung)
        await make_request(slow)
        own = await make_request(caller)
        await neighbours.owner.execute(webhooks.rows(neighbours.rival.tenant_id, 1, "own"))
        await neighbours.owner.execute(budgets.rows(neighbours.rival.tenant_id, 1, "own"))
        await neighbours.owner.execute(absences.rows(neighbours.rival.tenant_id, 1))
    theirs = neighbours.theirs
    assert (own["purchase"]["id"], own["id"], own["order"]["id"]) == (theirs.purchase, theirs.request, theirs.order)
    assert hung == [theirs.attachment]
    before = await neighbours.rows()
    answer = await ask(stranger, name, theirs, **SHARED)
    assert SECRET not in answer.text
    assert answer.status_code != 404
    assert await neighbours.rows() == before


@pytest.mark.parametrize("name", ["list_purchases", "list_requests", "list_orders"])
async def test_a_rival_that_has_nothing_lists_nothing(
    name: str, neighbours: Neighbours, stranger: httpx2.AsyncClient
) -> None:
    path = OPERATIONS[name].path
    assert (await stranger.get(path, params={"fields.root": "count"})).json() == {"items": [], "count": 0}
    assert (await neighbours.caller.get(path, params={"fields.root": "count"})).json()["count"] > 0


async def test_a_key_of_one_company_is_unknown_to_every_other(neighbours: Neighbours) -> None:
    secret = neighbours.caller.headers["Authorization"].removeprefix("lucca application=")
    async with neighbours.rival.client(secret) as lost, neighbours.rival.client("no-such-key-anywhere") as nobody:
        answers = [await caller.get(f"{API}/purchases") for caller in (lost, nobody)]
    assert {answer.status_code for answer in answers} == {401}
    assert len({told(answer) for answer in answers}) == 1


async def test_a_rival_may_use_the_same_idempotency_key(neighbours: Neighbours) -> None:
    async with await neighbours.rival.caller() as caller:
        answer = await caller.post(
            f"{API}/purchases", json=PURCHASE, headers={"Idempotency-Key": neighbours.theirs.key}
        )
    assert answer.status_code == 201
    assert "Idempotency-Replayed" not in answer.headers
    assert SECRET not in answer.text


async def test_a_token_of_one_companys_list_opens_no_others(
    neighbours: Neighbours, stranger: httpx2.AsyncClient
) -> None:
    page = await neighbours.caller.get(f"{API}/purchases", params={"limit": 1, "fields.root": "next"})
    follow = await stranger.get(f"{API}/purchases", params={"limit": 1, "page": page.json()["next"]})
    assert follow.status_code in {200, 400}
    assert SECRET not in follow.text
