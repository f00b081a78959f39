"""Founding: how an installation that has no company yet gets its first one, and who may configure it from then on.

A company begins with what the first purchase needs: a place that buys, a department, a cost center, some kinds of
expense. All of it can be changed, or be taken from offer, later.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from emplette.domain.errors import Faults, NotFound
from emplette.domain.organisation import (
    CostFamily,
    Department,
    Nature,
    Organisation,
    OwnCostCenter,
    OwnEstablishment,
    Person,
)
from emplette.domain.parties import Language
from emplette.domain.tenants import TenantDraft, faults_of_tenant
from emplette.domain.text import fault_of_name, folded, is_mail_address

FOUNDER: Final = 1
"""The number of whoever founds the company."""

_ACCOUNT: Final = "company"
_LONGEST_ACCOUNT: Final = 63
_NO_LABEL: Final = re.compile(r"[^a-z0-9]+")
_GENERAL: Final = {Language.ENGLISH: "General", Language.FRENCH: "Général"}
_NATURES: Final = {
    Language.ENGLISH: ("Supplies and equipment", "Software and subscriptions", "Services", "Travel"),
    Language.FRENCH: ("Fournitures et équipement", "Logiciels et abonnements", "Prestations", "Déplacements"),
}


class FoundingOver(NotFound):
    """This link is not good: there is a company already, or the server was started anew."""

    code = "founding.over"


@dataclass(frozen=True, slots=True)
class Founding:
    """What somebody says who founds a company: of it, and of themselves.

    ``host`` is the name under which they found the server, ``language`` that in which the first words are written.
    """

    company: str
    host: str
    country: str
    currency: str
    time_zone: str
    first_name: str
    last_name: str
    email: str
    language: Language

    @property
    def draft(self) -> TenantDraft:
        """The account: it answers under every host, as the only company there is."""
        return TenantDraft(
            account=account_of(self.company),
            name=self.company,
            hosts=(self.host.lower(),),
            time_zone=self.time_zone,
            currency=self.currency,
            country=self.country,
            is_default=True,
        )

    @property
    def founder(self) -> Person:
        """Who may configure the company from then on."""
        return Person(
            id=FOUNDER,
            first_name=self.first_name,
            last_name=self.last_name,
            email=self.email,
            department_id=1,
            establishment_id=1,
        )

    def first_words(self) -> Organisation:
        """Write down what the first purchase needs, and who founds the company."""
        general = _GENERAL[self.language]
        return Organisation(
            establishments=(
                OwnEstablishment(id=1, name=self.company, territory_id=self.country, currency=self.currency),
            ),
            departments=(Department(id=1, name=self.company, head_id=FOUNDER),),
            people=(self.founder,),
            cost_families=(CostFamily(id=1, name=general),),
            natures=tuple(
                Nature(id=number, name=name, cost_family_id=1)
                for number, name in enumerate(_NATURES[self.language], start=1)
            ),
            cost_centers=(OwnCostCenter(id=1, name=general, code="GEN", owner_id=FOUNDER),),
        )


def account_of(name: str) -> str:
    """Make of a company's name the short one that commands know it by."""
    return _NO_LABEL.sub("-", folded(name)).strip("-")[:_LONGEST_ACCOUNT].strip("-") or _ACCOUNT


def faults_of_founding(said: Founding, *, today: date) -> Faults:
    """Say everything that is wrong with what a founder said."""
    faults = faults_of_tenant(said.draft, today=today)
    for path, name in (("firstName", said.first_name), ("lastName", said.last_name)):
        fault = fault_of_name(name)
        if fault is not None:
            faults.add(path, fault)
    if not is_mail_address(said.email):
        faults.add("mail", "Must be a mail address.")
    return faults
