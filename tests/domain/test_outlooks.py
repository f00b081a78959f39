"""What a purchase leaves of the budgets: foreseen in a draft, and once it hangs on them."""

from dataclasses import replace
from datetime import date

import pytest

from emplette.domain.budgets import (
    Book,
    Budget,
    BudgetKind,
    BudgetState,
    Charge,
    EntryState,
    Line,
    Numbers,
    Place,
)
from emplette.domain.outlooks import HeldShare, Outlook, Outlooks, foreseen, holding

SPRING, NEXT_YEAR = date(2025, 4, 14), date(2026, 4, 14)
HARD = Budget(
    id=1,
    name="Year",
    starts_on=date(2025, 1, 1),
    ends_on=date(2025, 12, 31),
    currency="EUR",
    initial_minor=100_00,
    numbers=Numbers(free_minor=60_00, reserved_minor=40_00),
)
SOFT = replace(HARD, id=2, kind=BudgetKind.SOFT)
HELD = HeldShare(HARD, 31, EntryState.RESERVED, 40_00, 40_00, 1)


def outlook(amount: int, room: int, budget: Budget = HARD, state: EntryState | None = None) -> Outlook:
    return Outlook(budget, amount, room, 1, state)


@pytest.mark.parametrize(
    ("amount", "room", "told"),
    [
        (40_00, 100_00, (100_00, 60_00, 0)),
        (100_00, 100_00, (100_00, 0, 0)),
        (130_00, 100_00, (100_00, 0, 30_00)),
        (10_00, -5_00, (0, 0, 10_00)),
        (0, 0, (0, 0, 0)),
    ],
    ids=["it fits", "it fits exactly", "it is more", "others went beyond it", "it costs nothing"],
)
def test_what_is_free_before_and_after_and_what_is_beyond(amount: int, room: int, told: tuple[int, int, int]) -> None:
    one = outlook(amount, room)
    assert (one.before_minor, one.after_minor, one.beyond_minor) == told


def test_only_a_hard_budget_refuses_and_only_what_was_not_asked_for_yet() -> None:
    assert outlook(2, 1).is_refused
    assert not outlook(1, 1).is_refused
    assert not outlook(2, 1, SOFT).is_refused
    assert not outlook(2, 1, state=EntryState.RESERVED).is_refused


@pytest.mark.parametrize(
    ("outlooks", "state"),
    [
        (Outlooks((outlook(1, 1),)), BudgetState.WITHIN),
        (Outlooks((outlook(1, 1),), (NEXT_YEAR,)), BudgetState.UNCOVERED),
        (Outlooks((outlook(2, 1),), (NEXT_YEAR,)), BudgetState.OVER),
    ],
)
def test_being_beyond_a_budget_says_more_than_not_being_covered(outlooks: Outlooks, state: BudgetState) -> None:
    assert outlooks.state is state


def test_in_a_draft_it_is_foreseen_what_each_budget_would_have_left() -> None:
    book = Book(1, (Line(HARD, 60_00), Line(replace(HARD, id=3, cost_center_id=9), 1)))
    charge = Charge(Place(3, 1, None, None, frozenset()), "EUR", 70_00, (SPRING, NEXT_YEAR))
    found = foreseen(book.coverage(charge), book)
    assert found == Outlooks((Outlook(HARD, 70_00, 60_00, 1),), (NEXT_YEAR,))


def test_what_a_request_holds_is_its_own() -> None:
    found = holding([HELD], [SPRING, NEXT_YEAR])
    assert found == Outlooks((Outlook(HARD, 40_00, 100_00, 1, EntryState.RESERVED),), (NEXT_YEAR,))
    assert found.shares[0].after_minor == 60_00


def test_an_overrun_by_others_leaves_no_room() -> None:
    over = replace(HARD, numbers=Numbers(free_minor=0, committed_minor=150_00, overrun_minor=50_00))
    (share,) = holding([replace(HELD, budget=over)], [SPRING]).shares
    assert (share.room_minor, share.before_minor, share.beyond_minor) == (-10_00, 0, 40_00)


def test_an_amendment_adds_to_what_the_commitment_has_of_a_budget() -> None:
    added = replace(HELD, request_id=32, amount_minor=10_00, held_minor=10_00, periods=2)
    (share,) = holding([HELD, added], [SPRING]).shares
    assert (share.amount_minor, share.room_minor, share.periods) == (50_00, 110_00, 2)


def test_of_a_budget_without_numbers_all_is_free() -> None:
    (share,) = holding([replace(HELD, budget=replace(HARD, numbers=None))], [SPRING]).shares
    assert share.room_minor == 140_00
