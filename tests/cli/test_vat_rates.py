"""VAT rates from the command line: looked up, added and ended for one company, and never changed under a document."""

from datetime import date

import msgspec
import pytest

from emplette.domain.people import Tenant
from emplette.domain.taxes import ApplicableRate
from emplette.domain.territories import territory
from emplette.services.vat_table import VatTable
from emplette.storage.database import Database
from tests.cli.conftest import Said, Type
from tests.cli.events import events_of
from tests.fixtures.database import OwnerConnection

FIRST_OWN = 1_000_000_000


async def add(emplette: Type, tenant: Tenant, place: str, kind: str, percentage: str, *days: str) -> Said:
    words = ("--tenant", tenant.account, "--territory", place, "--type", kind, "--percentage", percentage)
    return await emplette("vat-rates", "add", *words, *days)


async def end(emplette: Type, tenant: Tenant, place: str, kind: str, last_day: str) -> Said:
    words = ("--tenant", tenant.account, "--territory", place, "--type", kind, "--to", last_day)
    return await emplette("vat-rates", "end", *words)


async def rates(database: Database, tenant: Tenant, place: str, on: date) -> list[ApplicableRate]:
    return await VatTable().rates_on(database.session(), tenant.id, territory=territory(place), on=on)


async def percentages(database: Database, tenant: Tenant, place: str, on: date) -> list[str]:
    return [str(known.rate.percentage) for known in await rates(database, tenant, place, on)]


# Looking them up --------------------------------------------------------------------------------------------


async def test_the_rates_of_a_day_come_with_their_laws(emplette: Type) -> None:
    shown = await emplette("vat-rates", "list", "--territory", "FR", "--date", "2013-12-31")
    assert shown.code == 0
    assert [line.split()[:3] for line in shown.out[1:]] == [
        ["45", "Normal", "19.6"],
        ["1", "Intermediate", "7"],
        ["2", "Reduced", "5.5"],
        ["3", "Super-reduced", "2.1"],
    ]
    assert all("CGI art." in line for line in shown.out[1:])


async def test_for_programs_they_are_numbers_with_their_first_and_last_days(emplette: Type) -> None:
    shown = await emplette("vat-rates", "list", "--territory", "EL", "--date", "2014-01-01", "--json")
    first = msgspec.json.decode(shown.out[0])[0]
    assert first["rateType"] == {"id": 2301, "name": "Normal", "territoryId": "GR"}
    assert (first["percentage"], first["from"], first["to"]) == (0.23, "2010-07-01", "2016-05-31")


async def test_a_territory_without_rates_is_told_in_words(emplette: Type) -> None:
    shown = await emplette("vat-rates", "list", "--territory", "YT", "--date", "2025-04-14")
    assert (shown.code, shown.out) == (0, [])
    assert shown.err[-1] == ("emplette: YT has no rates on 2025-04-14; `emplette vat-rates add` gives a company some")
    for_programs = await emplette("vat-rates", "list", "--territory", "YT", "--json")
    assert for_programs.out == ["[]"]


async def test_a_territory_that_is_none_is_refused(emplette: Type, acme: Tenant) -> None:
    for words in ((), ("--tenant", acme.account)):
        refused = await emplette("vat-rates", "list", "--territory", "ZZ", *words)
        assert (refused.code, refused.err[0][:24]) == (1, "emplette: --territory: I")


async def test_a_day_that_is_none_is_not_understood(emplette: Type) -> None:
    assert (await emplette("vat-rates", "list", "--territory", "FR", "--date", "2025-02-30")).code == 2


# Adding -----------------------------------------------------------------------------------------------------


