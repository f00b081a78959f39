"""What is done to the log past everything that serves it is found, and named in words."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx2
import msgspec
import pytest
import pytest_asyncio

from emplette.formats.checkpoints import KEY_FILE
from emplette.storage import seals
from emplette.storage.database import Database
from tests.cli.conftest import Said, Type
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.guide import API, make_request
from tests.fixtures.logs import events_in_order, seal_all, write_event
from tests.house.source import DOCS

CHANGED = "is not what was sealed there: it was changed, or something before it was removed."
# A seal of its own for an event of its own, with a hash that nothing leads to, in place 3 of the log.
INSERT = """
WITH event AS (
    INSERT INTO events (tenant_id, at, type, object_type, object_id, actor_id, facts)
    VALUES ($t, now(), 'tenant.changed', 'tenant', 1, 36, '{}') RETURNING event_id
)
INSERT INTO sealed SELECT $t, 3, 1, event_id, decode(repeat('ab', 32), 'hex') FROM event
"""


@dataclass(frozen=True, slots=True)
class Log:
    """A company with a log of some length, and a way to check it."""

    company: Company
    owner: OwnerConnection
    emplette: Type
    purchase_id: int
    events: list[int]

    @property
    def account(self) -> str:
        """The company's account."""
        return self.company.host.removesuffix(".test")

    async def do(self, *statements: str) -> None:
        """Do something as the superuser; $t is the company, $1 to $9 are the events by their positions."""
        for statement in statements:
            named = re.sub(r"\$(\d)", lambda found: str(self.events[int(found[1]) - 1]), statement)
            await self.owner.execute(named.replace("$t", str(self.company.tenant_id)))

    async def verify(self, *words: str) -> Said:
        """Check it."""
        return await self.emplette("verify", "--tenant", self.account, *words)

    async def findings(self, *words: str) -> list[str]:
        """Check it, and say what is wrong."""
        said = await self.verify(*words)
        assert (said.code == 0) is (len(said.out) == 1), said
        *found, verdict = said.out
        counted = "1 finding" if len(found) == 1 else f"{len(found)} findings"
        assert verdict.startswith(f"{self.account}: {'good' if said.code == 0 else counted}: ")
        return [line.removeprefix(f"{self.account}: ") for line in found]


@pytest_asyncio.fixture
async def log(
    company: Company, client: httpx2.AsyncClient, database: Database, owner: OwnerConnection, emplette: Type
) -> Log:
    made = await make_request(client)
    await client.put(f"{API}/natures/3", json={"name": "Programs"}, headers={"Accept": "*/*"})
    body = {"name": "Told", "territoryId": "FR", "bankAccount": {"iban": "FR7630006000011234567890189"}}
    assert (await client.post(f"{API}/suppliers", json=body)).status_code == 201
    for _ in range(2):
        await write_event(owner, company.tenant_id)
    await seal_all(database, company.tenant_id)
    events = await events_in_order(owner, company.tenant_id)
    assert len(events) == 9
    return Log(company, owner, emplette, made["purchase"]["id"], events)


async def test_a_log_that_nobody_touched_is_good(log: Log) -> None:
    assert await log.findings() == []
    said = await log.verify("--json")
    (told,) = msgspec.json.decode("".join(said.out))
    assert (told["good"], told["position"], told["sealed"], told["waiting"]) == (
        True,
        len(log.events),
        len(log.events),
        0,
    )
    assert (told["purchases"], told["erased"], told["findings"]) == (1, 0, [])
    assert told["entries"] > told["untold"] > 0


async def test_what_waits_is_no_finding(log: Log, client: httpx2.AsyncClient) -> None:
    await make_request(client)
    assert await log.findings() == []


def _exchange(one: int, other: int, *, with_hashes: bool) -> list[str]:
    """Exchange the places of two events; what the table does not let happen at once happens on the way."""
    hashes = "b.hash" if with_hashes else "a.hash"
    return [
        f"""CREATE TEMP TABLE exchanged AS
        SELECT a.tenant_id, a.position, a.epoch, b.event_id, {hashes} AS hash
        FROM sealed a JOIN sealed b USING (tenant_id)
        WHERE tenant_id = $t AND (a.position, b.position) IN (({one}, {other}), ({other}, {one}))""",  # noqa: S608
        f"DELETE FROM sealed WHERE tenant_id = $t AND position IN ({one}, {other})",  # noqa: S608
        "INSERT INTO sealed SELECT * FROM exchanged",
        "DROP TABLE exchanged",
    ]


def _reordered(events: list[int]) -> list[str]:
    exchanged = f"Events {events[4]} and {events[3]}, at the positions 4 and 5,"
    return [f"{exchanged} are not in the order of their seals: reordered."]


