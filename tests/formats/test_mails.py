"""Mails: whatever somebody is called and has called a purchase, a header stays one line and says what they wrote."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP

import pytest

from emplette.domain.parties import Language
from emplette.formats.mails import Envelope, Letter, write_mail

AT = datetime(2026, 4, 14, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "=?utf-8?q?Lamps=0D=0ABcc=3A_everybody=40example.test?=",
        "é =?utf-8?b?eA0KQmNjOiBldmVyeWJvZHlAZXhhbXBsZS50ZXN0?= and more",
        "==??utf-8?q?x=0ABcc=3A_everybody=40example.test?=",
        "=\u2028?utf-8?q?=0ABcc=3A_everybody=40example.test?=",
        f"Bcc: everybody@example.test, ({'long' * 20}",
        "Lamps\r\nBcc: everybody@example.test\r\n\r\nAnother text",
    ],
)
def test_no_text_begins_another_header(text: str) -> None:
    envelope = Envelope("buy@example.test", text, "alma@example.test", "1.2", AT, "https://example.test/account/mails")
    mail = write_mail(Letter(Language.ENGLISH, text, "Example", "Alma"), envelope)
    read = message_from_bytes(mail.as_bytes(), policy=SMTP)
    assert read["Bcc"] is None
    assert [name for name in read if name in {"To", "Subject", "Date"}] == ["To", "Subject", "Date"]
    assert [address.addr_spec for address in read["To"].addresses] == ["alma@example.test"]
    assert "everybody" in read["Subject"] or "utf-8" in read["Subject"]
