"""Comments on purchases: what people say beside what they decide, and whom they mention.

A comment is on record: nobody changes it. Whoever is mentioned is written to, so it has to be somebody who may see the
purchase; in a text they are named with an at sign before the name.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from emplette.domain.errors import Faults
from emplette.domain.people import User
from emplette.domain.registers import FIRST_VERSION, Reference
from emplette.domain.text import LONGEST_COMMENT, fault_of_name, written_any_way

MOST_MENTIONED: Final = 20

# Not in the middle of a word: that is a mail address.
_MARK: Final = re.compile(r"(?<![\w.])@(?=\w)")
_WORD: Final = re.compile(r"[\w'\u2019-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What somebody said about a purchase, when, and whom they mentioned."""

    id: int
    purchase_id: int
    author_id: int
    written_at: datetime
    text: str
    mentioned_ids: tuple[int, ...] = ()
    version: int = FIRST_VERSION

    def references(self) -> list[Reference]:
        """Who said it, and whom it mentions."""
        mentioned = [Reference(f"mentionedIds[{place}]", "users", one) for place, one in enumerate(self.mentioned_ids)]
        return [Reference("$", "users", self.author_id), *mentioned]


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a text names: their ids, each once, and the names that are nobody's, or those of several."""

    ids: tuple[int, ...]
    unknown: tuple[str, ...]


def note_faults(comment: Comment, faults: Faults, *, seers: Collection[int]) -> None:
    """Say everything that is wrong with a comment; ``seers`` are those who may see the purchase, of the mentioned."""
    fault = fault_of_name(comment.text, longest=LONGEST_COMMENT)
    if fault is not None:
        faults.add("text", fault)
    if len(comment.mentioned_ids) > MOST_MENTIONED:
        faults.add("mentionedIds", f"At most {MOST_MENTIONED} people can be mentioned.")
    for place, mentioned in enumerate(comment.mentioned_ids):
        if mentioned not in seers:
            faults.add(f"mentionedIds[{place}]", f"There is no person {mentioned} who may see this purchase.")


def named_in(text: str, people: Iterable[User]) -> Named:
    """Find whom a text names, by the whole name or, where that is one person's, by the first name alone."""
    called = _called(people)
    ids: dict[int, None] = {}
    unknown: dict[str, None] = {}
    for mark in _MARK.finditer(text):
        found = next((who for pattern, who in called.items() if pattern.match(text, mark.end())), frozenset())
        if len(found) == 1:
            ids |= dict.fromkeys(found)
        else:
            word = _WORD.match(text, mark.end())
            unknown["@" + (word[0] if word else "")] = None
    return Named(tuple(ids), tuple(unknown))


def _called(people: Iterable[User]) -> Mapping[re.Pattern[str], frozenset[int]]:
    """List how people can be called, the longest name first."""
    names: dict[str, frozenset[int]] = {}
    for person in people:
        for name in {person.name, person.first_name} - {""}:
            way = written_any_way(name)
            names[way] = names.get(way, frozenset()) | {person.id}
    longest_first = sorted(names, key=len, reverse=True)
    return {re.compile(rf"{way}(?!\w)"): names[way] for way in longest_first}
