"""Changes that are too many for one statement: they take effect together, whichever batch of them stands in the way."""

from dataclasses import replace
from typing import Any

import pytest

from emplette.domain.cost_centers import CostCenter
from emplette.storage import changes, registers
from emplette.storage.changes import Change
from emplette.storage.cost_centers import COST_CENTERS
from emplette.storage.database import Database, Session, Together
from tests.fixtures.companies import Company
from tests.fixtures.database import Urls
from tests.storage.trying import author

MANY = 7


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "_BATCH", 2)


async def _write(db: Session, company: Company, wanted: list[Change[CostCenter]], told: list[int]) -> bool:
    async def finish(_: Together) -> None:
        """Say nothing more."""

    return await changes.write_many(
        db, company.tenant_id, COST_CENTERS, wanted, author=author(), tell=told.append, finish=finish
    )


async def _made(db: Session, company: Company) -> list[CostCenter]:
    new = [CostCenter(id=100 + number, name=f"Center {number}", code=f"C{number}") for number in range(MANY)]
    told: list[int] = []
    assert await _write(db, company, [Change(None, center) for center in reversed(new)], told)
    assert told == [2, 4, 6, 7]
    return new


async def _kept(db: Session, company: Company) -> list[CostCenter]:
    found: list[Any] = await registers.find_every(db, company.tenant_id, COST_CENTERS)
    return [center for center in found if center.id >= 100]


async def test_all_batches_take_effect(company: Company, database: Database) -> None:
    db = database.session()
    made = await _made(db, company)
    assert await _kept(db, company) == made
    count = "SELECT count(*) FROM events e JOIN unsealed USING (tenant_id, event_id) WHERE tenant_id = $1 AND type = $2"
    assert await company.owner.fetchval(count, company.tenant_id, "cost_center.created") == MANY


async def test_codes_change_hands_between_batches(company: Company, database: Database) -> None:
    db = database.session()
    made = await _made(db, company)
    codes = [center.code for center in reversed(made)]
    swapped = [replace(center, code=code, version=2) for center, code in zip(made, codes, strict=True)]
    assert await _write(db, company, [Change(old, new) for old, new in zip(made, swapped, strict=True)], [])
    assert await _kept(db, company) == swapped


@pytest.mark.parametrize("position", [0, MANY // 2, MANY - 1])
async def test_an_entry_that_changed_meanwhile_stops_all_batches(
    company: Company, database: Database, position: int
) -> None:
    db = database.session()
    made = await _made(db, company)
    raised = "UPDATE cost_centers SET version = 9 WHERE tenant_id = $1 AND cost_center_id = $2"
    await company.owner.execute(raised, company.tenant_id, made[position].id)
    wanted = [Change(center, replace(center, name="Other", version=2)) for center in made]
    assert not await _write(db, company, wanted, [])
    assert {center.name for center in await _kept(db, company)} == {center.name for center in made}


@pytest.mark.parametrize("code", ["C0", "C6"])
async def test_a_code_that_is_taken_stops_all_batches(company: Company, database: Database, code: str) -> None:
    db = database.session()
    made = await _made(db, company)
    new = [CostCenter(id=200 + number, name="New", code=f"N{number}") for number in range(MANY)]
    new[MANY // 2] = replace(new[MANY // 2], code=code)
    assert not await _write(db, company, [Change(None, center) for center in new], [])
    assert await _kept(db, company) == made


async def test_a_table_that_an_update_has_changed_meanwhile_is_read_anew(migrated: Urls) -> None:
    database = await Database.connect(migrated.owner, size=1)
    db = database.session()

    async def say(together: Together) -> bool:
        return await together.write("SELECT * FROM pg_temp.shelf") == []

    await db.write("CREATE TEMPORARY TABLE shelf (book text)")
    assert await db.together(say)
    await db.write("ALTER TABLE pg_temp.shelf ADD COLUMN author text")
    assert not await db.together(say)
    assert await db.together(say)
    await database.close()
