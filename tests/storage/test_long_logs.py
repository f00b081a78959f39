"""Checking a piece of a log looks at that piece, however much of the log comes before it."""

from typing import Final

import pytest

from emplette.storage import checks
from emplette.storage.database import Database
from tests.fixtures.companies import Company
from tests.fixtures.plans import listen, looked_at, nodes_of

EVENTS: Final = 4_000
PIECE: Final = 20
_FILL: Final = (
    """INSERT INTO events (tenant_id, event_id, at, type, object_type, object_id, actor_id, facts, texts_hash)
    OVERRIDING SYSTEM VALUE
    SELECT $1, 1000000000 + n, now(), 'purchase.created', 'purchase', n, 35, '{}', '\\x00'
    FROM generate_series(1, $2::int) n""",
    """INSERT INTO event_texts (tenant_id, event_id, salt, texts)
    SELECT $1, 1000000000 + n, '\\x00', '{}' FROM generate_series(1, $2::int) n""",
)


async def test_a_piece_in_the_middle_is_read_without_what_comes_before_it(
    company: Company, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for statement in _FILL:
        await company.owner.execute(statement, company.tenant_id, EVENTS)
    await company.owner.execute("ANALYZE events, event_texts")
    said = listen(monkeypatch)
    after = 1_000_000_000 + EVENTS // 2
    found = await checks.events(database.session(), company.tenant_id, after=after, most=PIECE)
    assert [event.id for event in found] == list(range(after + 1, after + PIECE + 1))
    ((sql, arguments),) = said
    for node in await nodes_of(company.owner, sql, arguments):
        assert looked_at(node) <= PIECE, (sql, node)
