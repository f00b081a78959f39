"""Mails: whatever somebody is called and has called a purchase, a header stays one line and says what they wrote."""

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import SMTP
from typing import Final

import pytest

from emplette.domain.currencies import EUR
from emplette.domain.money import Money
from emplette.domain.parties import Language
from emplette.formats.mail_wording import SUBJECTS, WORDS, money
from emplette.formats.mails import Envelope, Item, Letter, write_mail

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


_BREAKS: Final = re.compile(r" [:;!?»]|« |\d [\d€]|\w:$|\w: ", re.MULTILINE)
"""Where a French line could begin with what closes, or an amount be torn apart; and a colon without its space."""


def test_a_french_mail_breaks_no_line_before_what_closes_and_in_no_amount() -> None:
    words, euros = WORDS[Language.FRENCH], Money(123_456_789, EUR)
    item = Item(
        said=words["asked"].format(owner="Owen"),
        title="Lampes",
        facts=[(words["amount"], money(euros, Language.FRENCH))],
        look=words["look"],
        look_at="https://example.test/1",
        content_hash="ab12",
        decide_at="https://example.test/2",
        decide_hint=words["decide_hint"].format(until="14 avril 2026, 21:00"),
    )
    letter = Letter(
        Language.FRENCH,
        "Lampes",
        "Exemple",
        "Alma",
        [item],
        words["invited_text"],
        [("Choisir", "https://example.test/3")],
    )
    envelope = Envelope(
        "buy@example.test", "Alma", "alma@example.test", "1.2", AT, "https://example.test/account/mails"
    )
    parts = {part.get_content_type(): part.get_content() for part in write_mail(letter, envelope).iter_parts()}
    told = [parts["text/plain"], *re.findall(r">([^<]*)<", parts["text/html"].partition("<body")[2])]
    assert [found[0] for text in told for found in _BREAKS.finditer(text)] == []
    assert "Montant\u00a0: 1\u202f234\u202f567,89\u00a0€" in parts["text/plain"]
    assert [text for text in SUBJECTS[Language.FRENCH].values() if _BREAKS.search(text)] == []


def test_an_english_colon_has_no_space_before_it() -> None:
    letter = Letter(
        Language.ENGLISH, "Lamps", "Example", "Alma", links=[("Choose a password", "https://example.test/3")]
    )
    envelope = Envelope(
        "buy@example.test", "Alma", "alma@example.test", "1.2", AT, "https://example.test/account/mails"
    )
    text = next(write_mail(letter, envelope).iter_parts()).get_content()
    assert "Choose a password:\nhttps://example.test/3" in text.replace("\r\n", "\n")
