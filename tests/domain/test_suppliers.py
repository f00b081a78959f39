"""Suppliers: listed ones have an id, a draft stands on its purchase only."""

from dataclasses import replace

import pytest

from emplette.domain.registers import Reference
from emplette.domain.suppliers import (
    Likeness,
    ListedSupplier,
    SupplierRegistered,
    SupplierState,
    key_of_registration,
    likely_duplicates,
    refuse_double,
)
from tests.fixtures.dossiers import AMAZON, DRAFTED


def test_a_supplier_without_an_id_is_only_written_down() -> None:
    assert DRAFTED.is_draft
    assert not AMAZON.is_draft


def test_a_supplier_is_active_until_it_is_archived() -> None:
    assert AMAZON.state is SupplierState.ACTIVE
    assert {state.value for state in SupplierState} == {"Active", "Archived"}


PRINTER = ListedSupplier(id=1, name="La Petite Imprimerie", territory_id="FR", registration_id="732 829 320")


def test_a_registration_is_the_same_whatever_is_written_between_its_digits() -> None:
    assert key_of_registration("HRB 12.34-b") == key_of_registration("hrb1234B")
    assert key_of_registration("--") == "--"


def test_one_registration_is_one_active_suppliers() -> None:
    double = replace(PRINTER, id=2, registration_id="732829320")
    with pytest.raises(SupplierRegistered) as refused:
        refuse_double(double, [PRINTER])
    assert refused.value.facts == {"kind": "supplier", "id": 1, "state": "Active"}
    refuse_double(replace(double, state=SupplierState.ARCHIVED), [PRINTER])
    refuse_double(double, [replace(PRINTER, state=SupplierState.ARCHIVED), double])
    refuse_double(replace(double, registration_id=None), [PRINTER])


def test_what_two_suppliers_have_in_common_is_named() -> None:
    branch = replace(PRINTER, id=2, name="LA PETITE imprimérie", vat_number="FR1", iban="X", registration_id=None)
    other = replace(branch, id=3, name="Other")
    assert likely_duplicates(branch, [branch, PRINTER, other]) == [
        Likeness(PRINTER, ("name",)),
        Likeness(other, ("vatNumber", "iban")),
    ]
    archived = replace(PRINTER, id=4, name="Old", state=SupplierState.ARCHIVED)
    assert likely_duplicates(PRINTER, [archived]) == [Likeness(archived, ("identifier",))]
    assert likely_duplicates(other, [PRINTER]) == []


def test_a_supplier_names_what_it_refers_to() -> None:
    assert PRINTER.references() == []
    assert replace(PRINTER, preferred_nature_id=1, preferred_cost_center_id=3).references() == [
        Reference("preferredNatureId", "natures", 1),
        Reference("preferredCostCenterId", "cost_centers", 3),
    ]
