"""What a key may see and do: permission by permission, and whose purchases each reaches."""

import posixpath
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from tests.fixtures.companies import Company
from tests.fixtures.guide import API, ONE_TIME, PURCHASE, make_commitment, make_purchase
from tests.fixtures.lives import Life, Live
from tests.fixtures.problems import refused, rows

# Each operation, what it is sent, and the permissions of which one is enough.
READ = {"view", "purchases", "approve"}
OPERATIONS: list[tuple[str, str, object, set[str]]] = [
    ("GET", "purchases", None, READ),
    ("POST", "purchases", PURCHASE, {"purchases"}),
    ("GET", "{purchase}", None, READ),
    ("PUT", "{purchase}", PURCHASE, {"purchases"}),
    ("PUT", "{purchase}/supplier", {"id": 6}, {"manage"}),
    ("POST", "{purchase}/commitment", ONE_TIME, {"purchases"}),
    ("POST", "{purchase}/closing", {}, {"purchases"}),
    ("POST", "commitments", ONE_TIME | {"purchaseId": 1}, {"purchases"}),
    ("GET", "{commitment}", None, READ),
    ("PUT", "{commitment}", ONE_TIME, {"purchases"}),
    ("POST", "{commitment}/requests", None, {"purchases"}),
    ("GET", "requests", None, READ),
    ("GET", "{request}", None, READ),
    ("POST", "{request}/approvals", {}, {"approve"}),
    ("POST", "{request}/denials", {"comment": "no"}, {"approve"}),
    ("POST", "{request}/cancellations", {}, {"purchases"}),
    ("GET", "orders", None, READ),
    ("GET", "{order}", None, READ),
    ("GET", "natures", None, READ | {"manage"}),
    ("POST", "natures", {"name": "Travel"}, {"manage"}),
    ("GET", "natures/1", None, READ | {"manage"}),
    ("PUT", "natures/1", {"name": "Travel"}, {"manage"}),
    ("GET", "suppliers", None, READ | {"manage"}),
    ("POST", "suppliers", {"name": "Mine", "territoryId": "FR"}, {"manage"}),
    ("GET", "suppliers/6", None, READ | {"manage"}),
    ("PUT", "suppliers/6", {"name": "Mine"}, {"manage"}),
    ("POST", "../services/imports/costcenters", {"items": []}, {"manage"}),
    *(
        ("GET", f"../../organization/structure/api/{name}", None, READ | {"manage"})
        for name in ("establishments/1", "legal-units", "departments/14", "axes", "axis-sections/361")
    ),
    ("GET", "../../api/v3/users", None, READ | {"manage"}),
    ("GET", "../../api/v3/users/36", None, READ | {"manage"}),
    ("GET", "costcenters", None, READ | {"manage"}),
    ("GET", "costcenters/3", None, READ | {"manage"}),
    ("PUT", "costcenters/3", {"name": "Media"}, {"manage"}),
]
NAMES = [f"{method} {path}" for method, path, _, _ in OPERATIONS]
HELD = {"purchases": "purchases:all", "view": "view:all", "approve": "approve", "manage": "manage"}


def _place(path: str, life: Life) -> str:
    if path.startswith("../"):
        return posixpath.normpath(f"{API}/{path}")
    if not path.startswith("{"):
        return f"{API}/{path}"
    return path.format(purchase=life.purchase, commitment=life.commitment, request=life.request, order=life.order)


@pytest.mark.parametrize(("method", "path", "body", "needs"), OPERATIONS, ids=NAMES)
async def test_without_its_permission_an_operation_is_a_403(
    company: Company, live: Live, method: str, path: str, body: object, needs: set[str]
) -> None:
    life = await live("approved")
    others = [text for name, text in HELD.items() if name not in needs] + ["pay", "configure"]
    before = await rows(company)
    async with await company.caller(permissions=others) as caller:
        answer = await caller.request(method, _place(path, life), json=body)
    refused(answer, 403, "permission.missing")
    assert await rows(company) == before


@pytest.mark.parametrize(("method", "path", "body", "needs"), OPERATIONS, ids=NAMES)
async def test_a_key_without_permissions_may_do_nothing(
    company: Company, live: Live, method: str, path: str, body: object, needs: set[str]
) -> None:
    life = await live("approved")
    async with await company.caller(permissions=()) as caller:
        refused(await caller.request(method, _place(path, life), json=body), 403, "permission.missing")
    assert needs


@dataclass(frozen=True, slots=True)
class Scene:
    """Purchases of several people: whose each is says its name."""

    company: Company
    purchases: dict[str, int]

    async def seen_by(self, caller: httpx2.AsyncClient) -> set[str]:
        """List what a caller sees, and check that reading agrees with the list."""
        answer = await caller.get(f"{API}/purchases?fields.root=count")
        listed = {item["id"] for item in answer.json()["items"]}
        assert answer.json()["count"] == len(listed)
        seen = {name for name, number in self.purchases.items() if number in listed}
        for name, number in self.purchases.items():
            read = await caller.get(f"{API}/purchases/{number}")
            assert read.status_code == (200 if name in seen else 404), name
        return seen

    async def closed_by(self, caller: httpx2.AsyncClient) -> dict[str, int]:
        """Close everything, and list how each was answered."""
        return {
            name: (await caller.post(f"{API}/purchases/{number}/closing")).status_code
            for name, number in self.purchases.items()
        }


