"""What people do with suppliers: look for them, list one, change one."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from emplette.domain.errors import Faults
from emplette.domain.registers import Known, Reference, newly_said, note_missing
from emplette.domain.suppliers import (
    Likeness,
    ListedSupplier,
    SupplierNotFound,
    SupplierState,
    likely_duplicates,
    refuse_double,
)
from emplette.formats.suppliers import with_numbers
from emplette.services.registers import Written, note_missing_references, read_entry, write_entry
from emplette.services.work import Work
from emplette.storage import registers
from emplette.storage import suppliers as storage
from emplette.storage.changes import Change
from emplette.storage.lists import Slice
from emplette.storage.registers import EntryPage, Filters
from emplette.storage.suppliers import SUPPLIERS


@dataclass(frozen=True, slots=True)
class Said:
    """What a caller says of a supplier: which fields, how they change it, what it is to refer to."""

    fields: Collection[str]
    onto: Callable[[ListedSupplier], ListedSupplier]
    references: Sequence[Reference]


@dataclass(frozen=True, slots=True)
class Listing:
    """A supplier after a call, and those that may be the same."""

    written: Written[ListedSupplier]
    likely: Sequence[Likeness]


async def list_suppliers(
    work: Work, piece: Slice, *, states: Sequence[SupplierState], terms: str
) -> EntryPage[ListedSupplier]:
    """List the suppliers, by id; with terms, those whose names have every word or its beginning."""
    filters = Filters({"state": states}, storage.query_of(terms))
    return await registers.list_entries(work.db, work.tenant.id, SUPPLIERS, filters, piece)


async def read_supplier(work: Work, supplier_id: int) -> Written[ListedSupplier]:
    """Look at a supplier.

    Raises:
        SupplierNotFound: there is none.
    """
    return await read_entry(work, SUPPLIERS, supplier_id, SupplierNotFound)


async def create_supplier(work: Work, said: Said) -> Listing:
    """Put a supplier on the list.

    Raises:
        SupplierRegistered: an active one has its registration.
        Invalid: names every number that is none, and what it refers to and is missing.
        KeyReused: the idempotency key was used for another request.
    """
    new = said.onto(ListedSupplier(id=await work.new_id("supplier"), name="", territory_id=""))
    faults = Faults()
    new = with_numbers(new, said.fields, faults)

    def decide(found: Sequence[ListedSupplier], known: Known) -> Change[ListedSupplier]:
        note_missing(new.references(), known, faults, today=work.today)
        faults.raise_if_any()
        refuse_double(new, found)
        return Change(None, new)

    return await _write(work, new, said, decide)


async def change_supplier(work: Work, supplier_id: int, said: Said) -> Listing:
    """Change what was said of a supplier, and keep the rest.

    Raises:
        SupplierNotFound: there is none.
        SupplierRegistered: an active one has its registration.
        PreconditionFailed: it is not at a version that the caller accepts.
        Invalid: names every number that is none, and what it refers to and is missing.
    """
    wanted = said.onto(ListedSupplier(id=supplier_id, name="", territory_id=""))

    def decide(found: Sequence[ListedSupplier], known: Known) -> Change[ListedSupplier]:
        here = next((supplier for supplier in found if supplier.id == supplier_id), None)
        if here is None:
            raise SupplierNotFound
        faults = Faults()
        after = with_numbers(said.onto(here), said.fields, faults)
        note_missing(newly_said(here, after), known, faults, today=work.today)
        faults.raise_if_any()
        refuse_double(after, found)
        return Change(here, replace(after, version=here.version + 1))

    return await _write(work, with_numbers(wanted, said.fields, Faults()), said, decide)


async def note_faults(work: Work, said: Said, faults: Faults, supplier_id: int | None) -> None:
    """Note what is wrong with the readable part of a body that has faults elsewhere, without writing anything."""
    known = ListedSupplier(id=supplier_id or 0, name="", territory_id="")
    if supplier_id is not None:
        found, _ = await registers.find(work.db, work.tenant.id, SUPPLIERS, supplier_id)
        known = found or known
    supplier = said.onto(known)
    if supplier.territory_id:
        with_numbers(supplier, said.fields, faults)
    await note_missing_references(work, SUPPLIERS, said.references, faults)


async def _write(
    work: Work,
    wanted: ListedSupplier,
    said: Said,
    decide: Callable[[Sequence[ListedSupplier], Known], Change[ListedSupplier]],
) -> Listing:
    alike: list[ListedSupplier] = []

    async def load() -> tuple[Sequence[ListedSupplier], Known]:
        fields = list(said.fields)
        found, known = await storage.find_alike(work.db, work.tenant.id, wanted, said=fields, wanted=said.references)
        alike[:] = found
        return found, known

    written = await write_entry(work, SUPPLIERS, load, decide)
    return Listing(written, likely_duplicates(written.entry, alike))
