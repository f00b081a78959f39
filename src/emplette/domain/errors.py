"""Refusals: facts with a stable code, each defined beside the rule that it guards.

A refusal's docstring is its title (what kind of thing happened), ``detail`` says this case, ``facts`` are
what a program needs to go on (the ``id`` and ``href`` of what exists, the ``state`` that refused).
How a kind of refusal looks on a wire is no business of the domain.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import ClassVar, Final

WHOLE: Final = "$"
"""The path of an input as a whole, as JSON Path writes its root."""

MOST_FAULTS: Final = 100
"""Fields at fault that one refusal names; how many more there are is said under the path of the whole."""

LONGEST_PATH: Final = 200
"""Characters of a path; a longer one is shortened in the middle. No field that anything reads has such a path."""

_NAMED_IN_DETAIL: Final = 10


class Refusal(Exception):
    """Emplette refused."""

    code: ClassVar[str] = "refused"

    def __init__(self, detail: str = "", **facts: object) -> None:
        self.detail = detail or self.title()
        self.facts = facts
        super().__init__(self.detail)

    @classmethod
    def title(cls) -> str:
        """Say what kind of refusal this is: the first line of its docstring."""
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0]


class Faults:
    """Everything that is wrong with one input, by the path of the field as its sender wrote it.

    Paths are camelCase with dots and brackets: ``amountIncludingTaxes.taxes[0].value``. However much is wrong, this
    stays small: so many fields are named, each by so long a path, and the rest is counted.
    """

    def __init__(self) -> None:
        self._messages: dict[str, list[str]] = {}
        self._more = 0

    @property
    def full(self) -> bool:
        """Tell whether no further field is going to be named."""
        return len(self._messages) >= MOST_FAULTS

    def add(self, path: str, message: str) -> None:
        """Note one thing that is wrong with the field; the same words are noted once."""
        path = _shortened(path)
        if path not in self._messages and self.full:
            self.add_unnamed()
            return
        messages = self._messages.setdefault(path, [])
        if message not in messages:
            messages.append(message)

    def add_unnamed(self) -> None:
        """Count something that is wrong with a field that is not going to be named."""
        self._more += 1

    def add_all(self, messages: Mapping[str, list[str]]) -> None:
        """Note what somebody else has found to be wrong."""
        for path, found in messages.items():
            for message in found:
                self.add(path, message)

    def covers(self, path: str) -> bool:
        """Tell whether the field, or the object that holds it, is at fault already; of unnamed ones, any may be."""
        return self._more > 0 or any(
            path == known or path.startswith((f"{known}.", f"{known}[")) for known in self._messages
        )

    def raise_if_any(self) -> None:
        """Refuse the input when anything is wrong with it.

        Raises:
            Invalid: with every field at fault.
        """
        if self._messages:
            raise Invalid(self)

    def as_dict(self) -> dict[str, list[str]]:
        """Copy out the messages by field, and how many faults are left out."""
        found = {path: list(messages) for path, messages in self._messages.items()}
        if self._more:
            found.setdefault(WHOLE, []).append(f"Has more faults than are listed here: {self._more:,}.")
        return found

    def __contains__(self, path: str) -> bool:
        return path in self._messages

    def __iter__(self) -> Iterator[tuple[str, list[str]]]:
        return iter(self._messages.items())

    def __bool__(self) -> bool:
        return bool(self._messages)


def _shortened(path: str) -> str:
    if len(path) <= LONGEST_PATH:
        return path
    kept = (LONGEST_PATH - 1) // 2
    return f"{path[:kept]}…{path[-kept:]}"


class Invalid(Refusal):
    """The request has fields at fault."""

    code = "request.invalid"

    def __init__(self, faults: Faults | Mapping[str, list[str]], detail: str = "") -> None:
        self.faults = faults.as_dict() if isinstance(faults, Faults) else dict(faults)
        fields = ", ".join(islice(self.faults, _NAMED_IN_DETAIL))
        others = len(self.faults) - _NAMED_IN_DETAIL
        super().__init__(detail or f"At fault: {fields}{f' and {others} more' if others > 0 else ''}.")

    @classmethod
    def field(cls, path: str, message: str) -> "Invalid":
        """Refuse for one field."""
        return cls({path: [message]})


class Unauthenticated(Refusal):
    """Who is calling could not be established."""

    code = "key.unknown"


class Forbidden(Refusal):
    """The caller may not do this."""

    code = "permission.missing"


class NotFound(Refusal):
    """There is no such thing."""

    code = "not_found"


class Conflict(Refusal):
    """The object is not in a state that allows this."""

    code = "conflict"


class PreconditionFailed(Refusal):
    """The object has changed since it was read."""

    code = "version.stale"


class PreconditionRequired(Refusal):
    """The call must say which version it was made for."""

    code = "version.required"


class KeyReused(Refusal):
    """The Idempotency-Key was used for another request."""

    code = "idempotency.reused"


class Unavailable(Refusal):
    """Emplette can't answer just now; nothing was begun."""

    code = "unavailable"


class Overtaken(Unavailable):
    """Something that the call refers to, or takes, was changed at the same moment; nothing was done."""

    code = "overtaken"


class OutcomeUnknown(Refusal):
    """The answer did not come in time; what was asked may have happened."""

    code = "outcome.unknown"
