"""Whether something grows: the trend of a series, and what is too small to be one."""

import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

_MEGABYTE: Final = 2**20
_SETTLING: Final = 0.25
"""The part of a run in which caches, pools and plans fill; it is not judged."""

_LEAST: Final = {"memory": 6.0 * _MEGABYTE}
"""What a kind of process may gain over a run without being said to grow; of what is counted, two."""

_LEAST_COUNTED: Final = 2.0
_NOT_JUDGED: Final = {("descriptors", "process of the database")}
"""PostgreSQL opens the files of a table when it needs them and keeps them open, a thousand each process at most."""

_LEAST_PART: Final = 0.05
"""And as a part of what there is."""


@dataclass(slots=True)
class Reading:
    """What was in use at one moment: for each matter (memory, threads ...) and each kind of who uses it."""

    values: dict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))

    def add(self, matter: str, kind: str, value: float) -> None:
        """Add what one of a kind uses."""
        self.values[matter, kind] += value


def growing(readings: Sequence[Reading]) -> set[str]:
    """Name the matters of which some kind takes more and more."""
    judged = {name: series for name, series in series_of(readings).items() if name not in _NOT_JUDGED}
    return {matter for (matter, _), series in judged.items() if gain_of(series) > allowed(matter, series)}


def series_of(readings: Sequence[Reading]) -> dict[tuple[str, str], list[float]]:
    """Put each kind's values in a row, without those of the time in which things settle."""
    settled = readings[int(len(readings) * _SETTLING) :]
    names = sorted({name for reading in settled for name in reading.values})
    return {name: [reading.values.get(name, 0.0) for reading in settled] for name in names}


def gain_of(series: Sequence[float]) -> float:
    """Tell what a series gains from its beginning to its end: its median slope, which single peaks do not bend."""
    slopes = [(later - earlier) / (j - i) for (i, earlier), (j, later) in combinations(enumerate(series), 2)]
    return statistics.median(slopes) * (len(series) - 1) if slopes else 0.0


def allowed(matter: str, series: Sequence[float]) -> float:
    """Tell what a series may gain and still be called flat."""
    return max(_LEAST.get(matter, _LEAST_COUNTED), _LEAST_PART * statistics.median(series))


def as_table(readings: Sequence[Reading]) -> str:
    """Show the first, the median, the largest and the last value of each series, and its trend."""
    lines = [f"{'':36}{'first':>10}{'median':>10}{'most':>10}{'last':>10}{'gain':>10}"]
    for (matter, kind), series in series_of(readings).items():
        unit = _MEGABYTE if matter == "memory" else 1
        shown = (series[0], statistics.median(series), max(series), series[-1], gain_of(series))
        name = f"{matter} ({kind})" + (", MB" if unit > 1 else "")
        lines.append(f"{name:36}" + "".join(f"{value / unit:>10.1f}" for value in shown))
    return "\n".join(lines)