async def test_a_rate_to_come_counts_from_its_first_day_for_this_company_alone(
    emplette: Type, acme: Tenant, database: Database, owner: OwnerConnection
) -> None:
    done = await add(emplette, acme, "FR", "Normal", "0.21", "--from", "2027-01-01", "--to", "2027-12-31")
    assert (done.code, done.err) == (
        0,
        [f"emplette: Normal (45) of FR is 21 % for {acme.account} from 2027-01-01 up to and with 2027-12-31"],
    )
    days = (date(2026, 12, 31), date(2027, 1, 1), date(2027, 12, 31), date(2028, 1, 1))
    assert [(await percentages(database, acme, "FR", day))[0] for day in days] == ["0.2", "0.21", "0.21", "0.2"]
    others = await owner.fetchval("SELECT min(tenant_id) FROM tenants WHERE tenant_id <> $1", acme.id)
    known = await VatTable().rates_on(database.session(), others, territory=territory("FR"), on=days[1])
    assert str(known[0].rate.percentage) == "0.2"


async def test_a_name_that_no_type_has_makes_one(emplette: Type, acme: Tenant, database: Database) -> None:
    made = await add(emplette, acme, "NO", "Normal", "0.25", "--from", "2005-01-01")
    assert made.err == [
        f"emplette: made type {FIRST_OWN}, Normal of NO, for {acme.account}",
        f"emplette: Normal ({FIRST_OWN}) of NO is 25 % for {acme.account} from 2005-01-01",
    ]
    again = await add(emplette, acme, "NO", str(FIRST_OWN), "0.26", "--from", "2027-01-01")
    assert again.err == [f"emplette: Normal ({FIRST_OWN}) of NO is 26 % for {acme.account} from 2027-01-01"]
    (found,) = await rates(database, acme, "NO", date(2027, 1, 1))
    assert (found.rate.rate_type.id, str(found.rate.percentage)) == (FIRST_OWN, "0.26")
    shown = await emplette("vat-rates", "list", "--territory", "NO", "--date", "2026-01-01", "--tenant", acme.account)
    assert shown.out[1].split() == [str(FIRST_OWN), "Normal", "25", "2005-01-01", "2026-12-31", *_set_by(acme)]


def _set_by(tenant: Tenant) -> list[str]:
    return ["set", "by", tenant.account]


async def test_what_is_added_and_ended_is_written_down(emplette: Type, acme: Tenant, owner: OwnerConnection) -> None:
    await add(emplette, acme, "NO", "Normal", "0.25", "--from", "2005-01-01")
    await end(emplette, acme, "NO", "normal", "2026-12-31")
    added, ended = (await events_of(owner, acme.id))[-2:]
    assert [(one.type, one.object_id, one.actor, one.is_to_be_sealed) for one in (added, ended)] == [
        ("tenant.vat_rate_added", acme.id, "Command line", True),
        ("tenant.vat_rate_ended", acme.id, "Command line", True),
    ]
    told = added.facts["rate"]
    assert (told["territory_id"], told["name"], told["rate_type_id"]) == ("NO", "Normal", FIRST_OWN)
    assert (told["percentage"], told["valid_from"], told["valid_to"]) == (0.25, "2005-01-01", None)
    assert (ended.facts["rate"]["percentage"], ended.facts["rate"]["valid_from"]) == (None, "2027-01-01")


async def test_every_fault_names_its_option(emplette: Type, acme: Tenant, owner: OwnerConnection) -> None:
    refused = await add(emplette, acme, "FR", "4711", "20", "--from", "2027-01-02", "--to", "2027-01-01")
    assert refused.code == 1
    assert [line.split(":")[1].strip() for line in refused.err] == ["--percentage", "--to", "--type"]
    refused = await add(emplette, acme, "ZZ", "Normal", "0.2", "--from", "2027-01-01")
    assert [line.split(":")[1].strip() for line in refused.err] == ["--territory"]
    assert await owner.fetchval("SELECT count(*) FROM tenant_vat_rates WHERE tenant_id = $1", acme.id) == 0


# Ending -----------------------------------------------------------------------------------------------------


async def test_an_ended_rate_counts_on_its_last_day_and_no_longer_after(
    emplette: Type, acme: Tenant, database: Database
) -> None:
    done = await end(emplette, acme, "FR", "Super-reduced", "2026-12-31")
    assert done.err == [f"emplette: Super-reduced (3) of FR, 2.1 %, ends for {acme.account} with 2026-12-31"]
    assert "0.021" in await percentages(database, acme, "FR", date(2026, 12, 31))
    assert "0.021" not in await percentages(database, acme, "FR", date(2027, 1, 1))


