"""How authorities and banks number companies: registrations, VAT numbers, bank accounts, with their check digits."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, Final, TypeVar

from stdnum import bic, iban
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError
from stdnum.fr import siren, siret
from stdnum.util import clean, get_cc_module

from emplette.domain.errors import Faults
from emplette.domain.organisation import OwnEstablishment
from emplette.domain.suppliers import ListedSupplier

T = TypeVar("T", ListedSupplier, OwnEstablishment)

_FRENCH: Final = frozenset({"FR", "FR-20R", "GF", "GP", "MQ", "RE", "YT", "BL", "MF", "PM"})
_SIREN_DIGITS: Final = 9
_SIRET_DIGITS: Final = 14
_EU_PREFIXES: Final = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "EL",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
        "XI",
    ]
)
_PREFIX_LENGTH: Final = 2


def registration(identifier: str, territory_id: str) -> str:
    """Read a company's registration: a French one is a SIREN or a SIRET, any other is kept as it is.

    Raises:
        ValueError: says what is wrong with it.
    """
    if territory_id not in _FRENCH:
        return identifier.strip()
    digits = clean(identifier, " .-\u00a0\u202f").strip()
    if not digits.isdigit() or not digits.isascii():
        raise ValueError("Must be a SIREN (9 digits) or a SIRET (14 digits).")
    if len(digits) == _SIREN_DIGITS:
        return _checked(siren.validate, digits, "SIREN", "9 digits")
    if len(digits) == _SIRET_DIGITS:
        return _checked(siret.validate, digits, "SIRET", "14 digits")
    raise ValueError(f"Must be a SIREN (9 digits) or a SIRET (14 digits); this has {len(digits)} digits.")


def vat_number(number: str, territory_id: str) -> str:
    """Read a VAT number: by its prefix in the European Union, else as the supplier's territory numbers them.

    Raises:
        ValueError: says what is wrong with it.
    """
    compact = clean(number, " .-/\u00a0\u202f").strip().upper()
    prefix = compact[:_PREFIX_LENGTH]
    if prefix in _EU_PREFIXES:
        return _checked(eu_vat.validate, compact, f"VAT number of {prefix}", "the form of its country")
    national = get_cc_module(territory_id[:_PREFIX_LENGTH].lower(), "vat")
    if national is None:
        return number.strip()
    if territory_id in _EU_PREFIXES or territory_id in _FRENCH:
        example = "FR40303265045" if territory_id in _FRENCH else f"{territory_id}..."
        raise ValueError(f"Must begin with the letters of a country, as {example}.")
    _checked(national.validate, compact, f"VAT number of {territory_id}", "the form of its country")
    return compact


def account_number(number: str) -> str:
    """Read an IBAN.

    Raises:
        ValueError: says what is wrong with it.
    """
    return _checked(iban.validate, number, "IBAN", "the length of its country")


def bank_code(code: str) -> str:
    """Read a BIC.

    Raises:
        ValueError: says what is wrong with it.
    """
    return _checked(bic.validate, code, "BIC", "8 or 11 letters and digits")


# The numbers of a supplier, some of which an establishment has too: where the wire has each, and how it is read.
_NUMBERS: Final[Mapping[str, tuple[str, Callable[[str, str], str]]]] = {
    "registration_id": ("legalRegistration.identifier", registration),
    "vat_number": ("legalRegistration.vatNumber", vat_number),
    "iban": ("bankAccount.iban", lambda number, _: account_number(number)),
    "bic": ("bankAccount.bic", lambda code, _: bank_code(code)),
}


def with_numbers(party: T, fields: Collection[str], faults: Faults) -> T:
    """Put the numbers that were said into the form in which they are compared; what is none is a fault."""
    numbers: dict[str, Any] = {}
    for field, (path, read) in _NUMBERS.items():
        value = getattr(party, field) if field in fields else None
        if value is not None:
            try:
                numbers[field] = read(value, party.territory_id)
            except ValueError as fault:
                faults.add(path, str(fault))
    return replace(party, **numbers) if numbers else party


def _checked(validate: Callable[[str], str], text: str, name: str, form: str) -> str:
    try:
        return validate(text)
    except InvalidChecksum:
        raise ValueError(
            f"Is no {name}: its check digits are wrong; look for a mistyped or missing character."
        ) from None
    except InvalidLength:
        raise ValueError(f"Is no {name}: it is too long or too short; it has {form}.") from None
    except InvalidFormat:
        raise ValueError(f"Is no {name}: it has characters in the wrong place; it has {form}.") from None
    except InvalidComponent:
        raise ValueError(f"Is no {name}: a part of it, such as its country, does not exist.") from None
    except ValidationError:
        raise ValueError(f"Is no {name}.") from None
