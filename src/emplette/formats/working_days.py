"""Public holidays of countries and their parts, as the `holidays` library knows them."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib import import_module
from typing import Any, Final

_KEPT_YEARS: Final = 512
"""So many years of countries are kept in the process: each is worked out in milliseconds."""


@lru_cache(maxsize=1)
def _library() -> Any:  # noqa: ANN401  a module
    # Loading it takes longer than most commands do, and most of them never ask.
    return import_module("holidays")


@lru_cache(maxsize=1)
def places() -> Mapping[str, tuple[str, ...]]:
    """List the countries whose holidays are known, each with those of its parts that have others."""
    found: dict[str, list[str]] = _library().list_supported_countries(include_aliases=False)
    # Names with spaces stand for zones of school holidays.
    return {country: tuple(part for part in parts if " " not in part) for country, parts in sorted(found.items())}


def fault_of_place(place: str) -> str | None:
    """Say why the public holidays of a country, or of a part of one, can't be told, if so."""
    country, _, part = place.partition("-")
    parts = places().get(country)
    if parts is None:
        return f"The public holidays of {place!r} are not known: name a country by two letters, as FR."
    if (part and part not in parts) or place.endswith("-"):
        known = ", ".join(f"{country}-{one}" for one in parts)
        return f"{country} has no such part with holidays of its own; it has {known or 'none'}."
    return None


@lru_cache(maxsize=_KEPT_YEARS)
def days_of(place: str, year: int) -> frozenset[date]:
    """List the public holidays of a year; none of a place that is not known."""
    if fault_of_place(place) is not None:
        return frozenset()
    country, _, part = place.partition("-")
    return frozenset(_library().country_holidays(country, subdiv=part or None, years=year))
