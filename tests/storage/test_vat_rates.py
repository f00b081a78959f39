"""The table of VAT rates that comes with Emplette, held against itself and against its own page."""

import re
from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from emplette.domain.taxes import RateType, VatRate
from emplette.domain.territories import TERRITORIES
from emplette.storage.taxes import read_table, table
from tests.house.source import PACKAGE

TABLE = read_table(table())
RATES = [rate for rate, _ in TABLE]
TODAY = date(2026, 11, 1)
PAGE = (PACKAGE / "storage" / "data" / "README.md").read_text("utf-8")

BESIDE_THE_MEMBERS = ["FR-20R", "GP", "MQ", "RE", "MC", "CH", "LI", "GB", "XI"]
OUTSIDE = ["GF", "YT", "BL", "MF", "PM", "NC", "PF", "WF", "TF"]


def _histories() -> dict[RateType, list[VatRate]]:
    found: defaultdict[RateType, list[VatRate]] = defaultdict(list)
    for rate in sorted(RATES, key=lambda rate: rate.valid_from):
        found[rate.rate_type].append(rate)
    return found


HISTORIES = _histories()
PLACES = sorted({kind.territory_id for kind in HISTORIES})


def percentages(territory: str, on: date) -> list[Decimal]:
    valid = [rate for rate in RATES if rate.rate_type.territory_id == territory and rate.is_valid_on(on)]
    return sorted((rate.percentage for rate in valid), reverse=True)


def _ranges() -> dict[str, range]:
    """Read from the page which ids each territory has."""
    rows = re.findall(r"^\| (.+?) \| (\d+) to (\d+) \|", PAGE, re.MULTILINE)
    return {
        code: range(int(first), int(last) + 1) for codes, first, last in rows for code in re.findall(r"`(.+?)`", codes)
    }


def test_the_normal_rate_of_france_has_the_ids_of_the_public_example() -> None:
    rate = next(rate for rate in RATES if rate.id == 1)
    assert (rate.rate_type.id, rate.rate_type.name, rate.rate_type.territory_id) == (45, "Normal", "FR")
    assert str(rate.percentage) == "0.2"


def test_every_rate_has_an_id_of_its_own_a_known_place_and_a_law() -> None:
    assert len({rate.id for rate in RATES}) == len(RATES)
    assert {rate.rate_type.territory_id for rate in RATES} <= set(TERRITORIES)
    assert all(0 <= rate.percentage < 1 for rate in RATES)
    assert all(len(source.strip()) > 5 for _, source in TABLE)


def test_a_rate_is_zero_where_its_type_says_so() -> None:
    zero = {rate.rate_type.name for rate in RATES if rate.percentage == 0}
    assert zero - {"Super-reduced (basic food)"} == {kind.name for kind in HISTORIES if kind.name.startswith("Zero")}


def test_a_name_is_one_type_at_its_place() -> None:
    names = [(kind.territory_id, kind.name) for kind in HISTORIES]
    assert len(set(names)) == len(names)
    assert len({kind.id for kind in HISTORIES}) == len(names)


@pytest.mark.parametrize("kind", HISTORIES, ids=lambda kind: f"{kind.territory_id} {kind.name}")
def test_a_type_of_rate_has_one_rate_on_each_day_of_its_life_and_none_that_changes_nothing(kind: RateType) -> None:
    history = HISTORIES[kind]
    assert all(earlier.valid_to == later.valid_from for earlier, later in pairwise(history))
    assert all(rate.valid_to is None or rate.valid_from < rate.valid_to for rate in history)
    assert all(earlier.percentage != later.percentage for earlier, later in pairwise(history))


def test_the_places_beside_the_members_are_there() -> None:
    assert set(BESIDE_THE_MEMBERS) <= set(PLACES)
    assert len(PLACES) == len(BESIDE_THE_MEMBERS) + 27


@pytest.mark.parametrize("code", PLACES)
def test_each_place_has_a_normal_rate_on_every_day_since_2010_above_its_others(code: str) -> None:
    (kind,) = (kind for kind in HISTORIES if (kind.territory_id, kind.name) == (code, "Normal"))
    history = HISTORIES[kind]
    assert history[0].valid_from <= date(2010, 1, 1)
    assert history[-1].valid_to is None
    for rate in history:
        assert percentages(code, rate.valid_from)[0] == rate.percentage


@pytest.mark.parametrize("code", OUTSIDE)
def test_where_the_french_tax_does_not_reach_there_is_none(code: str) -> None:
    assert percentages(code, TODAY) == []


def test_every_territory_keeps_to_its_own_ids() -> None:
    ranges = _ranges()
    assert {kind.territory_id for kind in HISTORIES} == set(ranges)
    assert [kind for kind in HISTORIES if kind.id not in ranges[kind.territory_id]] == []
    beyond = sorted({(ids.start, ids.stop) for ids in ranges.values()})
    assert all(one[1] <= other[0] for one, other in pairwise(beyond))


def test_outside_the_first_range_an_id_of_a_rate_is_that_of_its_type_and_a_number() -> None:
    later = [rate for rate in RATES if rate.rate_type.id >= 1000]
    assert later
    assert [rate for rate in later if rate.id // 100 != rate.rate_type.id or rate.id % 100 == 0] == []


def test_nothing_that_is_shipped_looks_like_a_companys_own() -> None:
    assert max(rate.id for rate in RATES) < 1_000_000_000


@pytest.mark.parametrize(
    ("territory", "on", "percents"),
    [
        ("FR", date(2010, 1, 1), "19.6 5.5 2.1"),
        ("FR", date(2012, 1, 1), "19.6 7 5.5 2.1"),
        ("FR", date(2014, 1, 1), "20 10 5.5 2.1"),
        ("MC", date(2013, 12, 31), "19.6 7 5.5 2.1"),
        ("MC", TODAY, "20 10 5.5 2.1"),
        ("FR-20R", date(2013, 12, 31), "19.6 13 8 7 5.5 2.1 0.9"),
        ("FR-20R", TODAY, "20 13 10 5.5 2.1 0.9"),
        ("GP", TODAY, "8.5 2.1 1.75 1.05"),
        ("MQ", TODAY, "8.5 2.1 1.75 1.05"),
        ("RE", TODAY, "8.5 2.1 1.75 1.05"),
        ("DE", date(2020, 6, 30), "19 7"),
        ("DE", date(2020, 7, 1), "16 5"),
        ("DE", date(2020, 12, 31), "16 5"),
        ("DE", date(2021, 1, 1), "19 7"),
        ("IE", date(2021, 2, 28), "21 13.5 13.5 9 4.8 0"),
        ("IE", date(2021, 3, 1), "23 13.5 13.5 9 4.8 0"),
        ("LU", date(2023, 12, 31), "16 13 7 3"),
        ("LU", TODAY, "17 14 8 3"),
        ("CH", date(2010, 12, 31), "7.6 3.6 2.4"),
        ("CH", date(2017, 12, 31), "8 3.8 2.5"),
        ("CH", date(2018, 1, 1), "7.7 3.7 2.5"),
        ("CH", TODAY, "8.1 3.8 2.6"),
        ("GB", date(2011, 1, 3), "17.5 5 0"),
        ("XI", date(2021, 10, 1), "20 12.5 5 0"),
        ("PT", TODAY, "23 22 16 13 13 12 9 6 4 4"),
    ],
)
def test_each_place_had_its_rates_of_the_day(territory: str, on: date, percents: str) -> None:
    assert percentages(territory, on) == [Decimal(percent) / 100 for percent in percents.split()]
