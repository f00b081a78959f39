"""Refusals: facts with a stable code, each defined beside the rule that it guards.

A refusal's docstring is its title (what kind of thing happened), ``detail`` says this case, ``facts`` are
what a program needs to go on (the ``id`` and ``href`` of what exists, the ``state`` that refused).
How a kind of refusal looks on a wire is no business of the domain.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar


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

    Paths are camelCase with dots and brackets: ``amountIncludingTaxes.taxes[0].value``.
    """

    def __init__(self) -> None:
        self._messages: dict[str, list[str]] = {}

    def add(self, path: str, message: str) -> None:
        """Note one thing that is wrong with the field; the same words are noted once."""
        messages = self._messages.setdefault(path, [])
        if message not in messages:
            messages.append(message)

    def add_all(self, messages: Mapping[str, list[str]]) -> None:
        """Note what somebody else has found to be wrong."""
        for path, found in messages.items():
            for message in found:
                self.add(path, message)

    def covers(self, path: str) -> bool:
        """Tell whether the field, or the object that holds it, is at fault already."""
        return any(path == known or path.startswith((f"{known}.", f"{known}[")) for known in self._messages)

    def raise_if_any(self) -> None:
        """Refuse the input when anything is wrong with it.

        Raises:
            Invalid: with every field at fault.
        """
        if self._messages:
            raise Invalid(self)

    def as_dict(self) -> dict[str, list[str]]:
        """Copy out the messages by field."""
        return {path: list(messages) for path, messages in self._messages.items()}

    def __iter__(self) -> Iterator[tuple[str, list[str]]]:
        return iter(self._messages.items())

    def __bool__(self) -> bool:
        return bool(self._messages)


class Invalid(Refusal):
    """The request has fields at fault."""

    code = "request.invalid"

    def __init__(self, faults: Faults | Mapping[str, list[str]], detail: str = "") -> None:
        self.faults = faults.as_dict() if isinstance(faults, Faults) else dict(faults)
        fields = ", ".join(self.faults)
        super().__init__(detail or f"At fault: {fields}.")

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


class OutcomeUnknown(Refusal):
    """The answer did not come in time; what was asked may have happened."""

    code = "outcome.unknown"
