"""The two that an order joins: where they are, how the law knows them, on which conditions they buy and sell."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Language(StrEnum):
    """The languages in which orders are written."""

    FRENCH = "fr"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """Where letters are sent, less the country, which is the territory of whoever lives there."""

    street: str | None = None
    additional: str | None = None
    postal_code: str | None = None
    city: str | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """On which conditions is bought: the same text in each language of orders, as far as somebody wrote it."""

    fr: str | None = None
    en: str | None = None

    def text_in(self, language: Language) -> str | None:
        """Give the text in a language, or, when nobody wrote it, in the other one."""
        own, other = (self.fr, self.en) if language is Language.FRENCH else (self.en, self.fr)
        return own or other


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What a company says of itself on its orders, where an establishment says nothing else."""

    address: PostalAddress | None = None
    registration_id: str | None = None
    vat_number: str | None = None
    conditions: Conditions | None = None


# Where suppliers read French: France with all that belongs to it, its neighbours of that language, and the countries
# whose official language (one of them) it is in business.
FRENCH_SPEAKING: Final = frozenset(
    [
        *("FR", "FR-20R", "BL", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT"),
        *("BE", "CH", "LU", "MC"),
        *("BF", "BI", "BJ", "CD", "CF", "CG", "CI", "CM", "DJ", "DZ", "GA", "GN", "HT", "KM", "MA", "MG", "ML", "MR"),
        *("NE", "SN", "TD", "TG", "TN"),
    ]
)


def language_of(territory_id: str) -> Language:
    """Choose the language of an order to somebody there."""
    return Language.FRENCH if territory_id in FRENCH_SPEAKING else Language.ENGLISH


def address_of(street: str | None, additional: str | None, postal_code: str | None, city: str | None) -> PostalAddress:
    """Put an address together; white space alone is nothing."""
    return PostalAddress(*(part.strip() or None if part else None for part in (street, additional, postal_code, city)))


def or_none(address: PostalAddress) -> PostalAddress | None:
    """Take an address of which nothing is said for none."""
    return None if address == PostalAddress() else address
