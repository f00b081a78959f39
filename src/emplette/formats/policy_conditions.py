"""What a rule of a policy is for, as its file says it."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from emplette.domain.budgets import BudgetState
from emplette.domain.conditions import (
    AmountRange,
    AnyOf,
    Bound,
    Condition,
    Field,
    RequestedBy,
    SupplierTrait,
    Value,
)
from emplette.domain.purchases import PurchaseType
from emplette.formats.policy_reading import BEYOND, Place

_LOW: Final = {"over": False, "atLeast": True}
_HIGH: Final = {"below": False, "atMost": True}
_WORDS: Final[Mapping[Field, tuple[str, ...]]] = {
    Field.TYPE: tuple(PurchaseType),
    Field.SUPPLIER: tuple(SupplierTrait),
    Field.BUDGET: tuple(BudgetState),
}
_BY_ID: Final = frozenset(Field) - {Field.TYPE, Field.BUDGET}


def read_conditions(when: Place, *, at_once: bool) -> tuple[Condition, ...]:
    """Read all that a rule looks at; ``at_once`` when it lets pass what it is for."""
    when.knows(*Field)
    if not when.said:
        when.fault("", "Must look at something: leave it out for a rule that is for everything.")
    return tuple(
        condition for looked_at in Field if looked_at in when.said for condition in _read(when, looked_at, at_once)
    )


def _read(when: Place, looked_at: Field, at_once: bool) -> Iterator[Condition]:  # noqa: FBT001
    if looked_at is Field.AMOUNT:
        place = when.mapping(looked_at, "a range: {over: 1000, atMost: 5000}")
        if place is not None:
            yield _amount(place)
    elif looked_at is Field.REQUESTER:
        place = when.mapping(looked_at, "who asks: {users: [35], departments: [14]}")
        if place is not None:
            place.knows("users", "departments")
            if not place.said:
                place.fault("", "Must list users or departments.")
            users, departments = (_ids(place, name) for name in ("users", "departments"))
            yield RequestedBy(users, departments, every=at_once)
    else:
        yield _any_of(when, looked_at)


def _amount(place: Place) -> AmountRange:
    place.knows(*_LOW, *_HIGH)
    low, high = _bound(place, _LOW), _bound(place, _HIGH)
    if low is None and high is None:
        place.fault("", f"Must say one or two of {', '.join((*_LOW, *_HIGH))}.")
    if low is not None and high is not None and low.value >= high.value:
        inside = low.value == high.value and low.included and high.included
        if not inside:
            place.fault("", "Leaves no amount: it ends before it begins.")
    return AmountRange(low, high)


def _bound(place: Place, kinds: Mapping[str, bool]) -> Bound | None:
    found = []
    for name, included in kinds.items():
        said = place.said.get(name)
        if said is None and name not in place.said:
            continue
        if isinstance(said, bool) or not isinstance(said, int | Decimal) or not 0 <= said < 10**15:
            place.fault(name, "Must be an amount of zero or more.")
        else:
            found.append(Bound(Decimal(said), included))
    if len(found) > 1:
        place.fault("", f"Says both {' and '.join(kinds)}: one is enough.")
    return found[0] if found else None


def _any_of(when: Place, looked_at: Field) -> AnyOf:
    said = when.said[looked_at]
    if isinstance(said, Mapping):
        place = when.below(looked_at, said).knows("not")
        return AnyOf(looked_at, _values(place, "not", looked_at), negated=True)
    return AnyOf(looked_at, _values(when, looked_at, looked_at))


def _values(place: Place, name: str, looked_at: Field) -> frozenset[Value]:
    words = _WORDS.get(looked_at, ())
    by_id = looked_at in _BY_ID

    def is_right(one: object) -> bool:
        return one in words if isinstance(one, str) else by_id and _is_id(one)

    expected = [*words, *(["an id"] if by_id else [])]
    return _checked(place, name, is_right, f"Must be one of {', '.join(expected)}.")


def _ids(place: Place, name: str) -> frozenset[int]:
    if name not in place.said:
        return frozenset()
    found = _checked(place, name, _is_id, "Must be an id.")
    return frozenset(one for one in found if isinstance(one, int))


def _checked(place: Place, name: str, is_right: Callable[[object], bool], otherwise: str) -> frozenset[Value]:
    found = place.several(name)
    listed = isinstance(place.said.get(name), list)
    for number, one in enumerate(found):
        if not is_right(one):
            place.fault(f"{name}[{number}]" if listed else name, otherwise)
    return frozenset(one for one in found if is_right(one))


def _is_id(one: object) -> bool:
    return type(one) is int and 0 < one < BEYOND
