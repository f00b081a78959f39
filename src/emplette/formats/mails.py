"""Letters to people, as mails: a text and the same in HTML, with headers that nothing in a title can change."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from emplette.domain.mails import sender_of
from emplette.domain.parties import Language
from emplette.formats.mail_wording import WORDS

_LONGEST_SUBJECT: Final = 150
_LONGEST_NAME: Final = 60
# What has a meaning among addresses; a name that is folded loses the quotes around it.
_SPECIAL: Final = re.compile(r'[()<>@,:;"\\\[\]]+')
_UNPRINTABLE: Final = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class AddressUnusable(Exception):
    """Nothing can be sent to this address: it is none."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is told: what, the facts of it by name, where to look, and by which link to decide.

    ``content_hash`` says which content it is about; ``also`` are further places to look at, by what they are called.
    """

    said: str
    title: str
    facts: Sequence[tuple[str, str]]
    look: str
    look_at: str
    content_hash: str | None = None
    decide_at: str | None = None
    decide_hint: str = ""
    also: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands on a mail: from whom, to whom, by which name it is known, and what it belongs to.

    ``thread`` is the same for all mails about one request. ``wishes_at`` is where one chooses which mails one gets.
    """

    sender: str
    name: str
    address: str
    message_id: str
    at: datetime
    wishes_at: str
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """What is written to somebody, in their language; ``links`` are where to go from there, by what they are called."""

    language: Language
    subject: str
    company: str
    first_name: str
    items: Sequence[Item] = field(default_factory=list)
    text: str = ""
    links: Sequence[tuple[str, str]] = ()


def write_mail(letter: Letter, envelope: Envelope) -> EmailMessage:
    """Make a mail of a letter.

    Raises:
        AddressUnusable: it can't be sent to that address.
    """
    name, address = sender_of(envelope.sender)
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _address(name, address)
    mail["To"] = _address(envelope.name, envelope.address)
    mail["Subject"] = _in_header(letter.subject)[:_LONGEST_SUBJECT]
    mail["Date"] = format_datetime(envelope.at)
    mail["Message-ID"] = f"<{envelope.message_id}@{address.rpartition('@')[2]}>"
    if envelope.thread is not None:
        mail["References"] = f"<{envelope.thread}@{address.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["List-Unsubscribe"] = f"<{envelope.wishes_at}>"
    mail["Content-Language"] = str(letter.language)
    shown = {"letter": letter, "words": WORDS[letter.language], "wishes_at": envelope.wishes_at}
    mail.set_content(_template("mail.txt").render(shown))
    mail.add_alternative(_template("mail.html").render(shown), subtype="html")
    return mail


def in_one_line(text: str) -> str:
    """Write a text without anything that would begin another line."""
    return _UNPRINTABLE.sub(" ", text).strip()


def _in_header(text: str) -> str:
    """Write a text as a header can hold it: in one line, also once it is read.

    What looks like an encoded word is decoded where headers are made, with the ends of lines that are written in it.
    """
    return in_one_line(text).replace("=?", "= ?")


def _address(name: str, address: str) -> Address:
    try:
        return Address(_SPECIAL.sub(" ", _in_header(name))[:_LONGEST_NAME].strip(), addr_spec=address)
    except (ValueError, IndexError, UnicodeError) as error:
        raise AddressUnusable(f"Can't be written to: {error}") from None


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=PackageLoader("emplette.formats", "mail_templates"),
        autoescape=name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
