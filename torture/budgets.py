"""Whether the law of budgets held: what hangs on each is what was asked for and approved, to the cent."""

from collections.abc import Iterator, Mapping
from typing import Final

from torture.findings import Findings
from torture.lives import Told
from torture.rows import Row

_HARD: Final = "Hard"


def check_budgets(told: Told, findings: Findings) -> None:
    """Check that amounts are conserved: on each budget stands what its purchases came to, and nothing else."""
    hangs: dict[int, tuple[str, int]] = {}
    for story in told.stories.values():
        for bargain in story.lives[-1].bargains if story.lives else ():
            hangs |= bargain.hangs
    for budget in told.tables.budgets:
        for fault in _faults(budget, hangs, told):
            findings.broken("amounts", f"budget {budget['budget_id']}: {fault}")


def _faults(budget: Row, hangs: Mapping[int, tuple[str, int]], told: Told) -> Iterator[str]:
    there = {name: budget[f"{name}_minor"] for name in ("amount", "overrun", "free", "reserved", "committed", "spent")}
    if there["amount"] + there["overrun"] != sum(there[name] for name in ("free", "reserved", "committed", "spent")):
        yield f"is not conserved: {there}"
    if min(there.values()) < 0 or (there["free"] and there["overrun"]):
        yield f"has less than nothing: {there}"
    committed, waiting = (sum(cents for state, cents in hangs.values() if state == one) for one in _HOLDING)
    if there["committed"] != committed:
        yield f"{there['committed']} cents are committed, and {committed} are approved"
    if there["reserved"] > waiting or (budget["kind"] == _HARD and there["reserved"] != waiting):
        yield f"{there['reserved']} cents are reserved, and {waiting} are asked for"
    rows = {row["request_id"]: row for row in told.tables.budget_entries if row["budget_id"] == budget["budget_id"]}
    entries = {number: (row["state"], row["amount_minor"]) for number, row in rows.items()}
    for number in sorted(entries.keys() | hangs.keys()):
        if entries.get(number) != hangs.get(number):
            yield f"request {number} hangs on it as {entries.get(number)}, and should as {hangs.get(number)}"
    held = sum(row["held_minor"] for row in rows.values())
    if held != there["reserved"] + there["committed"]:
        yield f"what hangs on it holds {held} cents, and it says {there['reserved'] + there['committed']}"


_HOLDING: Final = ("Committed", "Reserved")
