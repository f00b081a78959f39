"""What a request says of a purchase: read as far as it can be, every fault by its field."""

from typing import Annotated

from msgspec import Meta
from msgspec.structs import replace

from emplette.domain.errors import Faults
from emplette.domain.purchases import PurchaseDraft, PurchaseType
from emplette.domain.territories import fault_of_territory, find_territory
from emplette.http.api.readable import readable
from emplette.http.contract import Body, Id, Name, ShortText, Title

_OF_DRAFT = Meta(description="Mandatory for a supplier without an id, ignored beside one.")
_MOST_SECTIONS = 100


class OwnerIn(Body):
    """The buyer, by id."""

    id: Id


class SupplierIn(Body):
    """A listed supplier by its id, beside which all else is ignored; or a draft: a name and a territory."""

    ignored_beside = {"id": ("name", "territoryId")}

    id: Id | None = None
    name: Annotated[Name | None, _OF_DRAFT] = None
    territory_id: Annotated[ShortText | None, _OF_DRAFT] = None

    def note_faults(self, faults: Faults) -> None:
        """Find what a draft lacks, or has wrong."""
        if self.id is not None or faults.covers("supplier.id"):
            return
        for path, text in (("supplier.name", self.name), ("supplier.territoryId", self.territory_id)):
            if text is None and not faults.covers(path):
                faults.add(path, "Is missing: a supplier without an id needs a name and a territoryId.")
        unknown = None if self.territory_id is None else fault_of_territory(self.territory_id)
        if unknown is not None:
            faults.add("supplier.territoryId", unknown)


class PurchaseIn(Body):
    """What somebody wants to buy, for whom, from whom, charged where."""

    title: Title
    nature_id: Id
    cost_center_id: Id
    supplier: SupplierIn
    owner_id: Id | None = None
    owner: OwnerIn | None = None
    establishment_id: Id | None = None
    department_id: Id | None = None
    axis_section_ids: Annotated[list[Id], Meta(max_length=_MOST_SECTIONS)] | None = None
    type: PurchaseType | None = None

    def check(self, faults: Faults) -> None:
        """Find what joins several fields: the owner in its two forms, the supplier in its two kinds."""
        named = None if self.owner is None else self.owner.id
        if self.owner_id is None and named is None:
            if not faults.covers("ownerId") and not faults.covers("owner") and not faults.covers("owner.id"):
                faults.add("ownerId", "Is missing.")
        elif self.owner_id is not None and named is not None and self.owner_id != named:
            faults.add("ownerId", f"Must be {named}, as owner.id, or be left out.")
            faults.add("owner.id", f"Must be {self.owner_id}, as ownerId, or be left out.")
        supplier = readable(self.supplier)
        if supplier is not None:
            supplier.note_faults(faults)

    def draft(self) -> PurchaseDraft:
        """Take what was sent, in which nothing is at fault."""
        return self.readable_draft()

    def readable_draft(self) -> PurchaseDraft:
        """Take what could be read; an id that could not be is 0, which nothing has."""
        supplier = readable(self.supplier)
        if supplier is None:
            supplier = SupplierIn()
        is_draft = supplier.id is None
        territory = find_territory(supplier.territory_id or "") if is_draft else None
        return PurchaseDraft(
            title=self.title or "",
            owner_id=self._owner_id or 0,
            nature_id=self.nature_id or 0,
            cost_center_id=self.cost_center_id or 0,
            establishment_id=self.establishment_id,
            department_id=self.department_id,
            supplier_id=supplier.id,
            supplier_name=supplier.name if is_draft else None,
            supplier_territory_id=None if territory is None else territory.id,
            axis_section_ids=tuple(dict.fromkeys(self.axis_section_ids or ())),
            declared_type=self.type,
        )

    def meant(self) -> "PurchaseIn":
        """Say the same in one form: one owner, of a listed supplier only the id."""
        supplier = self.supplier if self.supplier.id is None else SupplierIn(id=self.supplier.id)
        sections = list(dict.fromkeys(self.axis_section_ids or ()))
        return replace(self, owner_id=self._owner_id, owner=None, supplier=supplier, axis_section_ids=sections)

    @property
    def _owner_id(self) -> int | None:
        return self.owner_id or (None if self.owner is None else self.owner.id)
