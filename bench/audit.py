"""Whether the tables hold exactly what was done, no more and no less."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bench.footprints import Footprint, Table, tables_of
from bench.generator import Made
from bench.server import Connection

# What each command's idempotency key stands for.
_OBJECTS: Final = {"purchase": "create", "commitment": "commit", "request": "submit"}
_KEYS: Final = "SELECT object_type, count(*) AS keys FROM idempotency_keys GROUP BY object_type"
_WHOLE: Final = """
SELECT count(*) FROM unnest($1::int[], $2::int[], $3::int[], $4::int[]) AS made (purchase, commitment, request, "order")
JOIN purchases p ON p.tenant_id = 1 AND p.purchase_id = made.purchase AND p.state = 'Ongoing'
    AND p.commitment_id = made.commitment
JOIN commitments c ON c.tenant_id = 1 AND c.commitment_id = made.commitment AND c.state = 'Provisioned'
    AND c.purchase_id = made.purchase AND c.request_id = made.request AND c.order_id = made."order"
JOIN requests r ON r.tenant_id = 1 AND r.request_id = made.request AND r.state = 'Approved'
JOIN orders o ON o.tenant_id = 1 AND o.order_id = made."order" AND o.purchase_id = made.purchase
    AND o.commitment_id = made.commitment
"""
# Their rows are counters that a process moves on now and then, and what the sealer writes: not what a command wrote.
_NOT_OF_COMMANDS: Final = {
    *("id_blocks", "chains", "epochs", "sealed"),
    *("spending_lines", "spending_progress", "spending_sums"),
}
# What waited to be sealed may have been sealed meanwhile.
_ROWS: Final = {"unsealed": "(SELECT event_id FROM unsealed UNION ALL SELECT event_id FROM sealed) AS waited"}
_LAST_CALLS_END_WITHIN: Final = 0.5


class TablesDiffer(Exception):
    """The tables do not hold what was answered."""


@dataclass(frozen=True, slots=True)
class Audit:
    """How full the tables are at one moment, to be compared with a later one."""

    tables: tuple[Table, ...]
    rows: Counter[str]
    commands: Counter[str]

    @classmethod
    async def begin(cls, connection: Connection) -> "Audit":
        """Count now."""
        tables = tuple(table for table in await tables_of(connection) if table.name not in _NOT_OF_COMMANDS)
        return cls(tables, *await _counts(connection, tables))

    async def check_commands(
        self, connection: Connection, footprints: Mapping[str, Footprint], answered: int, *, clients: int
    ) -> Counter[str]:
        """Check that the tables have grown by exactly what so many commands write; answer which commands they were.

        When load ends, each client may have one call under way, which has its effect and never an answer.

        Raises:
            TablesDiffer: something is missing, or there is too much.
        """
        await asyncio.sleep(_LAST_CALLS_END_WITHIN)
        rows, commands = await _counts(connection, self.tables)
        done = commands - self.commands
        if not answered <= done.total() <= answered + clients:
            raise TablesDiffer(f"{answered} commands were answered, {done.total()} have had an effect")
        for table in self.tables:
            expected = sum(number * footprints[command].inserted[table.name] for command, number in done.items())
            grown = rows[table.name] - self.rows[table.name]
            if grown != expected:
                raise TablesDiffer(f"{table.name} has grown by {grown} rows, and should by {expected}")
        return done


async def check_orders(connection: Connection, made: Sequence[Made]) -> None:
    """Check that every order that was acknowledged is there, whole, and once.

    Raises:
        TablesDiffer: one is not.
    """
    columns = zip(*((one.purchase, one.commitment, one.request, one.order) for one in set(made)), strict=True)
    whole = await connection.fetchval(_WHOLE, *map(list, columns))
    if whole != len(made):
        raise TablesDiffer(f"of {len(made)} orders that were acknowledged, {whole} are there and whole")


async def _counts(connection: Connection, tables: Sequence[Table]) -> tuple[Counter[str], Counter[str]]:
    """Count the rows of each table and the commands that were done, all at one moment."""
    counts = (
        f"SELECT '{table.name}' AS name, count(*) AS rows FROM {_ROWS.get(table.name, table.name)}" for table in tables
    )
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        rows = {record["name"]: record["rows"] for record in await connection.fetch(" UNION ALL ".join(counts))}
        keys = {_OBJECTS[record["object_type"]]: record["keys"] for record in await connection.fetch(_KEYS)}
    return Counter(rows), Counter(keys)
