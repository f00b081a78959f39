"""Suppliers: listed ones have an id, a draft stands on its purchase only."""

from emplette.domain.suppliers import SupplierState
from tests.fixtures.dossiers import AMAZON, DRAFTED


def test_a_supplier_without_an_id_is_only_written_down() -> None:
    assert DRAFTED.is_draft
    assert not AMAZON.is_draft


def test_a_supplier_is_active_until_it_is_archived() -> None:
    assert AMAZON.state is SupplierState.ACTIVE
    assert {state.value for state in SupplierState} == {"Active", "Archived"}
