"""Budgets are brought along in a table, whole or not at all, and listed with their numbers."""

import json
from pathlib import Path

import pytest

from emplette.domain.people import Tenant
from tests.cli.conftest import Said, Type
from tests.fixtures.database import OwnerConnection

TABLE = """name;startDate;endDate;amount;currency;kind;costCenterId
Marketing 2025;01/01/2025;31/12/2025;20 000,50;EUR;;3
All 2025;2025-01-01;2025-12-31;100000;EUR;soft;
"""
CENTER = "INSERT INTO cost_centers (tenant_id, cost_center_id, name, code) VALUES ($1, 3, 'Marketing', 'MKT')"


async def bring(emplette: Type, acme: Tenant, folder: Path, content: str, *words: str) -> Said:
    file = folder / "budgets.table"
    file.write_text(content, "utf-8")
    return await emplette("budget", "import", str(file), "--tenant", acme.account, *words)


async def test_budgets_are_imported_once_and_listed(
    emplette: Type, acme: Tenant, owner: OwnerConnection, tmp_path: Path
) -> None:
    await owner.execute(CENTER, acme.id)
    dry = await bring(emplette, acme, tmp_path, TABLE, "--dry-run")
    assert (dry.code, dry.err[-1]) == (0, "emplette: nothing was written: this was a dry run")
    done = await bring(emplette, acme, tmp_path, TABLE)
    assert (done.code, done.err) == (
        0,
        ["emplette: 2 new, 0 changed, 0 as they are", "emplette: written: import 1"],
    )
    again = await bring(emplette, acme, tmp_path, TABLE)
    assert (again.code, again.err[-1]) == (0, "emplette: nothing was written: all is as the file says")
    listed = await emplette("budget", "list", "--tenant", acme.account, "--json")
    first, second = json.loads(listed.out[0])
    assert (first["name"], first["amount"], first["free"], first["costCenterId"]) == (
        "Marketing 2025",
        20000.5,
        20000.5,
        3,
    )
    assert (second["kind"], second["currency"]) == ("Soft", "EUR")
    shown = await emplette("budget", "list", "--tenant", acme.account, "--on", "2025-06-01")
    assert len(shown.out) == 3
    assert "20,000.50" in shown.out[1]
    assert len((await emplette("budget", "list", "--tenant", acme.account, "--on", "2026-06-01")).out) == 1


async def test_a_list_in_json_is_read_as_well(
    emplette: Type, acme: Tenant, owner: OwnerConnection, tmp_path: Path
) -> None:
    budget = {
        "id": 40,
        "name": "All",
        "startDate": "2025-01-01",
        "endDate": "2025-12-31",
        "amount": 10,
        "currency": "EUR",
    }
    assert (await bring(emplette, acme, tmp_path, json.dumps([budget]))).code == 0
    rows = await owner.fetch("SELECT budget_id, amount_minor FROM budgets WHERE tenant_id = $1", acme.id)
    assert [tuple(row) for row in rows] == [(40, 1000)]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (";2025-01-01;2025-12-31;1;EUR;;", "line 2, column name: Must not be empty."),
        ("A;2025-12-31;2025-01-01;1;EUR;;", "line 2, column endDate: Must not be before 2025-12-31, the first day."),
        ("A;2025-01-01;2025-12-31;x;EUR;;", "line 2, column amount: Must be a number, such as 20000 or 20 000,00."),
        ("A;2025-01-01;2025-12-31;1.234;EUR;;", "line 2, column amount: EUR has 2 decimals, and this amount has 3."),
        (
            "A;2025-01-01;2025-12-31;1,000;EUR;;",
            "line 2, column amount: Has 3 decimals, and EUR has fewer: part thousands by spaces, or not at all.",
        ),
        ("A;2025-01-01;2025-12-31;1;EUR;;99", "line 2, column costCenterId: There is no cost center 99."),
    ],
)
async def test_what_is_wrong_is_said_by_line_and_column_and_nothing_is_written(
    emplette: Type, acme: Tenant, owner: OwnerConnection, tmp_path: Path, line: str, fault: str
) -> None:
    heads = TABLE.partition("\n")[0]
    done = await bring(emplette, acme, tmp_path, f"{heads}\n{line}\nGood;2025-01-01;2025-12-31;1;EUR;;\n")
    assert (done.code, done.err[0]) == (1, f"emplette: {fault}")
    assert done.err[-1] == "emplette: nothing was written: 1 line is wrong"
    assert await owner.fetchval("SELECT count(*) FROM budgets WHERE tenant_id = $1", acme.id) == 0


async def test_a_file_corrects_no_budget_that_is_there(emplette: Type, acme: Tenant, tmp_path: Path) -> None:
    heads = TABLE.partition("\n")[0]
    table = "\nAll;2025-01-01;2025-12-31;{};EUR;;\n"
    assert (await bring(emplette, acme, tmp_path, heads + table.format(10))).code == 0
    done = await bring(emplette, acme, tmp_path, heads + table.format(20))
    assert done.code == 1
    assert "is there with 10.00 EUR: correct it" in done.err[0]
