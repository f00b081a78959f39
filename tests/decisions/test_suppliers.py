"""Suppliers: every documented field, numbers that are checked, doubles that are refused or named, and bank data."""

import asyncio
from typing import Any

import httpx2
import msgspec
import pytest

from emplette.storage.texts import hash_of_texts
from tests.fixtures.companies import Company
from tests.fixtures.guide import API, make_purchase
from tests.fixtures.problems import conflict, faults, refused

SUPPLIERS = f"{API}/suppliers"
IBAN, OTHER_IBAN = "FR7630006000011234567890189", "DE89370400440532013000"
WHOLE: dict[str, Any] = {
    "name": "La Petite Imprimerie",
    "state": "Active",
    "territoryId": "FR",
    "legalRegistration": {"identifier": "732829320", "vatNumber": "FR40303265045"},
    "contacts": [{"firstName": "Jeanne", "lastName": "Martin", "email": "jeanne@example.org", "phone": "+33 1 02"}],
    "paymentTerm": {"value": 30, "unit": "Day"},
    "bankAccount": {"iban": IBAN, "bic": "AGRIFRPP"},
    "preferredPaymentMethod": "BankTransfer",
    "flag": "Flagged",
}
REFERENCES = {"preferredNatureId": 1, "preferredCostCenterId": 3}


