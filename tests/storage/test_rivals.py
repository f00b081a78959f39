"""Each storage function as a rival company: nothing seen, nothing changed, and not told apart from absent."""

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from emplette.domain.errors import Overtaken
from emplette.storage import organisation
from tests.fixtures.rivals import SECRET, Neighbours
from tests.house.source import modules
from tests.storage.trying import ALIKE, CASES, Call, Do

for _file in sorted(Path(__file__).parent.glob("try_*.py")):
    importlib.import_module(f"tests.storage.{_file.stem}")


def functions_of_a_tenant() -> Iterator[str]:
    """Find every function of the storage that is for one tenant."""
    for module in modules("emplette.storage"):
        own = [value for value in vars(module).values() if getattr(value, "__module__", "") == module.__name__]
        members = [member for value in own if inspect.isclass(value) for member in vars(value).values()]
        for value in [*own, *members]:
            if not inspect.iscoroutinefunction(value) or value.__name__.startswith("_"):
                continue
            arguments = [name for name in inspect.signature(value).parameters if name != "self"]
            if arguments[:2] == ["db", "tenant"]:
                yield f"{value.__module__}.{value.__qualname__}"


async def outcome(do: Do, call: Call) -> str:
    """Say what came of it."""
    try:
        return repr(await do(call))
    except Overtaken as refused:
        return refused.detail


def alike(told: str) -> str:
    """Say the same whatever the numbers in it are."""
    return re.sub(r"\d+", "#", told)


def test_every_storage_function_is_tried_as_a_rival() -> None:
    assert set(CASES) == set(functions_of_a_tenant())


@pytest.mark.parametrize(
    "do", [do for some in CASES.values() for do in some], ids=lambda do: str(do.__name__).removeprefix("_")
)
async def test_a_rival_sees_nothing_changes_nothing_and_cannot_tell_what_exists(do: Do, neighbours: Neighbours) -> None:
    db, rival = neighbours.database.session(), neighbours.rival.tenant_id
    before = await neighbours.rows()
    named = await outcome(do, Call(db, rival, neighbours.theirs, neighbours))
    assert SECRET not in named
    assert await neighbours.rows() == before
    assert alike(named) == alike(await outcome(do, Call(db, rival, neighbours.absent, neighbours)))
    if do in ALIKE:
        return
    # The company itself finds it, or changes it: else this would prove nothing.
    own = await outcome(do, Call(db, neighbours.company.tenant_id, neighbours.theirs, neighbours))
    assert own != named or await neighbours.rows() != before


async def test_a_company_has_no_people_because_others_have(neighbours: Neighbours) -> None:
    nobody = await neighbours.owner.fetchval(
        """INSERT INTO tenants (account, name, time_zone, currency, country)
        VALUES ('nobody-' || $1::int, 'Nobody', 'Europe/Paris', 'EUR', 'FR') RETURNING tenant_id""",
        neighbours.company.tenant_id,
    )
    assert not await organisation.has_people(neighbours.database.session(), nobody)
    assert await organisation.has_people(neighbours.database.session(), neighbours.company.tenant_id)
