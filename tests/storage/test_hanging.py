"""Attachments in the write of commands: what is locked, what gets nowhere, and the constraint behind it all."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import httpx2
import pytest

from emplette.domain import drafting
from emplette.domain.attachments import Attachment, Found, Hanging, Name, hang
from emplette.domain.dossiers import Dossier
from emplette.domain.people import Principal, Stamp, User
from emplette.storage import attachments, commands, dossiers
from emplette.storage.attachments import Creation
from emplette.storage.commands import Author, Command, Key
from emplette.storage.database import Database
from tests.fixtures.attachments import attach, attach_some, keep_file
from tests.fixtures.behind import contradictions
from tests.fixtures.companies import Company
from tests.fixtures.dossiers import IN_FRANCS, caller, draft
from tests.fixtures.guide import make_purchase
from tests.storage.trying import DAY, NOW

APPROVER = User(36, "Alma", "Approver")


class Writer:
    """Writes commitments past everything that serves them, with what was read before."""

    def __init__(self, database: Database, company: Company) -> None:
        self.db = database.session()
        self.tenant = company.tenant_id
        self.who: Principal = replace(caller(), user=APPROVER)

    async def read(self, client: httpx2.AsyncClient, names: Sequence[Name]) -> tuple[Dossier, Found]:
        """Make a purchase, and read it beside what shall hang on its commitment."""
        made = await make_purchase(client)
        dossier, found = await attachments.with_purchase(self.db, self.tenant, made["id"], names)
        assert dossier is not None
        return dossier, found

    def command(self, dossier: Dossier, hung: Sequence[Hanging], number: int, key: str | None = None) -> Command:
        """Say what the purchase will cost."""
        move = drafting.commit(
            dossier, draft(), IN_FRANCS, commitment_id=number, by=Stamp(NOW, APPROVER), hung=tuple(hung)
        )
        return Command(
            before=dossier,
            after=move.after,
            happenings=move.happenings,
            author=Author(self.who, NOW, call_id=None),
            key=None if key is None else Key("POST", key, b"", 200),
            answers=move.happenings[0],
            today=DAY,
            hangings=move.hangings,
        )

    async def commitment(self, purchase_id: int) -> Dossier:
        """Read a purchase."""
        found = await dossiers.of_purchase(self.db, self.tenant, purchase_id)
        assert found is not None
        return found


@pytest.fixture
def writer(database: Database, company: Company) -> Writer:
    return Writer(database, company)


def hung(names: Sequence[Name], found: Found, *, onto: int, new_id: int = 9_000) -> tuple[Hanging, ...]:
    named = {f"attachmentIds[{index}]": name for index, name in enumerate(names)}
    return hang(named, found, onto=onto, new_ids=iter(range(new_id, new_id + 9)), at=NOW)


async def test_of_several_commands_at_once_the_first_gets_what_both_want(
    writer: Writer, client: httpx2.AsyncClient, company: Company
) -> None:
    one, two = await attach_some(company, client, 2)
    file_id = UUID(await keep_file(company, client))
    wanted: list[list[Name]] = [[one], [two, file_id], [one], [file_id], []]
    made = []
    for number, names in enumerate(wanted, start=8_000):
        dossier, found = await writer.read(client, names)
        hangings = hung(names, found, onto=number, new_id=number * 10)
        made.append(writer.command(dossier, hangings, number, key=f"key {number}"))
    assert await commands.write(writer.db, writer.tenant, made[:4]) == [True, True, False, False]
    assert await commands.write(writer.db, writer.tenant, made[4:]) == [True]
    for command, names in zip(made, wanted, strict=True):
        after = (await writer.commitment(command.before.purchase.id)).commitment
        written = command in (made[0], made[1], made[4])
        assert (after is not None) is written
        if after is not None:
            assert len(after.attachments) == len(names)
    keys = "SELECT count(*) FROM idempotency_keys WHERE tenant_id = $1 AND key LIKE 'key %'"
    assert await company.owner.fetchval(keys, company.tenant_id) == 3
    assert await contradictions(company.owner, company.tenant_id) == {}


@pytest.mark.parametrize("is_file", [False, True])
async def test_what_was_taken_since_it_was_read_is_not_taken_again(
    writer: Writer,
    client: httpx2.AsyncClient,
    company: Company,
    is_file: bool,  # noqa: FBT001
) -> None:
    name: Name = UUID(await keep_file(company, client)) if is_file else await attach(company, client)
    read = [await writer.read(client, [name]) for _ in range(2)]
    made = [
        writer.command(dossier, hung([name], found, onto=number, new_id=number), number, key=f"key {number}")
        for number, (dossier, found) in enumerate(read, start=8_000)
    ]
    assert [await commands.write(writer.db, writer.tenant, [command]) for command in made] == [[True], [False]]
    assert await contradictions(company.owner, company.tenant_id) == {}


async def test_a_file_that_is_an_attachment_behind_our_back_is_refused_by_the_table(
    writer: Writer, client: httpx2.AsyncClient, company: Company
) -> None:
    file_id = UUID(await keep_file(company, client))
    dossier, found = await writer.read(client, [file_id])
    await company.owner.execute(
        """INSERT INTO attachments (tenant_id, attachment_id, file_id, created_at, author_id)
        VALUES ($1, 1, $2, now(), 35)""",
        company.tenant_id,
        file_id,
    )
    command = writer.command(dossier, hung([file_id], found, onto=8_000), 8_000, key="key")
    assert await commands.write(writer.db, writer.tenant, [command]) == [False]
    creation = Creation(Attachment(2, found[file_id].file, NOW), Author(writer.who, NOW, None), key=None)
    assert not await attachments.create(writer.db, writer.tenant, creation)
    assert (await writer.commitment(dossier.purchase.id)).commitment is None


async def test_a_file_that_was_swept_since_it_was_read_becomes_nothing(
    writer: Writer, client: httpx2.AsyncClient, company: Company
) -> None:
    file_id = UUID(await keep_file(company, client))
    dossier, found = await writer.read(client, [file_id])
    gone = "DELETE FROM files WHERE tenant_id = $1 AND file_id = $2"
    await company.owner.execute(gone, company.tenant_id, file_id)
    command = writer.command(dossier, hung([file_id], found, onto=8_000), 8_000)
    assert await commands.write(writer.db, writer.tenant, [command]) == [False]
    creation = Creation(Attachment(2, found[file_id].file, NOW), Author(writer.who, NOW, None), key=None)
    assert not await attachments.create(writer.db, writer.tenant, creation)


async def test_nothing_of_another_company_is_hung_however_it_is_named(
    writer: Writer, client: httpx2.AsyncClient, rival: Company, database: Database
) -> None:
    async with await rival.caller() as stranger:
        theirs = await attach(rival, stranger)
        file_id = UUID(await keep_file(rival, stranger))
    found = await attachments.find(database.session(), rival.tenant_id, [theirs, file_id])
    assert len(found) == 3
    names: list[Name] = [theirs, file_id]
    for number, name in enumerate(names, start=8_000):
        dossier, _ = await writer.read(client, [])
        command = writer.command(dossier, hung([name], found, onto=number), number)
        assert await commands.write(writer.db, writer.tenant, [command]) == [False]
    assert await contradictions(rival.owner, rival.tenant_id) == {}


async def test_what_changes_hands_is_told_without_the_names_of_files(
    client: httpx2.AsyncClient, company: Company
) -> None:
    number, file_id = await attach(company, client, "Salaries.pdf"), await keep_file(company, client, "Divorce.pdf")
    made = await make_purchase(client)
    answer = await client.post(
        f"/cleemy-procurement/api/purchases/{made['id']}/commitment",
        json={
            "type": "OneTimeCommitment",
            "costDate": "2025-04-14",
            "amountIncludingTaxes": {"excludingTaxes": {"value": 1, "currency": "EUR"}},
            "attachmentIds": [number, file_id],
        },
    )
    assert answer.is_success, answer.text
    told = await company.owner.fetch(
        """SELECT e.type, e.facts::text AS facts, t.texts::text AS texts FROM events e
        LEFT JOIN event_texts t USING (tenant_id, event_id) WHERE tenant_id = $1 ORDER BY event_id""",
        company.tenant_id,
    )
    assert [row["type"] for row in told] == ["attachment.created", "purchase.created", "commitment.created"]
    for row in told:
        assert ".pdf" not in row["facts"]
    assert "Salaries.pdf" in told[0]["texts"]
    assert {"Salaries.pdf", "Divorce.pdf"} <= set(told[2]["texts"].split('"'))
    assert file_id in told[2]["facts"]