async def test_a_rate_that_begins_later_stays(emplette: Type, acme: Tenant, database: Database) -> None:
    await end(emplette, acme, "DE", "1701", "2019-12-31")
    assert await percentages(database, acme, "DE", date(2020, 6, 30)) == ["0.07"]
    assert await percentages(database, acme, "DE", date(2020, 7, 1)) == ["0.16", "0.05"]


async def test_what_was_ended_by_mistake_is_added_again(emplette: Type, acme: Tenant, database: Database) -> None:
    await end(emplette, acme, "FR", "Normal", "2026-12-31")
    await add(emplette, acme, "FR", "Normal", "0.2", "--from", "2027-01-01")
    assert (await percentages(database, acme, "FR", date(2027, 1, 1)))[0] == "0.2"


@pytest.mark.parametrize(
    ("place", "kind", "last_day", "option", "reason"),
    [
        ("FR", "Special", "2026-12-31", "--type", "it has 45 (Normal), 1 (Intermediate)"),
        ("NO", "Normal", "2026-12-31", "--type", "it has none"),
        ("FR", "Intermediate", "2010-12-31", "--to", "there is nothing to end"),
        ("FR", "Normal", "9999-12-31", "--to", "there is nothing to end"),
        ("ZZ", "Normal", "2026-12-31", "--territory", "Is no known territory"),
    ],
)
async def test_what_is_not_there_can_not_be_ended(
    emplette: Type, acme: Tenant, place: str, kind: str, last_day: str, option: str, reason: str
) -> None:
    refused = await end(emplette, acme, place, kind, last_day)
    assert refused.code == 1
    assert refused.err[0].startswith(f"emplette: {option}: ")
    assert reason in refused.err[0]


# Recovery ---------------------------------------------------------------------------------------------------


async def recover(emplette: Type, tenant: Tenant, kind: str, family: str, coefficient: str) -> Said:
    words = ("--rate-type", kind, "--cost-family", family, "--coefficient", coefficient)
    return await emplette("recovery-rules", "set", "--tenant", tenant.account, *words)


@pytest.fixture
async def cars(acme: Tenant, owner: OwnerConnection) -> int:
    await owner.execute("INSERT INTO cost_families VALUES ($1, 7, 'Cars')", acme.id)
    return 7


@pytest.mark.parametrize("place", ["FR", "NO"])
async def test_a_recovery_rule_is_set_and_set_again_for_what_is_shipped_and_for_ones_own(
    emplette: Type, acme: Tenant, cars: int, database: Database, owner: OwnerConnection, place: str
) -> None:
    await add(emplette, acme, "NO", "Normal", "0.25", "--from", "2005-01-01")
    (found, *_) = await rates(database, acme, place, date(2026, 1, 1))
    kind = found.rate.rate_type
    await recover(emplette, acme, str(kind.id), str(cars), "0.5")
    done = await recover(emplette, acme, str(kind.id), str(cars), "0.8")
    assert done.err == [f"emplette: {acme.account} gets back 80 % of Normal ({kind.id}) of {place} for Cars"]
    (found, *_) = await rates(database, acme, place, date(2026, 1, 1))
    assert [(rule.cost_family_id, str(rule.coefficient)) for rule in found.recovery_rules] == [(cars, "0.8")]
    written = (await events_of(owner, acme.id))[-1]
    assert (written.type, written.facts["rule"]["coefficient"]) == ("tenant.recovery_rule_set", 0.8)


async def test_faults_of_a_recovery_rule_name_their_options(emplette: Type, acme: Tenant, cars: int) -> None:
    refused = await recover(emplette, acme, "4711", str(cars + 1), "1.5")
    assert refused.code == 1
    assert [line.split(":")[1].strip() for line in refused.err] == ["--rate-type", "--cost-family", "--coefficient"]
    assert "there are 7 (Cars)" in refused.err[1]
