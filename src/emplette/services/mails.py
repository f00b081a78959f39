"""Mails: finding out who is to be told what, and telling them.

Both begin long after the command that they are about: it has been answered, and nothing here can undo or refuse it.
A mail is looked up again when it is sent: what is not so any more is not told.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID

from emplette.domain.approvals import Request
from emplette.domain.deliveries import pause_after
from emplette.domain.dossiers import Dossier
from emplette.domain.keys import hash_of_secret
from emplette.domain.mails import KEEPS_TRYING, LINK_LIFE, MailKind, MailMode, MailState
from emplette.domain.standing_in import as_of
from emplette.formats.mail_letters import Addresses, Remark, digest_subject, item_of, subject_of
from emplette.formats.mailing import Line, Mailer, NotSent, ServerSilent
from emplette.formats.mails import AddressUnusable, Envelope, Item, Letter, write_mail
from emplette.services.commands import seen_by
from emplette.services.randomness import new_secret
from emplette.storage import charts, comments, decision_links, dossiers, mails, registers, subscriptions
from emplette.storage.comments import COMMENTS
from emplette.storage.database import Session
from emplette.storage.decision_links import DecisionLink
from emplette.storage.mails import Behind, Mail

_DECIDES: Final = (MailKind.ASKED, MailKind.REMINDED)


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of what one person was written: how many mails that is, in which state, and why not."""

    count: int
    state: MailState
    error: str | None = None


async def make_mails(db: Session, one: Behind, now: datetime) -> int:
    """Find out who is to be told of a piece of a company's log, and when; answer how many mails those are."""
    tenant = one.tenant
    found = await mails.recipients(db, tenant.id, tenant.country, after=one.after, until=one.until)
    due = [(each, each.wish.due_at(now, tenant.time_zone)) for each in found]
    return await mails.enqueue(db, tenant.id, due, after=one.after, until=one.until)


async def send_mails(db: Session, claim: UUID, claimed: Sequence[Mail], mailer: Mailer) -> list[Sent]:
    """Send what was claimed, a digest as one mail; answer what became of it."""
    bundles = await _not_in_quiet_hours(db, claim, _bundles(claimed))
    done: list[Sent] = []
    try:
        async with mailer.line() as line:
            while bundles:
                done.append(await _send(db, claim, bundles[0], mailer, line))
                bundles.pop(0)
    except ServerSilent as silent:
        # Nobody else's mail would be taken either: all of them wait, and nobody's is tried again and again.
        done += [await _fail(db, claim, bundle, str(silent)) for bundle in bundles]
    return done


def _bundles(claimed: Sequence[Mail]) -> list[list[Mail]]:
    """Put together what goes as one mail: what one person gets in a digest."""
    bundles: list[list[Mail]] = []
    for _, group in groupby(claimed, key=lambda mail: (mail.tenant.id, mail.person.id)):
        several = list(group)
        digest = [mail for mail in several if mail.in_digest]
        bundles += [[mail] for mail in several if not mail.in_digest]
        bundles += [digest] if digest else []
    return bundles


async def _not_in_quiet_hours(db: Session, claim: UUID, bundles: Sequence[list[Mail]]) -> list[list[Mail]]:
    """Keep what can be sent now: what was late, or is tried again, may have come into somebody's quiet hours."""
    kept = []
    for bundle in bundles:
        first = bundle[0]
        until = first.wish.peace_until(datetime.now(UTC), first.tenant.time_zone)
        if until is None:
            kept.append(bundle)
        else:
            await mails.postpone(db, first.tenant.id, bundle, claim, until=until)
    return kept


async def _send(db: Session, claim: UUID, bundle: list[Mail], mailer: Mailer, line: Line) -> Sent:
    told = [(mail, dossier) for mail in bundle if (dossier := await _still_so(db, mail)) is not None]
    gone = [mail for mail in bundle if all(mail is not each for each, _ in told)]
    if gone:
        await mails.settle(db, gone[0].tenant.id, gone, claim, MailState.DROPPED)
    if not told:
        return Sent(len(gone), MailState.DROPPED)
    kept = [mail for mail, _ in told]
    try:
        items = [await _item(db, mail, dossier, mailer) for mail, dossier in told]
        await line.send(write_mail(_letter(told, items), _envelope(kept, mailer)))
    except (NotSent, AddressUnusable) as refused:
        for_ever = isinstance(refused, AddressUnusable) or refused.for_ever
        return await _fail(db, claim, kept, str(refused), for_ever=for_ever)
    await mails.settle(db, kept[0].tenant.id, kept, claim, MailState.SENT)
    return Sent(len(kept), MailState.SENT)


