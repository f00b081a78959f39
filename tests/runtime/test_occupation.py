"""One run at a time in a data folder; whoever comes second is told who is there."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import pytest

from emplette.runtime import occupation
from emplette.runtime.exits import AlreadyRunning
from emplette.runtime.folders import DataFolder, open_data_folder
from emplette.runtime.occupation import Running, holder_of, is_occupied, occupy, read_running
from tests.runtime.servers import environment_of


class Other:
    """Another run, which holds the folder, and has a child that holds it as well."""

    def __init__(self, folder: Path, command: str, *, lasts: bool, child: float, itself: float) -> None:
        arguments = [str(folder), command, str(lasts), str(child), str(itself)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.runtime.hold_folder", *arguments],
            env=environment_of(folder),
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"held\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    """Lend a data folder of ours."""
    return open_data_folder(tmp_path)


def test_a_second_server_is_told_which_process_is_the_first(data: DataFolder) -> None:
    with Other(data.path, "emplette serve", lasts=True, child=0, itself=30) as other:
        assert is_occupied(data)
        with pytest.raises(AlreadyRunning, match=rf"already running, process {other.process.pid} \(emplette serve\)"):
            occupy(data, "emplette demo", lasting=True, say=print)


def test_a_command_is_waited_for(data: DataFolder) -> None:
    said: list[str] = []
    with Other(data.path, "emplette key create", lasts=False, child=0, itself=0.6) as other:
        occupy(data, "emplette serve", lasting=True, say=said.append).end()
    assert said == [f"waiting for process {other.process.pid} (emplette key create) in {data.path} to end"]


def test_what_a_killed_server_left_running_is_waited_for(data: DataFolder) -> None:
    said: list[str] = []
    with Other(data.path, "emplette serve", lasts=True, child=0.6, itself=30) as other:
        other.process.send_signal(signal.SIGKILL)
        other.process.wait()
        began = time.monotonic()
        occupy(data, "emplette serve", lasting=True, say=said.append).end()
    assert time.monotonic() - began > 0.3
    assert said == [f"waiting for what process {other.process.pid} (emplette serve) left running in {data.path} to end"]


def test_what_a_killed_server_left_running_for_good_refuses_the_start(
    data: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(occupation, "_REMAINS_END_WITHIN", 0.3)
    with Other(data.path, "emplette serve", lasts=True, child=1.5, itself=30) as other:
        other.process.send_signal(signal.SIGKILL)
        other.process.wait()
        with pytest.raises(AlreadyRunning, match=f"what process {other.process.pid} .* left running uses"):
            occupy(data, "emplette serve", lasting=True, say=print)


def test_who_runs_is_written_for_others_and_taken_back_at_the_end(data: DataFolder) -> None:
    assert not is_occupied(data)
    held = occupy(data, "emplette serve", lasting=True, say=print)
    running = Running(pid=os.getpid(), command="emplette serve", started_at="2026-01-31T12:00:00+00:00", url="http://x")
    held.tell(running)
    assert read_running(data) == running
    assert data.running.stat().st_mode & 0o777 == 0o600
    assert holder_of(data).pid == os.getpid()
    held.end()
    assert read_running(data) is None
    assert not is_occupied(data)


def test_what_a_killed_run_wrote_is_not_taken_for_the_next_one(data: DataFolder) -> None:
    data.running.write_text('{"pid": 1, "command": "emplette serve", "started_at": ""}')
    occupy(data, "emplette serve", lasting=True, say=print).end()
    assert read_running(data) is None
