"""What somebody left in a company before they are erased: purchases, remarks, files, keys, mails, reasons, calls."""

import re
from dataclasses import dataclass, replace

import httpx2
from starlette.routing import Router

from emplette.domain.keys import KeyDraft
from emplette.domain.organisation import Person
from emplette.domain.suppliers import Contact
from emplette.services import keys
from emplette.storage import changes, registers
from emplette.storage.changes import Change
from emplette.storage.commands import Author
from emplette.storage.database import Database
from emplette.storage.people import PEOPLE
from emplette.storage.suppliers import SUPPLIERS
from tests.cli.conftest import Said, Type
from tests.fixtures.budgets import YEAR
from tests.fixtures.database import OwnerConnection
from tests.fixtures.dossiers import caller as principal
from tests.fixtures.guide import API, ONE_TIME, make_commitment, make_purchase, make_request
from tests.fixtures.logs import seal_all
from tests.fixtures.told_companies import NOW, ToldCompany, make_told_company, upload

ZELIE = 4711
NAME, MAIL, PLACEHOLDER = "Zélie Zanzibar", "zelie@zanzibar.example", f"Erased person {ZELIE}"
GONE = re.compile("z[eé]lie|zanzibar|zz-(remark|closed|cancelled)", re.IGNORECASE)
"""What must not be found anywhere: the name, the address, and what Zélie remarked."""


@dataclass(frozen=True, slots=True)
class Past:
    """A company where Zélie has worked, and what she left."""

    told: ToldCompany
    emplette: Type
    purchase_id: int
    order: str

    async def erase(self, *words: str, person: int = ZELIE) -> Said:
        """Type the command."""
        return await self.emplette("erase", "person", "--tenant", self.told.account, str(person), *words)

    async def verified(self) -> str:
        """Check the log, which must be good; answer the verdict."""
        said = await self.emplette("verify", "--tenant", self.told.account)
        assert said.code == 0, said.out
        return said.out[-1]


async def make_past(app: Router, owner: OwnerConnection, database: Database, emplette: Type) -> Past:
    """Make the company, and let Zélie leave something of hers in every kind of thing that it has."""
    told = await make_told_company(app, owner, database)
    db, tenant = database.session(), told.tenant
    author = Author(replace(principal(), key_id=0), NOW, None)
    zelie = Person(id=ZELIE, first_name="Zélie", last_name="Zanzibar", email=MAIL, manager_id=36, department_id=14)
    (supplier,), _ = await registers.find_all(db, tenant.id, SUPPLIERS, [9_001])
    with_contact = replace(supplier, contacts=(Contact("Ask", "Zanzibar, Zélie", MAIL),), version=2)
    assert await changes.write(db, tenant.id, PEOPLE, [Change(None, zelie)], author=author)
    assert await changes.write(db, tenant.id, SUPPLIERS, [Change(supplier, with_contact)], author=author)
    draft = KeyDraft("Zélie's phone", MAIL, ("purchases:all", "view:all", "approve"), ZELIE)
    secret = (await keys.create_key(db, tenant, draft, now=NOW))[1]
    shared = KeyDraft("Form", MAIL, ("view:all",))
    await keys.create_key(db, tenant, shared, now=NOW)
    policy = f"# Ask {NAME} when in doubt\nsteps:\n  - name: Head\n    anyOf: [36]\n"
    assert (await emplette("policy", "load", "--tenant", told.account, "-", piped=policy)).code == 0
    async with told.company.client(secret) as hers:
        await _work(told, hers)
        made = await make_request(told.client, title=f"Chairs for {NAME}", ownerId=ZELIE)
        async with told.people[36] as approver:
            said = await approver.post(f"{API}/requests/{made['id']}/approvals", json={"comment": f"As {MAIL} wrote"})
            assert said.status_code == 201, said.text
            await _amend(hers, approver, made["businessObject"]["id"])
        await _budget_and_mails(told, owner, made["purchase"]["id"])
        order = said.json()["order"]["href"]
        await _talk(told, hers, made["purchase"]["id"])
        body = {"comment": f"zz-closed by me, {NAME}"}
        assert (await hers.post(f"{API}/purchases/{made['purchase']['id']}/closing", json=body)).status_code == 201
    await seal_all(database, tenant.id)
    return Past(told, emplette, made["purchase"]["id"], order)


