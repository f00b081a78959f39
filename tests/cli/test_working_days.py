"""On which days a company works is said at the command line, and stands in its log."""

import json

import pytest

from emplette.domain.people import Tenant
from emplette.storage.database import Database
from emplette.storage.people import tenant_of_account
from tests.cli.conftest import Type
from tests.cli.events import events_of
from tests.fixtures.database import OwnerConnection


async def test_a_company_keeps_holidays_of_where_it_is_and_days_of_its_own(
    emplette: Type, acme: Tenant, database: Database, owner: OwnerConnection
) -> None:
    words = ("--holidays-of", "FR-57", "--weekdays", "1,2,3,4", "--day-off", "2031-12-24")
    answer = await emplette("working-days", "set", *words, "--tenant", acme.account)
    assert answer.code == 0, answer.err
    assert answer.err == [f"emplette: {acme.account} works on Mon, Tue, Wed, Thu; public holidays: FR-57"]
    after = await tenant_of_account(database.session(), acme.account)
    assert after is not None
    assert (sorted(after.calendar.weekdays), after.calendar.holidays_of) == ([1, 2, 3, 4], "FR-57")
    (told,) = [event for event in await events_of(owner, acme.id) if event.type == "tenant.working_days_set"]
    assert told.facts["tenant"] == {
        "working_weekdays": [1, 2, 3, 4],
        "holidays_of": "FR-57",
        "days_off": ["2031-12-24"],
    }
    shown = json.loads((await emplette("working-days", "show", "--tenant", acme.account, "--json")).out[0])
    assert (shown["weekdays"], shown["daysOff"]) == ([1, 2, 3, 4], ["2031-12-24"])
    assert shown["notWorkedOn"], "Easter Monday at least"


async def test_what_can_not_be_is_refused_by_its_field(emplette: Type, acme: Tenant) -> None:
    answer = await emplette("working-days", "set", "--holidays-of", "FR-XY", "--tenant", acme.account)
    assert answer.code == 1
    assert "FR has no such part with holidays of its own; it has FR-57" in " ".join(answer.err)
    answer = await emplette("working-days", "set", "--weekdays", "8", "--tenant", acme.account)
    assert answer.code == 1
    for words in (("--weekdays", "Monday"), ("--day-off", "Christmas")):
        assert (await emplette("working-days", "set", *words, "--tenant", acme.account)).code == 2


async def test_a_company_may_keep_no_holidays(emplette: Type, acme: Tenant) -> None:
    answer = await emplette("working-days", "set", "--holidays-of", "", "--no-days-off", "--tenant", acme.account)
    assert (answer.code, answer.out) == (0, [])
    assert answer.err[-1].endswith("public holidays: none")


async def test_days_off_and_none_of_them_are_not_said_at_once(emplette: Type, acme: Tenant) -> None:
    words = ("--no-days-off", "--day-off", "2031-12-24")
    told = await emplette("working-days", "set", *words, "--tenant", acme.account)
    assert (told.code, told.out) == (1, [])
    assert told.err == ["emplette: --no-days-off: Can't be said together with --day-off."]


@pytest.mark.parametrize(("option", "said"), [("--weekdays", ""), ("--day-off", "2031-13-24")])
async def test_what_is_no_day_is_said_with_its_option(emplette: Type, acme: Tenant, option: str, said: str) -> None:
    told = await emplette("working-days", "set", option, said, "--tenant", acme.account)
    assert told.code == 2
    assert f"Invalid value for '{option}'" in told.err[-1]
