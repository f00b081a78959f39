"""Everything that pages say is said in every language, and written as it is written there."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from emplette.domain.currencies import CURRENCIES
from emplette.domain.money import Money
from emplette.domain.parties import Language
from emplette.http.pages.rendering import Look
from scripts.write_words import CATALOGUES, said, translated
from tests.fixtures.pages import Visiting

_PLACES = re.compile(r"%\(\w+\)s")


def _look(language: Language) -> Look:
    return Look(language, ZoneInfo("Europe/Paris"), datetime(2025, 4, 14, 12, tzinfo=UTC))


@pytest.mark.parametrize("language", [language for language in Language if language is not Language.ENGLISH])
def test_every_text_is_translated_and_nothing_else_is(language: Language) -> None:
    words = translated(CATALOGUES / f"{language}.po")
    assert [text for text in said() if not words.get(text)] == [], "run `python -m scripts.write_words`, and translate"
    assert sorted(words) == sorted(said())


@pytest.mark.parametrize("language", [language for language in Language if language is not Language.ENGLISH])
def test_a_translation_has_the_same_places_for_values(language: Language) -> None:
    words = translated(CATALOGUES / f"{language}.po")
    assert {text for text, told in words.items() if set(_PLACES.findall(text)) != set(_PLACES.findall(told))} == set()


def test_amounts_and_days_are_written_as_each_language_writes_them() -> None:
    amount = Money(123456, CURRENCIES["EUR"])
    english, french = _look(Language.ENGLISH), _look(Language.FRENCH)
    assert english.money(amount) == "€1,234.56"
    assert french.money(amount) == "1\u202f234,56\u00a0€"
    assert english.day(date(2025, 4, 14)) == "14 Apr 2025"
    assert french.day(date(2025, 4, 14)) == "14 avr. 2025"


def test_an_amount_has_the_decimals_of_its_currency() -> None:
    look = _look(Language.ENGLISH)
    assert look.money(Money(1234, CURRENCIES["JPY"])) == "JP¥1,234"
    assert look.money(Money(1234567, CURRENCIES["TND"])) == "TND1,234.567"


async def test_the_browser_says_the_language_until_somebody_chooses(buyer: Visiting) -> None:
    french = await buyer.see("/", **{"accept-language": "fr-CH, en;q=0.5"})
    assert french.tree.get("lang") == "fr"
    assert "Bonjour Olive" in french.text
    page = await buyer.see("/")
    answer = await buyer.post("/appearance", page.form("/appearance") | {"language": "fr", "theme": "dark"})
    assert answer.status_code == 303
    chosen = await buyer.see("/", **{"accept-language": "en"})
    assert (chosen.tree.get("lang"), chosen.tree.get("data-bs-theme")) == ("fr", "dark")
