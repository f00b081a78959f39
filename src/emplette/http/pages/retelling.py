"""What the rules say, in a person's language.

Rules speak English, as programs are told it, with values in their sentences. The catalogue of rules has each sentence's
form, ``User %(user_id)s has left.``: what is said is found by the form that it has, and said anew with its values. A
value may be said by the rules itself, and is told in the same way; what has no form here stays as it is. Days, counts
and spans of time are written as the language writes them.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal
from babel.units import format_unit

from emplette.domain.parties import Language
from emplette.http.pages.translations import catalogue_of

_VALUE: Final = re.compile(r"%\((\w+)\)s")
_JOINED: Final = "; "
_SEVERAL: Final = re.compile(r"; |\. [A-Z]")
"""What stands between sentences: a value with it in it has taken in another one."""
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COUNT: Final = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+)( [A-Z]{3})?")
_SPELL: Final = re.compile(r"([0-9]+) (day|week|month|year)s?")
_DEEPEST: Final = 4
_LONGEST: Final = 4_000


@dataclass(frozen=True, slots=True)
class Form:
    """A sentence of the rules with places for values, and how another language says it."""

    fits: re.Pattern[str]
    said: str
    plain: int
    """Characters that are no values: of several forms that fit, the one with most of them is meant."""


def retold(text: str, language: Language) -> str:
    """Tell what the rules say in a language; what they do not say comes back as it is."""
    return _retold(text, language, _DEEPEST) if len(text) <= _LONGEST else text


def _retold(text: str, language: Language, depth: int) -> str:
    exact, forms = _forms(language)
    if text in exact or not depth:
        return exact.get(text, text)
    found = [(form, match) for form in forms if (match := form.fits.fullmatch(text)) is not None]
    whole = [each for each in found if not any(_SEVERAL.search(value) for value in each[1].groups())]
    if not whole and (_JOINED in text or text.endswith(".")):
        pieces = text.removesuffix(".").split(_JOINED)
        told = [_retold(piece, language, depth - 1) for piece in pieces]
        if all(after != before for after, before in zip(told, pieces, strict=True)):
            return _JOINED.join(told) + ("." if text.endswith(".") else "")
    for form, match in whole or found:
        return form.said % {name: _value(value, language, depth - 1) for name, value in match.groupdict().items()}
    return text


def _value(text: str, language: Language, depth: int) -> str:
    """Tell a value: a day, a count of thousands and a span of time as the language writes them."""
    locale = Locale.parse(language)
    if _DAY.fullmatch(text):
        with suppress(ValueError):
            return format_date(date.fromisoformat(text), "medium", locale=locale)
    if count := _COUNT.fullmatch(text):
        number = str(format_decimal(int(count[1].replace(",", "")), locale=locale))
        return number + (count[2] or "").replace(" ", "\u00a0")
    if spell := _SPELL.fullmatch(text):
        return format_unit(int(spell[1]), f"duration-{spell[2]}", locale=locale)
    return _retold(text, language, depth)


@cache
def _forms(language: Language) -> tuple[dict[str, str], tuple[Form, ...]]:
    """Read the sentences of a language: those without values by themselves, the others the plainest first."""
    exact: dict[str, str] = {}
    forms: list[Form] = []
    if language is Language.ENGLISH:
        return exact, ()
    for message in catalogue_of(f"rules/{language}.po", language):
        text, said = str(message.id), str(message.string)
        if not text or not said:
            continue
        if _VALUE.search(text):
            forms.append(_form_of(text, said))
        else:
            exact[_plain(text)] = _plain(said)
    return exact, tuple(sorted(forms, key=lambda form: -form.plain))


def _form_of(text: str, said: str) -> Form:
    parts = _VALUE.split(text)
    plain, names = [_plain(part) for part in parts[::2]], parts[1::2]
    pattern = re.escape(plain[0])
    for name, after in zip(names, plain[1:], strict=True):
        pattern += f"(?P<{name}>.+?){re.escape(after)}"
    return Form(re.compile(pattern, re.DOTALL), said, sum(len(part) for part in plain))


def _plain(text: str) -> str:
    return text.replace("%%", "%")
