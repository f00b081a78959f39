"""Whatever is killed comes back, or ends with all the others; nothing is left that nobody watches."""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from emplette.runtime import pids
from tests.runtime.servers import ENDED_WITHIN, Server, alive, calls_meanwhile, descendants, served, wait_until

ALL_OF_THEM = ("worker 1", "worker 2", "job worker", "database")


@pytest.mark.parametrize("name", ["worker 1", "worker 2"])
def test_a_killed_worker_comes_back_and_who_calls_meanwhile_waits(server: Server, name: str) -> None:
    with calls_meanwhile(server) as answers:
        killed = server.kill(name)
        server.wait_for_successor(name, of=killed)
        again = server.processes()[name]
        wait_until(lambda: str(again) in server.ask(), "the new worker answers")
    # Only what the dead one was answering is lost; who connects waits in the queue that the supervisor holds.
    assert answers.count("none") <= 4
    assert set(answers) <= {"200", "none"}
    assert f"{name} ended (by SIGKILL); starting it again" in server.log


def test_a_killed_job_worker_comes_back(server: Server) -> None:
    killed = server.kill("job worker")
    assert server.wait_for_successor("job worker", of=killed) != killed
    assert "job worker ended (by SIGKILL); starting it again" in server.log


def test_a_killed_database_comes_back_and_meanwhile_there_is_a_clear_refusal(server: Server) -> None:
    with calls_meanwhile(server) as answers:
        killed = server.kill("database")
        server.wait_for_successor("database", of=killed)
        wait_until(lambda: "the database is back" in server.log, "the database is back")
        wait_until(lambda: server.ask("/database")[0] == "200", "calls are answered again")
    assert set(answers) == {"200", "503"}


def test_one_process_of_the_database_that_is_killed_does_not_stop_the_server(server: Server) -> None:
    assert server.ask("/database")[0] == "200"
    family = descendants(server.pid) - {server.pid, *server.processes().values()}
    for pid in sorted(family)[-2:]:
        with suppress(ProcessLookupError):  # autovacuum's workers come and go
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: server.ask("/database")[0] == "200", "calls are answered again")


def test_what_runs_and_can_not_be_written_down_is_served_all_the_same_and_written_later(server: Server) -> None:
    # What stands where the file is written first is as good as a full disk, also for root.
    in_the_way = server.folder / "running.new"
    in_the_way.mkdir()
    killed = server.kill("job worker")
    wait_until(lambda: "what runs could not be written down; trying again" in server.log, "it is told of")
    assert server.ask("/database")[0] == "200"
    in_the_way.rmdir()
    assert server.wait_for_successor("job worker", of=killed) != killed


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="Only there the system tells of processes.")
def test_a_database_that_stands_still_is_killed_and_comes_back(server: Server) -> None:
    stuck = server.processes()["database"]
    (writer,) = (pid for pid in descendants(stuck) if "walwriter" in pids.title(pid))
    os.kill(stuck, signal.SIGSTOP)
    os.kill(writer, signal.SIGKILL)
    server.wait_for_successor("database", of=stuck)
    wait_until(lambda: server.ask("/database")[0] == "200", "calls are answered again")
    assert "the database neither serves nor recovers; killing it" in server.log


def test_a_worker_that_dies_again_and_again_is_started_less_and_less_often(server: Server) -> None:
    for _ in range(4):
        killed = server.kill("worker 1")
        server.wait_for_successor("worker 1", of=killed)
    assert "starting it again in 0.2 s" in server.log
    assert "starting it again in 0.5 s" in server.log


def test_a_killed_supervisor_takes_all_others_with_it_and_the_next_start_has_the_port(prepared: Path) -> None:
    with served(prepared) as first:
        family = descendants(first.pid)
        assert len(family) >= 1 + len(ALL_OF_THEM)
        with calls_meanwhile(first):
            first.signal(signal.SIGKILL)
            wait_until(lambda: not alive(family), "all have ended", ENDED_WITHIN)
        port = first.port
    with served(prepared, port=port) as second:
        assert second.ask("/database")[0] == "200"
        assert "it recovered in" in second.log


def test_a_start_right_after_the_kill_waits_for_what_is_left(prepared: Path) -> None:
    with served(prepared) as first:
        first.signal(signal.SIGKILL)
        with served(prepared, port=first.port) as second:
            assert second.ask("/database")[0] == "200"


def test_all_killed_at_once_are_all_there_again_after_the_next_start(prepared: Path) -> None:
    with served(prepared) as first:
        family = descendants(first.pid)
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        first.wait()
        wait_until(lambda: not alive(family), "all have ended", ENDED_WITHIN)
    with served(prepared) as second:
        assert set(second.processes()) == set(ALL_OF_THEM)
        assert second.ask("/database")[0] == "200"
