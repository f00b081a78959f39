"""Mails, wishes and links that decide, as a rival."""

from datetime import timedelta

from emplette.domain.keys import hash_of_secret
from emplette.domain.mails import MailKind, MailMode, MailState, MailWish
from emplette.domain.people import Tenant, User
from emplette.storage import decision_links, mail_wishes, mails
from emplette.storage.decision_links import DecisionLink
from emplette.storage.mails import Mail, Recipient
from tests.fixtures.mail_rows import CLAIM, EVENT
from tests.storage.trying import NOW, Call, case


def _person(call: Call) -> User:
    return User(call.ids.word, "", "")


@case(mails.recipients)
async def _recipients(call: Call) -> object:
    return len(await mails.recipients(call.db, call.tenant, "FR", after=0, until=1_000))


@case(mails.enqueue)
async def _enqueue(call: Call) -> object:
    one = Recipient(1, MailKind.ASKED, call.ids.word, call.ids.purchase, call.ids.request, 1, "v1", MailWish())
    return await mails.enqueue(call.db, call.tenant, [(one, NOW)], after=1, until=2)


@case(mails.settle)
async def _settle(call: Call) -> object:
    return await mails.settle(call.db, call.tenant, [_mail(call)], CLAIM, MailState.SENT)


@case(mails.postpone)
async def _postpone(call: Call) -> object:
    return await mails.postpone(call.db, call.tenant, [_mail(call)], CLAIM, until=NOW)


@case(mails.list_mails)
async def _list(call: Call) -> object:
    return await mails.list_mails(call.db, call.tenant, list(MailState), most=10)


@case(mails.retry)
async def _retry(call: Call) -> object:
    return await mails.retry(call.db, call.tenant)


@case(mail_wishes.wish_of)
async def _wish(call: Call) -> object:
    return await mail_wishes.wish_of(call.db, call.tenant, call.ids.word)


@case(mail_wishes.set_wish)
async def _set_wish(call: Call) -> None:
    await mail_wishes.set_wish(call.db, call.tenant, call.ids.word, MailWish(MailMode.NONE))


@case(decision_links.make)
async def _make(call: Call) -> None:
    link = DecisionLink(_person(call), call.ids.request, "v1", NOW + timedelta(days=1), None)
    await decision_links.make(call.db, call.tenant, hash_of_secret("new"), link, now=NOW)


@case(decision_links.find)
async def _find(call: Call) -> object:
    return await decision_links.find(call.db, call.tenant, hash_of_secret(call.ids.key))


@case(decision_links.use)
async def _use(call: Call) -> object:
    return await decision_links.use(call.db, call.tenant, hash_of_secret(call.ids.key), now=NOW)


@case(decision_links.give_back)
async def _give_back(call: Call) -> None:
    await decision_links.give_back(call.db, call.tenant, hash_of_secret(f"used {call.ids.key}"))


def _mail(call: Call) -> Mail:
    tenant = Tenant(call.tenant, "", "", None, "EUR", "FR")  # type: ignore[arg-type]
    return Mail(
        tenant=tenant,
        host=None,
        event_id=EVENT,
        event_type="request.created",
        object_id=call.ids.request,
        kind=MailKind.ASKED,
        person=_person(call),
        email=None,
        purchase_id=call.ids.purchase,
        request_id=None,
        content_hash=None,
        in_digest=False,
        attempts=0,
        failing_for=None,
        wish=MailWish(),
        has_factor=False,
    )
