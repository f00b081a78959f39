"""A child ends with its parent, also where the kernel does not see to it."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from emplette.runtime.lifeline import GO, READY

WITHOUT_THE_KERNEL = (
    "from emplette.runtime import lifeline; import time; lifeline.KERNEL_TELLS = False;"
    "parent = lifeline.Parent.at_standard_input(); parent.wait_for_go(); parent.say_ready(); time.sleep(60)"
)


@contextmanager
def child() -> Iterator[tuple["subprocess.Popen[bytes]", socket.socket]]:
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen([sys.executable, "-c", WITHOUT_THE_KERNEL], stdin=theirs.fileno())
    try:
        yield process, ours
    finally:
        ours.close()
        process.kill()
        process.wait()


def test_it_waits_for_the_word_and_answers_it() -> None:
    with child() as (process, line):
        line.sendall(GO)
        assert line.recv(100) == READY
        assert process.poll() is None


@pytest.mark.parametrize("gone", [False, True], ids=["before the word", "while it works"])
def test_it_ends_when_its_parents_end_of_the_line_does(gone: bool) -> None:  # noqa: FBT001
    with child() as (process, line):
        if gone:
            line.sendall(GO)
            assert line.recv(100) == READY
        line.close()
        assert process.wait(60) == 1


def test_a_program_that_is_not_ours_is_guarded_by_one_that_is() -> None:
    guarded = subprocess.Popen(["sleep", "60"])
    guard = subprocess.Popen(
        [sys.executable, "-m", "emplette.runtime.lifeline", str(guarded.pid)], stdin=subprocess.PIPE
    )
    assert guard.stdin is not None
    guard.stdin.close()
    assert guarded.wait(60) == -signal.SIGQUIT
    assert guard.wait(60) == 0


def test_a_part_of_the_server_that_is_started_by_hand_says_what_it_is() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "emplette.runtime.job_worker"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "this is a part of `emplette serve`, and only that starts it\n"
