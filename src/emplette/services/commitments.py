"""What people do with commitments: say what a purchase will cost, say it anew, look at it."""

from collections.abc import Mapping, Sequence
from datetime import date

from emplette.domain import drafting
from emplette.domain.commitments import CommitmentDraft, CommitmentNotFound, OneTime, Terms, note_faults_of_total
from emplette.domain.currencies import CURRENCIES
from emplette.domain.dossiers import Dossier, Move
from emplette.domain.errors import Faults
from emplette.domain.money import DualAmount
from emplette.domain.purchases import Purchase, PurchaseNotFound
from emplette.domain.taxes import fault_of_rate_type
from emplette.services.commands import Absent, Done, carry_out, sees, visible
from emplette.services.work import Work
from emplette.storage import dossiers


async def create_commitment(
    work: Work, purchase_id: int, draft: CommitmentDraft, *, absent: Absent = PurchaseNotFound
) -> Done:
    """Say what a purchase will cost; ``absent`` makes the refusal when there is none.

    Raises:
        PurchaseNotFound, NotYours: the purchase is not there, or not for acting, for this caller.
        CommitmentExists, TypeContradicted, PurchaseClosed, ActionNotAllowed: what is there stands in the way.
        Invalid: its taxes, its currency or its total can't be.
    """
    commitment_id = await work.new_id("commitment")

    async def decide(dossier: Dossier) -> Move:
        drafting.refuse_commitment(dossier, draft)
        amount = await _amount(work, dossier.purchase, draft)
        return drafting.commit(dossier, draft, amount, commitment_id=commitment_id, by=work.stamp)

    return await carry_out(
        work,
        lambda: dossiers.of_purchase(work.db, work.tenant.id, purchase_id),
        decide,
        absent=absent,
    )


async def revise_commitment(work: Work, commitment_id: int, draft: CommitmentDraft) -> Done:
    """Say anew what a purchase will cost, while the commitment is Created.

    Raises:
        CommitmentNotFound, NotYours: the commitment is not there, or not for acting, for this caller.
        TypeContradicted, PurchaseClosed, ActionNotAllowed: what is there stands in the way.
        Invalid: its taxes, its currency or its total can't be.
    """

    async def decide(dossier: Dossier) -> Move:
        drafting.refuse_revision(dossier, draft)
        amount = await _amount(work, dossier.purchase, draft)
        return drafting.revise_commitment(dossier, draft, amount, by=work.stamp)

    return await carry_out(
        work,
        lambda: dossiers.of_commitment(work.db, work.tenant.id, commitment_id),
        decide,
        absent=CommitmentNotFound,
    )


async def read_commitment(work: Work, commitment_id: int) -> Dossier:
    """Look at a commitment, also at one that another has replaced.

    Raises:
        CommitmentNotFound: it is not there for this caller.
    """
    return await visible(
        work, lambda: dossiers.of_commitment(work.db, work.tenant.id, commitment_id), CommitmentNotFound
    )


async def note_rate_types(
    work: Work, dossier: Dossier | None, lines: Mapping[str, int], *, on: date, faults: Faults
) -> None:
    """Note the lines of taxes, by field path, whose rate type does not exist where and when it is bought."""
    if dossier is not None and sees(work, dossier) and lines:
        await _note_rate_types(work, dossier.purchase, lines, on=on, faults=faults)


async def dossier_of_purchase(work: Work, purchase_id: int) -> Dossier | None:
    """Read a purchase whatever the caller may see; what becomes of it is for the caller of this to check."""
    return await dossiers.of_purchase(work.db, work.tenant.id, purchase_id)


async def dossier_of_commitment(work: Work, commitment_id: int) -> Dossier | None:
    """Read a commitment whatever the caller may see; what becomes of it is for the caller of this to check."""
    return await dossiers.of_commitment(work.db, work.tenant.id, commitment_id)


async def _amount(work: Work, purchase: Purchase, draft: CommitmentDraft) -> DualAmount:
    """Check the taxes of a draft and convert its amount into the establishment's currency."""
    faults, on = Faults(), draft.terms.starts_on
    path = path_of_amount(draft.terms)
    lines = {f"{path}.taxes[{number}].rateTypeId": line.rate_type_id for number, line in enumerate(draft.amount.taxes)}
    if lines:
        await _note_rate_types(work, purchase, lines, on=on, faults=faults)
        faults.raise_if_any()
    establishment = purchase.establishment
    conversion = await work.shelf.rates.conversion(
        work.db,
        work.tenant.id,
        draft.amount.excluding.currency,
        CURRENCIES[establishment.currency if establishment is not None else work.tenant.currency],
        on=on,
        today=work.today,
        path=f"{path}.excludingTaxes.currency",
    )
    amount = DualAmount.of(draft.amount, conversion)
    note_faults_of_total(amount, draft.terms, faults)
    faults.raise_if_any()
    return amount


def path_of_amount(terms: Terms) -> str:
    """Name the field that carries the amount."""
    return "amountIncludingTaxes" if isinstance(terms, OneTime) else "amountIncludingTaxesPerPeriod"


async def _note_rate_types(
    work: Work, purchase: Purchase, lines: Mapping[str, int], *, on: date, faults: Faults
) -> None:
    territories = _territories(purchase)
    valid = await work.shelf.taxes.rate_types_valid(work.db, work.tenant.id, days=[on], territory_ids=territories)
    for path, rate_type_id in lines.items():
        fault = fault_of_rate_type(rate_type_id, valid.values(), on=on, territory_ids=territories)
        if fault is not None:
            faults.add(path, fault)


def _territories(purchase: Purchase) -> Sequence[str]:
    """The supplier's territory and the establishment's: the rates of both may be charged."""
    establishment = purchase.establishment
    own = [] if establishment is None else [establishment.territory_id]
    return [purchase.supplier.territory_id, *own]
