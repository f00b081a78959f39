"""Tables that nobody should have sent: each is refused with the place at fault, or read as what it says."""

import csv
import io
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from emplette.domain.people import Tenant
from tests.cli.conftest import Said, Type
from tests.fixtures.database import OwnerConnection

Import = Callable[..., Awaitable[Said]]
HEAD = "id;name;territoryId\n"
FORMULAS = ["=cmd|' /C calc'!A0", "+33 1 23", "-2+3", "@SUM(A1)", "'=already", "''+twice", "'s Gravenhage", '="a";b']


@pytest.fixture
def import_(emplette: Type, acme: Tenant, tmp_path: Path) -> Import:
    async def type_import(content: str | bytes, *words: str) -> Said:
        file = tmp_path / "table.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return await emplette("import", str(file), "--into", "suppliers", "--tenant", acme.account, *words)

    return type_import


async def names(owner: OwnerConnection, acme: Tenant) -> list[str]:
    """List what is there."""
    rows = await owner.fetch("SELECT name FROM suppliers WHERE tenant_id = $1 ORDER BY supplier_id", acme.id)
    return [row["name"] for row in rows]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEAD + "1;" + "x" * 40 * 2**20 + ";FR\n", "line 2: Is no line of a table: field larger than field limit"),
        (HEAD + "1;nu\0l;FR\n", "line 2, column name: The control character U+0000"),
        (HEAD + "1;\x1b[31mred;FR\n", "line 2, column name: The control character U+001B"),
        (HEAD + "0;zero;FR\n", "line 2, column id: Must be an id"),
        (HEAD + "-1;below;FR\n", "line 2, column id: Must be a whole number"),
        (HEAD + "2147483647;above;FR\n", "line 2, column id: Must be an id, a whole number from 1 to 2000000000"),
        (HEAD + "2147483648;above;FR\n", "line 2, column id: Must be a whole number"),
        (HEAD + "9" * 5_000 + ";above;FR\n", "line 2, column id: Must be a whole number"),
        (HEAD + "\u0663;arabic;FR\n", "line 2, column id: Must be a whole number"),
        (HEAD + "1.5;half;FR\n", "line 2, column id: Must be a whole number"),
        (HEAD + "7;a;FR\n7;b;FR\n", "line 3, column id: Is that of line 2 already."),
        (";".join(f"c{n}" for n in range(10_000)) + "\n", "line 1, column c0: Is unknown here"),
        ("name;territoryId;contacts[100].email\na;FR;b@c.fr\n", "line 1, column contacts[100].email: Is unknown here"),
        (
            HEAD.encode() + "1;Été;FR\n".encode() + "2;Été;FR\n".encode("cp1252"),
            "line 3: Is not in UTF-8, as line 2 is",
        ),
        (b"\xef\xbb\xbf" + HEAD.encode() + b"1;\xc9t\xe9;FR\n", "line 2: Is not in the encoding"),
        (b"\xff\xfe" + HEAD.encode("utf-16-le") + b"x", "line 2: Is not in the encoding"),
        (
            HEAD + '1;"never closed;FR\n2;b;FR\n',
            "line 3: Is no line of a table: a quotation mark opens a cell, and none closes it.",
        ),
        (HEAD + '1;"closed" too early;FR\n', "line 2: Is no line of a table"),
        ("\n\n", "line 1: Must name the columns."),
        (HEAD.encode() + bytes(range(256)), "line 3: Is neither UTF-8 nor Windows-1252"),
        (b"PK\x03\x04" + bytes(range(256)), "line 1: Can't be read as a workbook (.xlsx): save it anew, or as CSV."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "line 1: Is a workbook of an old kind"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) and "line" in value else "",
)
async def test_a_table_with_a_fault_is_refused_by_its_place(
    import_: Import, owner: OwnerConnection, acme: Tenant, content: str | bytes, said: str
) -> None:
    for words in ((), ("--mode", "skip"), ("--dry-run",)):
        done = await import_(content, *words)
        assert done.code == 1 or words[-1:] == ("skip",), done.err
        assert any(line.startswith(f"emplette: {said}") for line in done.err), done.err
        assert len(done.err) < 1_010
    assert len(await names(owner, acme)) <= 1


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        (b"name;territoryId\nA;FR\n\xc3\xa9;FR\n\xe9;FR\n", "1 line is"),
        (b"nom;pays\nA;FR\n", "1 line is"),
        (b"name;territoryId\n;XX\n;FR\n", "2 lines are"),
    ],
)
async def test_wrong_lines_are_counted_and_what_cannot_be_read_is_not_looked_at(
    import_: Import, content: bytes, wrong: str
) -> None:
    done = await import_(content)
    assert done.err[-1] == f"emplette: nothing was written: {wrong} wrong", done.err
    assert "emplette: line 1: Must name the columns." not in done.err


async def test_a_table_of_nothing_but_names_of_columns_changes_nothing(import_: Import) -> None:
    done = await import_(HEAD)
    assert (done.code, done.err[-1]) == (0, "emplette: nothing was written: all is as the file says")


async def test_a_largest_id_leaves_room_for_new_ones(import_: Import, owner: OwnerConnection, acme: Tenant) -> None:
    done = await import_(HEAD + "2000000000;Largest;FR\n;Next;FR\n")
    assert done.code == 0, done.err
    assert await names(owner, acme) == ["Largest", "Next"]


async def test_a_cell_may_have_lines_quotes_and_delimiters(
    import_: Import, owner: OwnerConnection, acme: Tenant
) -> None:
    done = await import_(HEAD + '1;"Two\nlines; and ""quotes""";FR\r\n2;b;XX\r\n', "--mode", "skip")
    assert any(line.startswith("emplette: line 4, column territoryId: ") for line in done.err), done.err
    assert await names(owner, acme) == ['Two\nlines; and "quotes"']


async def test_what_spreadsheets_would_run_goes_out_shielded_and_comes_back_as_it_was(
    emplette: Type, import_: Import, owner: OwnerConnection, acme: Tenant
) -> None:
    await owner.executemany(
        "INSERT INTO suppliers (tenant_id, supplier_id, name, folded_name, territory_id) VALUES ($1, $2, $3, $3, 'FR')",
        [(acme.id, number, name) for number, name in enumerate(FORMULAS, start=1)],
    )
    shown = await emplette("export", "suppliers", "--tenant", acme.account)
    text = "\r\n".join(shown.out).removeprefix("\ufeff")
    cells = [cell for line in csv.reader(io.StringIO(text, newline=""), delimiter=";") for cell in line]
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}]
    again = await import_(text)
    assert f"emplette: 0 new, 0 changed, {len(FORMULAS)} as they are" in again.err, again.err
    assert await names(owner, acme) == FORMULAS
