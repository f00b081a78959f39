"""`make torture` in short: a server is called, killed and looked at, as the whole of it does twenty times."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.source import ROOT
from torture.server import PREFIX

LAST_LINE = re.compile(r"torture: schedules=1 operations=(\d+) kills=(\d+) lost=0 doubled=0 broken=0")


def remains() -> set[Path]:
    return set(Path("/var/tmp").glob(f"{PREFIX}*"))  # noqa: S108


@pytest.mark.slow
def test_a_server_that_is_killed_under_load_loses_nothing_and_does_nothing_twice() -> None:
    environment = os.environ | {"SCHEDULES": "1", "SEED": "20", "SHORT": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "torture"], env=environment, capture_output=True, text=True, check=False, timeout=250
    )
    found = LAST_LINE.fullmatch(done.stdout.splitlines()[-1])
    assert found, done.stderr
    assert done.returncode == 0
    operations, kills = map(int, found.groups())
    assert operations >= 50
    assert kills >= 1
