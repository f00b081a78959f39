"""Commitments: creating them by either path, reading them, saying them anew."""

from functools import partial

from emplette.domain.approvals import NobodyLeftToAsk
from emplette.domain.attachments import AttachmentInUse
from emplette.domain.commitments import CommitmentExists, CommitmentNotFound
from emplette.domain.dossiers import Dossier, PurchaseClosed
from emplette.domain.errors import Faults, Invalid
from emplette.domain.exchange_rates import ExchangeRateMissing
from emplette.domain.people import Permission
from emplette.domain.planning import NothingLeftToReview
from emplette.domain.policies import RefusedByPolicy
from emplette.domain.purchases import PurchaseNotFound, TypeContradicted
from emplette.domain.workflow import ActionNotAllowed
from emplette.http.api import examples
from emplette.http.api.commitments_in import (
    CommitmentIn,
    OneTimeAtPurchaseIn,
    OneTimeIn,
    OneTimeOfPurchaseIn,
    SubscriptionAtPurchaseIn,
    SubscriptionIn,
    SubscriptionOfPurchaseIn,
)
from emplette.http.api.commitments_out import AnyCommitmentOut, commitment_out, created_out
from emplette.http.api.readable import readable
from emplette.http.api.replies import reply_to_reading, reply_with
from emplette.http.contract import GET, POST, PUT, Call, Reply, operation
from emplette.http.contract.places import BASE, href
from emplette.http.contract.told import ETAG, LOCATION
from emplette.services import commitments
from emplette.services.commands import Done, NotYours
from emplette.services.work import Work

_AFTER_CREATION = {
    "read_commitment": {"commitment_id": "id"},
    "revise_commitment": {"commitment_id": "id"},
    "create_request": {"commitment_id": "id"},
}
_IN_THE_WAY = (
    CommitmentExists,
    TypeContradicted,
    PurchaseClosed,
    ActionNotAllowed,
    AttachmentInUse,
    ExchangeRateMissing,
)


async def _note_missing_rates(
    work: Work, commitment: CommitmentIn | None, faults: Faults, dossier: Dossier | None
) -> None:
    """Look whether the rates exist that the amount needs, as far as it could be read."""
    wanted = None if commitment is None else commitment.rates(faults)
    if wanted is not None and dossier is not None:
        await commitments.note_missing_rates(work, dossier, wanted, faults)


async def faults_of_commitment_of_purchase(
    work: Work, commitment: OneTimeOfPurchaseIn | SubscriptionOfPurchaseIn | None, faults: Faults
) -> None:
    """Find what is missing among the things that a commitment with faults refers to."""
    purchase_id = None if commitment is None else readable(commitment.purchase_id)
    if commitment is not None and purchase_id is not None:
        dossier = await commitments.visible_purchase(work, purchase_id, commitment.attached(), faults)
        if dossier is None:
            faults.add("purchaseId", _no_purchase(purchase_id))
        await _note_missing_rates(work, commitment, faults, dossier)


async def faults_of_commitment_at_purchase(
    work: Work,
    commitment: OneTimeAtPurchaseIn | SubscriptionAtPurchaseIn | None,
    faults: Faults,
    purchase_id: int,
) -> None:
    """Find what is missing among the things that a commitment with faults refers to."""
    if commitment is not None:
        _note_other_purchase(commitment, purchase_id, faults)
        dossier = await commitments.visible_purchase(work, purchase_id, commitment.attached(), faults)
        await _note_missing_rates(work, commitment, faults, dossier)


async def faults_of_revised_commitment(
    work: Work, commitment: OneTimeIn | SubscriptionIn | None, faults: Faults, commitment_id: int
) -> None:
    """Find what is missing among the things that a commitment with faults refers to."""
    names = {} if commitment is None else commitment.attached()
    dossier = await commitments.visible_commitment(work, commitment_id, names, faults)
    await _note_missing_rates(work, commitment, faults, dossier)


def _note_other_purchase(
    commitment: OneTimeAtPurchaseIn | SubscriptionAtPurchaseIn, purchase_id: int, faults: Faults
) -> None:
    if commitment.purchase_id not in (None, purchase_id):
        faults.add("purchaseId", f"Must be {purchase_id}, as in the path, or be left out.")


def _no_purchase(purchase_id: int) -> str:
    return f"There is no purchase {purchase_id}."


