"""Absences: who stands in for whom, whatever people enter."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emplette.domain.absences import (
    LONGEST_DAYS,
    Absence,
    AbsenceLoops,
    StandIn,
    note_faults,
    refuse_loop,
    stand_ins,
    stand_ins_for,
)
from emplette.domain.currencies import CURRENCIES
from emplette.domain.errors import Faults
from emplette.domain.money import UNREACHED, Money
from emplette.domain.registers import Reference

DAY = date(2026, 7, 1)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
PEOPLE = range(1, 6)


def euros(minor: int) -> Money:
    return Money(minor, CURRENCIES["EUR"])


def absence(
    number: int, person: int, deputy: int, first: int = 0, days: int = 10, center: int | None = None
) -> Absence:
    return Absence(
        id=number,
        user_id=person,
        deputy_id=deputy,
        starts_on=DAY + timedelta(first),
        ends_on=DAY + timedelta(first + days),
        cost_center_id=center,
        entered_at=NOW,
    )


@st.composite
def absences(draw: st.DrawFn) -> list[Absence]:
    """Draw absences as they can be entered one after the other: those that would close a loop are refused."""
    entered: list[Absence] = []
    for number in range(draw(st.integers(0, 8))):
        person, deputy = draw(
            st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)).filter(lambda two: two[0] != two[1])
        )
        center = draw(st.sampled_from((None, 3, 4)))
        one = absence(number, person, deputy, draw(st.integers(-5, 5)), draw(st.integers(0, 8)), center)
        try:
            refuse_loop(one, entered)
        except AbsenceLoops:
            continue
        entered.append(one)
    return entered


@given(absences())
def test_nobody_stands_in_for_themselves_nor_further_than_once(entered: list[Absence]) -> None:
    direct = {(one.deputy_id, one.user_id) for one in entered if one.is_on(DAY)}
    for found in stand_ins(entered, DAY):
        assert found.person_id != found.absent_id
        assert found.until >= DAY
        if found.via is None:
            assert (found.person_id, found.absent_id) in direct
        else:
            assert {(found.person_id, found.via), (found.via, found.absent_id)} <= direct


@given(absences(), st.sets(st.sampled_from(PEOPLE)), st.sets(st.sampled_from(PEOPLE)))
def test_whoever_it_is_their_own_names_nobody_for_it(entered: list[Absence], asked: set[int], own_to: set[int]) -> None:
    for found in stand_ins_for(entered, DAY, asked=asked, cost_center_id=3, amount=euros(1), own_to=own_to):
        assert found.absent_id in asked - own_to
        assert found.via not in own_to
        assert found.cost_center_id in {None, 3}


def test_a_chain_that_leads_back_is_refused_where_all_of_it_counts_at_once() -> None:
    chain = [absence(1, 1, 2), absence(2, 2, 3)]
    with pytest.raises(AbsenceLoops, match="user 1, then user 2"):
        refuse_loop(absence(3, 3, 1), chain)
    refuse_loop(absence(3, 3, 1, first=11), chain)
    refuse_loop(absence(3, 3, 1, center=3), [absence(1, 1, 2, center=4), absence(2, 2, 3)])


def test_an_absence_refers_to_both_people_and_to_what_it_is_for() -> None:
    assert absence(1, 1, 2).references() == [Reference("userId", "users", 1), Reference("deputyId", "users", 2)]
    assert absence(1, 1, 2, center=3).references()[2:] == [Reference("costCenterId", "cost_centers", 3)]


@pytest.mark.parametrize(("center", "covered"), [(None, {3, 4}), (3, {3})])
def test_a_deputy_decides_what_the_absence_is_for(center: int | None, covered: set[int]) -> None:
    assert {one for one in (3, 4) if absence(1, 1, 2, center=center).covers(one)} == covered


def test_an_absence_counts_from_its_first_day_to_its_last_unless_it_was_taken_back() -> None:
    away = absence(1, 1, 2, days=2)
    assert [day for day in range(-1, 4) if away.is_on(DAY + timedelta(day))] == [0, 1, 2]
    assert not replace(away, ended_at=NOW).is_on(DAY)
    assert list(stand_ins([replace(away, ended_at=NOW)], DAY)) == []


def test_the_deputy_of_a_deputy_decides_while_both_are_away_and_for_what_both_are() -> None:
    entered = [absence(1, 1, 2, days=5, center=3), absence(2, 2, 3, days=2)]
    assert list(stand_ins(entered, DAY))[-1] == StandIn(3, 1, DAY + timedelta(2), via=2, cost_center_id=3)
    assert len(list(stand_ins([entered[0], replace(entered[1], cost_center_id=4)], DAY))) == 2


@pytest.mark.parametrize(
    ("entered", "path"),
    [
        (absence(1, 1, 2), None),
        (absence(1, 1, 1), "deputyId"),
        (absence(1, 1, 2, days=-1), "endDate"),
        (absence(1, 1, 2, first=-9, days=8), "endDate"),
        (absence(1, 1, 2, first=-9, days=9), None),
        (absence(1, 1, 2, days=LONGEST_DAYS - 1), None),
        (absence(1, 1, 2, days=LONGEST_DAYS), "endDate"),
    ],
)
def test_what_can_not_be_of_an_absence_is_named(entered: Absence, path: str | None) -> None:
    faults = Faults()
    note_faults(entered, faults, today=DAY)
    assert set(faults.as_dict()) == (set() if path is None else {path})


def test_an_absence_that_was_taken_back_or_is_entered_anew_closes_no_loop() -> None:
    back = absence(2, 2, 1)
    refuse_loop(absence(1, 1, 2), [replace(back, ended_at=NOW)])
    refuse_loop(replace(back, deputy_id=3), [back])


def test_a_deputy_decides_up_to_the_amount_that_the_absence_says_in_its_currency() -> None:
    limited = replace(absence(1, 1, 2), most_minor=100, most_currency="EUR")
    (found,) = stand_ins([limited], DAY)
    francs = Money(1, CURRENCIES["CHF"])
    assert [found.is_for(3, amount) for amount in (euros(100), euros(101), francs)] == [True, False, False]
    (found,) = stand_ins([absence(1, 1, 2)], DAY)
    assert found.is_for(3, francs)


@pytest.mark.parametrize(
    ("first", "second", "most"),
    [
        ((100, "EUR"), (50, "EUR"), [50]),
        (None, (50, "EUR"), [50]),
        (None, None, [None]),
        ((100, "EUR"), (9, "CHF"), []),
    ],
)
def test_the_deputy_of_a_deputy_decides_up_to_what_both_may(
    first: tuple[int, str] | None, second: tuple[int, str] | None, most: list[int | None]
) -> None:
    entered = [
        replace(each, most_minor=limit and limit[0], most_currency=limit and limit[1])
        for each, limit in ((absence(1, 1, 2), first), (absence(2, 2, 3), second))
    ]
    passed_on = [found.most for found in stand_ins(entered, DAY) if found.via is not None]
    assert [None if limit is None else limit.minor for limit in passed_on] == most


def test_an_amount_that_nobody_could_decide_about_is_refused() -> None:
    for minor in (0, UNREACHED):
        faults = Faults()
        note_faults(replace(absence(1, 1, 2), most_minor=minor, most_currency="EUR"), faults, today=DAY)
        assert list(faults.as_dict()) == ["atMost.value"]
