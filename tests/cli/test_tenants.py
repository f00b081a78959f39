"""Companies are made from the command line, once, and every fault is said at once."""

import json
from pathlib import Path

from emplette.domain.parties import Conditions, Letterhead, PostalAddress
from emplette.domain.people import Tenant
from emplette.services.access import Access
from emplette.storage.database import Database
from emplette.storage.tenants import letterhead
from tests.cli.conftest import Type
from tests.cli.events import events_of
from tests.fixtures.database import OwnerConnection


async def test_a_company_answers_under_each_of_its_hosts(emplette: Type, database: Database) -> None:
    made = await emplette(
        *("tenant", "create", "helvetia", "--host", "helvetia.test", "--host", "H.Example.ch", "--name", "Helvetia"),
        *("--time-zone", "Europe/Zurich", "--currency", "CHF", "--country", "CH"),
    )
    assert (made.code, made.out) == (0, [])
    assert made.err == ["emplette: made helvetia, which answers under helvetia.test, h.example.ch"]
    found = [await Access(database).tenant_of_host(host) for host in ("helvetia.test", "h.example.ch")]
    assert [(one.account, one.currency, one.country, str(one.time_zone)) for one in found] == [
        ("helvetia", "CHF", "CH", "Europe/Zurich")
    ] * 2


async def test_making_a_company_is_written_down_in_the_name_of_the_command_line(
    acme: Tenant, owner: OwnerConnection
) -> None:
    (event,) = await events_of(owner, acme.id)
    assert (event.type, event.object_id, event.actor) == ("tenant.created", acme.id, "Command line")
    assert event.facts["tenant"]["account"] == acme.account
    assert event.facts["hosts"] == [f"{acme.account}.test"]
    assert event.is_to_be_sealed


async def test_every_fault_of_a_new_company_has_a_line_that_names_its_option(emplette: Type) -> None:
    refused = await emplette(
        *("tenant", "create", "A b", "--host", "http://a.test", "--host", "b.test", "--host", "b.test", "--name", " "),
        *("--time-zone", "Europe/Atlantis", "--currency", "XAU", "--country", "ZZ"),
    )
    assert refused.code == 1
    assert refused.out == []
    named = [line.split(":")[1].strip() for line in refused.err]
    assert named == ["ACCOUNT", "--host", "--host", "--name", "--time-zone", "--currency", "--country"]


async def test_an_account_and_a_host_can_be_taken_once(emplette: Type, acme: Tenant) -> None:
    host = f"{acme.account}.test"
    refused = await emplette("tenant", "create", acme.account, "--host", host, "--name", "Another")
    assert refused.code == 1
    assert refused.err == [
        f"emplette: ACCOUNT: There is a company with the account {acme.account}.",
        f"emplette: --host: {host} is a host of {acme.account}.",
    ]


async def test_a_company_without_a_host_is_not_understood(emplette: Type) -> None:
    assert (await emplette("tenant", "create", "nowhere", "--name", "Nowhere")).code == 2


async def test_companies_are_listed_for_people_and_for_programs(emplette: Type, acme: Tenant) -> None:
    for_people = await emplette("tenant", "list")
    assert any(line.split()[:3] == [acme.account, "Acme", f"{acme.account}.test"] for line in for_people.out)
    for_programs = await emplette("tenant", "list", "--json")
    (listed,) = [one for one in json.loads(for_programs.out[0]) if one["account"] == acme.account]
    assert listed == {
        "account": acme.account,
        "name": "Acme",
        "hosts": [f"{acme.account}.test"],
        "timeZone": "Europe/Paris",
        "currency": "EUR",
        "country": "FR",
        "default": False,
        "demo": False,
    }


async def test_what_orders_print_of_a_company_is_said_bit_by_bit_and_cleared_by_nothing(
    emplette: Type, acme: Tenant, database: Database, owner: OwnerConnection, tmp_path: Path
) -> None:
    conditions = tmp_path / "conditions.txt"
    conditions.write_text("Paiement à 30 jours.\n", encoding="utf-8")
    change = ("tenant", "change", acme.account)
    first = await emplette(
        *change, "--street", "1 rue de la Paix", "--city", "Paris", "--conditions-fr", str(conditions)
    )
    assert first.code == 0
    second = await emplette(*change, "--street", "", "--postal-code", "75002", "--identifier", "303 265 045")
    assert second.code == 0
    assert json.loads("".join(second.out)) == {
        "address": {"street": None, "additional": None, "postalCode": "75002", "city": "Paris"},
        "legalRegistration": {"identifier": "303265045", "vatNumber": None},
        "orderConditions": {"fr": "Paiement à 30 jours.", "en": None},
    }
    assert (await emplette(*change)).out == second.out
    assert await letterhead(database.session(), acme.id) == Letterhead(
        address=PostalAddress(postal_code="75002", city="Paris"),
        registration_id="303265045",
        conditions=Conditions(fr="Paiement à 30 jours."),
    )
    told = (await events_of(owner, acme.id))[-1]
    assert (told.type, told.actor) == ("tenant.changed", "Command line")
    assert told.facts["tenant"]["registration_id"] == "303265045"


async def test_a_number_that_is_none_is_named_by_its_option(emplette: Type, acme: Tenant) -> None:
    refused = await emplette(
        *("tenant", "change", acme.account, "--identifier", "303265046", "--vat-number", "FR00", "--city", "x" * 256)
    )
    assert refused.code == 1
    assert [line.split(":")[1].strip() for line in refused.err] == ["--city"]
    refused = await emplette(*("tenant", "change", acme.account, "--identifier", "303265046", "--vat-number", "FR00"))
    assert [line.split(":")[1].strip() for line in refused.err] == ["--identifier", "--vat-number"]


async def test_conditions_that_cannot_be_read_are_refused(emplette: Type, acme: Tenant, tmp_path: Path) -> None:
    latin = tmp_path / "latin.txt"
    latin.write_bytes("à".encode("latin-1"))
    for file in (latin, tmp_path / "absent.txt"):
        refused = await emplette("tenant", "change", acme.account, "--conditions-en", str(file))
        assert refused.code == 1
        assert refused.err[0].startswith(f"emplette: --conditions-en: {file} ")


async def test_how_many_days_ahead_people_are_reminded_is_said_changed_and_told(
    emplette: Type, acme: Tenant, owner: OwnerConnection
) -> None:
    command = ("tenant", "reminders", acme.account)
    assert (await emplette(*command)).out == ["30,14,3"]
    assert (await emplette(*command, "--days", "7, 60,7")).out == ["60,7"]
    assert (await emplette(*command)).out == ["60,7"]
    (event,) = [one for one in await events_of(owner, acme.id) if one.type == "tenant.changed"]
    assert event.facts["tenant"]["reminder_days"] == [60, 7]
    assert (await emplette(*command, "--days", "")).out == ["none"]
    for wrong in ("soon", "0", "731", "7,-1"):
        refused = await emplette(*command, "--days", wrong)
        assert (refused.code, refused.out) == (1, [])
        assert refused.err[0].startswith("emplette: --days:")
