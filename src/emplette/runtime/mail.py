"""The server that sends mails, as the settings name it."""

from emplette.formats.mailing import Mailer
from emplette.settings import Settings


def mailer_of(settings: Settings) -> Mailer | None:
    """Name the server to which mails are given; None when none is named, and nobody is written to."""
    return Mailer.named(settings.smtp_url, settings.mail_from, settings.public_url)
