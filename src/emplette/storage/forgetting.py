"""What is taken out of the texts of a purchase when one of those who wrote them is erased."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from emplette.domain.erasures import REMARK, Forgetting
from emplette.storage.rebuilding import Row, Rows, Told, told_of_purchase
from emplette.storage.texts import FREE_TEXT

# The remarks that people make; a part's other free texts say what is bought, from whom, and which papers belong to it.
_REMARKS: Final = {
    "purchase": ("closing_comment",),
    "commitment": ("comment",),
    "request": ("cancellation_comment",),
    "amendment": ("proposed_comment", "replaced_comment"),
    "decisions": ("comment",),
}
_SAID_OF: Final = {"amendment": "commitment"}
"""What an amendment remarks becomes, or was, the remark of its commitment: whoever made it there, made it here."""
_CALLED: Final = {
    "commitment": "Commitment ",
    "amendment": "Amendment ",
    "request": "Request ",
    "decisions": "Decision ",
}
"""The parts whose rows change with their texts, and how those are called."""


class Said(Told, kw_only=True):
    """An event with its number."""

    id: int


def forgotten(events: Sequence[Said], forget: Forgetting) -> dict[int, dict[str, Any]]:
    """Write the texts of a purchase's events without what somebody said and was called; those that change, by event.

    What they remarked goes as a whole, in all the events that tell it again. What others wrote stays, less the name.
    """
    authors: dict[tuple[str, int, str], int] = {}
    changed: dict[int, dict[str, Any]] = {}
    for event in events:
        if not event.texts or not event.facts:
            continue
        texts = {
            part: _part(part, event.facts.get(part), said, _Reader(event.actor_id, authors, forget))
            for part, said in event.texts.items()
        }
        if texts != event.texts:
            changed[event.id] = texts
    return changed


class _Reader(msgspec.Struct):
    """Reads the texts of one event; ``authors`` says of each remark who made it, where no fact does."""

    actor_id: int
    authors: dict[tuple[str, int, str], int]
    forget: Forgetting

    def read(self, part: str, fact: Row, column: str, text: str) -> str:
        """Say what is left of a text."""
        if column in _REMARKS.get(part, ()) and self._author(part, fact, text) in self.forget.identities:
            return REMARK
        return self.forget.clean(text)

    def _author(self, part: str, fact: Row, text: str) -> int:
        """Find who made a remark: who decided or closed; else who did what it was told with for the first time."""
        if part in {"decisions", "purchase"}:
            author: int = fact["user_id" if part == "decisions" else "closed_by_id"]
            return author
        of = _SAID_OF.get(part, part)
        return self.authors.setdefault((of, fact[f"{of}_id"], text), self.actor_id)


def _part(part: str, fact: Any, said: Any, reader: _Reader) -> Any:  # noqa: ANN401  a row or a list of rows
    if isinstance(said, list):
        return [_row(part, row, text, reader) for row, text in zip(fact, said, strict=True)]
    return _row(part, fact, said, reader)


def _row(part: str, fact: Row, said: Row, reader: _Reader) -> Row:
    return {column: reader.read(part, fact, column, text) for column, text in said.items()}


def changed_rows(events: Sequence[Said], texts: dict[int, dict[str, Any]]) -> tuple[dict[str, list[Row]], Row]:
    """Find the rows whose texts change with those of the events, by part; and the purchase's own, whole."""
    before, after = told_of_purchase(events), told_of_purchase(_with(events, texts))
    parts: dict[str, list[Row]] = {}
    for part, key in _CALLED.items():
        parts[part] = [row for name, row in after.items() if name.startswith(key) and _differs(part, before[name], row)]
    parts["attachments"] = _files(events, texts)
    return parts, _purchase_of(after)


def _files(events: Sequence[Said], texts: dict[int, dict[str, Any]]) -> list[Row]:
    """Name the files anew whose names change where the purchase tells of its attachments."""
    names: dict[str, str] = {}
    for event in events:
        hung, said = (event.facts or {}).get("attachments"), texts.get(event.id, {}).get("attachments")
        if hung and said:
            names |= {fact["file_id"]: text["name"] for fact, text in zip(hung, said, strict=True)}
    return [{"file_id": file_id, "name": name} for file_id, name in names.items()]


def _with(events: Sequence[Said], texts: dict[int, dict[str, Any]]) -> list[Said]:
    return [msgspec.structs.replace(event, texts=texts.get(event.id, event.texts)) for event in events]


def _differs(part: str, before: Row, after: Row) -> bool:
    return any(before.get(column) != after.get(column) for column in FREE_TEXT[part])


def _purchase_of(rows: Rows) -> Row:
    (purchase,) = (row for name, row in rows.items() if name.startswith("Purchase "))
    return purchase
