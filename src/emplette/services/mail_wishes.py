"""How somebody wants to be written to: each says so for themselves, and it is told to nobody."""

from datetime import time

from emplette.domain.errors import Faults
from emplette.domain.mails import MailMode, MailWish
from emplette.domain.parties import Language
from emplette.services.work import Work
from emplette.storage import mail_wishes


async def read_wish(work: Work) -> MailWish:
    """Look at how the caller is written to."""
    return await mail_wishes.wish_of(work.db, work.tenant.id, work.who.user.id)


async def write_wish(work: Work, *, mode: str, language: str, quiet_from: str, quiet_until: str) -> MailWish:
    """Say how the caller wants to be written to from now on; times are HH:MM where the company is, or empty.

    Raises:
        Invalid: something is not understood, or quiet hours have no end.
    """
    faults = Faults()
    begins, ends = (_time(name, text, faults) for name, text in (("from", quiet_from), ("until", quiet_until)))
    if mode not in set(MailMode):
        faults.add("mode", "Must be one of those that are offered.")
    if language not in set(Language):
        faults.add("language", "Must be one of those that are offered.")
    if not faults and (begins is None) != (ends is None):
        faults.add("until" if ends is None else "from", "Say both from when and until when, or neither.")
    if not faults and begins is not None and begins == ends:
        faults.add("until", "Must be another time than the one from which it is quiet.")
    faults.raise_if_any()
    wish = MailWish(MailMode(mode), Language(language), begins, ends)
    await mail_wishes.set_wish(work.db, work.tenant.id, work.who.user.id, wish)
    return wish


def _time(name: str, text: str, faults: Faults) -> time | None:
    if not text:
        return None
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        faults.add(name, "Must be a time, such as 19:30.")
        return None
