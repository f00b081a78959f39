"""Registers are brought along in tables and taken away again: whole or not at all, and never twice."""

import csv
import io
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from emplette.domain.people import Tenant
from tests.cli.conftest import Said, Type
from tests.cli.events import events_of
from tests.fixtures.database import OwnerConnection

Import = Callable[..., Awaitable[Said]]

SUPPLIERS = """id;name;territoryId;state;legalRegistration.identifier;bankAccount.iban;\
paymentTerm.value;paymentTerm.unit;contacts[0].email;contacts[0].phone
6;Électricité de Béziers;FR;Active;732 829 320;FR76 3000 6000 0112 3456 7890 189;30,00;Day;a@b.fr;'+33 1
;=cmd|' /C calc'!A0;ch;archived;;;;;;
"""


@pytest.fixture
def import_(emplette: Type, acme: Tenant, tmp_path: Path) -> Import:
    async def type_import(content: str | bytes, into: str, *words: str) -> Said:
        file = tmp_path / "table.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return await emplette("import", str(file), "--into", into, "--tenant", acme.account, *words)

    return type_import


async def count(owner: OwnerConnection, acme: Tenant, table: str) -> int:
    found: int = await owner.fetchval(f"SELECT count(*) FROM {table} WHERE tenant_id = $1", acme.id)  # noqa: S608
    return found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
async def test_a_file_is_read_in_every_encoding_of_spreadsheets(
    import_: Import, owner: OwnerConnection, acme: Tenant, encoding: str
) -> None:
    done = await import_(SUPPLIERS.replace("\n", "\r\n").encode(encoding), "suppliers")
    assert (done.code, done.err[-2:]) == (
        0,
        ["emplette: 2 new, 0 changed, 0 as they are", "emplette: written: import 1"],
    )
    rows = await owner.fetch("SELECT * FROM suppliers WHERE tenant_id = $1 ORDER BY name DESC", acme.id)
    assert [row["name"] for row in rows] == ["Électricité de Béziers", "=cmd|' /C calc'!A0"]
    assert (rows[0]["supplier_id"], rows[0]["registration_id"], rows[0]["payment_term_value"]) == (6, "732829320", 30)
    assert rows[0]["contacts"] == '[{"email": "a@b.fr", "phone": "+33 1", "last_name": null, "first_name": null}]'
    assert (rows[1]["territory_id"], rows[1]["state"]) == ("CH", "Archived")
    assert rows[1]["supplier_id"] > 6


async def test_the_same_file_twice_makes_no_doubles(import_: Import, owner: OwnerConnection, acme: Tenant) -> None:
    for said in ("2 new, 0 changed, 0 as they are", "0 new, 0 changed, 2 as they are"):
        assert f"emplette: {said}" in (await import_(SUPPLIERS, "suppliers")).err
    assert await count(owner, acme, "suppliers") == 2
    written = [event for event in await events_of(owner, acme.id) if event.type.startswith("supplier.")]
    assert [event.type.partition(".")[2] for event in written] == ["created", "bank_account_changed", "created"]
    assert {event.actor for event in written} == {"Command line"}
    assert all(event.is_to_be_sealed for event in written)


async def test_what_is_wrong_is_said_by_line_and_column_before_anything_is_written(
    import_: Import, owner: OwnerConnection, acme: Tenant
) -> None:
    wrong = """name,territoryId,bankAccount.iban,preferredNatureId,paymentTerm.value
Good,FR,,,
,XX,FR00,abc,
Third,FR,FR7630006000011234567890188,9,30
"""
    for words in ((), ("--dry-run",)):
        done = await import_(wrong, "suppliers", *words)
        assert done.code == 1
        places = [line.removeprefix("emplette: ").rpartition(": ")[0] for line in done.err if "column" in line]
        assert [place.partition(": ")[0] for place in places] == [
            "line 3, column name",
            "line 3, column territoryId",
            "line 3, column preferredNatureId",
            "line 3, column bankAccount.iban",
            "line 4, column paymentTerm.unit",
            "line 4, column bankAccount.iban",
            "line 4, column preferredNatureId",
        ]
        assert await count(owner, acme, "suppliers") == 0
    done = await import_(wrong, "suppliers", "--mode", "skip")
    assert (done.code, done.err[-2]) == (0, "emplette: 1 new, 0 changed, 0 as they are, 2 wrong and left out")
    assert await count(owner, acme, "suppliers") == 1


