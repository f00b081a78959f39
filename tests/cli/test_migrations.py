"""The database is brought up to date by a command, which can be repeated."""

import json

import pytest

from emplette.http.app import openapi_document
from tests.cli.conftest import Type
from tests.runtime.servers import EMPLETTE, environment_of, folder_of_its_own, run


async def test_what_is_up_to_date_is_left_alone(emplette: Type) -> None:
    done = await emplette("migrate")
    assert (done.code, done.out, done.err) == (0, [], ["emplette: the database is up to date"])


@pytest.mark.slow
def test_a_new_database_is_made_and_each_step_is_said_once() -> None:
    with folder_of_its_own() as folder:
        first, again = (run([*EMPLETTE, "migrate"], environment_of(folder)) for _ in range(2))
    said = first.stderr.splitlines()
    assert first.returncode == again.returncode == 0
    assert "emplette: brought the database up to date: 0001_house" in said
    assert "emplette: brought the database up to date: VAT rates" in said
    assert "emplette: brought the database up to date: exchange rates" in said
    assert again.stderr.splitlines() == said[-1:] == ["emplette: the database is up to date"]


async def test_the_openapi_document_is_printed_without_a_database(emplette: Type) -> None:
    printed = await emplette("openapi")
    assert json.loads("\n".join(printed.out)) == json.loads(json.dumps(openapi_document()))
