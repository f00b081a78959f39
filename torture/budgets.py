"""Whether the law of budgets held: what hangs on each is what was asked for and approved, to the cent."""

from collections.abc import Iterator

from torture.findings import Findings
from torture.lives import Told
from torture.model import Bargain
from torture.rows import Row

_HARD = "Hard"


def check_budgets(told: Told, findings: Findings) -> None:
    """Check that amounts are conserved: on each budget stands what its purchases came to, and nothing else."""
    bargains = [
        bargain
        for story in told.stories.values()
        if story.lives
        for bargain in story.lives[-1].bargains
        if bargain.request is not None
    ]
    for budget in told.tables.budgets:
        for fault in _faults(budget, bargains, told):
            findings.broken("amounts", f"budget {budget['budget_id']}: {fault}")


def _faults(budget: Row, bargains: list[Bargain], told: Told) -> Iterator[str]:
    there = {name: budget[f"{name}_minor"] for name in ("amount", "overrun", "free", "reserved", "committed", "spent")}
    if there["amount"] + there["overrun"] != sum(there[name] for name in ("free", "reserved", "committed", "spent")):
        yield f"is not conserved: {there}"
    if min(there.values()) < 0 or (there["free"] and there["overrun"]):
        yield f"has less than nothing: {there}"
    committed = sum(bargain.total for bargain in bargains if _state(bargain) == "Committed")
    if there["committed"] != committed:
        yield f"{there['committed']} cents are committed, and {committed} are approved"
    waiting = sum(bargain.total for bargain in bargains if _state(bargain) == "Reserved")
    if there["reserved"] > waiting or (budget["kind"] == _HARD and there["reserved"] != waiting):
        yield f"{there['reserved']} cents are reserved, and {waiting} are asked for"
    hanging = {row["request_id"]: row for row in told.tables.budget_entries if row["budget_id"] == budget["budget_id"]}
    expected = {bargain.request.id: (_state(bargain), bargain.total) for bargain in bargains if bargain.request}
    if {number: (row["state"], row["amount_minor"]) for number, row in hanging.items()} != expected:
        yield f"{len(hanging)} requests hang on it otherwise than {len(expected)} were asked for"
    held = sum(row["held_minor"] for row in hanging.values())
    if held != there["reserved"] + there["committed"]:
        yield f"what hangs on it holds {held} cents, and it says {there['reserved'] + there['committed']}"


def _state(bargain: Bargain) -> str:
    """Tell how a commitment that approval was asked for hangs on a budget."""
    if bargain.request is not None and bargain.request.state == "Pending":
        return "Reserved"
    return "Committed" if bargain.order is not None and bargain.order[1] == "Open" else "Freed"