@pytest_asyncio.fixture
async def scene(company: Company) -> Scene:
    """Set a scene: 36 leads 35; 37 leads 39; a key of nobody, and one of 35, have written something too."""
    made: dict[str, int] = {}
    async with await company.caller() as key:
        for owner_id in (35, 36, 37, 39):
            made[f"{owner_id}'s"] = (await make_purchase(key, ownerId=owner_id))["id"]
    async with await company.caller(person=35) as of_owner:
        made["37's, by 35"] = (await make_purchase(of_owner, ownerId=37))["id"]
    return Scene(company, made)


ALL = {"35's", "36's", "37's", "39's", "37's, by 35"}
SEEN = [
    (36, ["view:own"], {"36's"}),
    (36, ["view:supervised"], {"36's", "35's", "37's, by 35"}),
    (36, ["view:all"], ALL),
    (36, ["purchases:own"], {"36's"}),
    (36, ["purchases:supervised"], {"36's", "35's", "37's, by 35"}),
    (36, ["purchases:all"], ALL),
    (36, ["view:own", "purchases:supervised"], {"36's", "35's", "37's, by 35"}),
    (35, ["view:own"], {"35's", "37's, by 35"}),
    (35, ["view:supervised"], {"35's", "37's, by 35"}),
    (37, ["view:own"], {"37's", "37's, by 35"}),
    (37, ["view:supervised"], {"37's", "37's, by 35", "39's"}),
    (37, ["approve"], set()),
    (None, ["view:own"], set()),
    (None, ["view:supervised"], set()),
    (None, ["view:all"], ALL),
]


@pytest.mark.parametrize(("person", "permissions", "seen"), SEEN)
async def test_one_sees_what_the_widest_of_viewing_and_acting_reaches(
    scene: Scene, person: int | None, permissions: list[str], seen: set[str]
) -> None:
    async with await scene.company.caller(permissions=permissions, person=person) as caller:
        assert await scene.seen_by(caller) == seen


async def test_a_keys_own_is_what_it_wrote(company: Company, scene: Scene) -> None:
    async with await company.caller(permissions=["purchases:own"]) as caller:
        made = await make_purchase(caller, ownerId=37)
        scene.purchases["mine"] = made["id"]
        assert await scene.seen_by(caller) == {"mine"}
        assert (await caller.post(f"{API}/purchases/{made['id']}/closing")).status_code == 201


ACTED_ON = [
    (36, ["view:all", "purchases:own"], {"36's"}),
    (36, ["view:all", "purchases:supervised"], {"36's", "35's", "37's, by 35"}),
    (36, ["view:all", "purchases:all"], ALL),
    (35, ["view:all", "purchases:own"], {"35's", "37's, by 35"}),
    (None, ["view:all", "purchases:own"], set()),
]


@pytest.mark.parametrize(("person", "permissions", "acted_on"), ACTED_ON)
async def test_what_is_seen_and_may_not_be_acted_on_is_a_403(
    scene: Scene, person: int | None, permissions: list[str], acted_on: set[str]
) -> None:
    async with await scene.company.caller(permissions=permissions, person=person) as caller:
        assert await scene.closed_by(caller) == {name: 201 if name in acted_on else 403 for name in ALL}


async def test_what_is_not_seen_is_a_404(scene: Scene) -> None:
    async with await scene.company.caller(permissions=["purchases:own"], person=36) as caller:
        assert await scene.closed_by(caller) == {name: 201 if name == "36's" else 404 for name in ALL}


COMMANDS = [each for each in OPERATIONS if each[0] != "GET" and "{" in each[1] and "approve" not in each[3]]


@pytest.mark.parametrize(("method", "path", "body", "needs"), COMMANDS, ids=[f"{m} {p}" for m, p, _, _ in COMMANDS])
@pytest.mark.parametrize("views", [True, False], ids=["seen", "unseen"])
async def test_every_command_tells_what_is_seen_from_what_is_not(
    company: Company,
    live: Live,
    method: str,
    path: str,
    body: object,
    needs: set[str],
    views: bool,  # noqa: FBT001
) -> None:
    life = await live("approved")
    before = await rows(company)
    permissions = ["purchases:own", "manage", *(["view:all"] if views else [])]
    async with await company.caller(permissions=permissions) as caller:
        answer = await caller.request(method, _place(path, life), json=body)
    if "manage" in needs:
        refused(answer, 409 if views else 404)
    else:
        refused(answer, 403 if views else 404, "permission.scope" if views else None)
    assert await rows(company) == before


