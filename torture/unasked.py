"""What the server does by itself: whether it had reason to, and did each thing once."""

from collections import Counter
from typing import Final

from torture.findings import Findings
from torture.lives import Told

_SUBSCRIPTION: Final = "SubscriptionCommitment"


def check_reminders(told: Told, findings: Findings) -> None:
    """Check what was told of subscriptions that end: of those that there are, or were, each thing once."""
    subscriptions = {
        bargain.id
        for story in told.stories.values()
        for life in story.lives
        for bargain in life.bargains
        if bargain.terms.type == _SUBSCRIPTION
    }
    unasked = [event for event in told.tables.events if event["call_id"] is None]
    for event in unasked:
        if event["object_type"] != "subscription" or event["object_id"] not in subscriptions:
            findings.broken("effects", f"event {event['event_id']}, a {event['type']}, comes of no call")
    times = Counter((event["type"], event["object_id"], str(event["facts"])) for event in unasked)
    for (kind, number, _), often in times.items():
        if often > 1:
            findings.doubled("effects", f"{often} times: {kind} of {number}")
