"""Our table of VAT rates against two others: what differs is mended here, or named with the law that says so."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import duty27_eu_vat
import eu_vat_rates_data
import pytest

from emplette.domain.taxes import VatRate
from emplette.domain.territories import find_territory
from emplette.storage.taxes import read_table, table

RATES = [rate for rate, _ in read_table(table())]
OTHERS_NAME = {"GR": "EL"}  # The other table writes Greece as VAT numbers do.
CHECKED_FROM = date(2016, 1, 1)


def _valid(code: str, on: date) -> list[VatRate]:
    return [rate for rate in RATES if rate.rate_type.territory_id == code and rate.is_valid_on(on)]


# Standard rates, day by day ---------------------------------------------------------------------------------


def _members() -> list[str]:
    codes = [country.code for country in duty27_eu_vat.list_countries()]
    territories = [find_territory(code) for code in codes]
    return sorted(territory.id for territory in territories if territory)


def test_the_other_table_knows_all_members() -> None:
    assert len(_members()) == 27
    assert duty27_eu_vat.DATA_FIRST_DATE == CHECKED_FROM
    assert date(2026, 10, 4) <= duty27_eu_vat.DATA_AS_OF


@pytest.mark.parametrize("code", _members())
def test_the_normal_rate_is_that_of_another_table_on_every_day(code: str) -> None:
    normal = [rate for rate in RATES if (rate.rate_type.territory_id, rate.rate_type.name) == (code, "Normal")]
    day = CHECKED_FROM
    while day <= duty27_eu_vat.DATA_AS_OF:
        (valid,) = (rate for rate in normal if rate.is_valid_on(day))
        assert valid.percentage == duty27_eu_vat.get_standard_rate(OTHERS_NAME.get(code, code), day) / 100, day
        day += timedelta(days=1)


# All kinds, as they are now ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """What one table has and the other has not, as kind and percent, and the law that says so."""

    why: str
    ours: str = ""
    theirs: str = ""


DIFFERENCES = {
    "AT": Difference(
        "Theirs takes the rate of Jungholz and Mittelberg (UStG 1994 § 10 Abs. 4) for a reduced one. Wine from the "
        "grower is a parking rate by Directive 2006/112/EC art. 119.",
        ours="parking 13, standard 19",
        theirs="reduced 19",
    ),
    "FR": Difference(
        "Theirs mixes in Corsica (CGI art. 297: 0.9, 13) and the overseas departments (CGI art. 296 and 296 bis: 1.05, "
        "8.5), which are territories of their own here.",
        theirs="reduced 0.9, reduced 1.05, reduced 8.5, reduced 13",
    ),
    "GR": Difference(
        "Theirs has one of the rates of the islands (N. 2859/2000 art. 21 § 4-6): 17, and lacks 9, 4 and 3. "
        "The law knows no parking rate: 13 is the reduced one.",
        ours="standard 17, reduced 9, reduced 4, super_reduced 3",
        theirs="reduced 17, parking 13",
    ),
    "IE": Difference(
        "Value-Added Tax Consolidation Act 2010 s. 46(1)(d): livestock. 13.5 is a parking rate for some supplies "
        "(European Commission, VAT rates applied in the Member States, part III).",
        ours="super_reduced 4.8, parking 13.5",
    ),
    "LU": Difference(
        "Loi TVA du 12 février 1979 art. 39: the intermediate rate, which is the parking rate, is named twice there.",
        theirs="reduced 14",
    ),
    "PL": Difference(
        "Ustawa z 11 marca 2004 art. 41 ust. 2 and 146a: 8 % is the reduced rate, and there is none below 5 %.",
        theirs="super_reduced 8",
    ),
    "PT": Difference(
        "CIVA art. 18.º 1 a): 6 % is the reduced rate. Theirs has the normal rates of Madeira and the Azores among the "
        "reduced ones, and lacks their others (art. 18.º 3).",
        ours="standard 22, standard 16, reduced 12, reduced 9, reduced 4",
        theirs="reduced 16, reduced 22, super_reduced 6",
    ),
}
SAME = Difference("")


def _kind(name: str) -> str:
    first = name.partition(" ")[0]
    return {"Normal": "standard", "Super-reduced": "super_reduced", "Parking": "parking"}.get(first, "reduced")


def _percent(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _ours(code: str, on: date) -> set[str]:
    # The other table has no zero rates.
    return {
        f"{_kind(rate.rate_type.name)} {_percent(rate.percentage * 100)}"
        for rate in _valid(code, on)
        if rate.percentage
    }


def _theirs(code: str) -> set[str]:
    known = eu_vat_rates_data.get_rate(code)
    assert known is not None
    said = [("standard", known["standard"]), ("super_reduced", known["super_reduced"]), ("parking", known["parking"])]
    said += [("reduced", percent) for percent in known["reduced"]]
    return {f"{kind} {_percent(Decimal(str(percent)))}" for kind, percent in said if percent is not None}


def _set(kinds: str) -> set[str]:
    return set(filter(None, kinds.split(", ")))


CODES = sorted({rate.rate_type.territory_id for rate in RATES} & set(eu_vat_rates_data.get_all_rates()))


def test_all_but_the_parts_of_france_are_compared() -> None:
    assert {rate.rate_type.territory_id for rate in RATES} - set(CODES) == {"FR-20R", "GP", "MQ", "RE"}
    assert set(DIFFERENCES) <= set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_the_rates_of_today_are_those_of_another_table_but_for_what_the_law_explains(code: str) -> None:
    ours, theirs = _ours(code, date.fromisoformat(eu_vat_rates_data.data_version)), _theirs(code)
    known = DIFFERENCES.get(code, SAME)
    assert (ours - theirs, theirs - ours) == (_set(known.ours), _set(known.theirs))
