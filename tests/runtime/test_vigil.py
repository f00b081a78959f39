"""A database that lives and does nothing is noticed; one that works is left alone, however long that takes."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from emplette.runtime import pids
from emplette.runtime.vigil import PATIENCE, Vigil
from tests.runtime.servers import wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Only there the system tells of processes.")


@dataclass
class Clock:
    """A clock that goes when it is told to."""

    now: float = 1_000.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def child(title: str) -> Iterator[None]:
    """Have a child that calls itself so; this process is the database then."""
    with subprocess.Popen([title, "600"], executable="/bin/sleep") as process:
        try:
            wait_until(lambda: pids.title(process.pid) != "", "it calls itself so")
            yield
        finally:
            process.kill()


def watch(vigil: Vigil, clock: Clock, seconds: float) -> list[bool]:
    """Look ten times a second, as the supervisor does."""
    found = []
    for _ in range(int(10 * seconds)):
        clock.now += 0.1
        found.append(vigil.is_stuck(os.getpid()))
    return found


@pytest.mark.parametrize("title", ["postgres: walwriter", "postgres: startup recovering 000000010000000000000001"])
def test_one_that_serves_or_recovers_is_left_alone(title: str) -> None:
    clock = Clock()
    with child(title):
        assert not any(watch(Vigil(clock=clock), clock, 10 * PATIENCE))


def test_one_that_does_neither_is_noticed_when_it_was_given_time() -> None:
    clock = Clock()
    vigil = Vigil(clock=clock)
    with child("postgres: walwriter"):
        watch(vigil, clock, 5)
    with child("postgres: checkpointer"):
        found = watch(vigil, clock, PATIENCE + 2)
    assert not any(found[: int(10 * PATIENCE) - 20])
    assert found[-1]


def test_another_one_begins_anew_and_a_time_in_which_nobody_looked_does_not_count() -> None:
    clock = Clock()
    vigil = Vigil(clock=clock)
    watch(vigil, clock, PATIENCE - 1)
    assert not vigil.is_stuck(1)
    clock.now += 1
    assert not any(watch(vigil, clock, PATIENCE - 1))
    clock.now += 3_600
    assert not any(watch(vigil, clock, PATIENCE - 1))
    assert any(watch(vigil, clock, 3))


def test_what_the_system_does_not_tell_of_is_left_alone() -> None:
    clock = Clock()
    vigil = Vigil(clock=clock)
    nobody = 2**22 + 1
    for _ in range(100):
        clock.now += 1
        assert not vigil.is_stuck(nobody)
