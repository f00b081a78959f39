"""Whether the log of events is whole: dense, in the order of the versions, sealed, told alike to whoever reads it."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from torture.findings import Findings
from torture.history import Page
from torture.rows import Tables


def check_log(tables: Tables, findings: Findings) -> None:
    """Check the seals against the events, and the order of both against the versions."""
    events = {event["event_id"]: event for event in tables.events}
    seals = sorted(tables.sealed, key=lambda seal: seal["position"])
    if [seal["position"] for seal in seals] != list(range(1, len(seals) + 1)):
        findings.broken("log", "the positions of the log have gaps")
    head = tables.chains[0]["position"] if tables.chains else 0
    if head != len(seals):
        findings.broken("log", f"the head of the log is at {head}, and there are {len(seals)} seals")
    sealed = [seal["event_id"] for seal in seals]
    if len(sealed) != len(set(sealed)):
        findings.doubled("log", "an event was sealed twice")
    if set(sealed) != events.keys():
        findings.broken("log", f"{len(set(sealed) ^ events.keys())} events and seals do not belong together")
    if tables.unsealed:
        findings.broken("log", f"{len(tables.unsealed)} events are not sealed, though nothing happens any more")
    last: dict[tuple[str, int], int] = {}
    for event_id in sealed:
        event = events.get(event_id)
        if event is None or event["version"] is None:
            continue
        number = event["purchase_id"] or event["object_id"]
        about = "purchase" if event["purchase_id"] else event["object_type"], number
        if event["version"] < last.get(about, 0):
            findings.broken("log", f"event {event_id} of {about} stands behind a later version")
        last[about] = event["version"]


def check_feed(tables: Tables, whole: Sequence[Mapping[str, Any]], pages: Iterable[Page], findings: Findings) -> None:
    """Check what the feed tells: the same as the tables, at the end and page by page while it was written."""
    events = {event["event_id"]: event for event in tables.events}
    told = [(seal["position"], seal["event_id"], seal["hash"].hex()) for seal in tables.sealed]
    read = [(item["position"], item["id"], item["hash"]) for item in whole]
    if read != sorted(told):
        findings.broken("feed", f"the feed tells {len(read)} events otherwise than the {len(told)} seals")
    for item in whole:
        event = events.get(item["id"])
        if event is not None and (item["type"], item["callId"]) != (event["type"], event["call_id"]):
            findings.broken("feed", f"position {item['position']} is told as {item['type']}, and is {event['type']}")
    followed = [item for page in pages for item in page.items]
    for one, other in pairwise(followed):
        if other["position"] != one["position"] + 1:
            findings.broken("feed", f"a follower read position {other['position']} after {one['position']}")
    for item in followed:
        if item["position"] > len(whole) or whole[item["position"] - 1] != item:
            findings.broken("feed", f"position {item['position']} is not what a follower read there before")


def check_verification(code: int, said: str, findings: Findings) -> None:
    """Take what `emplette verify` found."""
    if code != 0:
        findings.broken("verify", f"`emplette verify` ended with {code}: {said}")
