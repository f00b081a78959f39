"""Events: what happened, as everybody is told it, and the names of all that can happen.

A name is the kind of thing that it happened to, a dot, and what happened. None is ever taken away or means something
else later; more may come. Who asks for a name that is none is told so, and not left waiting.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Final

from emplette.domain.errors import Faults

_OF_REGISTERS: Final = {
    "axis": "An axis of analysis",
    "axis_section": "A section of an axis",
    "cost_center": "A cost center",
    "cost_family": "A family of kinds of expense",
    "department": "A department",
    "establishment": "An establishment",
    "legal_unit": "A legal unit",
    "nature": "A nature",
    "supplier": "A supplier",
    "user": "A person",
    "webhook": "A webhook",
}
EVENT_TYPES: Final[dict[str, str]] = {
    "purchase.created": "Somebody asked to buy something",
    "purchase.revised": "What is asked for was changed, or a new beginning was made",
    "purchase.supplier_listed": "A listed supplier took the place of a draft one",
    "purchase.closed": "Nothing more will come of the purchase",
    "purchase.texts_erased": "Personal text of the purchase was erased",
    "commitment.created": "It was said what it will cost",
    "commitment.revised": "What it will cost was changed",
    "request.created": "Approval was asked for, of a commitment or of an amendment",
    "request.step_approved": "Somebody approved, and others are asked as well",
    "request.step_objected": "Somebody was against it, and others are asked as well",
    "request.reassigned": "Somebody else was asked in the place of an approver",
    "request.approver_replaced": "Somebody is asked in the place of an approver who decides no more",
    "request.begun_anew": "What is asked for was changed, and everybody is asked anew",
    "request.reminded": "Those whose decision is waited for were reminded",
    "request.escalated": "Nobody had decided in time, and those above are asked",
    "request.approved": "It was approved",
    "request.denied": "It was denied",
    "request.cancelled": "It was withdrawn",
    "order.created": "An order was made of what was approved",
    "order.amended": "An order was changed as was approved",
    "order.closed": "The order was closed with its purchase",
    "order.cancelled": "The order was cancelled",
    "order.document_made": "The document of an order was made, and is kept as it is",
    "subscription.notice_due": "The last safe day to give notice comes near, and nothing is decided",
    "subscription.end_due": "That day has passed, or no notice has to be given, and the subscription ends soon",
    "subscription.ran_out": "A subscription has ended",
    "subscription_act.created": "It was decided to renew a subscription, to stop it or to let it run",
    "comment.created": "Somebody said something about a purchase",
    "comment.texts_erased": "Personal text of a comment was erased",
    "attachment.created": "A file was hung on a purchase",
    "attachment.texts_erased": "Personal text of an attachment was erased",
    "budget.created": "A budget was made",
    "budget.corrected": "The amount of a budget was changed, with a reason",
    "budget.taken_over": "What falls into a new budget was reserved or committed in it",
    "budget.given_back": "Periods that a stopped subscription will not have were given back",
    "budget.texts_erased": "Personal text of a budget was erased",
    "absence.created": "An absence was entered",
    "absence.ended": "An absence was taken back",
    "policy.loaded": "A policy was put in force",
    "supplier.bank_account_changed": "The bank account of a supplier was changed",
    "supplier.texts_erased": "Personal text of a supplier was erased",
    "user.left": "It was noted on which day somebody leaves",
    "user.returned": "That day was taken back",
    "user.erased": "A person was erased",
    "user.link_made": "A link to choose a password was made",
    "user.password_set": "A person chose a password",
    "user.identity_bound": "A person signed in by a provider for the first time",
    "user.second_factor_set": "A person set up codes by telephone",
    "user.second_factor_removed": "The codes by telephone of a person were taken away",
    "user.sessions_ended": "Sessions of a person were ended",
    "role_grant.created": "A role was given",
    "role_grant.ended": "A role was ended",
    "api_key.created": "A key was made",
    "api_key.rotated": "A key was given another secret",
    "api_key.revoked": "A key was revoked",
    "api_key.texts_erased": "Personal text of a key was erased",
    "calendar_feed.made": "A link to a calendar was made",
    "calendar_feed.revoked": "A link to a calendar was revoked",
    "webhook.secret_changed": "A webhook was given another secret",
    "webhook.pinged": "A webhook is tried; it is told whatever its topics",
    "webhook.resumed": "A suspended webhook is told again",
    "webhook.replayed": "A webhook is told anew from a place of the log",
    "webhook.deleted": "A webhook was deleted",
    "import.written": "A table was brought in",
    "tenant.created": "The company was founded",
    "tenant.changed": "What the company is called, or how it counts, was changed",
    "tenant.working_days_set": "It was said on which days the company works",
    "tenant.exchange_rate_set": "An exchange rate was set by hand",
    "tenant.vat_rate_added": "A rate of VAT was added",
    "tenant.vat_rate_ended": "A rate of VAT was ended",
    "tenant.recovery_rule_set": "It was said how much of the VAT is recovered",
    "tenant.clock_moved": "The clock of a trial was moved",
} | {f"{kind}.{what}": f"{name} was {what}" for kind, name in _OF_REGISTERS.items() for what in ("created", "changed")}
"""The types of events, and what each tells."""

OBJECT_TYPES: Final = frozenset(name.partition(".")[0] for name in EVENT_TYPES)
"""The kinds of things to which something happens."""


@dataclass(frozen=True, slots=True)
class SealedEvent:
    """Something that happened, at its position; the facts are the very text that was sealed."""

    position: int
    epoch: int
    hash: bytes
    id: int
    at: datetime
    type: str
    object_type: str
    object_id: int
    purchase_id: int | None
    version: int | None
    actor_id: int
    api_key_id: int | None
    call_id: str | None
    facts: str
    texts_hash: bytes | None


def fault_of_event_type(text: str) -> str | None:
    """Say that there is no event of a type, and which one was probably meant."""
    if text in EVENT_TYPES:
        return None
    near = get_close_matches(text, EVENT_TYPES, 1)
    return f"{text} is no type of event; {near[0]} is one." if near else f"{text} is no type of event."


def fault_of_object_type(text: str) -> str | None:
    """Say that nothing happens to a kind of thing, and which one was probably meant."""
    if text in OBJECT_TYPES:
        return None
    near = get_close_matches(text, OBJECT_TYPES, 1)
    return f"Events tell of no {text}; of {near[0]} they do." if near else f"Events tell of no {text}."


def note_unknown(types: Sequence[str], object_types: Sequence[str], faults: Faults, *, names: tuple[str, str]) -> None:
    """Note what no event is called and what no event tells of, by the ``names`` of the two filters."""
    for name, asked, fault_of in (
        (names[0], types, fault_of_event_type),
        (names[1], object_types, fault_of_object_type),
    ):
        for text in asked:
            fault = fault_of(text)
            if fault is not None:
                faults.add(name, fault)
