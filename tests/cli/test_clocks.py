"""The clock of a company for trials is moved from the command line; any other company's is the world's."""

import json
from datetime import UTC, datetime, timedelta

import pytest_asyncio

from emplette.domain.people import Tenant
from emplette.storage.database import Database
from emplette.storage.people import tenant_of_account
from tests.cli.conftest import Type
from tests.cli.events import events_of
from tests.fixtures.database import OwnerConnection


@pytest_asyncio.fixture
async def trial(emplette: Type, acme: Tenant, database: Database) -> Tenant:
    """Make a company whose clock can be moved."""
    account = f"{acme.account}-trial"
    words = ("tenant", "create", account, "--host", f"{account}.test", "--name", "Trial", "--movable-clock")
    assert (await emplette(*words)).code == 0
    made = await tenant_of_account(database.session(), account)
    assert made is not None
    return made


async def test_a_clock_is_moved_on_and_on_and_set_back_to_the_worlds(
    emplette: Type, trial: Tenant, database: Database, owner: OwnerConnection
) -> None:
    for by, ahead in (("30d", "30 days"), ("12h", "30 days, 12 hours")):
        told = await emplette("clock", "move", "--by", by, "--tenant", trial.account)
        assert (told.code, told.err) == (0, [f"emplette: the clock of {trial.account} is {ahead} ahead of the world's"])
    moved = await tenant_of_account(database.session(), trial.account)
    assert moved is not None
    assert moved.ahead == timedelta(days=30, hours=12)
    shown = json.loads((await emplette("clock", "show", "--tenant", trial.account, "--json")).out[0])
    assert shown["aheadSeconds"] == moved.ahead.total_seconds()
    assert datetime.fromisoformat(shown["now"]) > datetime.now(UTC) + timedelta(days=30)

    reset = await emplette("clock", "reset", "--tenant", trial.account)
    assert (reset.code, reset.err) == (0, [f"emplette: the clock of {trial.account} is the world's"])
    moves = [event for event in await events_of(owner, trial.id) if event.type == "tenant.clock_moved"]
    seconds = [event.facts["tenant"]["clock_ahead_seconds"] for event in moves]
    assert seconds == [30 * 86_400, 30 * 86_400 + 12 * 3_600, 0]


async def test_a_day_to_move_to_begins_where_the_company_is(emplette: Type, trial: Tenant) -> None:
    day = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
    moved = await emplette("clock", "move", "--to", day, "--tenant", trial.account)
    assert moved.code == 0, moved.err
    assert moved.out[0].startswith(f"{day}T00:0")


async def test_a_clock_goes_on_and_never_back_before_the_worlds(emplette: Type, trial: Tenant) -> None:
    for words, option in ((("--to", "2020-01-01"), "--to"), (("--by", "36526d"), "--by"), ((), "--to")):
        refused = await emplette("clock", "move", *words, "--tenant", trial.account)
        assert refused.code == 1
        assert option in refused.err[0]


async def test_the_clock_of_a_company_that_is_no_trial_stays(emplette: Type, acme: Tenant) -> None:
    refused = await emplette("clock", "move", "--by", "1d", "--tenant", acme.account)
    assert refused.code == 1
    assert "--movable-clock" in refused.err[0]
