"""What is wrong with one of several things that a call asks for: a problem as it would be, had it been asked alone."""

from collections.abc import Mapping
from typing import TypeVar

from msgspec import UNSET, UnsetType

from emplette.domain.errors import Invalid, Refusal
from emplette.http.contract import Answer, Call
from emplette.http.contract.problems import facts_of, type_of
from emplette.http.contract.statuses import status_of

T = TypeVar("T")


class ItemProblemOut(Answer):
    """What is wrong with an item of a call; `errors` names its fields at fault, if it is about fields.

    A conflict carries the `state` of what refused, and `id` and `href` of what exists.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    errors: dict[str, list[str]]
    id: int | UnsetType = UNSET
    href: str | UnsetType = UNSET
    state: str | UnsetType = UNSET


def item_problem_out(refusal: Refusal, index: int, call: Call) -> ItemProblemOut:
    """Tell why an item was refused; its place in the call is that in the body."""
    facts = facts_of(refusal)
    return ItemProblemOut(
        type=type_of(refusal.code),
        title=refusal.title(),
        status=status_of(type(refusal)),
        detail=refusal.detail,
        instance=f"{call.path}#/items/{index}",
        code=refusal.code,
        errors=refusal.faults if isinstance(refusal, Invalid) else {},
        id=_fact(facts, "id", int),
        href=_fact(facts, "href", str),
        state=_fact(facts, "state", str),
    )


def _fact(facts: Mapping[str, object], name: str, kind: type[T]) -> T | UnsetType:
    value = facts.get(name)
    return value if isinstance(value, kind) else UNSET
