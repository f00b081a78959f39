"""Everything that pages say is said in every language, and written as it is written there."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from emplette.domain.currencies import CURRENCIES
from emplette.domain.money import Money
from emplette.domain.parties import Language
from emplette.formats.french import printed
from emplette.http.pages.rendering import Look
from emplette.http.pages.retelling import retold
from emplette.http.pages.translations import words_in
from scripts.write_words import CATALOGUES, OF_RULES, said, said_by_rules, translated
from tests.fixtures.companies import Company
from tests.fixtures.pages import Visiting, visiting

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


@pytest.mark.parametrize("language", [language for language in Language if language is not Language.ENGLISH])
def test_every_sentence_of_the_rules_is_told_in_every_language(language: Language) -> None:
    words = translated(OF_RULES / f"{language}.po")
    sentences = said_by_rules()
    assert [text for text in sentences if not words.get(text)] == [], "run `python -m scripts.write_words`, translate"
    assert sorted(words) == sorted(sentences)
    assert {text for text, told in words.items() if set(_PLACES.findall(text)) != set(_PLACES.findall(told))} == set()


@pytest.mark.parametrize("language", [language for language in Language if language is not Language.ENGLISH])
def test_what_the_rules_say_of_a_case_is_known_by_its_form(language: Language) -> None:
    words = translated(OF_RULES / f"{language}.po")
    alike: dict[str, list[str]] = {}
    for text in words:
        alike.setdefault(_PLACES.sub("%s", text), []).append(text)
    for text in words:
        values = [f"QX{number}" for number, _ in enumerate(_PLACES.findall(text))]
        meant = [(other, dict(zip(_names(other), values, strict=True))) for other in alike[_PLACES.sub("%s", text)]]
        said_now = text % dict(zip(_names(text), values, strict=True))
        assert retold(said_now, language) in [printed(words[other]) % named for other, named in meant], text


def test_no_line_of_french_begins_with_what_closes_it() -> None:
    assert words_in(Language.FRENCH).gettext("Why?") == "Pourquoi\u00a0?"
    assert printed("Dit « oui » : à 12:30 ; fin") == "Dit «\u00a0oui\u00a0»\u00a0: à 12:30\u00a0; fin"


def _names(text: str) -> list[str]:
    return [place[2:-2] for place in _PLACES.findall(text)]


_TOLD = {
    "There is no user 99.": "Il n\u2019y a pas d\u2019utilisateur 99.",
    "Travel has 120 free, and 300 was asked for.": "Travel dispose encore de 120, et 300 ont été demandés.",
    "A has 1 free, and 3 was asked for; B has 2 free, and 3 was asked for.": (
        "A dispose encore de 1, et 3 ont été demandés; B dispose encore de 2, et 3 ont été demandés."
    ),
    "head of department Sales, in place of user 7, who has left": (
        "responsable du département Sales, pour remplacer l\u2019utilisateur 7, qui est parti"
    ),
    "manager of the manager of the purchase's owner": "manager du manager de la personne qui achète",
    "No exchange rate of KWD is known on or before 2026-11-22. Load one with `this`, RATE being KWD for 1 EUR.": (
        "Aucun taux de change de KWD n\u2019est connu le 22 nov. 2026 ou avant. Chargez-en un avec `this`, "
        "RATE étant KWD pour 1 EUR."
    ),
    "Makes more than 2,000 periods in 100 years; invoice less often, or for a shorter time.": (
        "Fait plus de 2\u202f000 périodes en 100 ans\u00a0; facturez moins souvent, ou moins longtemps."
    ),
    "Is too large: send a number below 10,000,000,000,000 EUR.": (
        "Est trop grand\u00a0: envoyez un nombre inférieur à 10\u202f000\u202f000\u202f000\u202f000\u00a0EUR."
    ),
    "JPY has no decimals, and this amount has 1.": "JPY n\u2019a pas de décimales, et ce montant en a 1.",
    "What nobody here has ever said": "What nobody here has ever said",
}


@pytest.mark.parametrize("english", _TOLD)
def test_a_value_that_the_rules_say_is_told_as_well(english: str) -> None:
    assert retold(english, Language.FRENCH) == _TOLD[english]
    assert retold(english, Language.ENGLISH) == english


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


async def test_the_browser_says_the_language_until_somebody_chooses(company: Company, buyer: Visiting) -> None:
    french = await buyer.see("/", **{"accept-language": "fr-CH, en;q=0.5"})
    assert french.tree.get("lang") == "fr"
    assert "Bonjour Olive" in french.text
    page = await buyer.see("/")
    answer = await buyer.post("/appearance", page.form("/appearance") | {"language": "fr", "theme": "dark"})
    assert answer.status_code == 303
    chosen = await buyer.see("/", **{"accept-language": "en"})
    assert (chosen.tree.get("lang"), chosen.tree.get("data-bs-theme")) == ("fr", "dark")
    async with await visiting(company, buyer.user_id) as elsewhere:
        there = await elsewhere.see("/", **{"accept-language": "en"})
        assert (there.tree.get("lang"), there.tree.get("data-bs-theme")) == ("fr", "dark")
        unknown = await elsewhere.post("/appearance", there.form("/appearance") | {"language": "tlh"})
    assert unknown.status_code == 400
