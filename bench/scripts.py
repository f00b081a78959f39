"""pgbench scripts that write exactly the rows a command writes, made from the footprint that it left.

Values go to the database as parameters, as a program would send them. What was an id in the footprint is a variable;
what PostgreSQL counts by itself (an event's id) is taken from the row that has it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from bench.footprints import Change, Footprint, Row, Table

COMMANDS: Final = ("create", "commit", "submit")
_ID: Final = ":id"

Place = Mapping[str, str]
"""What stands in a footprint for something that is another one in every order, and the SQL for it."""


@dataclass(slots=True)
class Constants:
    """Values that are the same in every order, by the name of the variable that holds each."""

    names: dict[str, str] = field(default_factory=dict)

    def __call__(self, value: str, kind: str) -> str:
        """Name a value in a script."""
        name = self.names.setdefault(value, f"c{len(self.names)}")
        return f":{name}::{kind}"


@dataclass(frozen=True, slots=True)
class Floor:
    """The three scripts of one floor, and the values they use."""

    name: str
    scripts: Mapping[str, str]
    constants: Constants

    def definitions(self) -> list[str]:
        """Write down the values as pgbench's options."""
        return [part for value, name in self.constants.names.items() for part in ("-D", f"{name}={value}")]


def transactions(footprints: Mapping[str, Footprint], ids: Iterable[str]) -> Floor:
    """Write a command as a careful program without tricks would: BEGIN, a statement a row, COMMIT."""
    constants = Constants()
    places = dict.fromkeys(ids, _ID)
    scripts: dict[str, str] = {}
    for command in COMMANDS:
        lines = ["BEGIN;"]
        for number, change in enumerate(in_order(footprints[command])):
            statement = _statement(change, places, constants)
            counted = change.table.counted if change.is_new else ()
            if counted:
                names = [f"r{number}_{column}" for column in counted]
                returned = ", ".join(f"{column} AS {name}" for column, name in zip(counted, names, strict=True))
                lines.append(f"{statement} RETURNING {returned} \\gset")
                places |= {str(change.row[c]): f":{name}" for c, name in zip(counted, names, strict=True)}
            else:
                lines.append(f"{statement};")
        scripts[command] = _script(command, [*lines, "COMMIT;"])
    return Floor("transaction", scripts, constants)


def statements(footprints: Mapping[str, Footprint], ids: Iterable[str]) -> Floor:
    """Write a command as one statement of data-modifying CTEs."""
    constants = Constants()
    own = dict.fromkeys(ids, _ID)
    scripts: dict[str, str] = {}
    for command in COMMANDS:
        places, parts = dict(own), []
        for number, change in enumerate(in_order(footprints[command])):
            counted = change.table.counted if change.is_new else ()
            returning = f" RETURNING {', '.join(counted)}" if counted else ""
            parts.append(f"w{number} AS ({_statement(change, places, constants)}{returning})")
            places |= {str(change.row[c]): f"(SELECT w{number}.{c} FROM w{number})" for c in counted}
        scripts[command] = _script(command, ["WITH " + ", ".join(parts) + " SELECT 1;"])
    return Floor("statement", scripts, constants)


def in_order(footprint: Footprint) -> list[Change]:
    """Put new rows first, in the order of what refers to what, and changed ones after them."""
    return sorted(footprint.changes, key=lambda change: not change.is_new)


def insert_many(table: Table, row: Row, places: Place, source: str, spread: Mapping[str, str]) -> str:
    """Write the insertion of a row again and again, with columns of a source in the places of what differs.

    ``spread`` has what columns hold that shall differ, whatever the row has there.
    """

    def value(column: str) -> str:
        if column in spread:
            return f"({spread[column]})::{table.types[column]}"
        return _value(table, row, column, places, _literal)

    values = ", ".join(value(column) for column in _written(table, row))
    return f"{_into(table, row)} SELECT {values} FROM {source}"


def _script(command: str, lines: Iterable[str]) -> str:
    """Begin a script with the next order of this client that its command has not had."""
    count = [f"\\set {command} :{command} + 1", f"\\set id :base + :client_id * :stride + :{command}"]
    return "\n".join([*count, *lines, ""])


def _statement(change: Change, places: Place, constant: Callable[[str, str], str]) -> str:
    table, row = change.table, change.row
    if change.changed is None:
        return f"{_into(table, row)} VALUES ({_values(table, row, places, constant)})"
    assignments = ", ".join(f"{c} = {_value(table, row, c, places, constant)}" for c in change.changed)
    condition = " AND ".join(f"{c} = {_value(table, row, c, places, constant)}" for c in table.keys)
    return f"UPDATE {table.name} SET {assignments} WHERE {condition}"


def _into(table: Table, row: Row) -> str:
    return f"INSERT INTO {table.name} ({', '.join(_written(table, row))})"


def _values(table: Table, row: Row, places: Place, constant: Callable[[str, str], str]) -> str:
    return ", ".join(_value(table, row, column, places, constant) for column in _written(table, row))


def _written(table: Table, row: Row) -> list[str]:
    return [column for column, value in row.items() if value is not None and column not in table.counted]


def _value(table: Table, row: Row, column: str, places: Place, constant: Callable[[str, str], str]) -> str:
    value, kind = row[column], table.types[column]
    if value is None:
        return "NULL"
    if kind == "jsonb":
        return constant(value, kind)
    if value in places:
        return f"{places[value]}::{kind}"
    parts = [part for part in re.split("|".join(f"({re.escape(place)})" for place in places), value) if part]
    if len(parts) < 2:  # noqa: PLR2004  (there is no place in it)
        return constant(value, kind)
    return " || ".join(f"{places[part]}::text" if part in places else constant(part, "text") for part in parts)


def _literal(value: str, kind: str) -> str:
    return "'" + value.replace("'", "''") + f"'::{kind}"
