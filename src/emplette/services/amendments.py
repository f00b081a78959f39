"""What people do with amendments: propose one, and look at those of a commitment.

They are decided, and taken back, like every request: see `approvals`.
"""

from emplette.domain import amending
from emplette.domain.approvals import RequestKind
from emplette.domain.attachments import Hanging
from emplette.domain.commitments import CommitmentDraft, CommitmentNotFound
from emplette.domain.dossiers import Dossier, Move, commitment_of
from emplette.domain.errors import Faults, PreconditionRequired
from emplette.domain.money import DualAmount
from emplette.domain.price_rises import PriceRise, note_faults, risen
from emplette.services.amounts import amount_of, rates_of
from emplette.services.commands import Done, by_commitment, carry_out, may_act, visible
from emplette.services.hanging import Wanted, commitment_with
from emplette.services.submitting import Submitting
from emplette.services.work import Work
from emplette.storage import dossiers, lists
from emplette.storage.lists import Filters, Page, Slice


async def propose_amendment(work: Work, commitment_id: int, draft: CommitmentDraft) -> Done:
    """Ask for approval of what an approved commitment shall say instead; a key that may approves by itself.

    Raises:
        CommitmentNotFound, NotYours: the commitment is not there, or not for acting, for this caller.
        PreconditionRequired: the call does not say which version of it was read.
        AmendmentPending, TypeContradicted, PurchaseClosed, ActionNotAllowed: what is there stands in the way.
        NothingAmended: it says that already.
        PolicyMissing, RefusedByPolicy, NobodyLeftToAsk: the company's policy does not say who decides.
        AttachmentInUse: what shall hang on it hangs on another one.
        Invalid: its taxes, its currency or its total can't be, or what shall hang on it is missing.
    """
    submitting = await Submitting.of(work, await work.new_id("request"))
    wanted = await Wanted.of(work, draft.attachments)

    async def load() -> Dossier | None:
        dossier, wanted.found = await commitment_with(work, commitment_id, draft.attachments)
        return dossier

    async def decide(dossier: Dossier) -> Move:
        amending.refuse_amendment(dossier, draft)
        amount = await amount_of(work, dossier.purchase, draft, wanted.missing())
        return await _proposal(work, dossier, draft, amount, submitting, wanted.hung(onto=commitment_id))

    return await carry_out(work, load, decide, absent=CommitmentNotFound, allow=_may_amend)


async def propose_price_rise(work: Work, commitment_id: int, rise: PriceRise) -> Done:
    """Ask for approval of the price that an index makes of the one that was approved; all else stays as it is.

    Raises:
        Invalid: of the index, or the total can't be.
        Refusal: what stands in the way of any amendment, see `propose_amendment`.
    """
    submitting = await Submitting.of(work, await work.new_id("request"))
    faults = Faults()
    note_faults(rise, faults)
    faults.raise_if_any()

    async def load() -> Dossier | None:
        return await dossiers.of_commitment(work.db, work.tenant.id, commitment_id)

    async def decide(dossier: Dossier) -> Move:
        commitment = commitment_of(dossier)
        draft = risen(commitment, rise, await rates_of(work, dossier))
        amending.refuse_amendment(dossier, draft)
        amount = await amount_of(work, dossier.purchase, draft, Faults())
        kept = tuple(Hanging(attachment, had=commitment.id) for attachment in commitment.attachments)
        return await _proposal(work, dossier, draft, amount, submitting, kept)

    return await carry_out(work, load, decide, absent=CommitmentNotFound, allow=_may_amend)


async def _proposal(
    work: Work,
    dossier: Dossier,
    draft: CommitmentDraft,
    amount: DualAmount,
    submitting: Submitting,
    hung: tuple[Hanging, ...],
) -> Move:
    amendment = amending.amendment_of(dossier, draft, amount, hung, request_id=submitting.request_id)
    submission = await submitting.submission(amending.as_amended(dossier, amendment))
    return amending.propose(dossier, amendment, submission, who=work.who, by=work.stamp, hung=hung)


async def list_amendments(work: Work, commitment_id: int, piece: Slice) -> Page:
    """List the requests for amendments of a commitment, the oldest first.

    Raises:
        CommitmentNotFound: it is not there for this caller.
    """
    await visible(work, by_commitment(work, commitment_id), CommitmentNotFound)
    filters = Filters({"commitmentId": [commitment_id], "kind": [RequestKind.AMENDMENT]})
    return await lists.requests(work.db, work.tenant.id, work.who.visible, filters, piece)


def _may_amend(work: Work, dossier: Dossier) -> None:
    """Check that the caller may act on the purchase, and says which version of it was read.

    Raises:
        NotYours: it may only be seen.
        PreconditionRequired: no version is said.
    """
    may_act(work, dossier)
    if work.if_match is None:
        detail = "Say as If-Match the version that the amendment was made for: the ETag with which it was read."
        raise PreconditionRequired(detail)