async def _still_so(db: Session, mail: Mail) -> Dossier | None:
    """Read what a mail is about; None when there is nothing to tell any more, or nobody to tell it."""
    if mail.email is None or mail.wish.mode is MailMode.NONE:
        return None
    if not mail.person.is_active(mail.tenant.today(mail.tenant.now(datetime.now(UTC)))):
        return None
    if mail.kind is MailKind.MENTIONED:
        return await _if_seen(db, mail)
    if mail.kind is MailKind.ENDING or mail.request_id is None:
        return await _if_undecided(db, mail)
    dossier = await dossiers.of_request(db, mail.tenant.id, mail.request_id)
    if dossier is None or dossier.request is None:
        return None
    is_so = mail.kind not in _DECIDES or await _can_decide(db, mail, dossier, dossier.request)
    return dossier if is_so else None


async def _can_decide(db: Session, mail: Mail, dossier: Dossier, request: Request) -> bool:
    """Tell whether somebody can decide what the mail is about: as who is asked, or in the place of who is away."""
    if request.content_hash != mail.content_hash:
        return False
    if any(approver.user.id == mail.person.id for approver in request.waits_for):
        return True
    today = mail.tenant.today(mail.tenant.now(datetime.now(UTC)))
    now = as_of(dossier, await charts.find(db, mail.tenant.id, today=today), today).request
    return now is not None and any(decider.user.id == mail.person.id for decider in now.deciders)


async def _if_seen(db: Session, mail: Mail) -> Dossier | None:
    """Read the purchase at which somebody was mentioned, as long as they may see it."""
    today = mail.tenant.today(mail.tenant.now(datetime.now(UTC)))
    found = await comments.find_around(db, mail.tenant.id, mail.purchase_id, today=today, among=[mail.person.id])
    is_seen = found is not None and any(seen_by(one, found.dossier) for one in found.people)
    return found.dossier if found is not None and is_seen else None


async def _if_undecided(db: Session, mail: Mail) -> Dossier | None:
    """Read the subscription that ends, as long as nobody has decided what becomes of it."""
    found = await subscriptions.find(db, mail.tenant.id, mail.object_id)
    return None if found is None or found[0].last_act is not None else found[1]


async def _item(db: Session, mail: Mail, dossier: Dossier, mailer: Mailer) -> Item:
    base = mailer.base_url(mail.host)
    addresses = Addresses(base, None, datetime.now(mail.tenant.time_zone) + LINK_LIFE)
    # Who has a second factor is asked for it: a link would lead past it.
    if mail.kind in _DECIDES and mail.request_id is not None and mail.content_hash and not mail.has_factor:
        secret = new_secret()
        link = DecisionLink(mail.person, mail.request_id, mail.content_hash, addresses.until, None)
        await decision_links.make(db, mail.tenant.id, hash_of_secret(secret), link, now=datetime.now(UTC))
        addresses = replace(addresses, decide_at=f"{base}/decisions/{secret}")
    remark = await _remark(db, mail) if mail.kind is MailKind.MENTIONED else None
    return item_of(mail.kind, mail.event_type, dossier, mail.wish.language, addresses, remark)


async def _remark(db: Session, mail: Mail) -> Remark | None:
    """Read what somebody said who mentioned the one to whom the mail goes."""
    comment, known = await registers.find(db, mail.tenant.id, COMMENTS, mail.object_id)
    return None if comment is None else Remark(comment.id, known.users[comment.author_id].name, comment.text)


def _letter(told: Sequence[tuple[Mail, Dossier]], items: Sequence[Item]) -> Letter:
    mail, dossier = told[0]
    language = mail.wish.language
    subject = subject_of(mail.kind, mail.event_type, dossier, language)
    if len(told) > 1:
        subject = digest_subject(len(told), language)
    return Letter(language, subject, mail.tenant.name, mail.person.first_name, items)


def _envelope(bundle: Sequence[Mail], mailer: Mailer) -> Envelope:
    """Address a mail; it is known by the same name however often it is sent."""
    mail, base = bundle[0], mailer.base_url(bundle[0].host)
    return Envelope(
        sender=mailer.sender,
        name=mail.person.name,
        address=mail.email or "",
        message_id=f"{mail.tenant.account}.{mail.event_id}.{mail.person.id}",
        at=datetime.now(UTC),
        wishes_at=f"{base}/account/mails",
        thread=None if mail.request_id is None else f"{mail.tenant.account}.request.{mail.request_id}",
    )


async def _fail(db: Session, claim: UUID, bundle: list[Mail], reason: str, *, for_ever: bool = False) -> Sent:
    """Note that mails were not taken: they are tried again for a day, and then parked."""
    first = bundle[0]
    over = for_ever or max(mail.failing_for or 0.0 for mail in bundle) >= KEEPS_TRYING.total_seconds()
    state = MailState.PARKED if over else MailState.WAITING
    pause = pause_after(first.attempts + 1, random.random())  # noqa: S311  (spreads load, hides nothing)
    again = max(pause, timedelta(seconds=1))
    await mails.settle(db, first.tenant.id, bundle, claim, state, error=reason, again_in=again)
    return Sent(len(bundle), state, reason)
