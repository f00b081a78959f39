"""From a template and what it shows to a page, in a language."""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_currency, format_decimal
from jinja2 import Environment, PackageLoader, StrictUndefined

from emplette.domain.money import Money
from emplette.domain.parties import Language
from emplette.http.pages.assets import address_of
from emplette.http.pages.browsers import known_browser
from emplette.http.pages.retelling import retold
from emplette.http.pages.translations import marked, words_in

_LOCALES: Final = {Language.ENGLISH: "en_GB", Language.FRENCH: "fr_FR"}
_LONG_AGO_DAYS: Final = 7
_ON_SYSTEM: Final = marked("%(browser)s on %(system)s")


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is shown: in which language and colours, where and when."""

    language: Language
    zone: ZoneInfo
    now: datetime
    theme: str = ""
    partly: bool = False
    locale: Locale = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "locale", locale_of(self.language))

    def say(self, text: str, **values: object) -> str:
        """Say something in the language: what pages say themselves, or what the rules do."""
        said = words_in(self.language).gettext(text) if text else ""
        said = retold(text, self.language) if said == text else said
        return said % values if values else said

    def money(self, amount: Money) -> str:
        """Write an amount with all of its currency's decimals."""
        decimals = amount.currency.decimals
        form = self.locale.currency_formats["standard"].pattern.replace(".00", f".{'0' * decimals}" if decimals else "")
        code = amount.currency.code
        return format_currency(amount.decimal, code, form, locale=self.locale, currency_digits=False)

    def number(self, number: Decimal | int) -> str:
        """Write a number."""
        return str(format_decimal(number, locale=self.locale))

    def day(self, day: date, form: str = "medium") -> str:
        """Write a day."""
        return format_date(day, form, locale=self.locale)

    def moment(self, at: datetime) -> str:
        """Write a moment, as clocks have it where the company is."""
        return format_datetime(at, "medium", tzinfo=self.zone, locale=self.locale).replace("\u202f", "\u00a0")

    def ago(self, at: datetime) -> str:
        """Write how long ago something was; long ago, the day."""
        passed = self.now - at
        if passed.days >= _LONG_AGO_DAYS:
            return self.day(at.astimezone(self.zone).date())
        return format_timedelta(-passed, add_direction=True, locale=self.locale)

    def browser(self, said: str) -> str:
        """Write in which browser somebody is, and on what; what is not known as it calls itself."""
        known = known_browser(said)
        return said if known is None else self.say(_ON_SYSTEM, browser=known[0], system=known[1])


_LOOK: ContextVar[Look] = ContextVar("look")


@cache
def locale_of(language: Language) -> Locale:
    """Find how numbers and dates are written in a language."""
    return Locale.parse(_LOCALES[language])


def render(look: Look, template: str, values: Mapping[str, Any]) -> bytes:
    """Make a page."""
    before = _LOOK.set(look)
    try:
        return _environment(look.language).get_template(template).render(look=look, **values).encode()
    finally:
        _LOOK.reset(before)


@cache
def _environment(language: Language) -> Environment:
    made = Environment(
        loader=PackageLoader("emplette.http.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(words_in(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals["asset"] = address_of
    for name in ("money", "number", "day", "moment", "ago", "browser", "say"):
        made.filters[name] = _written(name)
    return made


def _written(name: str) -> Callable[..., str]:
    """Make the filter that writes a value as the page being made does."""

    def write(value: object, *arguments: object, **values: object) -> str:
        return str(getattr(_LOOK.get(), name)(value, *arguments, **values))

    return write
