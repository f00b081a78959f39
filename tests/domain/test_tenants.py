"""What a company's account may be made of."""

from dataclasses import replace
from datetime import date

import pytest

from emplette.domain.tenants import TenantDraft, faults_of_tenant

TODAY = date(2025, 4, 14)
DRAFT = TenantDraft("acme", "Acme", ("acme.example.com",))


def test_a_good_one_has_no_faults() -> None:
    draft = TenantDraft("a-1", "Ä & Co", ("a.test", "localhost", "127.0.0.1", "[::1]"), "Europe/Zurich", "CHF", "CH")
    assert not faults_of_tenant(draft, today=TODAY)


@pytest.mark.parametrize(
    ("draft", "path"),
    [
        (replace(DRAFT, account=""), "account"),
        (replace(DRAFT, account="Acme"), "account"),
        (replace(DRAFT, account="-acme"), "account"),
        (replace(DRAFT, account="a" * 64), "account"),
        (replace(DRAFT, name="\t"), "name"),
        (replace(DRAFT, hosts=()), "host"),
        (replace(DRAFT, hosts=("https://acme.test",)), "host"),
        (replace(DRAFT, hosts=("acme.test:443",)), "host"),
        (replace(DRAFT, hosts=("a.test", "a.test")), "host"),
        (replace(DRAFT, hosts=(".".join(["a" * 60] * 5),)), "host"),
        (replace(DRAFT, time_zone="Europe/Atlantis"), "timeZone"),
        (replace(DRAFT, time_zone="../etc/passwd"), "timeZone"),
        (replace(DRAFT, time_zone="posix/Europe/Paris"), "timeZone"),
        (replace(DRAFT, time_zone="right/Europe/Paris"), "timeZone"),
        (replace(DRAFT, time_zone="localtime"), "timeZone"),
        (replace(DRAFT, time_zone=""), "timeZone"),
        (replace(DRAFT, currency="XAU"), "currency"),
        (replace(DRAFT, currency="FRF"), "currency"),
        (replace(DRAFT, currency="HRK"), "currency"),
        (replace(DRAFT, country="ZZ"), "country"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_is_said_at_its_field(draft: TenantDraft, path: str) -> None:
    assert list(faults_of_tenant(draft, today=TODAY).as_dict()) == [path]


def test_all_faults_are_said_at_once() -> None:
    draft = TenantDraft("A", "", ("a b",), "x", "x", "x")
    found = faults_of_tenant(draft, today=TODAY).as_dict()
    assert set(found) == {"account", "name", "host", "timeZone", "currency", "country"}
