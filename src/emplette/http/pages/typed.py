"""What people type into forms, read in one way everywhere; what can't be read is a fault beside its field."""

import re
from datetime import date
from decimal import Decimal
from typing import Final

from emplette.domain.currencies import Currency
from emplette.domain.dates import Duration, TimeUnit
from emplette.domain.errors import Faults
from emplette.domain.money import Money, fault_of_amount
from emplette.domain.parties import Language
from emplette.domain.text import LONGEST_COMMENT, fault_of_text
from emplette.http.pages.numbers import id_in
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Values

MISSING: Final = marked("Is missing.")
NO_AMOUNT: Final = marked("Must be an amount, such as 120 or 120.50.")
NO_CHOICE: Final = marked("Choose one of the list.")
_NO_COUNT: Final = marked("Must be a whole number.")
_NO_DAY: Final = marked("Must be a day.")

_SPACES: Final = re.compile(r"[\s\u00a0\u202f'’]")
_WITH_COMMAS: Final = re.compile(r"-?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")
_ONE_COMMA: Final = re.compile(r"-?[0-9]+,[0-9]+")
_WITH_POINTS: Final = re.compile(r"-?[1-9][0-9]{0,2}((\.[0-9]{3})+,[0-9]+|(\.[0-9]{3}){2,})")
_PLAIN: Final = re.compile(r"-?([0-9]+[.,]?|[0-9]*[.,][0-9]+)")
_COUNT: Final = re.compile(r"[0-9]{1,5}")


def read_amount(text: str, language: Language) -> Decimal | None:
    """Read an amount as people write it: a comma or a point before the cents, with or without gaps; else nothing.

    One comma with three digits behind it stands between thousands in English, as in 1,234, and not after a lone zero;
    in French it stands before decimals, as ever.
    """
    plain = _SPACES.sub("", text.strip().strip("€$£"))
    if language is Language.FRENCH and _ONE_COMMA.fullmatch(plain):
        return Decimal(plain.replace(",", "."))
    if _WITH_COMMAS.fullmatch(plain):
        return Decimal(plain.replace(",", ""))
    if _WITH_POINTS.fullmatch(plain):
        return Decimal(plain.replace(".", "").replace(",", "."))
    return Decimal(plain.replace(",", ".")) if _PLAIN.fullmatch(plain) else None


def money_in(form: Values, field: str, currency: Currency, faults: Faults) -> Money | None:
    """Read an amount of a currency, to the coin."""
    value = read_amount(form[field], form.language)
    fault = NO_AMOUNT if value is None else fault_of_amount(value, currency)
    if value is None or fault:
        faults.add(field, (fault or NO_AMOUNT) if form[field] else MISSING)
        return None
    return Money.exact(value, currency)


def comment_in(form: Values, faults: Faults) -> str | None:
    """Read what somebody says to it, if they say anything."""
    fault = fault_of_text(form["comment"], longest=LONGEST_COMMENT)
    if fault:
        faults.add("comment", fault)
    return form["comment"] or None


def choice_in(form: Values, field: str, faults: Faults) -> int | None:
    """Read the id of what was chosen in a list."""
    number = id_in(form[field])
    if number is None:
        faults.add(field, NO_CHOICE if form[field] else MISSING)
    return number


def choice_or_none_in(form: Values, field: str, faults: Faults) -> int | None:
    """Read the id of what was chosen in a list in which nothing need be."""
    return choice_in(form, field, faults) if form[field] else None


def day_in(form: Values, field: str, faults: Faults) -> date | None:
    """Read a day as browsers send it."""
    try:
        return date.fromisoformat(form[field])
    except ValueError:
        faults.add(field, _NO_DAY if form[field] else MISSING)
        return None


def duration_in(form: Values, field: str, faults: Faults) -> Duration | None:
    """Read a span of time: how many in one field, days or months in another."""
    text, unit = form[field], form[f"{field}_unit"]
    if _COUNT.fullmatch(text) and unit in set(TimeUnit):
        return Duration(int(text), TimeUnit(unit))
    faults.add(field, _NO_COUNT if text else MISSING)
    return None
