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


# In Paris, clocks go from 2:00 to 3:00 on 30 March 2025, and from 3:00 back to 2:00 on 26 October, each at 1:00 UTC.
@pytest.mark.parametrize(
    ("until", "now", "due"),
    [
        (time(2, 30), datetime(2025, 3, 30, 0, 15, tzinfo=UTC), datetime(2025, 3, 30, 1, 30, tzinfo=UTC)),
        (time(7), datetime(2025, 3, 30, 0, 15, tzinfo=UTC), datetime(2025, 3, 30, 5, tzinfo=UTC)),
        (time(2, 45), datetime(2025, 10, 26, 0, 30, tzinfo=UTC), datetime(2025, 10, 26, 0, 45, tzinfo=UTC)),
        (time(2, 45), datetime(2025, 10, 26, 1, 30, tzinfo=UTC), datetime(2025, 10, 26, 1, 45, tzinfo=UTC)),
        (time(7), datetime(2025, 10, 25, 21, tzinfo=UTC), datetime(2025, 10, 26, 6, tzinfo=UTC)),
        (time(0), datetime(2025, 10, 26, 22, 30, tzinfo=UTC), datetime(2025, 10, 26, 23, tzinfo=UTC)),
    ],
)
def test_quiet_hours_end_when_clocks_show_it_however_they_are_put(until: time, now: datetime, due: datetime) -> None:
    wish = MailWish(quiet_from=time(22), quiet_until=until)
    assert wish.due_at(now, PARIS) == due
    assert wish.peace_until(now, PARIS) == due
    assert due > now


def test_nobody_is_left_in_peace_outside_of_quiet_hours() -> None:
    assert MailWish(quiet_from=time(22), quiet_until=time(7)).peace_until(at(12), PARIS) is None


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


@pytest.mark.parametrize(
    ("smtp_url", "mail_from", "public_url", "at_fault"),
    [
        (None, "", None, None),
        (None, "", "https://purchases.example.test", None),
        (None, "", "purchases.example.test", "PUBLIC_URL"),
        ("smtp://mail.test", "Purchases <purchases@example.test>", None, None),
        ("smtp://mail.test", "Purchases", None, "MAIL_FROM"),
        ("imap://mail.test", "Purchases", None, "SMTP_URL"),
    ],
)
def test_what_is_wrong_with_mailing_is_said_by_the_setting(
    smtp_url: str | None, mail_from: str, public_url: str | None, at_fault: str | None
) -> None:
    fault = fault_of_mailing(smtp_url, mail_from, public_url)
    assert (None if fault is None else fault.partition(":")[0]) == at_fault


def test_whom_mails_are_from_may_have_a_name() -> None:
    assert sender_of("Purchases <purchases@example.test>") == ("Purchases", "purchases@example.test")
    assert sender_of("purchases@example.test") == ("", "purchases@example.test")


@pytest.mark.parametrize(("host", "needs"), [("localhost", False), ("[::1]", False), ("192.0.2.1", True)])
def test_only_what_stays_on_this_machine_may_be_said_openly(host: str, needs: bool) -> None:  # noqa: FBT001
    assert MailServer.parse(f"smtp://olive:p@{host}").needs_tls is needs


def test_without_a_password_nothing_has_to_be_secret() -> None:
    assert not MailServer.parse("smtp://mail.example.test:2525").needs_tls


def test_quiet_hours_have_a_beginning_and_an_end() -> None:
    assert not MailWish(quiet_from=time(19)).is_quiet(time(20))
    assert not MailWish(quiet_until=time(7)).is_quiet(time(6))
    assert MailWish(quiet_until=time(7)).due_at(at(6), PARIS) == at(6)
