"""What the log says in words: what was done, beside what is done to purchases, and to what kind of thing."""

from typing import Final

from emplette.http.pages.histories import DEEDS
from emplette.http.pages.translations import marked

_DEEDS: Final = {
    "user.password_set": marked("set a password"),
    "user.link_made": marked("made a link to choose a password"),
    "user.sessions_ended": marked("ended sessions"),
    "user.second_factor_set": marked("set up codes by telephone"),
    "user.second_factor_removed": marked("took the codes by telephone away"),
    "user.identity_bound": marked("signed in by the provider for the first time"),
    "user.left": marked("noted that somebody has left"),
    "user.returned": marked("noted that somebody stays or is back"),
    "user.erased": marked("erased a person"),
    "role_grant.created": marked("gave a role"),
    "role_grant.ended": marked("ended a role"),
    "api_key.created": marked("made a key"),
    "api_key.rotated": marked("gave a key another secret"),
    "api_key.revoked": marked("revoked a key"),
    "policy.loaded": marked("put a policy in force"),
    "budget.corrected": marked("changed the amount of a budget"),
    "budget.taken_over": marked("took into a budget what falls into it"),
    "budget.given_back": marked("gave back to a budget what will not be"),
    "calendar_feed.made": marked("made a link to a calendar"),
    "calendar_feed.revoked": marked("revoked a link to a calendar"),
    "tenant.created": marked("founded the company"),
    "tenant.changed": marked("changed the company"),
    "tenant.clock_moved": marked("moved the clock"),
    "tenant.working_days_set": marked("said on which days the company works"),
    "tenant.exchange_rate_set": marked("set an exchange rate"),
    "import.written": marked("brought a table in"),
    "comment.created": marked("said something"),
    "order.document_made": marked("made the document of an order"),
}
_BY_VERB: Final = {
    "created": marked("added"),
    "changed": marked("changed"),
    "deleted": marked("removed"),
    "ended": marked("ended"),
    "texts_erased": marked("erased personal words"),
}
"""What is done to whatever it is, by the last word of an event."""
_THINGS: Final = {
    "absence": marked("absence"),
    "api_key": marked("key"),
    "attachment": marked("attachment"),
    "axis": marked("axis"),
    "axis_section": marked("axis section"),
    "budget": marked("budget"),
    "comment": marked("comment"),
    "commitment": marked("commitment"),
    "cost_center": marked("cost center"),
    "cost_family": marked("cost family"),
    "department": marked("department"),
    "establishment": marked("establishment"),
    "legal_unit": marked("legal unit"),
    "nature": marked("kind of expense"),
    "order": marked("order"),
    "policy": marked("policy"),
    "purchase": marked("purchase"),
    "request": marked("request"),
    "role_grant": marked("role"),
    "subscription": marked("subscription"),
    "supplier": marked("supplier"),
    "tenant": marked("company"),
    "user": marked("person"),
    "webhook": marked("webhook"),
}


def deed_of(event_type: str) -> str:
    """Say what was done; nothing, where the name of the event has to do."""
    verb = event_type.rpartition(".")[2]
    return DEEDS.get(event_type) or _DEEDS.get(event_type) or _BY_VERB.get(verb, "")


def thing_of(object_type: str) -> str:
    """Say what kind of thing it was done to."""
    return _THINGS.get(object_type) or object_type.replace("_", " ")
