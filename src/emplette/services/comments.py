"""What people do with comments: say something about a purchase, look at what was said, find whom they can mention."""

from collections.abc import Sequence
from datetime import datetime

from emplette.domain.comments import Comment, note_faults
from emplette.domain.dossiers import Dossier
from emplette.domain.errors import Faults
from emplette.domain.people import User
from emplette.domain.purchases import PurchaseNotFound
from emplette.domain.registers import Known
from emplette.services.commands import by_purchase, seen_by, sees, visible
from emplette.services.registers import Written, write_entry
from emplette.services.work import Work
from emplette.storage import comments as storage
from emplette.storage import registers
from emplette.storage.changes import Change
from emplette.storage.comments import COMMENTS
from emplette.storage.lists import Slice
from emplette.storage.registers import EntryPage, Filters


async def write_comment(
    work: Work, purchase_id: int, *, text: str, mentioned_ids: Sequence[int] = ()
) -> Written[Comment]:
    """Say something about a purchase, whatever its state; those who are mentioned are written to.

    Raises:
        PurchaseNotFound: it is not there for this caller.
        Invalid: there is no text, or somebody is mentioned who may not see the purchase.
        KeyReused: the idempotency key was used for another request.
    """
    comment = Comment(
        id=await work.shelf.ids.one(work.db, work.tenant.id, "comment"),
        purchase_id=purchase_id,
        author_id=work.who.user.id,
        written_at=work.now,
        text=text.strip(),
        mentioned_ids=tuple(dict.fromkeys(mentioned_ids)),
    )

    async def load() -> tuple[Sequence[Comment], Known]:
        found = await storage.find_around(
            work.db, work.tenant.id, purchase_id, today=work.today, among=comment.mentioned_ids
        )
        if found is None or not sees(work, found.dossier):
            raise PurchaseNotFound
        seers = {one.user.id: one.user for one in found.people if seen_by(one, found.dossier)}
        return [], Known(seers | {work.who.user.id: work.who.user})

    def decide(_: Sequence[Comment], known: Known) -> Change[Comment]:
        faults = Faults()
        note_faults(comment, faults, seers=known.users)
        faults.raise_if_any()
        return Change(None, comment)

    return await write_entry(work, COMMENTS, load, decide)


async def list_comments(work: Work, purchase_id: int, piece: Slice) -> EntryPage[Comment]:
    """List what was said about a purchase, in its order.

    Raises:
        PurchaseNotFound: it is not there for this caller.
    """
    await visible(work, by_purchase(work, purchase_id), PurchaseNotFound)
    filters = Filters({"purchaseId": [purchase_id]})
    return await registers.list_entries(work.db, work.tenant.id, COMMENTS, filters, piece)


async def read_comments(
    work: Work, dossier: Dossier, *, before: tuple[datetime, int], most: int
) -> tuple[list[Comment], Known]:
    """Look at what was last said, before a moment and a comment, about a purchase that the caller has been shown."""
    return await storage.of_purchase(work.db, work.tenant.id, dossier.purchase.id, before=before, most=most)


async def people_to_mention(work: Work, dossier: Dossier) -> list[User]:
    """List who can be mentioned to a caller who has been shown the purchase: others who may see it."""
    found = await storage.find_around(work.db, work.tenant.id, dossier.purchase.id, today=work.today)
    people = () if found is None else found.people
    mine = work.who.user.identities
    return [one.user for one in people if seen_by(one, dossier) and one.user.id not in mine]
