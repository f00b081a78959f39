"""What an inspection of the log has found."""

from dataclasses import replace

from emplette.domain.inspections import Figures

SEEN = Figures(
    position=12, hash="00" * 32, sealed=11, waiting=1, erased=0, purchases=3, entries=4, rows=20, untold=2, findings=()
)


def test_a_log_is_good_when_nothing_is_wrong_however_much_is_told_by_no_event() -> None:
    assert SEEN.is_good
    assert not replace(SEEN, findings=("Event 7 was changed.",)).is_good
