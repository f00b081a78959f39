"""What a command leaves in the tables, read from the tables themselves.

A command is one transaction, so every row it wrote carries that transaction's number. A row that an earlier command
of the same order had written is a change, any other is new.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from bench.server import Connection

Row: TypeAlias = dict[str, str | None]

# In the order in which they were made: what is referred to comes first.
_TABLES: Final = """
SELECT c.relname AS name,
    array_agg(a.attname::text ORDER BY a.attnum) AS columns,
    array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum) AS types,
    array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attidentity <> '') AS counted,
    (SELECT array_agg(k.attname::text ORDER BY k.attnum) FROM pg_index i
     JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = ANY (i.indkey)
     WHERE i.indrelid = c.oid AND i.indisprimary) AS keys
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
GROUP BY c.oid, c.relname ORDER BY c.oid
"""
_LAST: Final = "SELECT xmin::text FROM events ORDER BY event_id DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the schema: its columns with their types, its primary key, and columns that count by themselves."""

    name: str
    types: Mapping[str, str]
    keys: tuple[str, ...]
    counted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One row that a command wrote: the whole row, and, unless it is new, what is different in it."""

    table: Table
    row: Row
    changed: tuple[str, ...] | None

    @property
    def is_new(self) -> bool:
        """Tell a row that was inserted from one that was updated."""
        return self.changed is None


@dataclass(frozen=True, slots=True)
class Footprint:
    """All that one command wrote."""

    changes: tuple[Change, ...]

    @property
    def inserted(self) -> Counter[str]:
        """How many rows it inserted into each table."""
        return Counter(change.table.name for change in self.changes if change.is_new)

    @property
    def updated(self) -> Counter[str]:
        """How many rows it updated in each table."""
        return Counter(change.table.name for change in self.changes if not change.is_new)


@dataclass(slots=True)
class Tracker:
    """Follows one order through its commands."""

    tables: tuple[Table, ...]
    known: dict[tuple[str, ...], Row] = field(default_factory=dict)

    @classmethod
    async def of(cls, connection: Connection) -> "Tracker":
        """Look at the schema."""
        return cls(await tables_of(connection))

    async def footprint(self, connection: Connection) -> Footprint:
        """Read what the command that ran last has written."""
        number = await connection.fetchval(_LAST)
        changes: list[Change] = []
        for table in self.tables:
            columns = ", ".join(f'"{column}"::text' for column in table.types)
            written = f"SELECT {columns} FROM {table.name} WHERE xmin = $1::text::xid"
            for record in await connection.fetch(written, number):
                row = dict(record)
                name = (table.name, *(str(row[key]) for key in table.keys))
                before = self.known.get(name)
                changed = None if before is None else tuple(column for column in row if row[column] != before[column])
                changes.append(Change(table, row, changed))
                self.known[name] = row
        return Footprint(tuple(changes))


async def tables_of(connection: Connection) -> tuple[Table, ...]:
    """Read the tables of the schema."""
    return tuple(
        Table(
            record["name"],
            dict(zip(record["columns"], record["types"], strict=True)),
            tuple(record["keys"] or ()),
            tuple(record["counted"] or ()),
        )
        for record in await connection.fetch(_TABLES)
    )