async def test_all_that_is_wrong_with_a_line_is_said_at_once(import_: Import) -> None:
    """Faults of shape don't hide wrong numbers, nor what is referred to and not there; lines come in their order."""
    content = """name,territoryId,bankAccount.iban,preferredNatureId,paymentTerm.value
First,FR,,9,
,FR,FR00,abc,
Third,XX,FR7630006000011234567890188,9,x
"""
    done = await import_(content, "suppliers", "--dry-run")
    assert [line.removeprefix("emplette: ").partition(": ")[0] for line in done.err[1:-1]] == [
        "line 2, column preferredNatureId",
        "line 3, column name",
        "line 3, column preferredNatureId",
        "line 3, column bankAccount.iban",
        "line 4, column territoryId",
        "line 4, column paymentTerm.value",
        "line 4, column bankAccount.iban",
        "line 4, column preferredNatureId",
    ], done.err


async def test_two_lines_of_one_that_is_there_are_told_by_what_it_is_known_by(import_: Import) -> None:
    head = "name;territoryId;legalRegistration.identifier\n"
    assert (await import_(f"{head}First;FR;732829320\n", "suppliers")).code == 0
    refused = await import_(f"{head}One;FR;732829320\nOther;FR;732 829 320\n", "suppliers")
    assert "emplette: line 3, column legalRegistration.identifier: Is that of line 2 already." in refused.err


async def test_a_dry_run_writes_nothing(import_: Import, owner: OwnerConnection, acme: Tenant) -> None:
    done = await import_(SUPPLIERS, "suppliers", "--dry-run")
    assert (done.code, done.err[-2:]) == (
        0,
        ["emplette: 2 new, 0 changed, 0 as they are", "emplette: nothing was written: this was a dry run"],
    )
    assert await count(owner, acme, "suppliers") == 0
    assert await count(owner, acme, "id_blocks") == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "line 1: Must name the columns."),
        ("name;name;territoryId\n", "line 1, column name: Is there twice."),
        ("name;territoryId;colour\n", "line 1, column colour: Is unknown here"),
        ("name\n", "line 1, column territoryId: Is missing."),
        ("name;territoryId\nshort\n", "line 2: Has fewer cells than the first line, 1 of 2: it is cut off."),
        ("name;territoryId\na;FR;b\n", "line 2: Has more cells than the first line: 3 of 2."),
        ('name;territoryId\n"open;FR\n', "line 2: Is no line of a table"),
        (b"name;territoryId\n\x81;FR\n", "line 2: Is neither UTF-8 nor Windows-1252"),
        ("name;territoryId\n" + "x" * 200_000 + ";FR\n", "line 2: Is no line of a table: field larger"),
        ("name;territoryId\nSame;FR\nsame;FR\n", "line 3, column name: Is that of line 2 already."),
        (
            "name;territoryId;legalRegistration.identifier\na;FR;732829320\nb;FR;732829320\n",
            "line 3, column legalRegistration.identifier: Is that of line 2 already.",
        ),
    ],
)
async def test_a_file_that_is_no_table_of_suppliers_is_refused(
    import_: Import, owner: OwnerConnection, acme: Tenant, content: str | bytes, said: str
) -> None:
    done = await import_(content, "suppliers")
    assert done.code == 1
    assert any(line.startswith(f"emplette: {said}") for line in done.err), done.err
    assert await count(owner, acme, "suppliers") == 0


async def test_an_identifier_is_one_active_suppliers(import_: Import) -> None:
    head = "id;name;territoryId;legalRegistration.identifier\n"
    assert (await import_(f"{head}1;First;FR;732829320\n", "suppliers")).code == 0
    refused = await import_(f"{head}2;Second;FR;732 829 320\n", "suppliers")
    assert "emplette: line 2, column legalRegistration.identifier: First has the registration 732829320." in refused.err


async def test_a_company_is_brought_along_and_taken_away_again(
    emplette: Type, import_: Import, owner: OwnerConnection, acme: Tenant
) -> None:
    tables = {
        "legal-units": "id;name;territoryId\n1;Acme SA;FR\n",
        "establishments": "id;name;territoryId;currency;legalUnitId;isActive\n"
        "1;Paris;FR;EUR;1;vrai\n2;Lyon;FR;EUR;;0\n",
        "departments": "id;name;parentId\n15;Web;14\n14;Marketing;\n",
        "people": "id;firstName;lastName;mail;managerId;departmentId;leftOn\n35;Olive;Owner;o@x.fr;36;15;\n"
        "36;Alma;Approver;a@x.fr;;14;31/12/2024\n",
        "natures": "id;name;accountingPlans[0].id;accountingPlans[0].chargeAccount\n1;Travel;1;625100\n",
        "cost-centers": "id;name;code;ownerId;establishmentIds\n3;Marketing;MKT;35;1\n",
        "axes": "id;name\n1;Project\n",
        "axis-sections": "id;axisId;name;code\n361;1;Fair;FAIR\n",
        "suppliers": SUPPLIERS,
    }
    for into, content in tables.items():
        done = await import_(content, into)
        assert done.code == 0, done.err
    left = await owner.fetchval("SELECT left_on FROM users WHERE tenant_id = $1 AND user_id = 36", acme.id)
    assert left.isoformat() == "2024-12-31"
    for into in tables:
        shown = await emplette("export", into, "--tenant", acme.account)
        assert shown.code == 0
        text = "\n".join(shown.out)
        assert text.startswith("\ufeffid;")
        again = await import_(text.encode(), into)
        rows = len(list(csv.reader(io.StringIO(text)))) - 1
        assert f"emplette: 0 new, 0 changed, {rows} as they are" in again.err, (into, again.err, text)


