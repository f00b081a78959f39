"""Whether what was acknowledged is there once, and whether anything is there that nobody asked for.

An effect is known by the events that carry the id of its call. A call without a key whose answer never came may have
had one effect or none; of all calls with one key, one may.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from torture.findings import Findings
from torture.history import READS, Call, End, Kind, Operation
from torture.rows import Row, Tables

_SERVER_ERROR = 500


@dataclass(slots=True)
class Effects:
    """Which calls had an effect: the events of each, by its id; and the events that no call led to."""

    events: dict[str, list[Row]] = field(default_factory=dict)
    unasked: list[Row] = field(default_factory=list)
    operations: dict[str, Operation] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)

    @classmethod
    def of(cls, operations: Sequence[Operation], tables: Tables) -> "Effects":
        """Find them."""
        events: dict[str, list[Row]] = defaultdict(list)
        unasked: list[Row] = []
        for event in sorted(tables.events, key=lambda event: event["event_id"]):
            (unasked if event["call_id"] is None else events[event["call_id"]]).append(event)
        found = cls(dict(events), unasked)
        for operation in operations:
            for call in operation.calls:
                found.operations[call.id] = operation
                found.calls[call.id] = call
        return found

    def versions(self, call_id: str) -> set[tuple[int, int]]:
        """List the things that a call changed, each with the version that it led to."""
        return {_changed(event) for event in self.events.get(call_id, ())}


def _changed(event: Row) -> tuple[int, int]:
    number = event["object_id"] if event["purchase_id"] is None else event["purchase_id"]
    return number, event["version"]


def check_effects(operations: Sequence[Operation], tables: Tables, findings: Findings) -> None:
    """Check that each acknowledged effect is there once, and no other but of a call whose outcome nobody was told."""
    effects = Effects.of(operations, tables)
    there = {row["purchase_id"]: row["version"] for row in tables.purchases}
    there |= {row["supplier_id"]: row["version"] for row in tables.suppliers}
    there |= {row["absence_id"]: row["version"] for row in tables.absences}
    for call_id in effects.events.keys() - effects.operations.keys():
        findings.broken("effects", f"an event of call {call_id}, which nobody made")
    for operation in operations:
        _check_operation(operation, effects, there, findings)
    _check_twice(tables, findings)


def _check_operation(operation: Operation, effects: Effects, there: Mapping[int, int], findings: Findings) -> None:
    happened = {call.id: effects.versions(call.id) for call in operation.calls}
    had = [call for call in operation.calls if happened[call.id]]
    if operation.kind in READS and had:
        findings.broken("effects", f"{operation} changed something")
    for call in operation.calls:
        if len(happened[call.id]) > 1:
            findings.doubled("effects", f"{operation}: one call had {len(happened[call.id])} effects")
        _check_refusal(operation, call, had, findings)
    if operation.kind in READS:
        return
    if operation.key is not None and len(had) > 1:
        findings.doubled("effects", f"{operation}: {len(had)} calls with the same key had an effect each")
    for call in operation.successes:
        if not happened[call.id] and not (call.is_replay and had):
            _check_there(operation, call, there, findings)


def _check_refusal(operation: Operation, call: Call, had: Sequence[Call], findings: Findings) -> None:
    if call.end is End.ANSWERED and call.status == _SERVER_ERROR:
        findings.broken("answers", f"{operation}: call {call.id} was answered with 500")
    if call in had and call.end is End.UNSENT:
        findings.broken("effects", f"{operation}: call {call.id} was never sent whole, and had an effect")
    if call in had and call.end is End.ANSWERED and not call.succeeded and not call.is_unknown:
        findings.broken("effects", f"{operation}: call {call.id} was answered with {call.status}, and had an effect")


def _check_there(operation: Operation, call: Call, there: Mapping[int, int], findings: Findings) -> None:
    """Look for what an acknowledged call without events of its own says to have done."""
    number = operation.purchase or call.told.get("id")
    version = call.version
    if isinstance(number, int) and version is not None and there.get(number, 0) >= version:
        text = f"{operation}: what call {call.id} acknowledged is there, and no event tells of it"
        # An absence that has ended already ends no more.
        if operation.kind is not Kind.COME_BACK:
            findings.broken("effects", text)
    else:
        findings.lost("effects", f"{operation}: what call {call.id} acknowledged with {call.status} is not there")


def _check_twice(tables: Tables, findings: Findings) -> None:
    """Look at the rows alone, whatever the events tell."""
    twice: dict[str, Counter[object]] = {
        "an order for one commitment": Counter(row["commitment_id"] for row in tables.orders),
        "an order of one number": Counter(row["number"] for row in tables.orders),
        "a request for one commitment": Counter(
            row["commitment_id"] for row in tables.requests if row["kind"] == "Commitment"
        ),
        "an amendment of one commitment that waits": Counter(
            row["commitment_id"] for row in tables.requests if (row["kind"], row["state"]) == ("Amendment", "Pending")
        ),
        "a live commitment of one purchase": Counter(
            row["purchase_id"] for row in tables.commitments if row["state"] not in {"Denied", "Cancelled"}
        ),
    }
    for what, counter in twice.items():
        for value, times in counter.items():
            if times > 1:
                findings.doubled("effects", f"{times} times: {what}, {value}")


def check_keys(operations: Sequence[Operation], tables: Tables, findings: Findings) -> None:
    """Check that each key that is kept has its effect, and each effect of a key its key; and that repeats agree."""
    effects = Effects.of(operations, tables)
    by_key = {(operation.caller, operation.key): operation for operation in operations if operation.key is not None}
    told = {_changed(event) for event in tables.events if event["version"] is not None}
    kept = Counter(row["key"] for row in tables.idempotency_keys)
    known = {operation.key for operation in by_key.values()}
    for row in tables.idempotency_keys:
        number = row["object_id"] if row["purchase_id"] is None else row["purchase_id"]
        if row["key"] not in known:
            findings.broken("keys", f"key {row['key']} is kept, and nobody used it")
        elif (number, row["version"]) not in told:
            findings.broken("keys", f"key {row['key']} is kept for version {row['version']} of {number}: an orphan")
    for operation in by_key.values():
        had = any(effects.events.get(call.id) for call in operation.calls)
        if had and kept[operation.key or ""] != 1:
            findings.broken("keys", f"{operation} had an effect, and its key is kept {kept[operation.key or '']} times")
        if not had and kept[operation.key or ""]:
            findings.broken("keys", f"{operation} had no effect, and its key is kept: an orphan")
        _check_repeats(operation, findings)


def _check_repeats(operation: Operation, findings: Findings) -> None:
    successes = operation.successes
    answers = {(call.status, call.answer, call.etag, call.location) for call in successes}
    if len(answers) > 1:
        findings.broken("repeats", f"{operation}: its repeats were answered in {len(answers)} ways")
    if sum(not call.is_replay for call in successes) > 1:
        findings.doubled("repeats", f"{operation}: more than one of its calls was answered as the first")
    if successes:
        end = min(call.ended for call in successes)
        for call in operation.calls:
            if call.is_final and not call.succeeded and call.began > end:
                text = f"{operation}: it was done, and a repeat was answered with {call.status} {call.told.get('code')}"
                findings.broken("repeats", text)


def undone(operation: Operation) -> bool:
    """Tell whether nobody was told yet what became of an operation that can be asked about: it has a key."""
    return (
        operation.key is not None
        and operation.kind not in READS
        and not operation.successes
        and any(call.is_unknown for call in operation.calls)
    )
