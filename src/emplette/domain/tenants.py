"""Tenants: what a company's account is made of, and what can't be."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import available_timezones

from emplette.domain.currencies import fault_of_currency
from emplette.domain.errors import Faults
from emplette.domain.people import Tenant
from emplette.domain.territories import fault_of_territory
from emplette.domain.text import fault_of_name

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ACCOUNT: Final = re.compile(_LABEL)
_HOST: Final = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}|\[[0-9a-f:.]+\]")
_LONGEST_HOST: Final = 253


@dataclass(frozen=True, slots=True)
class TenantDraft:
    """What somebody says of a new company; its hosts are names without port, the first of them for links in mails."""

    account: str
    name: str
    hosts: tuple[str, ...]
    time_zone: str = "Europe/Paris"
    currency: str = "EUR"
    country: str = "FR"
    is_default: bool = False
    is_demo: bool = False
    clock_is_movable: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """A company and where it answers. The default one answers under every other host name as well."""

    tenant: Tenant
    hosts: tuple[str, ...]
    is_default: bool
    is_demo: bool


def faults_of_tenant(draft: TenantDraft, *, today: date) -> Faults:
    """Say everything that is wrong with a new company, what others have taken apart."""
    faults = Faults()
    if not _ACCOUNT.fullmatch(draft.account):
        message = "Must be lower-case letters, digits and hyphens, 63 at most, as the first part of a host name."
        faults.add("account", message)
    _note_hosts(draft.hosts, faults)
    checks = {
        "name": fault_of_name(draft.name),
        "timeZone": _fault_of_zone(draft.time_zone),
        "currency": fault_of_currency(draft.currency, on=today),
        "country": fault_of_territory(draft.country),
    }
    for path, fault in checks.items():
        if fault is not None:
            faults.add(path, fault)
    return faults


def _note_hosts(hosts: tuple[str, ...], faults: Faults) -> None:
    if not hosts:
        faults.add("host", "Name at least one.")
    for host in hosts:
        if not _HOST.fullmatch(host) or len(host) > _LONGEST_HOST:
            faults.add("host", f"{host!r} is no host name: name it without scheme, port and path.")
        if hosts.count(host) > 1:
            faults.add("host", f"{host} is named twice.")


def _fault_of_zone(name: str) -> str | None:
    # Not whatever can be read: other files beside these mean nothing to the database, which reckons with it as well.
    if name in available_timezones() - {"localtime"}:
        return None
    return "Is no time zone: name one of the IANA's, as Europe/Paris."
