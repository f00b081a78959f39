"""A script can rely on the exit code, and a person on one line."""

from importlib.metadata import version
from pathlib import Path

import pytest

from emplette.domain.people import Tenant
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


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list", "--date", "2025-02-30"), "'--date': '2025-02-30' is no day: write it as 2025-04-14, and one that"),
        (("end", "--type", "1", "--to", "14/04/2025"), "'--to': '14/04/2025' is no day: write it as 2025-04-14"),
        (("add", "--percentage", "0,055"), "'--percentage': '0,055' is no number: write it with a point, as 0.055."),
    ],
)
async def test_what_is_typed_wrongly_is_said_with_how_to_write_it(
    emplette: Type, words: tuple[str, ...], said: str
) -> None:
    shown = await emplette("vat-rates", *words, "--territory", "FR", "--tenant", "acme")
    assert shown.code == 2
    assert f"Error: Invalid value for {said}" in shown.err[-1]


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


async def test_it_says_which_version_it_is(emplette: Type) -> None:
    said = await emplette("--version")
    assert (said.code, said.out) == (0, [f"emplette {version('emplette')}"])


@pytest.mark.parametrize(
    "words",
    [
        ("key", "rotate", "{}"),
        ("key", "revoke", "{}"),
        ("key", "create", "--name", "Form", "--contact", "it@acme.test", "--person", "{}"),
        ("user", "invite", "{}"),
        ("user", "sessions", "{}"),
        ("user", "grant", "{}", "viewer"),
        ("user", "grant", "1", "viewer", "--department", "{}"),
        ("user", "grant", "1", "viewer", "--cost-center", "{}"),
        ("user", "end-role", "{}"),
        ("feed", "create", "{}"),
        ("webhook", "show", "{}"),
        ("webhook", "delete", "{}"),
        ("mail", "retry", "{}"),
        ("erase", "person", "{}", "--dry-run"),
    ],
    ids=" ".join,
)
async def test_a_number_that_nothing_can_have_is_not_understood(emplette: Type, words: tuple[str, ...]) -> None:
    typed = [word.format(2**63) for word in words]
    said = await emplette(*typed, "--tenant", "acme")
    assert (said.code, said.out) == (2, [])
    assert "Input should be less than or equal to" in said.err[-1]


@pytest.mark.parametrize("said", ["yesterday", "2026-11-22"])
async def test_what_is_no_moment_is_said_with_its_option(emplette: Type, tmp_path: Path, said: str) -> None:
    for words in (("restore", str(tmp_path), "--until", said), ("clock", "move", "--tenant", "acme", "--to", "soon")):
        shown = await emplette(*words)
        assert shown.code == 2
        assert f"Invalid value for '{words[-2]}': '{words[-1]}' " in shown.err[-1]


async def test_a_mail_that_is_not_there_is_not_said_to_be_sent(emplette: Type, acme: Tenant) -> None:
    said = await emplette("mail", "retry", "--tenant", acme.account, "4711")
    assert (said.code, said.out) == (1, [])
    assert said.err == ["emplette: EVENT_ID: No mail about event 4711 failed or is parked: see `emplette mail list`."]
    nothing = await emplette("mail", "retry", "--tenant", acme.account)
    assert (nothing.code, nothing.err) == (0, ["emplette: 0 mails are sent anew by the server that runs"])
