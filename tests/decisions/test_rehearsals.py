"""Rehearsing a policy on requests that there were: who would have been asked, and what would have passed."""

from datetime import UTC, datetime, timedelta

import msgspec

from emplette.cli.policy_telling import scene_facts, summary_of, table_of_scenes
from emplette.services.rehearsals import Scene, rehearse_policy
from emplette.services.tenants import find_tenant
from emplette.storage.database import Database
from tests.fixtures.offices import Office

NEW = """
currency: EUR
rules:
  - {name: Small, when: {amount: {atMost: 50}}, approve: at once}
  - {name: New, when: {supplier: unknown}, refuse: List the supplier first}
  - {name: Middle, when: {amount: {below: 1000}}, steps: [{name: Head, any: [36, 37]}]}
otherwise: {steps: [{name: Head, any: [36]}, {name: Finance, any: [37]}]}
"""


async def scenes_of(office: Office, database: Database, source: str) -> list[Scene]:
    db, now = database.session(), datetime.now(UTC)
    tenant = await find_tenant(db, f"company-{office.company.host.split('-')[1].split('.')[0]}")
    found = rehearse_policy(db, tenant, source=source, since=now - timedelta(days=1), now=now)
    return [scene async for scene in found]


async def test_each_request_is_shown_beside_what_would_have_come_of_it(office: Office, database: Database) -> None:
    asked = [
        (await office.ask(35, 20)).json(),
        (await office.ask(35, 500)).json(),
        (await office.ask(35, 900)).json(),
        (await office.ask(35, 5000)).json(),
        (await office.ask(35, 500, supplier={"name": "Shop", "territoryId": "FR"})).json(),
    ]
    for request in (asked[1], asked[3]):
        await office.decide(36, request["id"])
    await office.decide(36, asked[2]["id"], "denials")
    scenes = await scenes_of(office, database, NEW)
    assert [scene.rehearsed.request.id for scene in scenes] == [request["id"] for request in asked]
    lines = [line.split("  ") for line in table_of_scenes(scenes).splitlines()]
    told = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    assert [line[2:] for line in told[1:]] == [
        ["20.00 EUR", "36", "pending", "nobody", "Small", "passes at once"],
        ["500.00 EUR", "36", "approved", "1 of 36, 37", "Middle", "passes"],
        ["900.00 EUR", "36", "denied", "1 of 36, 37", "Middle", "is denied"],
        ["5000.00 EUR", "36", "approved", "36; 37", "Otherwise", "waits for 37"],
        [
            "500.00 EUR",
            "36",
            "pending",
            "nobody",
            "-",
            "is refused: List the supplier first (rule 'New' of the company's policy)",
        ],
    ]
    assert summary_of(scenes) == (
        "5 requests rehearsed, 5 otherwise than they went: "
        "1 passes at once, 1 passes, 1 waits, 1 is denied, 1 is refused"
    )
    facts = msgspec.json.decode(msgspec.json.encode(scene_facts(scenes[3])))
    assert facts["then"]["steps"] == [{"name": "Head", "needed": 1, "userIds": [36]}]
    assert (facts["rehearsed"]["outcome"], facts["rehearsed"]["waitsFor"]) == ("Waits", [37])


async def test_under_the_same_policy_nothing_is_otherwise(office: Office, database: Database) -> None:
    request = (await office.ask(35)).json()
    await office.decide(36, request["id"])
    await office.ask(35)
    scenes = await scenes_of(office, database, "steps: [{name: Head, anyOf: [36]}]")
    assert [scene.rehearsed.is_different for scene in scenes] == [False, False]
