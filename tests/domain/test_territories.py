"""The places that taxes know."""

import pytest

from emplette.domain.territories import (
    TERRITORIES,
    Territory,
    TerritoryUnknown,
    fault_of_territory,
    find_territory,
    territory,
)


def test_there_are_all_countries_of_iso_3166_and_two_parts() -> None:
    countries = [code for code in TERRITORIES if len(code) == 2 and code != "XI"]
    assert len(countries) == 249
    assert set(TERRITORIES) - set(countries) == {"FR-20R", "XI"}
    assert all(code.isupper() and place.name.strip() for code, place in TERRITORIES.items())
    assert len({place.name for place in TERRITORIES.values()}) == len(TERRITORIES)


@pytest.mark.parametrize("code", ["FR", "GP", "MQ", "RE", "GF", "YT", "BL", "MF", "PM", "NC", "PF", "WF", "TF", "MC"])
def test_france_overseas_and_monaco_are_places_of_their_own(code: str) -> None:
    assert territory(code).id == code


def test_corsica_and_northern_ireland_are_places_of_their_own() -> None:
    assert territory("FR-20R") == Territory("FR-20R", "Corsica")
    assert territory("XI") == Territory("XI", "Northern Ireland")


def test_greece_has_two_codes_and_answers_to_one() -> None:
    assert territory("GR") == territory("EL") == Territory("GR", "Greece")


@pytest.mark.parametrize("code", ["", "fr", "FRA", "UK", "ZZ", "FR-20", "FR ", "250"])
def test_an_unknown_place_is_refused_at_its_field(code: str) -> None:
    assert find_territory(code) is None
    with pytest.raises(TerritoryUnknown) as refusal:
        territory(code, path="supplier.territoryId")
    assert refusal.value.code == "territory.unknown"
    assert refusal.value.faults == {"supplier.territoryId": [fault_of_territory(code)]}


def test_a_known_place_has_no_fault() -> None:
    assert fault_of_territory("EL") is None