async def test_a_body_may_name_only_a_purchase_that_is_seen(company: Company, live: Live) -> None:
    life = await live("new")
    body: dict[str, Any] = ONE_TIME | {"purchaseId": life.purchase_id}
    async with await company.caller(permissions=["purchases:own"]) as blind:
        assert refused(await blind.post(f"{API}/commitments", json=body), 400)["errors"].keys() == {"purchaseId"}
    async with await company.caller(permissions=["purchases:own", "view:all"]) as seeing:
        refused(await seeing.post(f"{API}/commitments", json=body), 403, "permission.scope")


READS = [each for each in OPERATIONS if each[0] == "GET" and "{" in each[1]]


@pytest.mark.parametrize(("method", "path", "body", "needs"), READS, ids=[f"{m} {p}" for m, p, _, _ in READS])
async def test_a_stranger_is_told_what_somebody_else_is_told_about_nothing(
    company: Company, live: Live, method: str, path: str, body: object, needs: set[str]
) -> None:
    life = await live("approved")
    assert body is None
    assert needs
    async with await company.caller(permissions=["view:own"], person=37) as stranger:
        hidden = refused(await stranger.request(method, _place(path, life)), 404)
        nowhere = Life(life.submitter, life.approver, 4711, 4711, 4711, 4711)
        nothing = refused(await stranger.request(method, _place(path, nowhere)), 404)
    assert {name: hidden[name] for name in ("code", "title", "detail")} == {
        name: nothing[name] for name in ("code", "title", "detail")
    }


@pytest.mark.parametrize("kind", ["purchases", "requests", "orders"])
async def test_lists_show_what_may_be_seen(company: Company, live: Live, kind: str) -> None:
    await live("approved")
    await live("approved", ownerId=37)
    for person, permissions, count in (
        (37, ["view:own"], 1),
        (36, ["view:own"], 0),
        (36, ["view:own", "approve"], 2),
        (36, ["view:supervised"], 1),
        (None, ["view:all"], 2),
        (None, ["view:own"], 0),
    ):
        async with await company.caller(permissions=permissions, person=person) as caller:
            answer = (await caller.get(f"{API}/{kind}?fields.root=count")).json()
        assert (len(answer["items"]), answer["count"]) == (count, count), (person, permissions)


async def test_who_is_asked_sees_what_they_are_asked_about(live: Live, approver: httpx2.AsyncClient) -> None:
    life = await live("pending", ownerId=37)
    for place in (life.purchase, life.commitment, life.request):
        assert (await approver.get(place)).status_code == 200


async def test_who_was_asked_sees_the_purchase_until_another_commitment_takes_the_place(
    live: Live, approver: httpx2.AsyncClient
) -> None:
    life = await live("denied", ownerId=37)

    async def listed(kind: str) -> list[int]:
        return [item["id"] for item in (await approver.get(f"{API}/{kind}")).json()["items"]]

    assert await listed("purchases") == [life.purchase_id]
    again = await make_commitment(life.submitter, life.purchase_id)
    assert await listed("purchases") == []
    refused(await approver.get(life.purchase), 404)
    assert await listed("requests") == [life.request_id]
    assert (await approver.get(life.request)).status_code == 200
    await life.submitter.post(f"{API}/commitments/{again['id']}/requests")
    assert await listed("purchases") == [life.purchase_id]
    assert (await approver.get(life.purchase)).status_code == 200


async def test_a_purchase_that_nobody_asked_about_stays_unseen(live: Live, approver: httpx2.AsyncClient) -> None:
    life = await live("committed", ownerId=37)
    refused(await approver.get(life.purchase), 404)


async def test_who_heads_a_department_leads_everybody_in_it_and_below(company: Company) -> None:
    await company.owner.execute(
        """INSERT INTO departments (tenant_id, department_id, name, parent_id) VALUES ($1, 20, 'Elsewhere', NULL)""",
        company.tenant_id,
    )
    await company.owner.execute(
        "UPDATE users SET department_id = 20 WHERE tenant_id = $1 AND user_id = 39", company.tenant_id
    )
    await company.owner.execute(
        "UPDATE departments SET head_id = 37 WHERE tenant_id = $1 AND department_id = 10", company.tenant_id
    )
    await company.owner.execute("UPDATE users SET manager_id = NULL WHERE tenant_id = $1", company.tenant_id)
    async with await company.caller() as key:
        made = {number: (await make_purchase(key, ownerId=number))["id"] for number in (35, 36, 39)}
    async with await company.caller(permissions=("view:supervised",), person=37) as head:
        answers = {number: (await head.get(f"{API}/purchases/{made[number]}")).status_code for number in made}
        assert answers == {35: 200, 36: 200, 39: 404}
        assert len((await head.get(f"{API}/purchases")).json()["items"]) == 2


async def test_a_new_key_without_stated_permissions_may_buy_see_and_manage(client: httpx2.AsyncClient) -> None:
    made = await make_purchase(client, supplier={"name": "Fresh", "territoryId": "FR"})
    await make_commitment(client, made["id"])
    assert (await client.put(f"{API}/purchases/{made['id']}/supplier", json={"id": 6})).status_code == 200
