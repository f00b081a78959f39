"""What a letter says of a purchase: one thing that is told, its facts, and where to look."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from emplette.domain.amending import as_asked
from emplette.domain.approvals import Request
from emplette.domain.commitments import Commitment, Subscription
from emplette.domain.dossiers import Dossier
from emplette.domain.mails import MailKind
from emplette.domain.parties import Language
from emplette.formats import mail_wording as wording
from emplette.formats.mail_wording import SUBJECTS, WORDS
from emplette.formats.mails import Item, in_one_line

_ENDS_OF: Final = {
    "request.approved": "approved",
    "request.denied": "denied",
    "request.cancelled": "cancelled",
    "subscription.ran_out": "ran_out",
}
_OF_PURCHASE: Final = (MailKind.MENTIONED, MailKind.ENDING)
"""Mails that are about the purchase, where something can be done, and lead there; to its request beside that."""
_LONGEST_REMARK: Final = 500


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a letter leads: to the pages of a company, and, until some moment, to a decision."""

    base: str
    decide_at: str | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody said about a purchase: the number of the comment, by whom, and the words."""

    id: int
    by: str
    text: str


def subject_of(kind: MailKind, event_type: str, dossier: Dossier, language: Language) -> str:
    """Say in one line what is told."""
    return SUBJECTS[language][_ENDS_OF.get(event_type, kind)].format(title=dossier.purchase.title)


def digest_subject(count: int, language: Language) -> str:
    """Say in one line that several things are told."""
    return WORDS[language]["digest_of"].format(count=count)


def item_of(
    kind: MailKind,
    event_type: str,
    dossier: Dossier,
    language: Language,
    addresses: Addresses,
    remark: Remark | None = None,
) -> Item:
    """Tell one thing of a purchase; of a request for an amendment, what the purchase would be by it."""
    dossier = as_asked(dossier)
    words, purchase, request = WORDS[language], dossier.purchase, dossier.request
    facts = [*_facts(dossier, language), *_decision(kind, request, language)]
    if remark is not None:
        facts.insert(0, (remark.by, _remark(remark.text)))
    if kind is MailKind.ENDING:
        facts += _end(dossier.commitment, language)
    asks = request is not None and kind in {MailKind.ASKED, MailKind.REMINDED}
    request_at = None if request is None else f"{addresses.base}/approvals/{request.id}"
    purchase_at = f"{addresses.base}/purchases/{purchase.id}" + ("" if remark is None else f"#comment-{remark.id}")
    leads_to_request = request_at is not None and kind not in _OF_PURCHASE
    until = wording.moment(addresses.until.date(), addresses.until.time(), language)
    return Item(
        said=words[_ENDS_OF.get(event_type, kind)].format(owner=purchase.owner.name),
        title=in_one_line(purchase.title),
        facts=facts,
        look=words["look" if leads_to_request else "look_at_purchase"],
        look_at=request_at if request_at is not None and leads_to_request else purchase_at,
        also=() if request_at is None or leads_to_request else ((words["look"], request_at),),
        content_hash=None if request is None else request.content_hash,
        decide_at=addresses.decide_at if asks else None,
        decide_hint=words["decide_hint"].format(until=until),
    )


def _facts(dossier: Dossier, language: Language) -> list[tuple[str, str]]:
    words, purchase, commitment = WORDS[language], dossier.purchase, dossier.commitment
    told: list[tuple[str, str | None]] = [
        ("supplier", purchase.supplier.name),
        ("owner", purchase.owner.name),
        ("cost_center", purchase.cost_center.name),
        ("nature", purchase.nature.name),
        ("why", None if commitment is None else commitment.comment),
    ]
    facts = [(words[name], _remark(text)) for name, text in told if text]
    if commitment is None:
        return facts
    total = commitment.total.base
    without = f"{wording.money(total.excluding, language)} {words['without_taxes']}"
    amount = without if not total.taxes else f"{wording.money(total.including, language)} ({without})"
    return [(words["amount"], amount), *facts]


def _decision(kind: MailKind, request: Request | None, language: Language) -> list[tuple[str, str]]:
    """Say who decided last, and what they said to it."""
    if kind is not MailKind.DECIDED or request is None:
        return []
    words = WORDS[language]
    last = request.decisions[-1] if request.decisions else None
    by = None if last is None else last.by.name
    comment = request.cancellation_comment or (None if last is None else last.comment)
    return [(words[name], _remark(text)) for name, text in (("by", by), ("comment", comment)) if text]


def _end(commitment: Commitment | None, language: Language) -> list[tuple[str, str]]:
    if commitment is None or not isinstance(commitment.terms, Subscription):
        return []
    words, terms = WORDS[language], commitment.terms
    told = [("last_safe_day", terms.last_notice_date), ("ends", terms.end_date)]
    return [(words[name], wording.day(on, language)) for name, on in told if on is not None]


def _remark(text: str) -> str:
    """Write what somebody said in one line, and not the whole of what is long: the page has it."""
    line = in_one_line(text)
    return line if len(line) <= _LONGEST_REMARK else f"{line[:_LONGEST_REMARK]} …"
