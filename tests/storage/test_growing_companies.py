"""A company that has grown since PostgreSQL looked at its tables is not taken for a small one."""

from contextlib import suppress
from typing import Any, Final

import asyncpg
import msgspec
import pytest

from emplette.storage import approvals
from tests.fixtures.companies import Company
from tests.fixtures.database import OwnerConnection
from tests.fixtures.pending import PENDING, let_wait

_TABLES: Final = ("purchases", "commitments", "requests", "request_steps", "request_approvers", "request_decisions")
_EACH_BY_ITSELF: Final = """
SELECT pg_restore_relation_stats('schemaname', 'public', 'relname', $1::text, 'reltuples', 5000::real),
    pg_restore_attribute_stats('schemaname', 'public', 'relname', $1::text, 'attname', 'tenant_id', 'inherited', false,
        'null_frac', 0::real, 'avg_width', 4, 'n_distinct', 5000::real)
"""


@pytest.mark.parametrize("statement", [approvals.HOW_MANY_WAIT, approvals.WAITING_IDS], ids=["counted", "listed"])
async def test_what_waits_is_looked_at_once_each_however_small_the_company_is_taken_for(
    company: Company, owner: OwnerConnection, statement: str
) -> None:
    await let_wait(company)
    trial = owner.transaction()
    await trial.start()
    try:
        for table in _TABLES:
            # Only PostgreSQL 18 lets itself be told; one before takes the company for what it was at its last look.
            with suppress(asyncpg.UndefinedFunctionError):
                async with owner.transaction():
                    await owner.execute(_EACH_BY_ITSELF, table)
        await owner.execute("SET LOCAL enable_seqscan = off")
        asked = (company.tenant_id, 36, [37], [None], [None], [None], [None])
        explained = await owner.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", *asked)
    finally:
        await trial.rollback()
    assert _looked_at(msgspec.json.decode(explained)[0]["Plan"]) < 30 * PENDING


def _looked_at(node: dict[str, Any]) -> float:
    """Count the rows that were read for a plan, with those that were read in vain."""
    in_vain = sum(node.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Join Filter", "Index Recheck"))
    here = (node["Actual Rows"] + in_vain) * node["Actual Loops"]
    return float(here) + sum(_looked_at(part) for part in node.get("Plans", ()))
