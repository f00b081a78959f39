"""What the product promises of a purchase, written down a second time, from the documentation and not from the code.

A purchase and all under it share one version; each change leads from one version to the next. So its history is a
line, and whatever was answered must be true of some point of it.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from torture import asking
from torture.companies import OWNER, Company
from torture.documents import Bargain, Decision, Life, Refused, Request, Setting, Terms
from torture.history import READS, Kind, Operation

# What may be done to a purchase, by its state. Whatever is not here is refused.
_REVISABLE: Final = frozenset({"Created", "Denied", "Cancelled"})
_CLOSABLE: Final = frozenset({"Created", "Denied", "Cancelled", "Ongoing"})
_LIVE: Final = frozenset({"Created", "UnderReview", "Provisioned"})
_OF_COMMITMENTS: Final = frozenset({Kind.REVISE_COMMITMENT, Kind.SUBMIT, Kind.AMEND})
_OF_REQUESTS: Final = frozenset({Kind.APPROVE, Kind.DENY, Kind.CANCEL, Kind.REASSIGN})


def after(life: Life | None, operation: Operation, setting: Setting) -> Life | Refused | None:
    """Work out what an operation makes of a purchase; None when what it is about is not there yet."""
    if operation.kind is Kind.CREATE:
        return _created(operation, setting)
    if life is None or operation.kind in READS:
        return life
    bargain, number = life.bargain, operation.subject
    if operation.kind in _OF_COMMITMENTS | _OF_REQUESTS:
        is_of_commitment = operation.kind in _OF_COMMITMENTS
        bargain = life.bargain_of(commitment=number) if is_of_commitment else life.bargain_of(request=number)
        if bargain is None:
            return None
    if operation.kind is Kind.AMEND and operation.if_match is None:
        return Refused("version.missing")
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
        anew = _asked_anew(bargain.request, setting)
        if isinstance(anew, Refused):
            return anew
        bargain = replace(bargain, request=anew)
    listings = life.listings + 1
    return _next(life, "purchase.supplier_listed", wrote=setting, drafted=False, listings=listings, bargain=bargain)


def _asked_anew(request: Request, setting: Setting) -> Request | Refused:
    """Ask from the first step on; by further steps, where the policy asks others than the request did by now."""
    requesters = request.requesters | setting.caller.identities
    planned = asking.asked_by(setting.company, requesters)
    if planned is None:
        return Refused("approval.nobody_left")
    if not asking.is_as_planned(request, planned):
        return asking.asked_anew(request, planned, requesters)
    before = (*request.before, (request.steps, request.counted))
    began = len(request.decisions)
    return replace(request, requesters=requesters, before=before, step=request.steps[0].number, since=began)


def _commit(life: Life, bargain: Bargain | None, operation: Operation, setting: Setting) -> Life | Refused:
    if bargain is not None and bargain.state in _LIVE:
        return Refused("commitment.exists", bargain.id, bargain.state)
    if life.state == "Closed":
        return Refused("purchase.closed", life.id, life.state)
    made = Bargain(setting.new.get("commitment", 0), "Created", terms_of(operation))
    past = life.past if bargain is None else (*life.past, bargain)
    return _next(life, "commitment.created", wrote=setting, state="Created", bargain=made, past=past)


def terms_of(operation: Operation) -> Terms:
    """Read what the body of a commitment says."""
    said = operation.said
    is_once = said["type"] == "OneTimeCommitment"
    amount = said["amountIncludingTaxes" if is_once else "amountIncludingTaxesPerPeriod"]
    cents = int(amount["excludingTaxes"]["value"].scaleb(2))
    tax = sum(int(line["value"].scaleb(2)) for line in amount["taxes"])
    periods = 1 if is_once else said["subscriptionDuration"]["value"]
    return Terms(said["type"], operation.mark, cents, tax, periods)


def _revise_commitment(life: Life, bargain: Bargain | None, operation: Operation, setting: Setting) -> Life | Refused:
    if bargain is None:
        raise AssertionError
    if life.state == "Closed":
        return Refused("purchase.closed", bargain.id, life.state)
    said = replace(bargain, terms=terms_of(operation))
    if bargain.state == "Created":
        return _next(life, "commitment.revised", wrote=setting, bargain=said)
    request = bargain.request if bargain.state == "UnderReview" else None
    if request is None or not asking.may_change(setting.company, request, setting.caller.identities):
        return Refused("state.not_allowed", bargain.id, bargain.state)
    requesters = request.requesters | setting.caller.identities
    planned = asking.asked_by(setting.company, requesters)
    if planned is None:
        return Refused("approval.nobody_left")
    steps = asking.from_the_named_one_on(setting.company, planned, request)
    anew = asking.asked_anew(request, steps, requesters)
    log = ("commitment.revised", "request.begun_anew")
    return _next(life, *log, wrote=setting, bargain=replace(said, request=anew))


def _submit(life: Life, bargain: Bargain | None, operation: Operation, setting: Setting) -> Life | Refused:
    del operation
    if bargain is None:
        raise AssertionError
    if bargain.request is not None:
        return Refused("request.exists", bargain.request.id, bargain.request.state)
    if life.state == "Closed":
        return Refused("purchase.closed", life.id, life.state)
    request = _asked(life, setting)
    if isinstance(request, Refused):
        return request
    asked = replace(bargain, state="UnderReview", request=request)
    if request.step:
        return _next(life, "request.created", state="Processing", bargain=asked)
    return _approved(life, asked, request, setting, "request.created")


def _asked(life: Life, setting: Setting, **of_amendment: Any) -> Request | Refused:  # noqa: ANN401  fields of a Request
    """Ask for approval; a key that approves by itself has decided it."""
    caller = setting.caller
    requesters = life.writers | life.author | {OWNER} | caller.identities
    steps = () if caller.approves_by_itself else asking.asked_by(setting.company, requesters)
    if steps is None:
        return Refused("approval.nobody_left")
    decisions = () if steps else (Decision(0, caller.user, "Approved", None),)
    request = Request(setting.new.get("request", 0), "Pending", 1 if steps else 0, requesters, steps, decisions)
    return replace(request, askers=caller.identities, listings=life.listings, **of_amendment)


def _amend(life: Life, bargain: Bargain | None, operation: Operation, setting: Setting) -> Life | Refused:
    if bargain is None:
        raise AssertionError
    if life.state == "Closed":
        return Refused("purchase.closed", bargain.id, life.state)
    if bargain.state != "Provisioned":
        return Refused("state.not_allowed", bargain.id, bargain.state)
    if bargain.waiting is not None:
        return Refused("amendment.pending", bargain.waiting.id, "Pending")
    request = _asked(life, setting, proposes=terms_of(operation), replaces=bargain.terms)
    if isinstance(request, Refused):
        return request
    asked = replace(bargain, amendments=(*bargain.amendments, request))
    if request.step:
        return _next(life, "request.created", bargain=asked)
    return _amended(life, asked, request, "request.created")


def _amended(life: Life, bargain: Bargain, request: Request, what: str) -> Life:
    """Put what was proposed in the place of what the commitment said; whoever proposed it has written it."""
    approved = _with(bargain, replace(request, state="Approved"))
    said = replace(approved, terms=request.proposes or bargain.terms)
    after = _next(life, what, "order.amended", bargain=said)
    return replace(after, writers=life.writers | request.askers)


def _with(bargain: Bargain, request: Request) -> Bargain:
    """Put a request in the place of what it was."""
    if request.proposes is None:
        return replace(bargain, request=request)
    amendments = tuple(request if one.id == request.id else one for one in bargain.amendments)
    return replace(bargain, amendments=amendments)


def _approved(life: Life, bargain: Bargain, request: Request, setting: Setting, what: str) -> Life:
    approved = replace(
        bargain,
        state="Provisioned",
        request=replace(request, state="Approved"),
        order=(setting.new.get("order", 0), "Open"),
    )
    return _next(life, what, "order.created", state="Ongoing", bargain=approved)


def _decide(life: Life, bargain: Bargain | None, operation: Operation, setting: Setting) -> Life | Refused:
    request, person = _request_of(bargain, operation), setting.caller.person
    if bargain is None or person is None:
        raise AssertionError
    if request.state != "Pending":
        return Refused("request.decided", request.id, request.state)
    if person in request.requesters:
        return Refused("approval.own_request")
    who_may = asking.deciders(setting.company, request)
    if person not in who_may:
        return Refused("approval.not_asked")
    if setting.shown is not None and setting.shown != life.content_of(request.id):
        return Refused("approval.content_changed", request.id, request.state)
    verdict = "Approved" if operation.kind is Kind.APPROVE else "Denied"
    if request.proposes is not None and verdict == "Approved" and request.listings != life.listings:
        return Refused("amendment.outdated", request.id, request.state)
    made = Decision(request.step, person, verdict, operation.mark, who_may[person])
    decided = replace(request, decisions=(*request.decisions, made))
    return _after_decision(life, bargain, decided, setting)


def _after_decision(life: Life, bargain: Bargain, decided: Request, setting: Setting) -> Life:
    if decided.decisions[-1].verdict == "Denied":
        denied = _with(bargain, replace(decided, state="Denied"))
        if decided.proposes is not None:
            return _next(life, "request.denied", bargain=denied)
        return _next(life, "request.denied", state="Denied", bargain=replace(denied, state="Denied"))
    step = asking.passed_on(decided)
    if step is not None:
        return _next(life, "request.step_approved", bargain=_with(bargain, replace(decided, step=step)))
    if decided.proposes is not None:
        return _amended(life, bargain, decided, "request.approved")
    return _approved(life, bargain, decided, setting, "request.approved")


def _reassign(life: Life, bargain: Bargain | None, operation: Operation, setting: Setting) -> Life | Refused:
    request = _request_of(bargain, operation)
    if bargain is None:
        raise AssertionError
    if request.state != "Pending":
        return Refused("request.decided", request.id, request.state)
    given = asking.given(setting.company, request, operation.said["fromUserId"], operation.said["toUserId"])
    return given if isinstance(given, Refused) else _next(life, "request.reassigned", bargain=_with(bargain, given))


def by_itself(life: Life, what: str, number: int, company: Company) -> Life | None:
    """Work out whom the server asks about a request by itself; None where it must not."""
    bargain = life.bargain_of(request=number)
    request = None if bargain is None else bargain.request_of(number)
    if bargain is None or request is None or request.state != "Pending" or what not in BY_ITSELF:
        return None
    asked = BY_ITSELF[what](company, request)
    return None if asked == request else _next(life, what, bargain=_with(bargain, asked))


def _request_of(bargain: Bargain | None, operation: Operation) -> Request:
    request = None if bargain is None else bargain.request_of(operation.subject)
    if request is None:
        raise AssertionError
    return request


def _cancel(life: Life, bargain: Bargain | None, operation: Operation, setting: Setting) -> Life | Refused:
    del setting
    request = _request_of(bargain, operation)
    if bargain is None:
        raise AssertionError
    if request.proposes is not None and request.state == "Approved":
        return Refused("request.decided", request.id, request.state)
    if request.state not in {"Pending", "Approved"}:
        return Refused("state.not_allowed", request.id, request.state)
    cancelled = _with(bargain, replace(request, state="Cancelled"))
    if request.proposes is not None:
        return _next(life, "request.cancelled", bargain=cancelled)
    if life.state == "Closed":
        return Refused("purchase.closed", request.id, life.state)
    if bargain.waiting is not None:
        return Refused("amendment.pending", bargain.waiting.id, "Pending")
    order = bargain.order
    log = ("request.cancelled",) if order is None else ("request.cancelled", "order.cancelled")
    ended = replace(cancelled, state="Cancelled", order=None if order is None else (order[0], "Cancelled"))
    return _next(life, *log, state="Cancelled", bargain=ended)


def _close(life: Life, bargain: Bargain | None, operation: Operation, setting: Setting) -> Life | Refused:
    del operation
    if setting.future:
        return Refused("request.invalid")
    if life.state == "Closed":
        return Refused("purchase.closed", life.id, life.state)
    if life.state not in _CLOSABLE:
        return Refused("state.not_allowed", life.id, life.state)
    if bargain is not None and bargain.waiting is not None:
        return Refused("amendment.pending", bargain.waiting.id, "Pending")
    if bargain is None or bargain.order is None or bargain.order[1] != "Open":
        return _next(life, "purchase.closed", state="Closed")
    closed = replace(bargain, order=(bargain.order[0], "Closed"))
    return _next(life, "purchase.closed", "order.closed", state="Closed", bargain=closed)


BY_ITSELF: Final = {"request.escalated": asking.gone_up, "request.approver_replaced": asking.without_gone}
"""What the server does of its own accord, by what it is told as."""
_Do = Callable[[Life, Bargain | None, Operation, Setting], Life | Refused]
_MOVES: Final[dict[Kind, _Do]] = {
    Kind.REVISE: _revise,
    Kind.LIST_SUPPLIER: _list_supplier,
    Kind.COMMIT: _commit,
    Kind.REVISE_COMMITMENT: _revise_commitment,
    Kind.SUBMIT: _submit,
    Kind.APPROVE: _decide,
    Kind.DENY: _decide,
    Kind.CANCEL: _cancel,
    Kind.AMEND: _amend,
    Kind.REASSIGN: _reassign,
    Kind.CLOSE: _close,
}
