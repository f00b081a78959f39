"""A short soak says what a long one says; and what grows is seen."""

import re
import sys

import pytest

from soak.growth import Reading, gain_of, growing
from tests.runtime.servers import environment_of, folder_of_its_own, run

MEGABYTE = 2**20


def readings(matter: str, *values: float) -> list[Reading]:
    found = []
    for value in values:
        reading = Reading()
        reading.add(matter, "worker", value)
        found.append(reading)
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("minutes", "connections"),
    # In seconds nothing can be seen to grow or to stay: only that it is served, counted and told.
    [("0.05", "(?:flat|growing)"), pytest.param("0.5", "flat", marks=pytest.mark.long)],
)
def test_a_short_soak_answers_everything_and_ends_with_its_verdict(minutes: str, connections: str) -> None:
    with folder_of_its_own() as folder:
        done = run([sys.executable, "-m", "soak"], environment_of(folder) | {"SOAK_MINUTES": minutes})
    verdict = (
        rf"soak: minutes={re.escape(minutes)} calls=(\d+) errors=0 memory=(?:flat|growing) connections={connections}"
    )
    found = re.fullmatch(verdict, (done.stdout.splitlines() or [""])[-1])
    assert found, done.stdout + done.stderr
    assert int(found[1]) > 0


def test_what_settles_and_then_stays_is_flat() -> None:
    settling = [50.0, 80.0, 90.0, *[100.0 + n % 3 for n in range(20)]]
    assert growing(readings("memory", *(value * MEGABYTE for value in settling))) == set()


def test_what_gains_all_the_time_grows() -> None:
    assert growing(readings("memory", *(100.0 * MEGABYTE * (1 + n / 200) for n in range(40)))) == {"memory"}
    assert growing(readings("connections", *range(20))) == {"connections"}


def test_a_peak_bends_no_trend() -> None:
    assert gain_of([5.0] * 10 + [500.0] + [5.0] * 10) == 0.0
    assert growing(readings("descriptors", *([20.0] * 12), 90.0, *([20.0] * 12))) == set()