async def test_cells_that_spreadsheets_would_run_are_shielded(emplette: Type, import_: Import, acme: Tenant) -> None:
    assert (await import_(SUPPLIERS, "suppliers")).code == 0
    shown = await emplette("export", "suppliers", "--tenant", acme.account)
    cells = [cell for line in csv.reader(shown.out[1:], delimiter=";") for cell in line]
    assert "'=cmd|' /C calc'!A0" in cells
    assert "'+33 1" in cells
    assert not any(cell[:1] in {"=", "+", "-", "@"} for cell in cells)


async def test_what_refers_to_a_wrong_line_is_wrong_as_well(
    import_: Import, owner: OwnerConnection, acme: Tenant
) -> None:
    table = "id;name;parentId\n1;Good;\n2;;\n3;Child;2\n4;Grandchild;3\n"
    done = await import_(table, "departments", "--mode", "skip")
    assert "emplette: line 4, column parentId: There is no department 2." in done.err
    assert "emplette: line 5, column parentId: There is no department 3." in done.err
    assert await count(owner, acme, "departments") == 1


async def test_a_column_that_is_missing_is_kept_and_an_empty_cell_clears(
    import_: Import, owner: OwnerConnection, acme: Tenant
) -> None:
    await import_(SUPPLIERS, "suppliers")
    await import_("id;name;territoryId;bankAccount.iban\n6;New name;FR;\n", "suppliers")
    row = await owner.fetchrow("SELECT * FROM suppliers WHERE tenant_id = $1 AND supplier_id = 6", acme.id)
    assert row is not None
    assert (row["name"], row["iban"], row["registration_id"], row["version"]) == ("New name", None, "732829320", 2)


async def test_cost_families_are_brought_along_before_the_natures_that_name_them(
    import_: Import, emplette: Type, owner: OwnerConnection, acme: Tenant
) -> None:
    natures = "id;name;costFamilyId\n1;Train;7\n"
    assert (await import_(natures, "natures")).code == 1
    assert (await import_("id;name\n7;Travel\n;Energy\n", "cost-families")).code == 0
    assert (await import_("name\nTravel\nÉnergie\n", "cost-families")).code == 0
    assert (await import_(natures, "natures")).code == 0
    rows = await owner.fetch("SELECT name FROM cost_families WHERE tenant_id = $1 ORDER BY 1", acme.id)
    assert [row["name"] for row in rows] == ["Energy", "Travel", "Énergie"]
    written = await emplette("export", "cost-families", "--tenant", acme.account)
    assert "7;Travel" in "".join(written.out)
    told = [event.type for event in await events_of(owner, acme.id) if event.type.startswith("cost_family")]
    assert told == ["cost_family.created"] * 3


NASTY = [
    "'",
    "''=1",
    "=1+1",
    " both sides ",
    "a;b,c",
    'a "quoted" one',
    "two\nlines",
    "\u202ertl",
    "🧾",
    "-",
    "@x",
    "ß",
]


@pytest.mark.parametrize(
    ("into", "columns"),
    [
        ("suppliers", ["name", "contacts[0].lastName", "territoryId"]),
        ("natures", ["name"]),
        ("cost-centers", ["name", "code"]),
        ("people", ["firstName", "lastName"]),
    ],
)
async def test_what_is_exported_is_what_is_there_when_it_is_imported_again(
    import_: Import, emplette: Type, acme: Tenant, into: str, columns: list[str]
) -> None:
    table = io.StringIO()
    lines = csv.DictWriter(table, ["id", *columns], delimiter=";")
    lines.writeheader()
    for number, text in enumerate(NASTY, start=1):
        shielded = f"'{text}" if text[0] in " =-@'" else text
        lines.writerow({"id": number, **dict.fromkeys(columns, shielded), **{c: "FR" for c in columns if "Id" in c}})
    first = await import_(table.getvalue(), into)
    assert f"emplette: {len(NASTY)} new, 0 changed, 0 as they are" in first.err
    exported = (await emplette("export", into, "--tenant", acme.account)).out
    again = await import_("\n".join(exported), into)
    assert f"emplette: 0 new, 0 changed, {len(NASTY)} as they are" in again.err
    assert (await emplette("export", into, "--tenant", acme.account)).out == exported