async def make(client: httpx2.AsyncClient, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    answer = await client.post(SUPPLIERS, json={"name": "Plain", "territoryId": "FR"} | changes)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_supplier_is_answered_as_it_was_written(client: httpx2.AsyncClient) -> None:
    answer = await client.post(SUPPLIERS, json=WHOLE | REFERENCES)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert {name: made[name] for name in WHOLE} == WHOLE
    assert (made["territory"]["id"], made["territory"]["name"]) == ("FR", "France")
    assert made["preferredNature"] == {"id": 1, "name": "Office supplies", "href": f"{API}/natures/1"}
    center = {"id": 3, "name": "Marketing", "code": "MKT", "href": f"{API}/costcenters/3"}
    assert (made["preferredCostCenter"], made["establishments"], made["likelyDuplicates"]) == (center, [], [])
    assert answer.headers["Location"] == made["href"]
    read = await client.get(made["href"])
    assert read.json() == {name: value for name, value in made.items() if name != "likelyDuplicates"}
    assert read.headers["ETag"] == answer.headers["ETag"] == f'"{made["id"]}.1"'
    assert (await make_purchase(client, supplier={"id": made["id"]}))["supplier"]["name"] == WHOLE["name"]


async def test_what_is_not_said_is_null_and_the_supplier_is_active(client: httpx2.AsyncClient) -> None:
    made = await make(client)
    assert (made["state"], made["flag"], made["contacts"]) == ("Active", "Unflagged", [])
    assert [made[name] for name in ("paymentTerm", "bankAccount", "preferredNature", "preferredCostCenter")] == [
        None
    ] * 4
    assert made["legalRegistration"] == {"identifier": None, "vatNumber": None}


async def test_what_a_put_leaves_out_is_kept_and_null_clears(client: httpx2.AsyncClient) -> None:
    made = await make(client, **WHOLE, **REFERENCES)
    kept = (await client.put(made["href"], json={"name": "Imprimerie"})).json()
    assert kept == made | {"name": "Imprimerie", "version": 2}
    part = (await client.put(made["href"], json={"legalRegistration": {"vatNumber": None}})).json()
    assert part["legalRegistration"] == {"identifier": "732829320", "vatNumber": None}
    nothing = dict.fromkeys(
        ["legalRegistration", "contacts", "paymentTerm", "bankAccount", "preferredPaymentMethod", *REFERENCES]
    )
    cleared = (await client.put(made["href"], json=nothing)).json()
    assert cleared["legalRegistration"] == {"identifier": None, "vatNumber": None}
    assert (cleared["contacts"], cleared["paymentTerm"], cleared["bankAccount"]) == ([], None, None)
    assert (cleared["preferredNature"], cleared["preferredCostCenter"]) == (None, None)
    body = {"name": None, "state": None, "territoryId": None}
    assert faults(await client.put(made["href"], json=body)).keys() == set(body)


@pytest.mark.parametrize(
    ("said", "field", "word"),
    [
        ({"legalRegistration": {"identifier": "732829321"}}, "legalRegistration.identifier", "check digits"),
        ({"legalRegistration": {"identifier": "7328"}}, "legalRegistration.identifier", "4 digits"),
        ({"legalRegistration": {"vatNumber": "FR40303265046"}}, "legalRegistration.vatNumber", "check digits"),
        ({"bankAccount": {"iban": "FR7630006000011234567890188"}}, "bankAccount.iban", "check digits"),
        ({"bankAccount": {"bic": "AGR"}}, "bankAccount.bic", "too short"),
        ({"contacts": [{"email": "jeanne"}]}, "contacts[0].email", "mail"),
        ({"preferredNatureId": 2}, "preferredNatureId", "disabled"),
        ({"preferredCostCenterId": 99}, "preferredCostCenterId", "no cost center"),
        ({"territoryId": "XX"}, "territoryId", "territory"),
        ({"paymentTerm": {"value": -1, "unit": "Day"}}, "paymentTerm.value", "between 0"),
    ],
)
async def test_what_is_wrong_is_said(client: httpx2.AsyncClient, said: dict[str, Any], field: str, word: str) -> None:
    made = await make(client)
    for answer in (
        await client.post(SUPPLIERS, json={"name": "Other", "territoryId": "FR"} | said),
        await client.put(made["href"], json=said),
    ):
        found = faults(answer)
        assert found.keys() == {field}
        assert word in found[field][0]


async def test_every_fault_is_named_at_once(client: httpx2.AsyncClient) -> None:
    body = {
        "name": "",
        "territoryId": "FR",
        "legalRegistration": {"identifier": "1", "vatNumber": "FR0"},
        "bankAccount": {"iban": "x", "bic": "y"},
        "preferredNatureId": 99,
    }
    assert faults(await client.post(SUPPLIERS, json=body)).keys() == {
        "name",
        "legalRegistration.identifier",
        "legalRegistration.vatNumber",
        "bankAccount.iban",
        "bankAccount.bic",
        "preferredNatureId",
    }
    assert faults(await client.post(SUPPLIERS, json={})).keys() == {"name", "territoryId"}


async def test_numbers_are_kept_in_one_form_and_foreign_registrations_as_sent(client: httpx2.AsyncClient) -> None:
    made = await make(
        client,
        legalRegistration={"identifier": "732 829 320", "vatNumber": "fr 40 303265045"},
        bankAccount={"iban": "fr76 3000 6000 0112 3456 7890 189"},
    )
    assert made["legalRegistration"] == {"identifier": "732829320", "vatNumber": "FR40303265045"}
    assert made["bankAccount"] == {"iban": IBAN, "bic": None}
    german = await make(client, name="Älpler", territoryId="DE", legalRegistration={"identifier": "HRB 1234 b"})
    assert german["legalRegistration"]["identifier"] == "HRB 1234 b"


async def test_two_active_suppliers_have_not_one_registration(client: httpx2.AsyncClient) -> None:
    first = await make(client, **WHOLE)
    double = {"name": "Again", "territoryId": "FR", "legalRegistration": {"identifier": "732 829 320"}}
    answer = await client.post(SUPPLIERS, json=double)
    assert conflict(answer, "Active", "suppliers", first["id"])["code"] == "supplier.registered"
    archived = await make(client, **double, state="Archived")
    conflict(await client.put(archived["href"], json={"state": "Active"}), "Active", "suppliers", first["id"])
    await client.put(first["href"], json={"state": "Archived"})
    assert (await client.put(archived["href"], json={"state": "Active"})).status_code == 200


async def test_of_two_that_race_for_a_registration_one_has_it(client: httpx2.AsyncClient) -> None:
    answers = await asyncio.gather(*(client.post(SUPPLIERS, json=WHOLE) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]


async def test_those_that_are_alike_are_named(client: httpx2.AsyncClient) -> None:
    first = await make(client, **WHOLE)
    named = {"id": first["id"], "href": first["href"], "name": first["name"]}
    branch = WHOLE | {"legalRegistration": {"vatNumber": "FR40303265045"}, "name": "la petite IMPRIMERIE"}
    second = await make(client, **branch)
    assert second["likelyDuplicates"] == [named | {"because": ["vatNumber", "iban", "name"]}]
    changed = (await client.put(second["href"], json={"name": "Annexe", "bankAccount": None})).json()
    assert changed["likelyDuplicates"] == [named | {"because": ["vatNumber"]}]


async def test_a_new_bank_account_is_an_event_whose_numbers_can_be_erased(
    company: Company, client: httpx2.AsyncClient
) -> None:
    made = await make(client, **WHOLE)
    await client.put(made["href"], json={"flag": "Unflagged"})
    changed = (await client.put(made["href"], json={"bankAccount": {"iban": OTHER_IBAN}})).json()
    assert changed["bankAccount"] == {"iban": OTHER_IBAN, "bic": None}
    rows = await company.owner.fetch(
        """SELECT e.type, e.version, e.facts::text, e.texts_hash, t.salt, t.texts FROM events e
        LEFT JOIN event_texts t USING (tenant_id, event_id)
        WHERE e.tenant_id = $1 AND object_type = 'supplier' AND object_id = $2 ORDER BY event_id""",
        company.tenant_id,
        made["id"],
    )
    types = ["created", "bank_account_changed", "changed", "bank_account_changed"]
    assert [(row["type"], row["version"]) for row in rows] == [
        (f"supplier.{what}", version) for what, version in zip(types, [1, 1, 2, 3], strict=True)
    ]
    for row in rows:
        assert not any(secret in row["facts"] for secret in (IBAN, OTHER_IBAN, "AGRIFRPP", "Jeanne"))
        assert row["texts_hash"] == hash_of_texts(row["salt"], msgspec.json.decode(row["texts"]))
    assert OTHER_IBAN in rows[-1]["texts"]


async def test_a_repeat_is_answered_as_the_first_was(client: httpx2.AsyncClient) -> None:
    first = await client.post(SUPPLIERS, json=WHOLE | REFERENCES, headers={"Idempotency-Key": "s"})
    await client.put(first.headers["Location"], json={"name": "Other", "bankAccount": None, "contacts": None})
    again = await client.post(SUPPLIERS, json=WHOLE | REFERENCES, headers={"Idempotency-Key": "s"})
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("Électricité de France", "electricite france"),
        ("Électricité de France", "FRANCE élec"),
        ("Dupont SARL", "dupont sas"),
        ("Dupont SARL", "dup"),
        ("S.A.R.L. Dupont & Fils", "fils dupont sarl"),
        ("L'Oréal", "loreal"),
        ("L\u2019Oréal", "l'oreal"),
        ("Müller GmbH", "muller ltd"),
        ("Straße 3M", "strasse 3m"),
        ("Ελληνικά Πετρέλαια", "ελληνικα"),
        ("株式会社リコー", "株式"),
        ("GmbH", "gmbh"),
    ],
)
async def test_a_supplier_is_found_as_people_type(client: httpx2.AsyncClient, name: str, terms: str) -> None:
    made = await make(client, name=name)
    found = (await client.get(SUPPLIERS, params={"search.terms": terms, "fields.root": "count"})).json()
    assert ([item["id"] for item in found["items"]], found["count"]) == ([made["id"]], 1)


async def test_words_that_a_name_lacks_are_not_found(client: httpx2.AsyncClient) -> None:
    await make(client, name="Dupont SARL")
    for terms in ("dupond", "ont", "dupont martin"):
        assert (await client.get(SUPPLIERS, params={"search.terms": terms})).json()["items"] == []
    for terms in ("", "  ", "!?"):
        assert len((await client.get(SUPPLIERS, params={"search.terms": terms})).json()["items"]) == 4


async def test_suppliers_are_listed_by_state(client: httpx2.AsyncClient) -> None:
    listed = {
        state: [item["id"] for item in (await client.get(f"{SUPPLIERS}?state={state}")).json()["items"]]
        for state in ("Active", "Archived", "Active,Archived")
    }
    assert listed == {"Active": [6, 8], "Archived": [7], "Active,Archived": [6, 7, 8]}
    assert faults(await client.get(f"{SUPPLIERS}?state=Gone")).keys() == {"state"}
    refused(await client.get(f"{SUPPLIERS}/4711"), 404, "supplier.not_found")
    refused(await client.put(f"{SUPPLIERS}/4711", json={"name": "x"}), 404, "supplier.not_found")
