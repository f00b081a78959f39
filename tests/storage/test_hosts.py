"""Which of several servers takes the writes."""

from urllib.parse import parse_qs, quote, urlsplit

import asyncpg
import pytest

from emplette.storage.database import Database
from emplette.storage.hosts import Hosts, NoneTakesWrites, one_by_one
from tests.fixtures.database import Urls

AFTER = "/emplette?sslmode=disable"


@pytest.mark.parametrize(
    ("url", "single"),
    [
        ("postgresql://u@h/db", ["postgresql://u@h/db"]),
        (f"postgresql://u:p@a:1,b:2{AFTER}", [f"postgresql://u:p@a:1{AFTER}", f"postgresql://u:p@b:2{AFTER}"]),
        ("postgresql://u:a,b@h/db", ["postgresql://u:a,b@h/db"]),
        ("postgresql://[::1]:5,[::2]:6/db", ["postgresql://[::1]:5/db", "postgresql://[::2]:6/db"]),
        ("postgresql://u@/db?host=/run/a&port=5", ["postgresql://u@/db?host=/run/a&port=5"]),
    ],
)
def test_an_address_of_several_servers_is_read_as_one_for_each(url: str, single: list[str]) -> None:
    assert one_by_one(url) == single


def test_servers_that_are_named_as_parameters_are_several_too() -> None:
    found = [
        parse_qs(urlsplit(url).query) for url in one_by_one("postgresql://u@/db?host=/a,b&port=5,6&sslmode=require")
    ]
    assert found == [
        {"host": ["/a"], "port": ["5"], "sslmode": ["require"]},
        {"host": ["b"], "port": ["6"], "sslmode": ["require"]},
    ]


def beside_nobody(urls: Urls, places: str = "/nonexistent,{}") -> str:
    """Write an address of which one server is not there."""
    parts = urlsplit(urls.serving)
    socket = parse_qs(parts.query)["host"][0]
    return f"postgresql://{parts.username}@{parts.path}?host={quote(places.format(socket), safe=',')}&port=5432"


async def test_a_server_that_is_not_there_stops_nobody(migrated: Urls) -> None:
    database = await Database.connect(beside_nobody(migrated), size=1)
    assert await database.session().write("SELECT 1")
    await database.close()


async def test_a_server_that_takes_no_writes_is_never_used(migrated: Urls) -> None:
    hosts = Hosts(beside_nobody(migrated))
    settings = {"default_transaction_read_only": "on"}
    with pytest.raises(NoneTakesWrites, match="None of the servers takes writes"):
        await hosts.connect(server_settings=settings)


async def test_what_a_server_says_against_us_is_told_rather_than_that_another_is_away(migrated: Urls) -> None:
    hosts = Hosts(beside_nobody(migrated).replace("/emplette?", "/nowhere?"))
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await hosts.connect()


async def test_connections_to_a_silent_server_are_given_up(migrated: Urls) -> None:
    hosts = Hosts(beside_nobody(migrated))
    connections = [await hosts.connect() for _ in range(2)]
    hosts.give_up()
    assert [connection.is_closed() for connection in connections] == [True, True]
    again = await hosts.connect()
    assert await again.fetchval("SELECT 1") == 1
    await again.close()
