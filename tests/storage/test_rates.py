"""Rates on a real database: seeded once, looked up in one statement, and a company's own for nobody else."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from emplette.domain.currencies import CURRENCIES, EUR, Currency
from emplette.domain.errors import Invalid
from emplette.domain.exchange_rates import ExchangeRateMissing
from emplette.domain.money import Conversion
from emplette.domain.taxes import RecoveryRule
from emplette.domain.territories import territory
from emplette.runtime.cluster import SERVING_ROLE
from emplette.runtime.embedded import EmbeddedPostgres
from emplette.services import conversions, exchange_rates, taxes
from emplette.services.conversions import Rates
from emplette.services.exchange_rates import set_rate
from emplette.services.vat_table import VatTable
from emplette.storage.database import Database, Session
from emplette.storage.migrate import migrate

USD, CHF, MAD, HRK = (CURRENCIES[code] for code in ("USD", "CHF", "MAD", "HRK"))
TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
OURS, RIVAL = 7, 8
FIELD = "currency"


@pytest.fixture(scope="module")
def postgres() -> Iterator[EmbeddedPostgres]:
    # Below /var/tmp, which PostgreSQL's own user can reach when the tests run as root.
    folder = Path(tempfile.mkdtemp(dir="/var/tmp"))
    folder.chmod(0o755)
    with EmbeddedPostgres(folder / "data", durable=False) as server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture(scope="module")
async def owner(postgres: EmbeddedPostgres) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(postgres.owner_url)
    await migrate(connection, serving_role=SERVING_ROLE)
    assert await exchange_rates.seed_rates(connection)
    assert await taxes.seed_rates(connection)
    for tenant in (OURS, RIVAL):
        await connection.execute(
            "INSERT INTO tenants (tenant_id, account, name, time_zone, currency, country) "
            "VALUES ($1, $2, 'A company', 'Europe/Paris', 'EUR', 'FR')",
            tenant,
            f"company-{tenant}",
        )
        await connection.execute("INSERT INTO cost_families VALUES ($1, 1, 'Cars')", tenant)
    yield connection
    await connection.close()


@pytest_asyncio.fixture
async def db(postgres: EmbeddedPostgres, owner: "asyncpg.Connection[asyncpg.Record]") -> AsyncIterator[Session]:
    await owner.execute("DELETE FROM tenant_exchange_rates; DELETE FROM recovery_rules")
    database = await Database.connect(postgres.url, size=2)
    yield database.session()
    await database.close()


async def convert(db: Session, base: Currency, counter: Currency, on: date, *, tenant: int = OURS) -> Conversion:
    return await Rates().conversion(db, tenant, base, counter, on=on, today=TODAY, path=FIELD)


async def set_own(db: Session, currency: str, on: date, rate: str) -> None:
    await set_rate(db, OURS, currency=currency, on=on, rate=Decimal(rate), set_by="a test", now=NOW)


async def agree(db: Session, currency: str, on: date, rate: str, *, until: date) -> None:
    await set_rate(db, OURS, currency=currency, on=on, rate=Decimal(rate), set_by="a test", now=NOW, until=until)


# Seeds ------------------------------------------------------------------------------------------------------


async def test_a_start_loads_nothing_that_is_loaded(owner: "asyncpg.Connection[asyncpg.Record]") -> None:
    assert not await exchange_rates.seed_rates(owner)
    assert not await taxes.seed_rates(owner)


async def test_another_edition_adds_and_corrects_and_loses_nothing(
    owner: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    counted = "SELECT count(*) FROM exchange_rates"
    before = await owner.fetchval(counted)
    await owner.execute("DELETE FROM exchange_rates WHERE date > '2026-01-01'")
    await owner.execute("UPDATE exchange_rates SET rate = 1 WHERE date = '2025-04-14'")
    await owner.execute("INSERT INTO exchange_rates VALUES ('MAD', '1999-01-01', 10, 'somebody')")
    await owner.execute("UPDATE vat_rates SET percentage = 0.9")
    await owner.execute("UPDATE seeds SET version = 'an older one'")

    assert await exchange_rates.seed_rates(owner)
    assert await taxes.seed_rates(owner)

    assert await owner.fetchval(counted) == before + 1
    assert await owner.fetchval("SELECT rate FROM exchange_rates WHERE (currency, date) = ('USD', '2025-04-14')") > 1
    assert await owner.fetchval("SELECT percentage FROM vat_rates WHERE rate_id = 1") == Decimal("0.2")
    await owner.execute("DELETE FROM exchange_rates WHERE source = 'somebody'")


async def test_an_older_edition_adds_what_is_missing_and_corrects_nothing(
    owner: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    one = "SELECT rate FROM exchange_rates WHERE (currency, date) = ('USD', $1)"
    april, may = date(2025, 4, 14), date(2025, 5, 14)
    published = await owner.fetchval(one, april), await owner.fetchval(one, may)
    async with owner.transaction():
        # The bank has published a day after the shipped edition ends, with a rate of April that it had corrected.
        await owner.execute("INSERT INTO exchange_rates SELECT 'USD', max(date) + 1, 2, 'ECB' FROM exchange_rates")
        await owner.execute("UPDATE exchange_rates SET rate = 9 WHERE date = $1", april)
        await owner.execute("DELETE FROM exchange_rates WHERE date = $1", may)
        await owner.execute("UPDATE seeds SET version = 'another one' WHERE name = 'exchange_rates'")
    assert await exchange_rates.seed_rates(owner)
    assert (await owner.fetchval(one, april), await owner.fetchval(one, may)) == (9, published[1])
    await owner.execute("DELETE FROM exchange_rates WHERE rate = 2 AND date = (SELECT max(date) FROM exchange_rates)")
    await owner.execute("UPDATE seeds SET version = 'another one' WHERE name = 'exchange_rates'")
    assert await exchange_rates.seed_rates(owner)
    assert await owner.fetchval(one, april) == published[0]


def own_rate(values: str, to: str = "NULL") -> str:
    columns = "tenant_id, rate_id, rate_type_id, percentage, valid_from, valid_to, set_at"
    return f"INSERT INTO tenant_vat_rates ({columns}) VALUES (7, {values}, '2026-01-01', {to}, now())"  # noqa: S608


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("INSERT INTO exchange_rates VALUES ('USD', '1998-01-01', 0, 'x')", "exchange_rates_rate_positive"),
        ("INSERT INTO exchange_rates VALUES ('EUR', '1998-01-01', 1, 'x')", "exchange_rates_not_euro"),
        ("UPDATE vat_rates SET percentage = 20", "vat_rates_percentage_fraction"),
        ("UPDATE vat_rates SET valid_to = valid_from", "vat_rates_ends_after_start"),
        ("INSERT INTO recovery_rules VALUES (7, 45, 1, 1.1)", "recovery_rules_coefficient_fraction"),
        ("INSERT INTO recovery_rules VALUES (7, 9999, 1, 1)", "recovery_rules_type_exists"),
        ("INSERT INTO recovery_rules VALUES (7, 45, 9, 1)", "recovery_rules_cost_family_exists"),
        ("INSERT INTO recovery_rules VALUES (7, 1000000007, 1, 1)", "recovery_rules_own_type_exists"),
        (own_rate("1500000000, 9999, 0.2"), "tenant_vat_rates_shipped_type_exists"),
        (own_rate("1500000000, 1000000007, 0.2"), "tenant_vat_rates_own_type_exists"),
        (own_rate("1500000000, 45, 20"), "tenant_vat_rates_percentage_fraction"),
        (own_rate("1, 45, 0.2"), "tenant_vat_rates_id_own"),
        (own_rate("1500000000, 45, 0.2", to="'2026-01-01'"), "tenant_vat_rates_ends_after_start"),
        ("INSERT INTO tenant_vat_rate_types VALUES (7, 45, 'NO', 'Normal')", "tenant_vat_rate_types_id_own"),
        (
            "INSERT INTO tenant_exchange_rates VALUES (7, 'MAD', '2026-01-01', 10, 'x', now(), '2025-12-31')",
            "tenant_exchange_rates_until_after_date",
        ),
    ],
)
async def test_the_database_keeps_its_own_promises_about_rates(
    owner: "asyncpg.Connection[asyncpg.Record]", statement: str, constraint: str
) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError) as refusal:
        await owner.execute(statement)
    assert refusal.value.as_dict()["constraint_name"] == constraint


# Exchange ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "of"),
    [
        (date(2025, 4, 14), date(2025, 4, 14)),
        (date(2025, 4, 13), date(2025, 4, 11)),
        (date(2025, 4, 21), date(2025, 4, 17)),
        (date(1999, 1, 4), date(1999, 1, 4)),
    ],
)
async def test_the_rate_is_that_of_the_day_or_the_last_one_before(db: Session, on: date, of: date) -> None:
    assert (await convert(db, USD, EUR, on)).rate_date == of


async def test_the_rate_of_a_day_to_come_is_the_last_one_known(db: Session) -> None:
    newest = await convert(db, USD, EUR, TODAY)
    assert await convert(db, USD, EUR, date(2030, 1, 1)) == newest


async def test_an_ended_currency_is_converted_while_it_was_money(db: Session) -> None:
    found = await convert(db, HRK, EUR, date(2022, 12, 31))
    assert (found.rate, found.rate_date) == (Decimal("0.132687587076"), date(2022, 12, 30))


@pytest.mark.parametrize("base", [MAD, HRK])
async def test_a_currency_without_a_rate_of_the_time_is_refused(db: Session, base: Currency) -> None:
    with pytest.raises(ExchangeRateMissing):
        await convert(db, base, EUR, date(2025, 4, 14))


async def test_before_the_euro_there_were_no_rates(db: Session) -> None:
    with pytest.raises(ExchangeRateMissing):
        await convert(db, USD, EUR, date(1999, 1, 3))


async def test_a_company_sets_what_no_bank_publishes_and_no_other_company_sees_it(db: Session) -> None:
    await set_own(db, "MAD", date(2025, 4, 1), "10.8")
    found = await convert(db, MAD, CHF, date(2025, 4, 14))
    assert found.rate_date == date(2025, 4, 1)
    with pytest.raises(ExchangeRateMissing):
        await convert(db, MAD, CHF, date(2025, 4, 14), tenant=RIVAL)


async def test_a_companys_own_rate_counts_on_its_day_until_the_bank_publishes_a_newer_one(db: Session) -> None:
    published = await convert(db, EUR, USD, date(2025, 4, 11))
    await set_own(db, "USD", date(2025, 4, 11), "1.5")
    assert (await convert(db, EUR, USD, date(2025, 4, 10))).rate_date == date(2025, 4, 10)
    assert (await convert(db, EUR, USD, date(2025, 4, 11))).rate == Decimal("1.5")
    assert (await convert(db, EUR, USD, date(2025, 4, 13))).rate == Decimal("1.5")
    assert (await convert(db, EUR, USD, date(2025, 4, 14))).rate_date == date(2025, 4, 14)
    assert await convert(db, EUR, USD, date(2025, 4, 11), tenant=RIVAL) == published


async def test_a_rate_that_is_set_again_replaces_the_first(db: Session) -> None:
    await set_own(db, "MAD", date(2025, 4, 1), "10.8")
    await set_own(db, "MAD", date(2025, 4, 1), "10.9")
    assert (await convert(db, EUR, MAD, date(2025, 4, 1))).rate == Decimal("10.9")


async def test_a_companys_own_rate_grows_too_old_like_any_other(db: Session) -> None:
    await set_own(db, "MAD", date(2025, 4, 1), "10.8")
    assert (await convert(db, EUR, MAD, date(2025, 5, 6))).rate == Decimal("10.8")
    with pytest.raises(ExchangeRateMissing, match="The last exchange rate of MAD is that of 2025-04-01"):
        await convert(db, EUR, MAD, date(2025, 5, 7))


async def test_an_agreed_rate_counts_on_all_of_its_days_whatever_is_published(db: Session) -> None:
    await agree(db, "USD", date(2025, 1, 1), "1.25", until=date(2025, 12, 31))
    for day in (date(2025, 1, 1), date(2025, 4, 14), date(2025, 12, 31)):
        found = await convert(db, EUR, USD, day)
        assert (found.rate, found.rate_date) == (Decimal("1.25"), date(2025, 1, 1))
    assert (await convert(db, EUR, USD, date(2024, 12, 31))).rate_date == date(2024, 12, 31)
    assert (await convert(db, EUR, USD, date(2026, 1, 2))).rate_date == date(2026, 1, 2)
    assert (await convert(db, EUR, USD, date(2025, 4, 14), tenant=RIVAL)).rate_date == date(2025, 4, 14)


async def test_of_two_agreed_rates_the_one_that_begins_later_counts_and_a_days_own_counts_after_both(
    db: Session,
) -> None:
    await agree(db, "MAD", date(2025, 1, 1), "10.5", until=date(2025, 12, 31))
    await agree(db, "MAD", date(2025, 4, 1), "10.7", until=date(2025, 4, 30))
    await set_own(db, "MAD", date(2025, 4, 14), "99")
    days = (date(2025, 3, 31), date(2025, 4, 1), date(2025, 4, 14), date(2025, 4, 30), date(2025, 5, 1))
    rates = [(await convert(db, EUR, MAD, day)).rate for day in days]
    assert rates == [Decimal(rate) for rate in ("10.5", "10.7", "10.7", "10.7", "10.5")]


async def test_after_its_last_day_an_agreed_rate_is_not_used_any_more(db: Session) -> None:
    await agree(db, "MAD", date(2025, 1, 1), "10.5", until=date(2025, 4, 14))
    assert (await convert(db, EUR, MAD, date(2025, 4, 14))).rate == Decimal("10.5")
    with pytest.raises(ExchangeRateMissing, match="No exchange rate of MAD is known on or before 2025-04-15"):
        await convert(db, EUR, MAD, date(2025, 4, 15))


async def test_an_agreed_rate_is_set_again_by_its_first_day(db: Session) -> None:
    await agree(db, "MAD", date(2025, 1, 1), "10.5", until=date(2025, 12, 31))
    await set_own(db, "MAD", date(2025, 1, 1), "10.6")
    assert (await convert(db, EUR, MAD, date(2025, 1, 31))).rate == Decimal("10.6")
    with pytest.raises(ExchangeRateMissing):
        await convert(db, EUR, MAD, date(2025, 4, 14))


async def test_a_last_day_is_not_before_the_first(db: Session) -> None:
    with pytest.raises(Invalid) as refusal:
        await agree(db, "MAD", date(2025, 4, 14), "10.5", until=date(2025, 4, 13))
    assert list(refusal.value.faults) == ["until"]


async def test_a_rate_that_can_not_be_is_refused_and_not_written(
    db: Session, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    with pytest.raises(Invalid) as refusal:
        await set_own(db, "EUR", date(2025, 4, 1), "0")
    assert list(refusal.value.faults) == ["currency", "rate"]
    assert await owner.fetchval("SELECT count(*) FROM tenant_exchange_rates") == 0


async def test_a_conversion_is_one_look_up_and_none_for_four_seconds_after(db: Session) -> None:
    seconds = 0
    rates = Rates(clock=lambda: seconds * 1_000_000_000)
    looked_up = []
    for seconds in (0, 3, 4, 7, 8):  # noqa: B007  (the clock reads it)
        await rates.conversion(db, OURS, USD, CHF, on=date(2025, 4, 14), today=TODAY, path=FIELD)
        looked_up.append(db.statements)
    assert looked_up == [1, 1, 2, 2, 3]


async def test_that_there_is_no_rate_is_not_remembered(db: Session) -> None:
    rates = Rates()
    with pytest.raises(ExchangeRateMissing):
        await rates.conversion(db, OURS, MAD, EUR, on=date(2025, 4, 14), today=TODAY, path=FIELD)
    await set_own(db, "MAD", date(2025, 4, 14), "10.8")
    found = await rates.conversion(db, OURS, MAD, EUR, on=date(2025, 4, 14), today=TODAY, path=FIELD)
    assert found.rate_date == date(2025, 4, 14)


async def test_what_is_kept_does_not_grow_for_ever(db: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversions, "_MOST_KEPT", 2)
    rates = Rates()
    for day in (14, 15, 16):
        await rates.conversion(db, OURS, USD, EUR, on=date(2025, 4, day), today=TODAY, path=FIELD)
    assert len(rates._kept) == 1


async def test_nothing_is_asked_about_one_currency(db: Session) -> None:
    assert (await convert(db, MAD, MAD, TODAY)).rate == 1
    assert db.statements == 0


async def test_those_who_run_it_are_warned_when_the_rates_are_behind(db: Session) -> None:
    assert await exchange_rates.rates_behind(db, today=TODAY) is None
    warning = await exchange_rates.rates_behind(db, today=date(2028, 1, 1))
    assert warning is not None
    assert "are loaded until 202" in warning


# Taxes ------------------------------------------------------------------------------------------------------


async def test_the_rates_of_a_place_and_day_come_with_the_companys_own_rules(
    db: Session, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await owner.execute("INSERT INTO recovery_rules VALUES ($1, 45, 1, 0.8)", OURS)
    ours = await VatTable().rates_on(db, OURS, territory=territory("FR"), on=date(2025, 1, 1))
    theirs = await VatTable().rates_on(db, RIVAL, territory=territory("FR"), on=date(2025, 1, 1))
    assert [(known.rate.id, str(known.rate.percentage)) for known in ours] == [
        (1, "0.2"),
        (4, "0.1"),
        (5, "0.055"),
        (6, "0.021"),
    ]
    assert ours[0].recovery_rules == (RecoveryRule(45, 1, Decimal("0.8")),)
    assert [known.recovery_rules for known in (*ours[1:], *theirs)] == [()] * 7


async def test_a_known_place_without_rates_has_none(db: Session) -> None:
    assert await VatTable().rates_on(db, OURS, territory=territory("GF"), on=date(2025, 1, 1)) == []


async def test_the_types_that_a_line_may_name_are_looked_up_once(db: Session) -> None:
    vat = VatTable()
    valid = await vat.rate_types_valid(db, OURS, days=[date(2025, 1, 1)], territory_ids=["FR", "GP"])
    again = await vat.rate_types_valid(db, OURS, days=[date(2011, 1, 1)], territory_ids=["FR"])
    assert set(valid) == {45, 1, 2, 3, 4, 5, 6, 7}
    assert set(again) == {45, 2, 3}
    assert db.statements == 2


async def test_the_table_of_the_law_is_looked_up_once_for_all_companies(
    db: Session, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await owner.execute("INSERT INTO recovery_rules VALUES ($1, 45, 1, 0.8)", OURS)
    seconds = 0
    vat = VatTable(clock=lambda: seconds * 1_000_000_000)
    looked_up = []
    for seconds in (0, 3, 4):  # noqa: B007  (the clock reads it)
        for tenant in (OURS, RIVAL):
            await vat.rates_on(db, tenant, territory=territory("DE"), on=date(2025, 1, 1))
            looked_up.append(db.statements)
    assert looked_up == [2, 3, 3, 3, 5, 6]
    ours, theirs = (vat._kept[tenant][1] for tenant in (OURS, RIVAL))
    assert ours["DE"] is theirs["DE"]
    assert ours["FR"] is not theirs["FR"]
