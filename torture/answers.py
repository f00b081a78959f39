"""What the answer to an operation must say, when the purchase is as the model has it."""

from collections.abc import Mapping
from typing import Any

from torture.history import Call, Kind, Operation
from torture.model import Bargain, Life

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
    elif operation.kind not in {Kind.COMMIT, Kind.SUBMIT}:
        bargain = life.bargain_of(request=operation.subject)
    if bargain is None:
        return {"id": None}
    return _commitment(life, bargain) if operation.kind in _OF_COMMITMENT else _request(life, bargain)


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
    total = 0 if bargain is None else bargain.total
    return {
        "id": life.id,
        "title": life.title,
        "state": life.state,
        "version": life.version,
        "commitment.id": None if bargain is None else bargain.id,
        "order.id": None if bargain is None or bargain.order is None else bargain.order[0],
        "requestedAmount.base.value": total / 100 if state == "UnderReview" else 0,
        "committedAmount.base.value": total / 100 if state == "Provisioned" else 0,
    }


def _commitment(life: Life, bargain: Bargain) -> dict[str, Any]:
    return {
        "id": bargain.id,
        "type": bargain.type,
        "comment": bargain.mark,
        "state": bargain.state,
        "version": life.version,
        "purchase.id": life.id,
        "amountIncludingTaxes.base.excludingTaxes.value": bargain.total / 100,
        "request.id": None if bargain.request is None else bargain.request.id,
        "order.id": None if bargain.order is None else bargain.order[0],
    }


def _request(life: Life, bargain: Bargain) -> dict[str, Any]:
    request, order = bargain.request, bargain.order
    if request is None:
        return {"id": None}
    return {
        "id": request.id,
        "state": request.state,
        "stepId": request.step,
        "version": life.version,
        "purchase.id": life.id,
        "businessObject.id": bargain.id,
        "order.id": None if order is None else order[0],
    }