_TAMPERED: dict[str, tuple[list[str], Callable[[list[int]], list[str]]]] = {
    "an event's facts are changed": (
        ["""UPDATE events SET facts = '{"purchase": {}}' WHERE event_id = $9 AND tenant_id = $t"""],
        lambda events: [f"Event {events[8]} at position 9 {CHANGED}"],
    ),
    "an event's moment is changed": (
        ["UPDATE events SET at = at + interval '1 microsecond' WHERE event_id = $2 AND tenant_id = $t"],
        lambda events: [f"Event {events[1]} at position 2 {CHANGED}"],
    ),
    "an event is removed": (
        ["DELETE FROM events WHERE event_id = $9 AND tenant_id = $t"],
        lambda events: [f"Event {events[8]}, sealed at position 9, is missing: removed."],
    ),
    "an event and its seal are removed": (
        [
            "DELETE FROM events WHERE event_id = $8 AND tenant_id = $t",
            "DELETE FROM sealed WHERE position = 8 AND tenant_id = $t",
        ],
        lambda _: ["The seal of position 8 is missing: removed."],
    ),
    "an event and its seal are removed, and the rest closes up": (
        [
            "DELETE FROM events WHERE event_id = $8 AND tenant_id = $t",
            "DELETE FROM sealed WHERE position = 8 AND tenant_id = $t",
            "UPDATE sealed SET position = position - 1 WHERE position = 9 AND tenant_id = $t",
            "UPDATE chains SET position = 8 WHERE tenant_id = $t",
        ],
        lambda events: [f"Event {events[8]} at position 8 {CHANGED}"],
    ),
    "a seal is removed": (
        ["DELETE FROM sealed WHERE position = 2 AND tenant_id = $t"],
        lambda events: [
            "The seal of position 2 is missing: removed.",
            f"Event {events[1]} has no seal and waits for none: inserted, or its seal was removed.",
        ],
    ),
    "the last seal is removed": (
        ["DELETE FROM sealed WHERE position = 9 AND tenant_id = $t"],
        lambda events: [
            "The head of the log says position 9, and there the seals are missing: removed.",
            f"Event {events[8]} has no seal and waits for none: inserted, or its seal was removed.",
        ],
    ),
    "a seal is changed": (
        ["UPDATE sealed SET hash = decode(repeat('00', 32), 'hex') WHERE position = 4 AND tenant_id = $t"],
        lambda _: ["The seal of position 4 is not what it was: changed."],
    ),
    "the seal at the head is changed": (
        ["UPDATE sealed SET hash = decode(repeat('00', 32), 'hex') WHERE position = 9 AND tenant_id = $t"],
        lambda events: [
            "The head of the log is not its last seal: changed.",
            f"Event {events[8]} at position 9 {CHANGED}",
        ],
    ),
    "the first event is changed": (
        ["UPDATE events SET actor_id = 36 WHERE event_id = $1 AND tenant_id = $t"],
        lambda events: [f"Event {events[0]} at position 1 {CHANGED}"],
    ),
    "the event at the head and its seal are removed": (
        [
            "DELETE FROM event_texts WHERE event_id = $9 AND tenant_id = $t",
            "DELETE FROM events WHERE event_id = $9 AND tenant_id = $t",
            "DELETE FROM sealed WHERE position = 9 AND tenant_id = $t",
        ],
        lambda _: ["The head of the log says position 9, and there the seals are missing: removed."],
    ),
    "the head is removed": (
        ["DELETE FROM chains WHERE tenant_id = $t"],
        lambda _: ["The seals behind position 0 are beyond the head of the log: inserted, or the head was changed."],
    ),
    "the head is set back": (
        [
            """UPDATE chains SET position = 8,
            hash = (SELECT hash FROM sealed WHERE tenant_id = $t AND position = 8) WHERE tenant_id = $t"""
        ],
        lambda _: ["The seals behind position 8 are beyond the head of the log: inserted, or the head was changed."],
    ),
    "an epoch is announced that never began": (
        ["INSERT INTO epochs VALUES ($t, 5, 3, now())"],
        lambda _: [
            "Epoch 1 is not where it was announced to be: changed.",
            "The head of the log is of epoch 1, and that is not the last one: changed.",
        ],
    ),
    "a seal is moved to another epoch": (
        ["UPDATE sealed SET epoch = 5 WHERE position = 9 AND tenant_id = $t"],
        lambda events: [
            f"Event {events[8]} at position 9 {CHANGED}",
            "Epoch 5, of which there are seals, was announced by nobody: inserted, or removed.",
            "The head of the log is of epoch 1, and that is not the last one: changed.",
        ],
    ),
    "the head is changed": (
        ["UPDATE chains SET hash = decode(repeat('00', 32), 'hex') WHERE tenant_id = $t"],
        lambda _: ["The head of the log is not its last seal: changed."],
    ),
    "an event is inserted": (
        [
            """INSERT INTO events (tenant_id, at, type, object_type, object_id, actor_id, facts)
            VALUES ($t, now(), 'x.y', 'x', 1, 36, '{}')"""
        ],
        lambda events: [f"Event {events[-1] + 1} has no seal and waits for none: inserted, or its seal was removed."],
    ),
    "an event and a seal are inserted": (
        [
            "UPDATE sealed SET position = -position WHERE position >= 3 AND tenant_id = $t",
            INSERT,
            "UPDATE sealed SET position = 1 - position WHERE position < 0 AND tenant_id = $t",
            "UPDATE chains SET position = position + 1 WHERE tenant_id = $t",
        ],
        lambda events: [f"The seal of position 3, event {events[-1] + 1}, was not there: inserted."],
    ),
    "a seal is inserted behind the head": (
        [INSERT.replace("$t, 3,", "$t, 10,")],
        lambda events: [
            f"Event {events[-1] + 1} at position 10 {CHANGED}",
            "The seals behind position 9 are beyond the head of the log: inserted, or the head was changed.",
        ],
    ),
    "two events are exchanged": (
        _exchange(4, 5, with_hashes=False),
        _reordered,
    ),
    "two events are exchanged with their seals": (
        _exchange(4, 5, with_hashes=True),
        _reordered,
    ),
    "a text is changed": (
        [
            """UPDATE event_texts SET texts = jsonb_set(texts, '{purchase,title}', '"Other"')
            WHERE event_id = $1 AND tenant_id = $t""",
        ],
        lambda events: [f"The texts of event {events[0]} do not fit their hash: changed."],
    ),
    "a text is removed": (
        ["DELETE FROM event_texts WHERE event_id = $1 AND tenant_id = $t"],
        lambda events: [f"The texts of event {events[0]} are missing, and no erasure tells of them: removed."],
    ),
    "a text is passed off as erased": (
        ["UPDATE event_texts SET texts = '{}', erased_by = $9 WHERE event_id = $1 AND tenant_id = $t"],
        lambda events: [f"The texts of event {events[0]} do not fit their hash: changed."],
    ),
    "a text is inserted": (
        ["INSERT INTO event_texts VALUES ($t, $9, 'salt', '{}')"],
        lambda events: [f"The texts of event {events[8]} are bound to nothing: inserted."],
    ),
    "a waiting event is removed": (
        ["INSERT INTO unsealed VALUES ($t, 1)"],
        lambda _: ["Event 1, which waits to be sealed, is missing: removed."],
    ),
}


