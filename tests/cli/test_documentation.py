"""The page of the command line names every command and option, and every command teaches and says its exit codes."""

import re
from collections.abc import Iterator

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from emplette.cli.main import app
from tests.cli.conftest import Type
from tests.house.source import DOCS

PAGE = DOCS / "cli.md"


def _commands() -> Iterator[tuple[str, TyperCommand]]:
    """List every command by what is typed for it."""
    found: list[tuple[str, object]] = [("emplette", typer.main.get_command(app))]
    while found:
        name, command = found.pop(0)
        if isinstance(command, TyperGroup):
            context = typer.Context(command)
            found += [(f"{name} {one}", command.get_command(context, one)) for one in command.list_commands(context)]
        elif isinstance(command, TyperCommand):
            yield name, command


COMMANDS = dict(_commands())


def _section(name: str) -> str:
    found = re.search(rf"^#+ `{re.escape(name)}[ `].*?(?=^#|\Z)", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return found[0] if found else ""


def test_all_that_the_page_describes_can_be_typed() -> None:
    described = re.findall(r"^#+ `(emplette [a-z -]*[a-z])", PAGE.read_text("utf-8"), re.MULTILINE)
    assert sorted(described) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_on_the_page(name: str) -> None:
    options = [parameter.opts[0] for parameter in COMMANDS[name].params if parameter.opts[0].startswith("--")]
    section = _section(name)
    assert section
    own = [option for option in options if option not in {"--data-dir", "--help"}]
    assert [option for option in own if f"`{option}" not in section] == []


@pytest.mark.parametrize("name", COMMANDS)
async def test_help_says_the_exit_codes_line_by_line(emplette: Type, name: str) -> None:
    shown = await emplette(*name.split()[1:], "--help")
    assert shown.code == 0
    text = " ".join(" ".join(shown.out).split())
    assert "Exit codes: 0 " in text
    assert "\\b" not in text
