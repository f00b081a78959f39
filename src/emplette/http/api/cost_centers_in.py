"""What a request says of cost centers: of one that changes, and of those that are imported."""

from dataclasses import replace
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from emplette.domain.cost_centers import CostCenter, CostCenterState, ImportMode, Proposal
from emplette.domain.errors import Faults, Invalid
from emplette.domain.registers import Reference
from emplette.http.api.readable import readable
from emplette.http.contract import Body, Code, Id, Name
from emplette.http.contract.decode import BodyDecoder

MOST_ESTABLISHMENTS: Final = 1_000
MOST_ITEMS: Final = 10_000


class CostCenterOwnerIn(Body):
    """Who answers for a cost center, by id."""

    id: Id


class CostCenterChangeIn(Body):
    """What shall be different: what is absent is kept, null clears; a name, a code and a state can't be cleared."""

    name: Name | UnsetType = UNSET
    code: Code | UnsetType = UNSET
    owner_id: Id | UnsetType | None = UNSET
    owner: CostCenterOwnerIn | UnsetType | None = UNSET
    state: CostCenterState | UnsetType = UNSET
    establishment_ids: Annotated[list[Id], Meta(max_length=MOST_ESTABLISHMENTS)] | UnsetType | None = UNSET

    def check(self, faults: Faults) -> None:
        """Find two owners."""
        if self.owner_id is UNSET or self.owner is UNSET or faults.covers("owner") or faults.covers("ownerId"):
            return
        if self.owner_id != (None if self.owner is None else self.owner.id):
            faults.add("ownerId", "Must be the same as owner.id, or one of them be left out.")

    @property
    def said_owner(self) -> int | UnsetType | None:
        """The owner in either of its forms."""
        if self.owner_id is not UNSET:
            return self.owner_id
        return self.owner.id if isinstance(self.owner, CostCenterOwnerIn) else self.owner

    def onto(self, center: CostCenter) -> CostCenter:
        """Say it of the cost center as it is."""
        if self.name is not UNSET:
            center = replace(center, name=self.name)
        if self.code is not UNSET:
            center = replace(center, code=self.code)
        if self.state is not UNSET:
            center = replace(center, state=self.state)
        if self.said_owner is not UNSET:
            center = replace(center, owner_id=self.said_owner)
        if self.establishment_ids is not UNSET:
            center = replace(center, establishment_ids=tuple(dict.fromkeys(self.establishment_ids or ())))
        return center

    def references(self) -> list[Reference]:
        """What was said to refer to, as far as it could be read."""
        owner, places = self.said_owner, readable(self.establishment_ids)
        found = [Reference("ownerId", "users", owner)] if isinstance(owner, int) else []
        return found + [
            Reference(f"establishmentIds[{index}]", "establishments", number)
            for index, number in enumerate(places if isinstance(places, list) else [])
        ]


class CostCenterItemIn(CostCenterChangeIn):
    """A cost center of an import; one whose code is known changes, another is made, and enabled unless it says so."""

    name: Name
    code: Code


_ITEM: Final = {
    "type": "object",
    "required": ["name", "code"],
    "properties": {
        "name": {"type": "string"},
        "code": {"type": "string"},
        "ownerId": {"type": ["integer", "null"], "format": "int32"},
        "state": {"enum": [state.value for state in CostCenterState]},
        "establishmentIds": {"type": ["array", "null"], "items": {"type": "integer", "format": "int32"}},
    },
}
_NO_ITEM: Final = {"description": "Anything else: a problem of its own in the report, and none of the call's."}
_Items = Annotated[
    list[Any],
    Meta(
        max_length=MOST_ITEMS,
        description="The cost centers; one that is wrong is a problem of its own in the report.",
        extra_json_schema={"items": {"anyOf": [_ITEM, _NO_ITEM]}},
    ),
]
_read_item = BodyDecoder(CostCenterItemIn).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode


class CostCenterImportIn(Body):
    """Cost centers to be written, and what becomes of them when one is wrong."""

    items: _Items
    mode: ImportMode = ImportMode.ALL_OR_NOTHING

    def proposals(self) -> list[Proposal]:
        """Read the items, each by itself."""
        return [_proposal(item) for item in self.items]

    def meant(self) -> "CostCenterImportIn":
        """Say the same in one form: the items as far as they can be read."""
        return msgspec.structs.replace(self, items=[_read_item(_encode(item), Faults()) for item in self.items])


def _proposal(item: Any) -> Proposal:  # noqa: ANN401  whatever was sent
    faults = Faults()
    try:
        read = _read_item(_encode(item), faults)
    except Invalid as invalid:
        return Proposal(None, None, (), invalid.faults)
    if not isinstance(read, CostCenterItemIn):
        return Proposal(None, None, (), faults.as_dict())
    onto = None if faults else read.onto
    return Proposal(readable(read.code), onto, read.references(), faults.as_dict())