_NO_PARTS = ("7", '"seven"', "[]", "[7]", "{}")
"""What no part of an event is."""


@pytest.mark.parametrize("what", sorted(_TAMPERED))
async def test_what_was_done_to_the_log_is_named(log: Log, what: str) -> None:
    # The table is not to hinder the superuser, who could drop the constraint as well.
    await log.owner.execute("ALTER TABLE sealed DROP CONSTRAINT sealed_position_positive")
    statements, expected = _TAMPERED[what]
    try:
        await log.do(*statements)
        found = await log.findings()
    finally:
        await log.owner.execute("ALTER TABLE sealed ADD CONSTRAINT sealed_position_positive CHECK (position > 0)")
        # What can never be sealed would be waited for by all who seal everything.
        await log.do("DELETE FROM unsealed WHERE tenant_id = $t")
    assert found == expected(log.events)


async def test_what_was_made_nonsense_of_is_named_too(log: Log) -> None:
    parts = "(SELECT jsonb_object_agg(key, '?'::jsonb) FROM jsonb_each(@))"
    for nonsense in [*(parts.replace("?", part) for part in _NO_PARTS), "'[7]'", "'7'", "'null'"]:
        await log.do(
            f"UPDATE events SET facts = {nonsense.replace('@', 'facts')} WHERE tenant_id = $t AND facts <> '{{}}'",  # noqa: S608
            f"UPDATE event_texts SET texts = {nonsense.replace('@', 'texts')} WHERE tenant_id = $t",  # noqa: S608
        )
        found = "\n".join(await log.findings())
        assert CHANGED in found
        assert "do not fit their hash: changed." in found


