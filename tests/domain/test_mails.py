"""When a mail is sent, and over which server."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from emplette.domain.mails import MailMode, MailServer, MailWish, fault_of_mailing, sender_of

PARIS = ZoneInfo("Europe/Paris")
NIGHT = (time(19, 30), time(7, 30))


def at(hour: int, minute: int = 0, *, day: int = 14) -> datetime:
    return datetime(2025, 4, day, hour, minute, tzinfo=PARIS).astimezone(UTC)


@pytest.mark.parametrize(
    ("wish", "now", "due"),
    [
        (MailWish(), at(23), at(23)),
        (MailWish(MailMode.DIGEST), at(7, 59), at(8)),
        (MailWish(MailMode.DIGEST), at(8), at(8, day=15)),
        (MailWish(quiet_from=NIGHT[0], quiet_until=NIGHT[1]), at(19, 29), at(19, 29)),
        (MailWish(quiet_from=NIGHT[0], quiet_until=NIGHT[1]), at(19, 30), at(7, 30, day=15)),
        (MailWish(quiet_from=NIGHT[0], quiet_until=NIGHT[1]), at(2), at(7, 30)),
        (MailWish(quiet_from=time(12), quiet_until=time(14)), at(13), at(14)),
        (MailWish(MailMode.DIGEST, quiet_from=time(7), quiet_until=time(9)), at(6), at(9)),
    ],
)
def test_a_mail_is_sent_at_once_or_with_the_digest_and_never_in_quiet_hours(
    wish: MailWish, now: datetime, due: datetime
) -> None:
    assert wish.due_at(now, PARIS) == due


def test_a_password_is_said_in_secret_but_on_this_machine() -> None:
    there = MailServer.parse("smtp://olive:p%40ss@mail.example.test")
    assert (there.host, there.port, there.user, there.password, there.needs_tls) == (
        "mail.example.test",
        587,
        "olive",
        "p@ss",
        True,
    )
    assert not MailServer.parse("smtp://olive:p@127.0.0.1:25").needs_tls
    assert MailServer.parse("smtps://mail.example.test").is_wrapped


@pytest.mark.parametrize("address", ["http://mail.test", "smtp://", "smtp://olive@mail.test", "smtp://mail.test/inbox"])
def test_what_is_no_server_is_refused_without_being_repeated(address: str) -> None:
    fault = fault_of_mailing(address, "purchases@example.test", None)
    assert fault is not None
    assert fault.startswith("SMTP_URL: ")
    assert "olive" not in fault


@pytest.mark.parametrize("text", ["", "Purchases", "@example.test", "a@b\r\nBcc: c@d"])
def test_whom_mails_are_from_is_an_address(text: str) -> None:
    with pytest.raises(ValueError, match="expected a mail address"):
        sender_of(text)
