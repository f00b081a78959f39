"""What the answer to an operation must say, when the purchase is as the model has it."""

from collections.abc import Mapping
from typing import Any

from torture.documents import Bargain, Life, Request
from torture.history import Call, Kind, Operation

_OF_PURCHASE = {Kind.CREATE, Kind.REVISE, Kind.LIST_SUPPLIER, Kind.CLOSE, Kind.READ_PURCHASE}
_OF_COMMITMENT = {Kind.COMMIT, Kind.REVISE_COMMITMENT, Kind.READ_COMMITMENT}


def differences(operation: Operation, call: Call, life: Life) -> list[str]:
    """Name what an answer says otherwise than the model."""
    wanted = expected(operation, life) | {"ETag": f'"{life.id}.{life.version}"'}
    found = {name: _at(call.told, name) for name in wanted} | {"ETag": call.etag}
    return [
        f"{name} is {found[name]!r} and should be {value!r}" for name, value in wanted.items() if found[name] != value
    ]


def expected(operation: Operation, life: Life) -> dict[str, Any]:
    """List what the answer must say, by the path of each field."""
    if operation.kind in _OF_PURCHASE:
        return _purchase(life)
    # A new commitment, and a new request, are the last ones.
    bargain = life.bargain
    if operation.kind in {Kind.REVISE_COMMITMENT, Kind.READ_COMMITMENT}:
        bargain = life.bargain_of(commitment=operation.subject)
    elif operation.kind not in {Kind.COMMIT, Kind.SUBMIT, Kind.AMEND}:
        bargain = life.bargain_of(request=operation.subject)
    if bargain is None:
        return {"id": None}
    if operation.kind in _OF_COMMITMENT:
        return _commitment(life, bargain)
    is_new = operation.kind in {Kind.SUBMIT, Kind.AMEND}
    return _request(life, bargain, bargain.requests[-1] if is_new else bargain.request_of(operation.subject))


def _at(told: Mapping[str, Any], path: str) -> Any:  # noqa: ANN401  JSON
    value: Any = told
    for name in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def _purchase(life: Life) -> dict[str, Any]:
    bargain = life.bargain
    state = None if bargain is None else bargain.state
    total = 0 if bargain is None else bargain.terms.total
    asked = total if state == "UnderReview" else 0
    if bargain is not None and bargain.waiting is not None and bargain.waiting.proposes is not None:
        asked = max(0, bargain.waiting.proposes.total - total)
    return {
        "id": life.id,
        "title": life.title,
        "state": life.state,
        "version": life.version,
        "commitment.id": None if bargain is None else bargain.id,
        "order.id": None if bargain is None or bargain.order is None else bargain.order[0],
        "requestedAmount.base.value": asked / 100,
        "committedAmount.base.value": total / 100 if state == "Provisioned" else 0,
    }


def _commitment(life: Life, bargain: Bargain) -> dict[str, Any]:
    return {
        "id": bargain.id,
        "type": bargain.terms.type,
        "comment": bargain.terms.mark,
        "state": bargain.state,
        "version": life.version,
        "purchase.id": life.id,
        "amountIncludingTaxes.base.excludingTaxes.value": bargain.terms.total / 100,
        "request.id": None if bargain.request is None else bargain.request.id,
        "order.id": None if bargain.order is None else bargain.order[0],
    }


def _request(life: Life, bargain: Bargain, request: Request | None) -> dict[str, Any]:
    if request is None:
        return {"id": None}
    return {
        "id": request.id,
        "state": request.state,
        "stepId": request.step,
        "version": life.version,
        "purchase.id": life.id,
        "businessObject.id": bargain.id,
        "order.id": None if bargain.order is None else bargain.order[0],
    }
