"""Erasing a person: what stands in the place of their name and words, and how their name is found in others' texts."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from emplette.domain.errors import Conflict
from emplette.domain.text import folded, written_any_way

REMARK: Final = "[erased]"
"""What stands where an erased person had written a remark."""

_SHORTEST_NAME: Final = 3
"""A name that is shorter, and one word, is not looked for in texts: it is in every other word."""


class PersonPending(Conflict):
    """Something waits for this person."""

    code = "person.pending"


@dataclass(frozen=True, slots=True)
class Pending:
    """What waits for a person: requests that they are asked to decide now, and steps of the policy in force."""

    requests: tuple[int, ...] = ()
    steps: tuple[str, ...] = ()

    def refuse(self) -> None:
        """Refuse to erase somebody for whom others wait.

        Raises:
            PersonPending: says what waits.
        """
        if self.waits:
            raise PersonPending(f"{'; '.join(self.waits)}. Settle that first, or say --anyway.")

    @property
    def waits(self) -> list[str]:
        """Say what waits."""
        waits = [f"request {number} waits for their decision" for number in self.requests]
        return [*waits, *(f"step {name!r} of the policy in force asks them" for name in self.steps)]


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Whom to forget: their id, every user they were, and what they were called.

    ``identities`` are the person and the users that stand for their keys; ``names`` and ``mails`` are looked for in
    what others wrote.
    """

    user_id: int
    identities: frozenset[int]
    names: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()

    @property
    def first_name(self) -> str:
        """What stands for the first name."""
        return "Erased person"

    @property
    def last_name(self) -> str:
        """What stands for the last name: the number that stays."""
        return str(self.user_id)

    @property
    def name(self) -> str:
        """What stands for the name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def mail(self) -> str:
        """What stands where a mail address has to be: one at which nobody ever is (RFC 2606)."""
        return f"erased-person-{self.user_id}@erased.invalid"

    @property
    def pattern(self) -> str:
        """A regular expression of everything that is looked for, for Python and PostgreSQL; empty for nothing."""
        return _any_of((*self.mails, *self.names))

    def clean(self, text: str) -> str:
        """Put what stands for them in the place of their mail addresses and names."""
        for words, instead in ((self.mails, self.mail), (self.names, self.name)):
            if words:
                text = _alone(words).sub(instead, text)
        return text

    def cleaned(self, value: Any) -> Any:  # noqa: ANN401  any JSON
        """Clean every text in JSON."""
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, list):
            return [self.cleaned(one) for one in value]
        if isinstance(value, Mapping):
            return {name: self.cleaned(one) for name, one in value.items()}
        return value


def forgetting(
    user_id: int,
    identities: Collection[int],
    *,
    first_name: str,
    last_name: str,
    mail: str | None,
    also: Iterable[str] = (),
) -> Forgetting:
    """Say how somebody is called in texts: in both orders, with and without accents, and ``also`` as others say."""
    whole = Forgetting(user_id, frozenset(identities))
    names = [] if (first_name, last_name) == (whole.first_name, whole.last_name) else _orders(first_name, last_name)
    names += [word.strip() for word in also]
    written = {folded(name): name for name in names if len(folded(name)) >= _SHORTEST_NAME}
    longest_first = sorted(written.values(), key=len, reverse=True)
    return Forgetting(user_id, frozenset(identities), tuple(longest_first), (mail,) if mail else ())


def _orders(first_name: str, last_name: str) -> list[str]:
    if not (first_name and last_name):
        return [first_name or last_name]
    return [f"{first_name} {last_name}", f"{last_name} {first_name}", f"{last_name}, {first_name}"]


@cache
def _any_of(words: tuple[str, ...]) -> str:
    """Write a pattern of all of them, each as others may write it, and those that are not ASCII also as they are."""
    ways = [way for word in words for way in (written_any_way(word), "" if word.isascii() else re.escape(word)) if way]
    return "|".join(ways)


@cache
def _alone(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_any_of(words)})(?!\w)")
