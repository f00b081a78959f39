"""Trying whether mails arrive: one is sent now, and whoever tries is told how that went."""

from datetime import datetime
from uuid import uuid4

from emplette.domain.errors import Invalid
from emplette.domain.parties import Language
from emplette.formats.mail_wording import WORDS
from emplette.formats.mailing import Mailer, NotSent, ServerSilent
from emplette.formats.mails import AddressUnusable, Envelope, Letter, write_mail


async def try_mail(
    mailer: Mailer, address: str, *, company: str, language: Language, now: datetime, host: str | None = None
) -> None:
    """Send a mail to an address, in the name of a company; ``host`` is where its pages are.

    Raises:
        Invalid: the server did not take it; says why.
    """
    words, base = WORDS[language], mailer.base_url(host)
    envelope = Envelope(mailer.sender, "", address, f"test.{uuid4()}", now, f"{base}/account/mails")
    letter = Letter(language, words["test"], company, address, text=words["test_text"].format(company=company))
    try:
        mail = write_mail(letter, envelope)
        async with mailer.line() as line:
            await line.send(mail)
    except (NotSent, ServerSilent, AddressUnusable) as error:
        raise Invalid.field("address", f"Not sent: {error}.") from None
