"""What the product promises of a purchase, written down a second time, from the documentation and not from the code.

A purchase and all under it share one version; each change leads from one version to the next. So its history is a
line, and whatever was answered must be true of some point of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from torture.companies import OWNER, Caller, Company
from torture.history import Kind, Operation

# What may be done to a purchase, by its state. Whatever is not here is refused.
_REVISABLE: Final = frozenset({"Created", "Denied", "Cancelled"})
_CLOSABLE: Final = frozenset({"Created", "Denied", "Cancelled", "Ongoing"})
_LIVE: Final = frozenset({"Created", "UnderReview", "Provisioned"})
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
"""The states of a purchase, its commitment, that one's request and its order that go together."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A call that changes nothing: the code of its problem, and the number and state of what stood in its way."""

    code: str
    id: int | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """A request; ``decisions`` are (step, person, verdict, mark) in order."""

    id: int
    state: str
    step: int
    requesters: frozenset[int]
    decisions: tuple[tuple[int, int, str, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Bargain:
    """A commitment, its request and its order; ``cents`` is one period's amount without taxes, ``tax`` its tax."""

    id: int
    type: str
    state: str
    mark: str
    cents: int
    tax: int
    periods: int
    request: Request | None = None
    order: tuple[int, str] | None = None

    @property
    def total(self) -> int:
        """The whole amount without taxes, in cents."""
        return self.cents * self.periods


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
        """Find a commitment by its number or its request's."""
        for bargain in self.bargains:
            if bargain.id == commitment or (bargain.request is not None and bargain.request.id == request):
                return bargain
        return None


@dataclass(frozen=True, slots=True)
class Setting:
    """What an operation meets beside the purchase: who calls, where, and the ids of what it makes.

    ``future`` tells that a closing names a day to come, ``listings`` the content that an approver says to have seen.
    """

    company: Company
    caller: Caller
    new: Mapping[str, int] = field(default_factory=dict)
    future: bool = False
    listings: int | None = None


def after(life: Life | None, operation: Operation, setting: Setting) -> Life | Refused | None:
    """Work out what an operation makes of a purchase; None when what it is about is not there yet."""
    if operation.kind is Kind.CREATE:
        return _created(operation, setting)
    if life is None:
        return None
    needs_bargain = operation.kind in {Kind.REVISE_COMMITMENT, Kind.SUBMIT}
    needs_request = operation.kind in {Kind.APPROVE, Kind.DENY, Kind.CANCEL}
    bargain = life.bargain
    if needs_bargain or needs_request:
        number = operation.subject
        bargain = life.bargain_of(commitment=number) if needs_bargain else life.bargain_of(request=number)
        if bargain is None:
            return None
    if operation.if_match is not None and operation.if_match != life.version:
        return Refused("version.stale")
    return _MOVES[operation.kind](life, bargain, operation, setting)


def _created(operation: Operation, setting: Setting) -> Life:
    return Life(
        id=setting.new.get("purchase", 0),
        version=1,
        state="Created",
        title=operation.mark,
        drafted="id" not in operation.said["supplier"],
        writers=setting.caller.identities,
        author=setting.caller.identities,
        log=("purchase.created",),
    )


def _next(life: Life, *log: str, wrote: Setting | None = None, **changes: Any) -> Life:  # noqa: ANN401  fields of a Life
    writers = life.writers if wrote is None else life.writers | wrote.caller.identities
    return replace(life, version=life.version + 1, log=log, writers=writers, **changes)


def _revise(life: Life, bargain: Bargain | None, operation: Operation, setting: Setting) -> Life | Refused:
    del bargain
    if life.state not in _REVISABLE:
        return Refused("state.not_allowed", life.id, life.state)
    drafted = "id" not in operation.said["supplier"]
    return _next(life, "purchase.revised", wrote=setting, title=operation.mark, drafted=drafted)


def _list_supplier(life: Life, bargain: Bargain | None, operation: Operation, setting: Setting) -> Life | Refused:
    del operation
    if life.state == "Closed":
        return Refused("purchase.closed", life.id, life.state)
    if not life.drafted:
        return Refused("purchase.supplier_listed", life.id, life.state)
    if bargain is not None and bargain.request is not None and bargain.request.state == "Pending":
        # What is to be approved changed: it is asked for from the first step on, and not of whoever changed it.
        requesters = bargain.request.requesters | setting.caller.identities
        if _leaves_nobody(setting, requesters):
            return Refused("approval.nobody_left")
        bargain = replace(bargain, request=replace(bargain.request, step=1, requesters=requesters))
    listings = life.listings + 1
    return _next(life, "purchase.supplier_listed", wrote=setting, drafted=False, listings=listings, bargain=bargain)


def _commit(life: Life, bargain: Bargain | None, operation: Operation, setting: Setting) -> Life | Refused:
    if bargain is not None and bargain.state in _LIVE:
        return Refused("commitment.exists", bargain.id, bargain.state)
    if life.state == "Closed":
        return Refused("purchase.closed", life.id, life.state)
    made = bargain_of(operation, setting.new.get("commitment", 0))
    past = life.past if bargain is None else (*life.past, bargain)
    return _next(life, "commitment.created", wrote=setting, state="Created", bargain=made, past=past)


def bargain_of(operation: Operation, number: int) -> Bargain:
    """Read what a commitment's body says."""
    said = operation.said
    is_once = said["type"] == "OneTimeCommitment"
    amount = said["amountIncludingTaxes" if is_once else "amountIncludingTaxesPerPeriod"]
    cents = int(amount["excludingTaxes"]["value"].scaleb(2))
    tax = sum(int(line["value"].scaleb(2)) for line in amount["taxes"])
    periods = 1 if is_once else said["subscriptionDuration"]["value"]
    return Bargain(number, said["type"], "Created", operation.mark, cents, tax, periods)


def _revise_commitment(life: Life, bargain: Bargain | None, operation: Operation, setting: Setting) -> Life | Refused:
    if bargain is None:
        raise AssertionError
    if life.state == "Closed":
        return Refused("purchase.closed", bargain.id, life.state)
    if bargain.state != "Created":
        return Refused("state.not_allowed", bargain.id, bargain.state)
    return _next(life, "commitment.revised", wrote=setting, bargain=bargain_of(operation, bargain.id))


def _submit(life: Life, bargain: Bargain | None, operation: Operation, setting: Setting) -> Life | Refused:
    del operation
    if bargain is None:
        raise AssertionError
    if bargain.request is not None:
        return Refused("request.exists", bargain.request.id, bargain.request.state)
    if life.state == "Closed":
        return Refused("purchase.closed", life.id, life.state)
    requesters = life.writers | life.author | {OWNER} | setting.caller.identities
    by_itself = setting.caller.approves_by_itself
    if not by_itself and _leaves_nobody(setting, requesters):
        return Refused("approval.nobody_left")
    request = Request(setting.new.get("request", 0), "Pending", 0 if by_itself else 1, requesters)
    asked = replace(bargain, state="UnderReview", request=request)
    if not by_itself:
        return _next(life, "request.created", state="Processing", bargain=asked)
    decision = (0, setting.caller.user, "Approved", None)
    return _approved(life, asked, replace(request, decisions=(decision,)), setting, "request.created")


def _leaves_nobody(setting: Setting, requesters: frozenset[int]) -> bool:
    """Tell whether some step has nobody but those who own, wrote or ask; nobody leads anybody here."""
    return any(people <= requesters for people in setting.company.steps)


def _approved(life: Life, bargain: Bargain, request: Request, setting: Setting, what: str) -> Life:
    approved = replace(
        bargain,
        state="Provisioned",
        request=replace(request, state="Approved"),
        order=(setting.new.get("order", 0), "Open"),
    )
    return _next(life, what, "order.created", state="Ongoing", bargain=approved)


def _decide(  # noqa: PLR0911  one a refusal
    life: Life, bargain: Bargain | None, operation: Operation, setting: Setting
) -> Life | Refused:
    person = setting.caller.person
    if bargain is None or bargain.request is None or person is None:
        raise AssertionError
    request = bargain.request
    if request.state != "Pending":
        return Refused("request.decided", request.id, request.state)
    if person in request.requesters:
        return Refused("approval.own_request")
    if person not in setting.company.steps[request.step - 1]:
        return Refused("approval.not_asked")
    if setting.listings is not None and setting.listings != life.listings:
        return Refused("approval.content_changed", request.id, request.state)
    verdict = "Approved" if operation.kind is Kind.APPROVE else "Denied"
    decided = replace(request, decisions=(*request.decisions, (request.step, person, verdict, operation.mark)))
    if verdict == "Denied":
        denied = replace(bargain, state="Denied", request=replace(decided, state="Denied"))
        return _next(life, "request.denied", state="Denied", bargain=denied)
    if request.step < len(setting.company.steps):
        waits = replace(bargain, request=replace(decided, step=request.step + 1))
        return _next(life, "request.step_approved", bargain=waits)
    return _approved(life, bargain, decided, setting, "request.approved")


def _cancel(life: Life, bargain: Bargain | None, operation: Operation, setting: Setting) -> Life | Refused:
    del operation, setting
    if bargain is None or bargain.request is None:
        raise AssertionError
    request, order = bargain.request, bargain.order
    if request.state not in {"Pending", "Approved"}:
        return Refused("state.not_allowed", request.id, request.state)
    if life.state == "Closed":
        return Refused("purchase.closed", request.id, life.state)
    log = ("request.cancelled",) if order is None else ("request.cancelled", "order.cancelled")
    cancelled = replace(
        bargain,
        state="Cancelled",
        request=replace(request, state="Cancelled"),
        order=None if order is None else (order[0], "Cancelled"),
    )
    return _next(life, *log, state="Cancelled", bargain=cancelled)


def _close(life: Life, bargain: Bargain | None, operation: Operation, setting: Setting) -> Life | Refused:
    del operation
    if setting.future:
        return Refused("request.invalid")
    if life.state == "Closed":
        return Refused("purchase.closed", life.id, life.state)
    if life.state not in _CLOSABLE:
        return Refused("state.not_allowed", life.id, life.state)
    if bargain is None or bargain.order is None or bargain.order[1] != "Open":
        return _next(life, "purchase.closed", state="Closed")
    closed = replace(bargain, order=(bargain.order[0], "Closed"))
    return _next(life, "purchase.closed", "order.closed", state="Closed", bargain=closed)


_MOVES: Final = {
    Kind.REVISE: _revise,
    Kind.LIST_SUPPLIER: _list_supplier,
    Kind.COMMIT: _commit,
    Kind.REVISE_COMMITMENT: _revise_commitment,
    Kind.SUBMIT: _submit,
    Kind.APPROVE: _decide,
    Kind.DENY: _decide,
    Kind.CANCEL: _cancel,
    Kind.CLOSE: _close,
}
