"""Orders: what an approved commitment becomes, and how it ends."""

from emplette.domain.dossiers import ended
from emplette.domain.orders import LIFE, OrderAction, OrderHappening, OrderState, number_of
from tests.fixtures.dossiers import HEAD, approved, cancelled, closed, stamp


def test_an_order_is_open_until_it_is_closed_or_cancelled_and_ends_once() -> None:
    assert LIFE.moves == {
        (OrderState.OPEN, OrderAction.CLOSE): OrderState.CLOSED,
        (OrderState.OPEN, OrderAction.CANCEL): OrderState.CANCELLED,
    }


def test_orders_have_numbers_of_their_own() -> None:
    assert number_of(41) == "PO-000041"
    assert number_of(12_345_678) == "PO-12345678"


def test_the_history_of_an_order_begins_with_who_approved() -> None:
    order = approved().order
    assert order is not None
    assert [(entry.what, entry.by) for entry in order.history] == [(OrderHappening.CREATED, HEAD)]
    assert order.number == number_of(order.id)
    assert order.approved_at == order.history[0].at


def test_an_order_ends_with_its_purchase_and_says_so() -> None:
    for end, state, told in (
        (closed, OrderState.CLOSED, OrderHappening.CLOSED),
        (cancelled, OrderState.CANCELLED, OrderHappening.CANCELLED),
    ):
        order = end(approved()).order
        assert order is not None
        assert order.state is state
        assert [entry.what for entry in order.history] == [OrderHappening.CREATED, told]


def test_what_has_ended_or_never_was_is_not_ended_again() -> None:
    order = cancelled(approved()).order
    assert ended(order, OrderAction.CLOSE, OrderHappening.CLOSED, stamp()) is order
    assert ended(None, OrderAction.CLOSE, OrderHappening.CLOSED, stamp()) is None
