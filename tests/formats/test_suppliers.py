"""Numbers of suppliers: read in the form in which they are compared, or refused with what is wrong."""

import pytest

from emplette.formats.suppliers import account_number, bank_code, registration, vat_number


@pytest.mark.parametrize(
    ("identifier", "territory", "kept"),
    [
        ("732 829 320", "FR", "732829320"),
        ("732.829.320.00074", "RE", "73282932000074"),
        (" HRB 1234 b ", "DE", "HRB 1234 b"),
        ("not checked", "US", "not checked"),
    ],
)
def test_a_registration_is_checked_where_it_is_french(identifier: str, territory: str, kept: str) -> None:
    assert registration(identifier, territory) == kept


@pytest.mark.parametrize(
    ("number", "territory", "kept"),
    [
        ("fr 40 303 265 045", "FR", "FR40303265045"),
        ("ATU13585627", "DE", "ATU13585627"),
        ("EL 094259216", "GR", "EL094259216"),
        ("CHE-107.787.577 MWST", "CH", "CHE107787577MWST"),
        ("GB 980 7806 84", "GB", "GB980780684"),
        ("12-3456", "US", "12-3456"),
    ],
)
def test_a_vat_number_is_checked_by_its_prefix_or_its_territory(number: str, territory: str, kept: str) -> None:
    assert vat_number(number, territory) == kept


@pytest.mark.parametrize(
    ("read", "arguments", "words"),
    [
        (registration, ("732829321", "FR"), "check digits"),
        (registration, ("73282932000075", "FR"), "SIRET"),
        (registration, ("7328", "FR"), "4 digits"),
        (registration, ("SIREN", "FR"), "9 digits"),
        (vat_number, ("FR40303265046", "FR"), "check digits"),
        (vat_number, ("FR4030326504", "FR"), "too short"),
        (vat_number, ("40303265045", "FR"), "letters of a country"),
        (vat_number, ("0123", "DE"), "DE..."),
        (vat_number, ("CHE-107.787.578", "CH"), "VAT number of CH"),
        (account_number, ("FR7630006000011234567890188",), "check digits"),
        (account_number, ("FR76 3000?",), "IBAN"),
        (bank_code, ("AGR",), "too long or too short"),
        (bank_code, ("AGRIXXPP",), "BIC"),
    ],
)
def test_what_is_wrong_with_a_number_is_said(read: object, arguments: tuple[str, ...], words: str) -> None:
    assert callable(read)
    with pytest.raises(ValueError, match=words):
        read(*arguments)
