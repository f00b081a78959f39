"""What an administrator should look after, and from when on."""

from datetime import UTC, date, datetime

from emplette.domain.concerns import Outlook


def test_a_request_waits_long_after_a_week_and_a_key_ends_soon_within_two() -> None:
    outlook = Outlook.at(datetime(2025, 4, 14, 12, tzinfo=UTC), date(2025, 4, 14))
    assert outlook.waits_since == datetime(2025, 4, 7, 12, tzinfo=UTC)
    assert outlook.ends_by == date(2025, 4, 28)
