"""What is wrong with one of several things that a call asks for: a problem as it would be, had it been asked alone."""

from emplette.domain.errors import Invalid, Refusal
from emplette.http.contract import Answer, Call
from emplette.http.contract.problems import type_of
from emplette.http.contract.statuses import status_of


class ItemProblemOut(Answer):
    """What is wrong with an item of a call; `errors` names its fields at fault, if it is about fields."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: dict[str, list[str]]


def item_problem_out(refusal: Refusal, index: int, call: Call) -> ItemProblemOut:
    """Tell why an item was refused; its place in the call is that in the body."""
    return ItemProblemOut(
        type=type_of(refusal.code),
        title=refusal.title(),
        status=status_of(type(refusal)),
        detail=refusal.detail,
        instance=f"{call.path}#/items/{index}",
        code=refusal.code,
        errors=refusal.faults if isinstance(refusal, Invalid) else {},
    )
