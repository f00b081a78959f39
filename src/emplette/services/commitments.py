"""What people do with commitments: say what a purchase will cost, say it anew, look at it."""

from emplette.domain import drafting
from emplette.domain.attachments import Names, note_missing
from emplette.domain.commitments import CommitmentDraft, CommitmentNotFound, RatesWanted
from emplette.domain.dossiers import Dossier, Move, commitment_of, request_of
from emplette.domain.errors import Faults, Invalid, Refusal
from emplette.domain.exchange_rates import ExchangeRateMissing
from emplette.domain.planning import may_change, steps_anew
from emplette.domain.purchases import PurchaseNotFound
from emplette.services.amounts import amount_of, conversion_of
from emplette.services.commands import Absent, Done, NotYours, anybody, by_commitment, carry_out, may_act, sees, visible
from emplette.services.hanging import Wanted, commitment_with, purchase_with
from emplette.services.planning import plan_for, policy_of
from emplette.services.policies_in_force import PolicyInForce
from emplette.services.work import Work


async def create_commitment(
    work: Work, purchase_id: int, draft: CommitmentDraft, *, absent: Absent = PurchaseNotFound
) -> Done:
    """Say what a purchase will cost; ``absent`` makes the refusal when there is none.

    Raises:
        PurchaseNotFound, NotYours: the purchase is not there, or not for acting, for this caller.
        CommitmentExists, TypeContradicted, PurchaseClosed, ActionNotAllowed: what is there stands in the way.
        AttachmentInUse: what shall hang on it hangs on another one.
        Invalid: its taxes, its currency or its total can't be, or what shall hang on it is missing.
    """
    commitment_id = await work.new_id("commitment")
    wanted = await Wanted.of(work, draft.attachments)

    async def load() -> Dossier | None:
        dossier, wanted.found = await purchase_with(work, purchase_id, draft.attachments)
        return dossier

    def nothing() -> Refusal:
        refusal = absent()
        if not isinstance(refusal, Invalid):
            return refusal
        faults = wanted.missing()
        faults.add_all(refusal.faults)
        return Invalid(faults)

    async def decide(dossier: Dossier) -> Move:
        drafting.refuse_commitment(dossier, draft)
        amount = await amount_of(work, dossier.purchase, draft, wanted.missing())
        hung = wanted.hung(onto=commitment_id)
        return drafting.commit(dossier, draft, amount, commitment_id=commitment_id, by=work.stamp, hung=hung)

    remembered = None if draft.attachments else work.recall("purchase", purchase_id)
    done = await carry_out(work, load, decide, absent=nothing, remembered=remembered)
    if done.references is not None:
        work.remember("commitment", commitment_id, done.dossier, done.references)
    return done


async def revise_commitment(work: Work, commitment_id: int, draft: CommitmentDraft) -> Done:
    """Say anew what a purchase will cost, while the commitment is Created.

    Under review only those may whom the policy lets, and the request begins anew.

    Raises:
        CommitmentNotFound, NotYours: the commitment is not there, or not for acting, for this caller.
        TypeContradicted, PurchaseClosed, ActionNotAllowed: what is there stands in the way.
        RefusedByPolicy, NobodyLeftToAsk, NothingLeftToReview: under review nobody could decide on it, or need.
        AttachmentInUse: what shall hang on it hangs on another one.
        Invalid: its taxes, its currency or its total can't be, or what shall hang on it is missing.
    """
    wanted = await Wanted.of(work, draft.attachments)

    async def load() -> Dossier | None:
        dossier, wanted.found = await commitment_with(work, commitment_id, draft.attachments)
        return dossier

    async def decide(dossier: Dossier) -> Move:
        in_force = await _lets_change(work, dossier)
        if in_force is not None:
            return await _changed(work, dossier, draft, wanted, in_force)
        drafting.refuse_revision(dossier, draft)
        amount = await amount_of(work, dossier.purchase, draft, wanted.missing())
        hung = wanted.hung(onto=commitment_id)
        return drafting.revise_commitment(dossier, draft, amount, by=work.stamp, hung=hung)

    return await carry_out(work, load, decide, absent=CommitmentNotFound, allow=anybody)


