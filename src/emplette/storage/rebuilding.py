"""What events tell of rows: each row as it should be, by what it is called, and what differs from how it is.

Both sides are rows as JSON. What events don't tell of a row is not compared: what is only searched by, and texts whose
own event says that they were taken away.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from emplette.storage.texts import FREE_TEXT

Row = dict[str, Any]
Rows = dict[str, Row]
"""Rows by what each is called: ``Commitment 12 of purchase 7``."""


class Told(msgspec.Struct):
    """What an event tells, its texts beside its facts; ``is_lost`` says that it had texts, and they are not there."""

    facts: dict[str, Any] | None
    texts: dict[str, Any] | None
    is_lost: bool = False
    at: str = ""
    type: str = ""
    actor_id: int = 0


decode: Final = msgspec.json.Decoder(float_hook=Decimal).decode
"""Reads JSON without losing a digit."""

# The parts of a purchase as its events and its rows tell them, each with how one of its rows is called.
_NAMES: Final = {
    "purchase": "Purchase {purchase_id}",
    "commitment": "Commitment {commitment_id}",
    "taxes": "Tax line {line} of commitment {commitment_id}",
    "request": "Request {request_id}",
    "steps": "Step {step} of request {request_id}",
    "approvers": "Approver {step}.{position} of request {request_id}",
    "decisions": "Decision {position} of request {request_id}",
    "order": "Order {order_id}",
    "amendment": "Amendment {request_id}",
    "entry": "What request {request_id} has on budget {budget_id}",
}
_FOLLOWS_PURCHASE: Final = ("owner_id", "supplier_id")
"""What an order repeats of its purchase, so that lists can be filtered by it, also after others took its place."""


UNREADABLE: Final = (LookupError, TypeError, ValueError, AttributeError, RecursionError, ArithmeticError)
"""What rebuilding from events fails with that somebody has changed; the chain of seals says which ones these are."""


def read_told(told: str | None) -> list[Told]:
    """Read what several events tell, the oldest first; one that was changed so that it has no parts tells nothing."""
    events: list[dict[str, Any]] = [] if told is None else decode(told)
    return [
        msgspec.convert(event | {side: _parts(event[side]) for side in ("facts", "texts")}, Told) for event in events
    ]


def _parts(told: Any) -> Row:  # noqa: ANN401  any JSON
    return told if isinstance(told, dict) else {}


def name_of(part: str, row: Row) -> str:
    """Call a row of a part by its name."""
    return _NAMES[part].format_map(row)


def rows_of_purchase(parts: Mapping[str, Sequence[Row] | None]) -> Rows:
    """Call each row of a purchase, and of all that ever was under it, by its name."""
    rows = {name_of(part, row): row for part, found in parts.items() for row in found or ()}
    for row in rows.values():
        row.pop("search_text", None)
    return rows


def told_of_purchase(events: Iterable[Told]) -> Rows:
    """Rebuild a purchase and all that ever was under it: each row as the last event that told of it did.

    Raises:
        LookupError, TypeError, ValueError, AttributeError and others (``UNREADABLE``): it can't be rebuilt from these.
    """
    rows: Rows = {}
    purchase: Row = {}
    for event in events:
        for part, fact in (event.facts or {}).items():
            if part not in _NAMES:
                continue
            told = _with_texts(part, fact, event)
            if part == "taxes" and event.facts and event.facts.get("commitment"):
                _drop_lines(rows, event.facts["commitment"]["commitment_id"])
            if part == "purchase":
                purchase = told[0]
            rows |= {name_of(part, row): row for row in told}
    for name, row in rows.items():
        if name.startswith("Order "):
            row.update({column: purchase[column] for column in _FOLLOWS_PURCHASE})
    return rows


def _with_texts(part: str, fact: Any, event: Told) -> list[Row]:  # noqa: ANN401  a row or a list of rows, as JSON has it
    """Lay the texts of a part over its facts; a text that was lost is none that could be compared."""
    facts: list[Row] = fact if isinstance(fact, list) else [] if fact is None else [fact]
    said = (event.texts or {}).get(part)
    texts: list[Row] = said if isinstance(said, list) else [{}] * len(facts) if said is None else [said]
    nothing = {} if event.is_lost else dict.fromkeys(FREE_TEXT.get(part, ()))
    return [{**nothing, **row, **text} for row, text in zip(facts, texts, strict=True)]


def _drop_lines(rows: Rows, commitment_id: int) -> None:
    """Forget the tax lines of a commitment, which are told anew as a whole."""
    end = f" of commitment {commitment_id}"
    for name in [name for name in rows if name.startswith("Tax line ") and name.endswith(end)]:
        del rows[name]


def merged(events: Iterable[Told], part: str, apart: Sequence[str] = ()) -> Row:
    """Lay what events tell of one thing over each other, field by field, without lost texts (``apart``)."""
    row: Row = {}
    for event in events:
        if event.is_lost:
            row = {field: value for field, value in row.items() if field not in apart}
        row |= _parts((event.facts or {}).get(part))
        row |= _parts((event.texts or {}).get(part))
    return row


def differences(there: Mapping[str, Any], told: Mapping[str, Any]) -> list[str]:
    """Name the columns of a row that are not as they were told; what was not told is not compared."""
    return [column for column in there if column in told and not is_same(there[column], told[column])]


def is_same(one: Any, other: Any) -> bool:  # noqa: ANN401  any JSON
    """Compare values; instants are alike in every zone that they may be written in."""
    if one == other:
        return True
    if isinstance(one, str) and isinstance(other, str):
        instant = _instant(one)
        return instant is not None and instant == _instant(other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(one[name], other[name]) for name in one)
    return False


def _instant(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else None
