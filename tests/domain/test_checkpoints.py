"""Checkpoints: the lines that are signed."""

from datetime import datetime
from zoneinfo import ZoneInfo

from emplette.domain.checkpoints import Checkpoint


def test_a_checkpoint_is_written_line_by_line_in_utc() -> None:
    noon = datetime(2025, 4, 14, 12, 0, 0, 999_999, tzinfo=ZoneInfo("Europe/Paris"))
    assert Checkpoint("example", 1, 42, b"\x00\xff", noon).form() == (
        b"emplette checkpoint 1\nexample\n1\n42\n00ff\n2025-04-14T10:00:00Z\n"
    )
