"""What was called and what came back: the history of one schedule, all that its checks believe of the calls."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

API: Final = "/cleemy-procurement/api"


class Kind(StrEnum):
    """What an operation asks for."""

    CREATE = "create a purchase"
    REVISE = "revise a purchase"
    LIST_SUPPLIER = "list the supplier"
    COMMIT = "commit"
    REVISE_COMMITMENT = "revise a commitment"
    SUBMIT = "ask for approval"
    APPROVE = "approve"
    DENY = "deny"
    CANCEL = "cancel a request"
    CLOSE = "close a purchase"
    AMEND = "amend a commitment"
    REASSIGN = "ask another one"
    ADD_SUPPLIER = "add a supplier"
    GO_AWAY = "enter an absence"
    COME_BACK = "take an absence back"
    READ_PURCHASE = "read a purchase"
    READ_COMMITMENT = "read a commitment"
    READ_REQUEST = "read a request"


_SERVER_ERROR: Final = 500
_OUTCOME_UNKNOWN: Final = 504
READS: Final = frozenset({Kind.READ_PURCHASE, Kind.READ_COMMITMENT, Kind.READ_REQUEST})
ASIDE: Final = frozenset({Kind.ADD_SUPPLIER, Kind.GO_AWAY, Kind.COME_BACK})
"""What is about no purchase."""
PUTS: Final = frozenset({Kind.REVISE, Kind.LIST_SUPPLIER, Kind.REVISE_COMMITMENT})


class End(StrEnum):
    """How a call ended for whoever made it."""

    ANSWERED = "answered"
    LOST = "lost"
    """It was sent, or may have been, and no answer came: it had its effect, or not, or will."""
    UNSENT = "unsent"
    """It never reached the server whole: it can't have an effect."""


@dataclass(slots=True)
class Call:
    """One call over the wire. Moments are those of the machine's steady clock, in seconds.

    ``id`` is the `X-Request-Id` that it carried, which the server's log of events repeats. ``answer`` is the body as it
    was sent, ``told`` what it says.
    """

    id: str
    began: float
    ended: float = 0.0
    end: End = End.LOST
    status: int = 0
    answer: bytes = b""
    told: Mapping[str, Any] = field(default_factory=dict)
    etag: str | None = None
    location: str | None = None
    is_replay: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether it was acknowledged."""
        return self.end is End.ANSWERED and self.status in {200, 201}

    @property
    def is_unknown(self) -> bool:
        """Whether it may have taken effect without having been acknowledged."""
        return self.end is End.LOST or (self.end is End.ANSWERED and self.status == _OUTCOME_UNKNOWN)

    @property
    def is_final(self) -> bool:
        """Whether the answer says what became of it, so that nobody would repeat it."""
        return self.end is End.ANSWERED and self.status < _SERVER_ERROR

    @property
    def version(self) -> int | None:
        """The version that the answer tells of."""
        version = self.told.get("version")
        return version if isinstance(version, int) else None


@dataclass(slots=True)
class Operation:
    """One thing that a client wanted, and the calls that it took: repeats of the same, at once or after another.

    ``mark`` is in the text of what is written, so that it can be known again. ``shown`` is the version at which an
    approver read what is approved, when they say its hash.
    """

    number: int
    company: str
    caller: str
    kind: Kind
    purchase: int | None
    subject: int | None
    mark: str
    said: Mapping[str, Any]
    key: str | None = None
    if_match: int | None = None
    shown: int | None = None
    calls: list[Call] = field(default_factory=list)

    def __str__(self) -> str:
        about = "" if self.purchase is None else f" of purchase {self.purchase}"
        key = "no key" if self.key is None else f"key {self.key}"
        return f"operation {self.number} ({self.caller} at {self.company}: {self.kind}{about}, {key})"

    @property
    def method(self) -> str:
        """How it is called."""
        if self.kind in READS:
            return "GET"
        return "PUT" if self.kind in PUTS else "POST"

    @property
    def path(self) -> str:
        """Where it is called."""
        return API + _PATHS[self.kind].format(self.subject)

    @property
    def successes(self) -> list[Call]:
        """The calls of it that were acknowledged."""
        return [call for call in self.calls if call.succeeded]


_PATHS: Final[Mapping[Kind, str]] = {
    Kind.CREATE: "/purchases",
    Kind.REVISE: "/purchases/{}",
    Kind.LIST_SUPPLIER: "/purchases/{}/supplier",
    Kind.COMMIT: "/purchases/{}/commitment",
    Kind.REVISE_COMMITMENT: "/commitments/{}",
    Kind.SUBMIT: "/commitments/{}/requests",
    Kind.APPROVE: "/requests/{}/approvals",
    Kind.DENY: "/requests/{}/denials",
    Kind.CANCEL: "/requests/{}/cancellations",
    Kind.CLOSE: "/purchases/{}/closing",
    Kind.AMEND: "/commitments/{}/amendments",
    Kind.REASSIGN: "/requests/{}/reassignments",
    Kind.ADD_SUPPLIER: "/suppliers",
    Kind.GO_AWAY: "/absences",
    Kind.COME_BACK: "/absences/{}/ending",
    Kind.READ_PURCHASE: "/purchases/{}",
    Kind.READ_COMMITMENT: "/commitments/{}",
    Kind.READ_REQUEST: "/requests/{}",
}


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the log that a follower read."""

    company: str
    items: tuple[Mapping[str, Any], ...]


@dataclass(slots=True)
class History:
    """Everything that was called in one schedule."""

    operations: list[Operation] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)

    def begin(self, operation: Operation) -> Operation:
        """Write an operation down before it is called."""
        self.operations.append(operation)
        return operation
