"""Every state machine is a table: what stands in it leads somewhere, and nothing else does anything."""

from enum import StrEnum
from itertools import product
from types import ModuleType
from typing import Any

import pytest

from emplette.domain import approvals, commitments, orders, purchases, subscriptions
from emplette.domain.approvals import RequestAction, RequestState
from emplette.domain.commitments import CommitmentAction, CommitmentState
from emplette.domain.orders import OrderAction, OrderState
from emplette.domain.purchases import PurchaseAction, PurchaseState
from emplette.domain.subscriptions import SubscriptionAction, SubscriptionState
from emplette.domain.workflow import ActionNotAllowed, Workflow
from tests.house.source import modules

MACHINES: dict[ModuleType, tuple[type[StrEnum], type[StrEnum]]] = {
    purchases: (PurchaseState, PurchaseAction),
    commitments: (CommitmentState, CommitmentAction),
    approvals: (RequestState, RequestAction),
    orders: (OrderState, OrderAction),
    subscriptions: (SubscriptionState, SubscriptionAction),
}
_S = SubscriptionState
WITHOUT_AN_ACTION: dict[ModuleType, set[StrEnum]] = {subscriptions: {_S.STOPPED, _S.ENDED, _S.RAN_OUT, _S.CLOSED}}
"""States to which time leads, or the end of something else."""
PAIRS = [
    (module.LIFE, state, action)
    for module, (states, actions) in MACHINES.items()
    for state, action in product(states, actions)
]


def _name(value: object) -> str:
    return value.document if isinstance(value, Workflow) else str(value)


@pytest.mark.parametrize(("life", "state", "action"), PAIRS, ids=_name)
def test_an_action_leads_where_the_table_says_and_is_refused_when_it_says_nothing(
    life: Workflow[Any, Any], state: StrEnum, action: StrEnum
) -> None:
    if (state, action) in life.moves:
        assert life.after(state, action) is life.moves[state, action]
        return
    with pytest.raises(ActionNotAllowed) as refused:
        life.after(state, action, kind=life.document, id=7)
    assert refused.value.facts == {"state": state, "kind": life.document, "id": 7}
    assert refused.value.detail.startswith(f"The {life.document} is {state}; to {action} it, it must be ")
    assert all(source in refused.value.detail for source in life.sources(action))


@pytest.mark.parametrize(("life", "state", "action"), PAIRS, ids=_name)
def test_what_can_be_done_and_from_where_are_read_from_the_same_table(
    life: Workflow[Any, Any], state: StrEnum, action: StrEnum
) -> None:
    assert (action in life.actions(state)) is ((state, action) in life.moves)
    assert (state in life.sources(action)) is ((state, action) in life.moves)


@pytest.mark.parametrize("module", MACHINES, ids=lambda module: module.LIFE.document)
def test_every_state_is_reached_and_every_action_is_possible(module: ModuleType) -> None:
    states, actions = MACHINES[module]
    first = next(iter(states))
    reached = {first, *module.LIFE.moves.values()} | WITHOUT_AN_ACTION.get(module, set())
    assert reached == set(states)
    assert {action for _, action in module.LIFE.moves} == set(actions)


def test_no_state_machine_of_the_domain_goes_untried() -> None:
    found = {
        id(value)
        for module in modules("emplette.domain")
        for value in vars(module).values()
        if isinstance(value, Workflow)
    }
    assert found == {id(module.LIFE) for module in MACHINES}
