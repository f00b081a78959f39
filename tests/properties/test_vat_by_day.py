"""VAT on any day: at every place of the table one normal rate, of every type one rate or none, and none in between."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emplette.domain.taxes import OwnRate, RateType, VatRate, rate_types_valid, rates_in_force
from emplette.storage.taxes import read_table, table

RATES: Final = [rate for rate, _ in read_table(table())]
SOURCES: Final = [source for _, source in read_table(table())]
PLACES: Final = sorted({rate.rate_type.territory_id for rate in RATES})
TYPES: Final = sorted({rate.rate_type for rate in RATES}, key=lambda kind: kind.id)
OF_FRANCE: Final = {"FR", "FR-20R", "GP", "MQ", "RE", "MC"}
FAR: Final = date(2100, 1, 1)
DAYS: Final = st.dates(min_value=date(2010, 1, 1), max_value=FAR)


def begins_on(place: str) -> date:
    """Say from which day on the table knows a place."""
    return date(2000, 4, 1) if place in OF_FRANCE else date(2010, 1, 1)


def valid(place: str, on: date) -> list[VatRate]:
    return [rate for rate in RATES if rate.rate_type.territory_id == place and rate.is_valid_on(on)]


@given(st.sampled_from(PLACES), DAYS)
def test_on_any_day_each_type_has_one_rate_at_most_and_a_place_its_normal_one(place: str, day: date) -> None:
    rates = valid(place, day)
    types = [rate.rate_type.id for rate in rates]
    assert len(types) == len(set(types))
    names = [rate.rate_type.name for rate in rates]
    assert len(names) == len(set(names))
    assert "Normal" in names
    assert all(0 <= rate.percentage < Decimal("0.3") for rate in rates)
    named = rate_types_valid(RATES, days=[day], territory_ids=[place])
    assert set(named) == set(types)


@pytest.mark.parametrize("place", PLACES)
def test_there_is_a_normal_rate_on_every_single_day(place: str) -> None:
    normal = sorted(
        (rate for rate in RATES if (rate.rate_type.territory_id, rate.rate_type.name) == (place, "Normal")),
        key=lambda rate: rate.valid_from,
    )
    assert normal[0].valid_from == begins_on(place)
    assert normal[-1].valid_to is None
    assert [before.valid_to for before in normal[:-1]] == [after.valid_from for after in normal[1:]]


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: f"{kind.territory_id} {kind.name}")
def test_the_rates_of_a_type_follow_each_other_without_overlap_and_without_a_hole(kind: RateType) -> None:
    rates = sorted((rate for rate in RATES if rate.rate_type == kind), key=lambda rate: rate.valid_from)
    assert rates[0].valid_from >= begins_on(kind.territory_id)
    for before, after in pairwise(rates):
        assert before.valid_to == after.valid_from, "a type that comes back is another type"
        assert before.percentage != after.percentage, "nothing changes there"


def test_every_rate_names_where_it_stands() -> None:
    assert all(source.strip() and len(source) > len("UStG") for source in SOURCES)


SPANS: Final = st.tuples(DAYS, st.none() | st.integers(1, 2_000))


@given(st.sampled_from(TYPES), st.lists(st.tuples(SPANS, st.none() | st.integers(0, 29)), max_size=4), DAYS)
def test_whatever_a_company_says_a_type_has_one_rate_at_most_on_a_day_and_the_last_word_counts(
    kind: RateType, said: list[tuple[tuple[date, int | None], int | None]], day: date
) -> None:
    own = [
        OwnRate(
            1_500_000_000 + number,
            kind,
            None if percent is None else Decimal(percent) / 100,
            first,
            None if length is None else first + timedelta(days=length),
        )
        for number, ((first, length), percent) in enumerate(said)
    ]
    counted: defaultdict[int, list[Decimal]] = defaultdict(list)
    for rate in rates_in_force(RATES, own):
        if rate.is_valid_on(day):
            counted[rate.rate_type.id].append(rate.percentage)
    assert all(len(found) == 1 for found in counted.values())
    words = [one for one in own if one.valid_from <= day and (one.valid_to is None or day < one.valid_to)]
    shipped = [rate.percentage for rate in RATES if rate.rate_type == kind and rate.is_valid_on(day)]
    expected = shipped if not words else [] if words[-1].percentage is None else [words[-1].percentage]
    assert counted.get(kind.id, []) == expected