@operation(
    POST,
    f"{BASE}/api/commitments",
    answers={201: AnyCommitmentOut},
    tells=(ETAG, LOCATION),
    needs=Permission.PURCHASES,
    tag="Purchases",
    problems=(*_IN_THE_WAY, NotYours),
    examples=examples.COMMITMENTS_OF_PURCHASE,
    also=faults_of_commitment_of_purchase,
    links=_AFTER_CREATION,
)
async def create_commitment(
    work: Work, call: Call, commitment: OneTimeOfPurchaseIn | SubscriptionOfPurchaseIn
) -> Reply[AnyCommitmentOut]:
    """Say what a purchase will cost, once or as a subscription.

    The purchase is named in the body. It may have one live commitment; one that was denied or cancelled is
    replaced, and what hung on that can be named again in `attachmentIds`.
    """
    purchase_id = commitment.purchase_id
    absent = partial(Invalid.field, "purchaseId", _no_purchase(purchase_id))
    return _created(await commitments.create_commitment(work, purchase_id, commitment.draft(), absent=absent), call)


@operation(
    POST,
    f"{BASE}/api/purchases/{{purchase_id}}/commitment",
    answers={200: AnyCommitmentOut, 201: AnyCommitmentOut},
    tells=(ETAG, LOCATION),
    needs=Permission.PURCHASES,
    tag="Purchases",
    problems=(*_IN_THE_WAY, NotYours, PurchaseNotFound),
    examples=examples.COMMITMENTS,
    also=faults_of_commitment_at_purchase,
    links=_AFTER_CREATION,
)
async def create_purchase_commitment(
    work: Work, call: Call, purchase_id: int, commitment: OneTimeAtPurchaseIn | SubscriptionAtPurchaseIn
) -> Reply[AnyCommitmentOut]:
    """Say what a purchase will cost, once or as a subscription.

    It may have one live commitment; one that was denied or cancelled is replaced, and what hung on that can be named
    again in `attachmentIds`. The status is 200, as the API's machine-readable reference declares, or 201 for keys that
    were made so (`--created-status 201`).
    """
    faults = Faults()
    _note_other_purchase(commitment, purchase_id, faults)
    faults.raise_if_any()
    work.status = work.who.created_status
    return _created(await commitments.create_commitment(work, purchase_id, commitment.draft()), call)


def _created(done: Done, call: Call) -> Reply[AnyCommitmentOut]:
    created = created_out(done.dossier, call.base_url)
    return reply_with(created, done, location=href("commitment", created.id))


@operation(
    GET,
    f"{BASE}/api/commitments/{{commitment_id}}",
    answers={200: AnyCommitmentOut},
    tells=(ETAG,),
    needs=(Permission.VIEW, Permission.PURCHASES, Permission.APPROVE),
    tag="Purchases",
    problems=(CommitmentNotFound,),
    links={"read_purchase": {"purchase_id": "purchase.id"}},
    ours=True,
)
async def read_commitment(work: Work, call: Call, commitment_id: int) -> Reply[AnyCommitmentOut]:
    """Read a commitment, also one that another has replaced."""
    dossier = await commitments.read_commitment(work, commitment_id)
    return reply_to_reading(commitment_out(dossier, call.base_url), dossier)


@operation(
    PUT,
    f"{BASE}/api/commitments/{{commitment_id}}",
    answers={200: AnyCommitmentOut},
    tells=(ETAG,),
    needs=Permission.PURCHASES,
    tag="Purchases",
    problems=(
        CommitmentNotFound,
        NotYours,
        TypeContradicted,
        PurchaseClosed,
        ActionNotAllowed,
        AttachmentInUse,
        ExchangeRateMissing,
        RefusedByPolicy,
        NobodyLeftToAsk,
        NothingLeftToReview,
    ),
    examples=examples.COMMITMENTS,
    also=faults_of_revised_commitment,
    ours=True,
)
async def revise_commitment(
    work: Work, call: Call, commitment_id: int, commitment: OneTimeIn | SubscriptionIn
) -> Reply[AnyCommitmentOut]:
    """Say anew, and as a whole, what a purchase will cost, while the commitment is Created; its type may change.

    What is no longer named in `attachmentIds` is taken off, and can be used elsewhere. While it is under review, only
    those can whom the company's policy names for it; the request then begins anew, with further steps.
    """
    done = await commitments.revise_commitment(work, commitment_id, commitment.draft())
    return reply_with(commitment_out(done.dossier, call.base_url), done)
