"""What the server does by itself: whether it had reason to, and did each thing once."""

from collections import Counter
from typing import Final

from torture.findings import Findings
from torture.lives import Told
from torture.model import BY_ITSELF
from torture.rows import Tables

_SUBSCRIPTION: Final = "SubscriptionCommitment"
_LATE: Final = {"tenant.clock_moved", "request.reminded", "request.escalated"}
_LEFT: Final = {"user.left", "user.changed", "request.approver_replaced"}


def asked_by_itself(tables: Tables) -> int:
    """Count how often the server asked others about a request: it waited too long, or somebody left."""
    return sum(event["call_id"] is None and event["type"] in BY_ITSELF for event in tables.events)


def check_reminders(told: Told, findings: Findings) -> None:
    """Check what was told by itself: each thing of a subscription that ends once, and of people where time went on."""
    subscriptions = {
        bargain.id
        for story in told.stories.values()
        for life in story.lives
        for bargain in life.bargains
        if bargain.terms.type == _SUBSCRIPTION
    }
    unasked = [event for event in told.tables.events if event["call_id"] is None]
    may_happen = (_LATE if told.days[0] != told.days[1] else set()) | (_LEFT if told.left else set())
    for event in unasked:
        is_known = event["object_type"] == "subscription" and event["object_id"] in subscriptions
        if not is_known and event["type"] not in may_happen:
            findings.broken("effects", f"event {event['event_id']}, a {event['type']}, comes of no call")
    ending = [event for event in unasked if event["object_type"] == "subscription"]
    times = Counter((event["type"], event["object_id"], str(event["facts"])) for event in ending)
    for (kind, number, _), often in times.items():
        if often > 1:
            findings.doubled("effects", f"{often} times: {kind} of {number}")
