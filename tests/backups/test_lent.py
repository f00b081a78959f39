"""A folder for the time being is removed, also when who had it was killed: it may hold all that a company has."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

import pytest

from emplette.runtime.lent import PREFIX, clear_lent, lend_folder

_LEND_AND_DIE = """
import asyncio, os, signal
from emplette.runtime.lent import lend_folder

async def die():
    async with lend_folder() as folder:
        (folder / "dump").write_text("all that they bought")
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(die())
"""


@pytest.fixture(autouse=True)
def _aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def _lent(tmp_path: Path) -> list[Path]:
    return list(tmp_path.glob(f"{PREFIX}*"))


async def test_it_is_closed_to_others_and_gone_when_it_is_given_back(tmp_path: Path) -> None:
    async with lend_folder() as folder:
        (folder / "dump").write_text("all that they bought")
        assert (folder.parent, folder.stat().st_mode & 0o777) == (tmp_path, 0o700)
    assert _lent(tmp_path) == []


async def test_what_a_killed_command_has_left_is_removed_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    dying = await asyncio.create_subprocess_exec(sys.executable, "-c", _LEND_AND_DIE, env=environment)
    assert await dying.wait() == -9
    (left,) = _lent(tmp_path)
    assert (left / "dump").exists()
    said: list[str] = []
    async with lend_folder() as used:
        clear_lent(say=said.append)
        assert _lent(tmp_path) == [used]
    assert said == [f"removing {left}, which a command that was killed has left"]


def test_what_a_link_leads_to_stays(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (tmp_path / f"{PREFIX}link").symlink_to(precious)
    said: list[str] = []
    clear_lent(say=said.append)
    assert (precious.exists(), said) == (True, [])
