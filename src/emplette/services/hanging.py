"""What shall hang on a commitment: read with the purchase on which that is decided."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self
from uuid import UUID

from emplette.domain.attachments import Found, Hanging, Names, hang, note_missing, readable_by
from emplette.domain.dossiers import Dossier
from emplette.domain.errors import Faults
from emplette.services.work import Work
from emplette.storage import attachments, dossiers


async def purchase_with(work: Work, purchase_id: int, names: Names) -> tuple[Dossier | None, Found]:
    """Read a purchase and, of what shall hang on its commitment, what the caller may read."""
    if not names:
        return await dossiers.of_purchase(work.db, work.tenant.id, purchase_id), {}
    dossier, found = await attachments.with_purchase(work.db, work.tenant.id, purchase_id, list(names.values()))
    return dossier, readable_by(work.who, found)


async def commitment_with(work: Work, commitment_id: int, names: Names) -> tuple[Dossier | None, Found]:
    """Read a commitment and, of what shall hang on it, what the caller may read."""
    if not names:
        return await dossiers.of_commitment(work.db, work.tenant.id, commitment_id), {}
    dossier, found = await attachments.with_commitment(work.db, work.tenant.id, commitment_id, list(names.values()))
    return dossier, readable_by(work.who, found)


@dataclass(slots=True)
class Wanted:
    """What shall hang on a commitment: as it was named, the ids for what becomes an attachment, what was found."""

    names: Names
    new_ids: Sequence[int]
    at: datetime
    found: Found = field(default_factory=dict)

    @classmethod
    async def of(cls, work: Work, names: Names) -> Self:
        """Draw an id for each file, which may become an attachment."""
        new_ids = [await work.new_id("attachment") for name in names.values() if isinstance(name, UUID)]
        return cls(names, new_ids, work.now)

    def missing(self) -> Faults:
        """Note what is not there."""
        faults = Faults()
        note_missing(self.names, self.found, faults)
        return faults

    def hung(self, *, onto: int) -> tuple[Hanging, ...]:
        """Hang it on a commitment."""
        return hang(self.names, self.found, onto=onto, new_ids=iter(self.new_ids), at=self.at)
