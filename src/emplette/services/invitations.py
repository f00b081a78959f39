"""Inviting people: a link by which somebody chooses a password, mailed to them where mails can be sent.

The link is made first, and the log tells so. Whether a mail was taken is known at once; where it was not, whoever
invites is shown the link, and why.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Final

from emplette.domain.parties import Language
from emplette.domain.people import User, UserKind
from emplette.domain.sign_in import LINK_LIFE
from emplette.formats.mail_wording import WORDS, moment
from emplette.formats.mailing import Mailer, NotSent, ServerSilent
from emplette.formats.mails import AddressUnusable, Envelope, Letter, write_mail
from emplette.services.password_links import make_link
from emplette.services.work import Work
from emplette.storage import mail_wishes, sign_in

PLACE: Final = "/password-links/"


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link for somebody to choose a password by.

    ``mailed_to`` is the address whose server took it; where nobody was written to, ``link`` is to be shown, this once,
    and ``fault`` says why if a mail was tried.
    """

    person: User
    link: str = ""
    mailed_to: str = ""
    fault: str = ""


async def invite(work: Work, user_id: int, *, base_url: str, by_mail: bool, life: timedelta = LINK_LIFE) -> Invitation:
    """Make a link by which somebody chooses a password, and mail it to them if that is wanted and mails can be sent.

    Args:
        work: the call.
        user_id: whom to invite.
        base_url: where the company's pages are, unless the server says otherwise to whom it writes.
        by_mail: whether to write to them; else the link is shown.
        life: how long the link is good.

    Raises:
        UserNotFound: there is no such person.
        NoMailAddress: they could not sign in.
        Invalid: they have left, or it would be good for too long.
    """
    made_at = work.world_now
    person, secret = await make_link(work.db, work.tenant, user_id, actor=work.who.user.id, now=made_at, life=life)
    mailer = work.shelf.mailer
    if not by_mail or mailer is None:
        return Invitation(person, link=f"{base_url}{PLACE}{secret}")
    member = await sign_in.member(work.db, work.tenant.id, user_id)
    address = "" if member is None else member.email or ""
    link = f"{mailer.public_url or base_url}".rstrip("/") + f"{PLACE}{secret}"
    language = (await mail_wishes.wish_of(work.db, work.tenant.id, user_id)).language
    try:
        await _write(work, mailer, person, address, link, language=language, ends_at=made_at + life)
    except (NotSent, ServerSilent, AddressUnusable) as error:
        return Invitation(person, link=link, fault=f"Not sent: {error}.")
    return Invitation(person, mailed_to=address)


async def _write(
    work: Work, mailer: Mailer, person: User, address: str, link: str, *, language: Language, ends_at: datetime
) -> None:
    words, company = WORDS[language], work.tenant.name
    until = ends_at.astimezone(work.tenant.time_zone)
    by = work.who.user
    opening = words["invited_by" if by.kind is UserKind.PERSON else "invited_anyway"].format(
        by=by.name, company=company
    )
    text = words["invited_text"].format(opening=opening, until=moment(until.date(), until.time(), language))
    subject = words["invited"].format(company=company)
    letter = Letter(language, subject, company, person.first_name, text=text, links=[(words["choose"], link)])
    wishes_at = f"{link.partition(PLACE)[0]}/account/mails"
    name = f"{work.tenant.account}.invitation.{token_hex(8)}"
    mail = write_mail(letter, Envelope(mailer.sender, person.name, address, name, datetime.now(UTC), wishes_at))
    async with mailer.line() as line:
        await line.send(mail)
