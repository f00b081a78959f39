"""Ctrl-C in the first moment, while the program is still being loaded, ends it with a line and 130."""

import subprocess
import sys
from importlib.metadata import entry_points
from typing import Final

import pytest

from emplette.runtime.exits import Exit

INTERRUPTED_WHILE: Final = """
import os, signal, sys
{before}
class Meanwhile:
    def find_spec(self, name, path=None, target=None):
        if name == {loading!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Meanwhile())
sys.argv = ["emplette", "openapi", "--help"]
from emplette.cli.program import run
run()
"""


def interrupted_while(loading: str, before: str = "") -> "subprocess.CompletedProcess[str]":
    code = INTERRUPTED_WHILE.format(loading=loading, before=before)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("loading", ["emplette.cli.main", "typer", "emplette.cli.openapi"])
def test_a_program_that_is_interrupted_while_it_loads_ends_with_a_line(loading: str) -> None:
    ended = interrupted_while(loading)
    assert (ended.returncode, ended.stderr, ended.stdout) == (Exit.INTERRUPTED, "emplette: interrupted\n", "")


def test_a_program_that_was_started_deaf_to_interruptions_goes_on() -> None:
    ended = interrupted_while("typer", before="signal.signal(signal.SIGINT, signal.SIG_IGN)")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "emplette openapi" in ended.stdout


def test_what_is_installed_starts_so() -> None:
    (command,) = entry_points(group="console_scripts", name="emplette")
    assert command.value == "emplette.cli.program:run"


def test_an_interruption_of_a_command_that_is_loaded_is_its_own_to_answer() -> None:
    loaded = "from emplette.cli import program; program.end_at_once_when_interrupted(); program.interrupt_as_usual()"
    interrupted = (
        f"import os, signal; {loaded}\ntry:\n os.kill(os.getpid(), 2)\nexcept KeyboardInterrupt:\n print('mine')"
    )
    said = subprocess.run([sys.executable, "-c", interrupted], capture_output=True, text=True, check=False, timeout=60)
    assert (said.returncode, said.stdout) == (0, "mine\n")