async def _work(told: ToldCompany, hers: httpx2.AsyncClient) -> None:
    """Let Zélie buy something, with a file, ask for it, cancel that, and leave an upload behind."""
    headers = {"Idempotency-Key": "her-own-key"}
    purchase = await make_purchase(hers, title="Lamps", supplier={"name": "Lamps & Co", "territoryId": "FR"})
    file = await upload(hers, f"{NAME}, offer.pdf")
    terms = {**ONE_TIME, "comment": "zz-remark: I like these"}
    made = await make_commitment(hers, purchase["id"], terms, attachmentIds=[file])
    asked = await hers.post(f"{API}/commitments/{made['id']}/requests", headers=headers)
    assert asked.status_code == 201, asked.text
    body = {"comment": "zz-cancelled: no more lamps"}
    assert (await hers.post(f"{API}/requests/{asked.json()['id']}/cancellations", json=body)).status_code == 201
    await upload(hers, f"Portrait of {NAME}.pdf")
    again = await told.client.get(f"{API}/purchases/{purchase['id']}")
    assert "Lamps" in again.text


async def _amend(hers: httpx2.AsyncClient, approver: httpx2.AsyncClient, commitment_id: int) -> None:
    """Let Zélie have a commitment changed, with a remark that stands at the commitment once that is approved."""
    path = f"{API}/commitments/{commitment_id}"
    tag = (await hers.get(path)).headers["ETag"]
    terms = ONE_TIME | {"costDate": "2025-04-15", "comment": "zz-remark: a day later"}
    asked = await hers.post(f"{path}/amendments", json=terms, headers={"If-Match": tag})
    assert asked.status_code == 201, asked.text
    done = await approver.post(f"{API}/requests/{asked.json()['id']}/approvals", json={})
    assert done.status_code == 201, done.text
    assert (await hers.get(path)).json()["comment"] == terms["comment"]


async def _talk(told: ToldCompany, hers: httpx2.AsyncClient, purchase_id: int) -> None:
    """Let Zélie say something about a purchase, and somebody else ask her."""
    path = f"{API}/purchases/{purchase_id}/comments"
    for speaker, text in ((hers, "zz-remark: they wobble"), (told.client, f"What does @{NAME} say?")):
        said = await speaker.post(path, json={"text": text, "mentionedIds": [ZELIE]})
        assert said.status_code == 201, said.text


async def _budget_and_mails(told: ToldCompany, owner: OwnerConnection, purchase_id: int) -> None:
    """Let a budget be corrected because of Zélie, and mail servers answer with her address."""
    made = await told.client.post(f"{API}/budgets", json=YEAR)
    body = {"amount": {"value": 2000}, "reason": f"{NAME} needs more"}
    corrected = await told.client.post(f"{made.json()['href']}/corrections", json=body)
    assert corrected.status_code == 201, corrected.text
    await owner.executemany(
        """INSERT INTO mails (tenant_id, event_id, user_id, kind, purchase_id, in_digest, due_at, last_error)
        VALUES ($1, 1, $2, 'decided', $3, false, now(), $4)""",
        [(told.tenant.id, person, purchase_id, f"550 no room for {MAIL}") for person in (36, ZELIE)],
    )
    await owner.executemany(
        """INSERT INTO saved_views (tenant_id, user_id, place, name, filters)
        VALUES ($1, $2, $3, $4, jsonb_build_array(jsonb_build_array('q', $4::text)))""",
        [(told.tenant.id, person, place, NAME) for person in (36, ZELIE) for place in (1, 2)],
    )
