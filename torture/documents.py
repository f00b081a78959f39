"""A purchase and all under it, as the model knows it: what it says, who is asked, and what hangs on budgets of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from torture.companies import Caller, Company

TOGETHER: Final = frozenset(
    {
        ("Created", None, None, None),
        ("Created", "Created", None, None),
        ("Processing", "UnderReview", "Pending", None),
        ("Ongoing", "Provisioned", "Approved", "Open"),
        ("Denied", "Denied", "Denied", None),
        ("Cancelled", "Cancelled", "Cancelled", None),
        ("Cancelled", "Cancelled", "Cancelled", "Cancelled"),
        ("Closed", None, None, None),
        ("Closed", "Created", None, None),
        ("Closed", "Provisioned", "Approved", "Closed"),
        ("Closed", "Denied", "Denied", None),
        ("Closed", "Cancelled", "Cancelled", None),
        ("Closed", "Cancelled", "Cancelled", "Cancelled"),
    }
)
"""The states of a purchase, its live or last commitment, that one's request and its order that go together.

It is the map as it was decided; a purchase that was closed keeps under it what it had, and its order is closed.
"""


@dataclass(frozen=True, slots=True)
class Refused:
    """A call that changes nothing: the code of its problem, and the number and state of what stood in its way."""

    code: str
    id: int | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a commitment says; ``cents`` is one period's amount without taxes, ``tax`` its tax."""

    type: str
    mark: str
    cents: int
    tax: int
    periods: int

    @property
    def total(self) -> int:
        """The whole amount without taxes, in cents."""
        return self.cents * self.periods


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a request, the ``place``-th of its policy.

    ``people`` are asked now, ``once`` those in whose place another one was asked since.
    """

    number: int
    place: int
    people: tuple[int, ...]
    needed: int
    distinct: bool = False
    once: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody said in a step, and in whose place."""

    step: int
    person: int
    verdict: str
    mark: str | None
    in_place_of: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A request, of a commitment or of what an amendment ``proposes`` instead of what it ``replaces``.

    ``steps`` are those that it goes through now; of its decisions count those from the ``since``-th on. ``before`` are
    the steps that it went through before something was changed, each time with the decisions on that. ``listings`` is
    how often the supplier had been changed when it was asked for.
    """

    id: int
    state: str
    step: int
    requesters: frozenset[int]
    steps: tuple[Step, ...] = ()
    decisions: tuple[Decision, ...] = ()
    since: int = 0
    before: tuple[tuple[tuple[Step, ...], tuple[Decision, ...]], ...] = ()
    askers: frozenset[int] = frozenset()
    proposes: Terms | None = None
    replaces: Terms | None = None
    listings: int = 0

    @property
    def current_step(self) -> Step:
        """The step that is asked."""
        return next(step for step in self.steps if step.number == self.step)

    @property
    def counted(self) -> tuple[Decision, ...]:
        """The decisions on what is to be approved now."""
        return self.decisions[self.since :]


@dataclass(frozen=True, slots=True)
class Bargain:
    """A commitment, its request, the amendments that were asked for, and its order."""

    id: int
    state: str
    terms: Terms
    request: Request | None = None
    order: tuple[int, str] | None = None
    amendments: tuple[Request, ...] = ()

    @property
    def requests(self) -> tuple[Request, ...]:
        """All that was asked for, the commitment first."""
        return () if self.request is None else (self.request, *self.amendments)

    @property
    def waiting(self) -> Request | None:
        """The amendment that waits for approval."""
        return next((one for one in self.amendments if one.state == "Pending"), None)

    def request_of(self, number: int | None) -> Request | None:
        """Find a request by its number."""
        return next((one for one in self.requests if one.id == number), None)

    @property
    def hangs(self) -> dict[int, tuple[str, int]]:
        """How what was asked for hangs on a budget that all of it falls into, by request: as what, and how much."""
        found: dict[int, tuple[str, int]] = {}
        as_what = {"Pending": "Reserved", "Approved": "Committed"}
        for request in self.requests:
            before, after = request.replaces, request.proposes
            state = as_what.get(request.state, "Freed")
            if before is None or after is None:
                said = self.amendments[0].replaces if self.amendments else self.terms
                found[request.id] = state, (said or self.terms).total
            elif state == "Committed":
                # It takes the place of all that hung there.
                found = {number: ("Freed", cents) for number, (_, cents) in found.items()}
                found[request.id] = state, after.total
            elif after.total > before.total:
                found[request.id] = state, after.total - before.total
        is_over = self.order is not None and self.order[1] != "Open"
        return {number: ("Freed" if is_over else state, cents) for number, (state, cents) in found.items()}


@dataclass(frozen=True, slots=True)
class Life:
    """A purchase at one version. ``listings`` counts how often its supplier was changed."""

    id: int
    version: int
    state: str
    title: str
    drafted: bool
    writers: frozenset[int]
    author: frozenset[int]
    listings: int = 0
    bargain: Bargain | None = None
    past: tuple[Bargain, ...] = ()
    log: tuple[str, ...] = ()

    @property
    def states(self) -> tuple[str, str | None, str | None, str | None]:
        """The four states."""
        bargain = self.bargain
        if bargain is None:
            return self.state, None, None, None
        request, order = bargain.request, bargain.order
        under = None if request is None else request.state, None if order is None else order[1]
        return self.state, bargain.state, *under

    @property
    def bargains(self) -> tuple[Bargain, ...]:
        """All its commitments, the last one last."""
        return self.past if self.bargain is None else (*self.past, self.bargain)

    def bargain_of(self, *, commitment: int | None = None, request: int | None = None) -> Bargain | None:
        """Find a commitment by its number or that of a request for it."""
        for bargain in self.bargains:
            if bargain.id == commitment or (request is not None and bargain.request_of(request) is not None):
                return bargain
        return None

    def content_of(self, request: int | None) -> object:
        """What a request is about: it is the same exactly when this is."""
        bargain = self.bargain_of(request=request)
        if bargain is None:
            return None
        found = bargain.request_of(request)
        proposes = None if found is None else found.proposes
        return self.listings, bargain.terms if proposes is None or found is None else (found.replaces, proposes)


@dataclass(frozen=True, slots=True)
class Setting:
    """What an operation meets beside the purchase: who calls, where, and the ids of what it makes.

    ``future`` tells that a closing names a day to come, ``shown`` the content that an approver says to have seen.
    """

    company: Company
    caller: Caller
    new: Mapping[str, int] = field(default_factory=dict)
    future: bool = False
    shown: object = None
