"""A script can rely on the exit code, and a person on one line."""

import pytest

from tests.cli.conftest import Type


@pytest.mark.parametrize(
    "words",
    [("serv",), ("key", "destroy"), ("key", "create"), ("tenant", "list", "--all"), ("key", "revoke", "seven")],
    ids=" ".join,
)
async def test_what_is_not_understood_is_code_2(emplette: Type, words: tuple[str, ...]) -> None:
    said = await emplette(*words)
    assert (said.code, said.out) == (2, [])
    assert said.err


async def test_a_setting_that_cannot_be_is_named_in_one_line(emplette: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMPLETTE_POOL_SIZE", "many")
    said = await emplette("tenant", "list")
    assert said.code == 78
    (line,) = said.err
    assert line.startswith("emplette: EMPLETTE_POOL_SIZE=many: ")


async def test_without_a_command_it_teaches(emplette: Type) -> None:
    shown = await emplette("--help")
    assert shown.code == 0
    text = "\n".join(shown.out)
    assert [name for name in ("demo", "serve", "status", "tenant", "key", "policy") if f"\n  {name} " not in text] == []
