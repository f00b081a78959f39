"""The table of VAT rates that comes with Emplette, held against itself and against another's table."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import duty27_eu_vat
import pytest

from emplette.domain.taxes import VatRate
from emplette.domain.territories import TERRITORIES
from emplette.storage.taxes import read_table, table

TABLE = read_table(table())
RATES = [rate for rate, _ in TABLE]
TODAY = date(2026, 11, 1)


def percentages(territory: str, on: date) -> list[Decimal]:
    valid = [rate for rate in RATES if rate.rate_type.territory_id == territory and rate.is_valid_on(on)]
    return sorted((rate.percentage for rate in valid), reverse=True)


def test_the_normal_rate_of_france_has_the_ids_of_the_public_example() -> None:
    rate = next(rate for rate in RATES if rate.id == 1)
    assert (rate.rate_type.id, rate.rate_type.name, rate.rate_type.territory_id) == (45, "Normal", "FR")
    assert str(rate.percentage) == "0.2"


def test_every_rate_has_an_id_of_its_own_a_known_place_and_a_law() -> None:
    assert len({rate.id for rate in RATES}) == len(RATES)
    assert {rate.rate_type.territory_id for rate in RATES} <= set(TERRITORIES)
    assert all(0 < rate.percentage < 1 for rate in RATES)
    assert all(source.strip() for _, source in TABLE)


def test_a_type_of_rate_is_one_thing_at_one_place_with_one_rate_a_day() -> None:
    rates: defaultdict[int, list[VatRate]] = defaultdict(list)
    for rate in RATES:
        rates[rate.rate_type.id].append(rate)
    for history in rates.values():
        assert len({rate.rate_type for rate in history}) == 1
        history.sort(key=lambda rate: rate.valid_from)
        assert all(earlier.valid_to == later.valid_from for earlier, later in pairwise(history))
        assert all(rate.valid_to is None or rate.valid_from < rate.valid_to for rate in history)


def test_the_normal_rate_of_france_is_that_of_another_table_on_every_day() -> None:
    day = date(2016, 1, 1)
    while day <= duty27_eu_vat.DATA_AS_OF:
        assert percentages("FR", day)[0] == duty27_eu_vat.get_standard_rate("FR", day) / 100
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("territory", "percents"),
    [
        ("FR", ["20", "10", "5.5", "2.1"]),
        ("MC", ["20", "10", "5.5", "2.1"]),
        ("FR-20R", ["20", "13", "10", "5.5", "2.1", "0.9"]),
        ("GP", ["8.5", "2.1", "1.75", "1.05"]),
        ("MQ", ["8.5", "2.1", "1.75", "1.05"]),
        ("RE", ["8.5", "2.1", "1.75", "1.05"]),
        *((territory, []) for territory in ("GF", "YT", "BL", "MF", "PM", "NC", "PF", "WF", "TF")),
    ],
)
def test_each_place_has_its_rates_of_today(territory: str, percents: list[str]) -> None:
    assert percentages(territory, TODAY) == [Decimal(percent) / 100 for percent in percents]


@pytest.mark.parametrize(
    ("territory", "on", "percents"),
    [
        ("FR", date(2010, 1, 1), ["19.6", "5.5", "2.1"]),
        ("FR", date(2011, 12, 31), ["19.6", "5.5", "2.1"]),
        ("FR", date(2012, 1, 1), ["19.6", "7", "5.5", "2.1"]),
        ("MC", date(2013, 12, 31), ["19.6", "7", "5.5", "2.1"]),
        ("FR", date(2014, 1, 1), ["20", "10", "5.5", "2.1"]),
        ("FR-20R", date(2013, 12, 31), ["19.6", "13", "8", "7", "5.5", "2.1", "0.9"]),
        ("FR-20R", date(2014, 1, 1), ["20", "13", "10", "5.5", "2.1", "0.9"]),
    ],
)
def test_each_place_had_its_rates_of_the_day(territory: str, on: date, percents: list[str]) -> None:
    assert percentages(territory, on) == [Decimal(percent) / 100 for percent in percents]