async def test_what_was_changed_past_the_log_is_named(log: Log) -> None:
    await log.do(
        f"UPDATE purchases SET owner_id = 36 WHERE tenant_id = $t AND purchase_id = {log.purchase_id}",  # noqa: S608
        f"UPDATE commitments SET excluding_minor = 1 WHERE tenant_id = $t AND purchase_id = {log.purchase_id}",  # noqa: S608
        "UPDATE natures SET name = 'Mine' WHERE tenant_id = $t AND nature_id = 3",
        "UPDATE suppliers SET iban = 'DE02120300000000202051' WHERE tenant_id = $t AND iban IS NOT NULL",
        "UPDATE cost_centers SET version = 2 WHERE tenant_id = $t AND cost_center_id = 3",
    )
    commitment, purchase, nature, cost_center, supplier = await log.findings()
    told = "is not what its events tell:"
    assert re.fullmatch(rf"Commitment \d+ {told} excluding_minor changed past the log\.", commitment)
    assert purchase == f"Purchase {log.purchase_id} {told} owner_id changed past the log."
    assert nature == f"Nature 3 {told} name changed past the log."
    assert cost_center == "Cost center 3 was changed, and no event tells of it."
    assert re.fullmatch(rf"Supplier \d+ {told} iban changed past the log\.", supplier)


async def test_a_checkpoint_shows_what_a_new_chain_would_hide(log: Log, tmp_path: Path, database: Database) -> None:
    said = await log.emplette("checkpoint", "--tenant", log.account)
    assert (said.code, len(said.out), said.err) == (0, 1, [])
    kept = tmp_path / "kept.json"
    kept.write_text("\n".join(said.out), "utf-8")
    assert await log.findings("--checkpoint", str(kept)) == []
    await write_event(log.owner, log.company.tenant_id)
    await seal_all(database, log.company.tenant_id)
    assert await log.findings("--checkpoint", str(kept)) == []
    # The end of the log is cut off, with everything that belongs to it.
    await log.do(
        "DELETE FROM sealed WHERE tenant_id = $t AND position >= 8",
        "DELETE FROM events WHERE tenant_id = $t AND event_id >= $8",
        "UPDATE chains SET position = 7, hash = (SELECT hash FROM sealed WHERE tenant_id = $t AND position = 7) "
        "WHERE tenant_id = $t",
    )
    assert await log.findings() == []
    (found,) = await log.findings("--checkpoint", str(kept))
    assert re.fullmatch(r"The checkpoint of position 9, made .* is beyond the log: what happened .* missing\.", found)
    for _ in range(2):
        await write_event(log.owner, log.company.tenant_id)
    await seal_all(database, log.company.tenant_id)
    assert await log.findings() == []
    (found,) = await log.findings("--checkpoint", str(kept))
    assert re.fullmatch(r"The checkpoint of position 9, made .* is not of this log: .*", found)


async def test_a_checkpoint_that_was_changed_or_is_anothers_is_refused(
    log: Log, tmp_path: Path, rival: Company
) -> None:
    line = (await log.emplette("checkpoint", "--tenant", log.account)).out[0]
    kept = tmp_path / "kept.json"
    for text in (line.replace('"position":9', '"position":8'), line[:-3], "{}", line.replace('"account":', '"a":')):
        kept.write_text(text, "utf-8")
        said = await log.verify("--checkpoint", str(kept))
        assert (said.code, said.out) == (1, []), text
        assert said.err[0].startswith("emplette: "), said.err
    kept.write_text(line, "utf-8")
    other = await log.emplette("verify", "--tenant", rival.host.removesuffix(".test"), "--checkpoint", str(kept))
    assert (other.code, other.out) == (1, [])
    assert "whose log is not looked at here" in other.err[0]
    (tmp_path / KEY_FILE).unlink()
    await log.emplette("checkpoint", "--tenant", log.account)
    (found,) = await log.findings("--checkpoint", str(kept))
    assert "was signed with another key" in found


async def test_the_query_of_the_page_finds_the_same_without_us(log: Log) -> None:
    page = (DOCS / "verifying.md").read_text("utf-8")
    (query,) = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    query = query.replace("'example'", f"'{log.account}'")
    assert await log.owner.fetch(query) == []
    await log.do("UPDATE events SET actor_id = 37 WHERE event_id = $6 AND tenant_id = $t")
    assert [tuple(row) for row in await log.owner.fetch(query)] == [(6, log.events[5])]


async def test_a_check_says_how_far_it_is_and_many_findings_are_counted(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emplette.cli.verdicts._TELL_EVERY", 0.0)
    monkeypatch.setattr("emplette.services.checks.MOST_FINDINGS", 3)
    await log.do("UPDATE events SET at = now() WHERE tenant_id = $t")
    said = await log.verify()
    assert said.code == 1
    assert f"emplette: {log.account}: 9 seals checked" in said.err
    assert said.out[3:] == [f"{log.account}: and 6 more.", said.out[4]]
    assert said.out[4].startswith(f"{log.account}: 9 findings: 9 events sealed")


async def test_all_companies_are_checked_when_none_is_named(log: Log, rival: Company, database: Database) -> None:
    assert await seals.seal(database.session(), rival.tenant_id, 1) == 0
    said = await log.emplette("checkpoint")
    accounts = [msgspec.json.decode(line)["account"] for line in said.out]
    assert {log.account, rival.host.removesuffix(".test")} <= set(accounts)
