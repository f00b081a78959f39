"""A company's own exchange rate is set as a refusal says, and every fault names its option."""

import re
import shlex
from datetime import date
from decimal import Decimal

import pytest

from emplette.domain.currencies import CURRENCIES, EUR
from emplette.domain.exchange_rates import ExchangeRateMissing
from emplette.domain.people import Tenant
from emplette.services.conversions import Rates
from emplette.storage.database import Database
from tests.cli.conftest import Type
from tests.cli.events import events_of
from tests.fixtures.database import OwnerConnection

MAD = CURRENCIES["MAD"]
DAY = date(2025, 4, 14)


async def test_the_command_that_a_refusal_names_loads_what_is_missing(
    emplette: Type, acme: Tenant, database: Database
) -> None:
    async def convert() -> Decimal:
        found = await Rates().conversion(database.session(), acme.id, MAD, EUR, on=DAY, today=DAY, path="currency")
        return found.rate

    with pytest.raises(ExchangeRateMissing) as refusal:
        await convert()
    named = re.search(r"`emplette (.*?)`", refusal.value.detail)
    assert named is not None
    command = named[1].replace("ACCOUNT", acme.account).replace("RATE", "10.6205")
    done = await emplette(*shlex.split(command))
    assert (done.code, done.err) == (0, [f"emplette: 1 EUR is 10.6205 MAD for {acme.account} on 2025-04-14"])
    assert await convert() == Decimal("0.0941575255402")


async def test_setting_is_written_down(emplette: Type, acme: Tenant, owner: OwnerConnection) -> None:
    words = ("--tenant", acme.account, "--currency", "MAD", "--date", "2025-04-14", "--rate", "10.6205")
    await emplette("exchange-rates", "set", *words)
    written = (await events_of(owner, acme.id))[-1]
    assert (written.type, written.object_id, written.actor) == ("tenant.exchange_rate_set", acme.id, "Command line")
    told = written.facts["rate"]
    assert (told["currency"], told["date"], told["rate"]) == ("MAD", "2025-04-14", 10.6205)
    assert written.is_to_be_sealed


async def test_faults_name_their_options(emplette: Type, acme: Tenant) -> None:
    words = ("--tenant", acme.account, "--currency", "EUR", "--date", "2025-04-14", "--rate", "-1")
    refused = await emplette("exchange-rates", "set", *words)
    assert refused.code == 1
    assert [line.split(":")[1].strip() for line in refused.err] == ["--currency", "--rate"]


@pytest.mark.parametrize(("day", "rate"), [("2025-02-30", "10"), ("2025-04-14", "ten")])
async def test_what_is_no_date_or_no_number_is_not_understood(
    emplette: Type, acme: Tenant, day: str, rate: str
) -> None:
    words = ("--tenant", acme.account, "--currency", "MAD", "--date", day, "--rate", rate)
    assert (await emplette("exchange-rates", "set", *words)).code == 2


async def test_a_rate_that_is_agreed_on_has_a_last_day(emplette: Type, acme: Tenant, database: Database) -> None:
    words = ("--tenant", acme.account, "--currency", "USD", "--date", "2025-01-01", "--rate", "1.25")
    done = await emplette("exchange-rates", "set", *words, "--until", "2025-12-31")
    assert done.err == [f"emplette: 1 EUR is 1.25 USD for {acme.account} from 2025-01-01 up to and with 2025-12-31"]
    usd = CURRENCIES["USD"]
    found = await Rates().conversion(database.session(), acme.id, EUR, usd, on=DAY, today=DAY, path="currency")
    assert found.rate == Decimal("1.25")
    refused = await emplette("exchange-rates", "set", *words, "--until", "2024-12-31")
    assert refused.err == ["emplette: --until: Must not be before 2025-01-01, the first day."]