async def offers_change(work: Work, dossier: Dossier) -> bool:
    """Tell whether the policy lets the caller change a commitment that is under review."""
    return await _policy_that_lets(work, dossier) is not None


async def foresee_change(work: Work, commitment_id: int, draft: CommitmentDraft) -> Dossier:
    """Show what a commitment under review, and the request about it, would become; nothing is written.

    Raises:
        CommitmentNotFound, NotYours: the commitment is not there, or not for changing, for this caller.
        RefusedByPolicy, NobodyLeftToAsk, NothingLeftToReview: nobody could decide on it, or need.
        Refusal: whatever else `revise_commitment` would say.
    """
    wanted = await Wanted.of(work, draft.attachments)
    found, wanted.found = await commitment_with(work, commitment_id, draft.attachments)
    dossier = _if_seen(work, found)
    if dossier is None:
        raise CommitmentNotFound
    in_force = await _policy_that_lets(work, dossier)
    if in_force is None:
        raise NotYours
    return (await _changed(work, dossier, draft, wanted, in_force)).after


async def _changed(
    work: Work, dossier: Dossier, draft: CommitmentDraft, wanted: Wanted, in_force: PolicyInForce
) -> Move:
    """Say anew what is under review: the request begins anew, from the step that its policy names."""
    drafting.refuse_change(dossier, draft)
    amount = await amount_of(work, dossier.purchase, draft, wanted.missing())
    hung = wanted.hung(onto=commitment_of(dossier).id)
    changed = drafting.revised(dossier, draft, amount, by=work.stamp, hung=hung)
    request = request_of(dossier)
    own_to = request.requesters | work.who.user.identities
    plan = await plan_for(work, changed.after, in_force, own_to=own_to)
    asked = drafting.AskedAnew(plan.rule.name, steps_anew(plan, in_force.policy, request))
    return drafting.change_commitment(dossier, changed, asked, by=work.stamp)


async def _lets_change(work: Work, dossier: Dossier) -> PolicyInForce | None:
    """Find the policy of a request under review, when it lets the caller change what it is about.

    Raises:
        NotYours: it does not, and the caller may not act on the purchase.
    """
    in_force = await _policy_that_lets(work, dossier)
    if in_force is None:
        may_act(work, dossier)
    return in_force


async def _policy_that_lets(work: Work, dossier: Dossier) -> PolicyInForce | None:
    """Find the policy of a request under review, when it lets the caller change what it is about."""
    request = dossier.pending_request
    if request is None or dossier.asks_for is not None:
        return None
    in_force = await policy_of(work, request)
    lets = in_force is not None and may_change(in_force.policy, dossier.purchase, request, work.who)
    return in_force if lets else None


async def read_commitment(work: Work, commitment_id: int) -> Dossier:
    """Look at a commitment, also at one that another has replaced.

    Raises:
        CommitmentNotFound: it is not there for this caller.
    """
    return await visible(work, by_commitment(work, commitment_id), CommitmentNotFound)


async def note_missing_rates(work: Work, dossier: Dossier, wanted: RatesWanted, faults: Faults) -> None:
    """Note the rates that an amount with faults needs and that do not exist where and when it is bought."""
    try:
        await conversion_of(work, dossier.purchase, wanted, faults)
    except ExchangeRateMissing as missing:
        faults.add_all(missing.faults)


async def visible_purchase(work: Work, purchase_id: int, names: Names, faults: Faults) -> Dossier | None:
    """Read a purchase that is there for this caller, and note which attachments are not."""
    dossier, found = await purchase_with(work, purchase_id, names)
    note_missing(names, found, faults)
    return _if_seen(work, dossier)


async def visible_commitment(work: Work, commitment_id: int, names: Names, faults: Faults) -> Dossier | None:
    """Read a commitment that is there for this caller, and note which attachments are not."""
    dossier, found = await commitment_with(work, commitment_id, names)
    if dossier is not None:
        note_missing(names, found, faults)
    return _if_seen(work, dossier)


def _if_seen(work: Work, dossier: Dossier | None) -> Dossier | None:
    return dossier if dossier is not None and sees(work, dossier) else None
