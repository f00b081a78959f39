"""The counts of all workers lie in one folder, and the dead leave nothing but what they counted."""

from pathlib import Path

from emplette.runtime.measures import empty_measures, forget_worker


def test_every_start_begins_to_count_anew(tmp_path: Path) -> None:
    old = tmp_path / "measures" / "counter_7.db"
    old.parent.mkdir()
    old.touch()
    empty_measures(old.parent)
    assert list(old.parent.iterdir()) == []


def test_the_dead_are_counted_and_have_no_state(tmp_path: Path) -> None:
    for name in ("counter_7.db", "histogram_7.db", "gauge_livesum_7.db", "counter_8.db", "gauge_livesum_8.db"):
        (tmp_path / name).touch()
    forget_worker(tmp_path, 7)
    left = sorted(file.name for file in tmp_path.iterdir())
    assert left == ["counter_7.db", "counter_8.db", "gauge_livesum_8.db", "histogram_7.db"]
