"""What people do with purchases: ask for something, change it, name its supplier, close it, look at it."""

from datetime import date, datetime

from emplette.domain import drafting
from emplette.domain.commitments import Commitment, note_faults_of_total
from emplette.domain.currencies import CURRENCIES
from emplette.domain.dossiers import Dossier, Move
from emplette.domain.errors import Faults, Invalid, Unavailable
from emplette.domain.money import DualAmount
from emplette.domain.purchases import (
    LIFE,
    Establishment,
    PurchaseAction,
    PurchaseDraft,
    PurchaseNotFound,
    References,
    note_missing,
    purchase_from,
)
from emplette.domain.suppliers import Supplier, SupplierState
from emplette.domain.taxes import fault_of_rate_type
from emplette.services.commands import Done, anybody, by_purchase, carry_out, done_before, refuse_version, visible
from emplette.services.planning import asked_anew
from emplette.services.work import Work
from emplette.storage import feeds, lists, suppliers
from emplette.storage import purchases as storage
from emplette.storage.feeds import Deed
from emplette.storage.lists import Filters, Page, Slice
from emplette.storage.references import Still


async def create_purchase(work: Work, draft: PurchaseDraft) -> Done:
    """Write down what somebody wants to buy.

    Raises:
        Invalid: names everything the draft refers to that is missing or no longer in use.
        KeyReused: the idempotency key was used for another request.
        PreconditionFailed: the call is meant for a version of what does not exist yet.
    """
    done = await refuse_version(work)
    if done is not None:
        return done
    creation = storage.Creation(await work.new_id("purchase"), draft, work.today, work.author, work.key)
    (created,) = await storage.create(work.db, work.tenant.id, [creation])
    if created.purchase is not None:
        dossier = Dossier(created.purchase)
        work.remember("purchase", created.purchase.id, dossier, created.references)
        return Done(dossier, work.status)
    done = await done_before(work)
    if done is not None:
        return done
    faults = Faults()
    note_missing(draft, created.found, faults, today=work.today)
    faults.raise_if_any()
    reason = "What the purchase refers to was changed at the same moment; send it again."
    raise Unavailable(reason)


async def note_missing_references(work: Work, draft: PurchaseDraft, faults: Faults) -> None:
    """Note what a draft refers to that is not there, without writing anything; ids of 0 stand for nothing said."""
    found = await storage.find_references(work.db, work.tenant.id, draft)
    missing = Faults()
    note_missing(draft, found, missing, today=work.today)
    said = {
        "ownerId": draft.owner_id,
        "natureId": draft.nature_id,
        "costCenterId": draft.cost_center_id,
    }
    for path, messages in missing:
        if said.get(path, 1):
            for message in messages:
                faults.add(path, message)


async def read_purchase(work: Work, purchase_id: int) -> Dossier:
    """Look at a purchase.

    Raises:
        PurchaseNotFound: it is not there for this caller.
    """
    return await visible(work, by_purchase(work, purchase_id), PurchaseNotFound)


async def read_history(work: Work, dossier: Dossier, *, before: tuple[datetime, int], most: int) -> list[Deed]:
    """Look at what was last done, before a moment and an event, to a purchase that the caller has been shown."""
    return await feeds.of_purchase(work.db, work.tenant.id, dossier.purchase.id, before=before, most=most)


async def list_purchases(work: Work, filters: Filters, piece: Slice) -> Page:
    """List the purchases that the caller may see, in the order of their creation."""
    return await lists.purchases(work.db, work.tenant.id, work.who.visible, filters, piece)


async def revise_purchase(work: Work, purchase_id: int, draft: PurchaseDraft) -> Done:
    """Say anew what is to be bought; the amount of a commitment nobody was asked about is computed anew.

    Raises:
        PurchaseNotFound, NotYours, ActionNotAllowed: see the purchase's table of moves.
        Invalid: names everything the draft refers to that is missing or no longer in use.
    """
    wanted: list[References] = []

    async def load() -> Dossier | None:
        found = await storage.find_with_references(work.db, work.tenant.id, purchase_id, draft)
        if found is None:
            return None
        wanted[:] = [found[1]]
        return found[0]

    async def decide(dossier: Dossier) -> Move:
        purchase = dossier.purchase
        LIFE.after(purchase.state, PurchaseAction.REVISE, kind="purchase", id=purchase.id)
        faults = Faults()
        note_missing(draft, wanted[0], faults, today=work.today)
        faults.raise_if_any()
        revised = purchase_from(draft, wanted[0], purchase_id=purchase.id, stamp=purchase.created)
        amount = await _computed_anew(work, dossier, wanted[0], draft)
        return drafting.revise_purchase(dossier, revised, amount, by=work.stamp)

    return await carry_out(work, load, decide, absent=PurchaseNotFound, still=Still.ALL)


async def _computed_anew(work: Work, dossier: Dossier, found: References, draft: PurchaseDraft) -> DualAmount | None:
    """Compute the amount of a Created commitment for the purchase's new establishment and supplier."""
    commitment = dossier.commitment
    if commitment is None or not commitment.is_live:
        return None
    starts_on = commitment.terms.starts_on
    supplier_territory = found.supplier.territory_id if found.supplier else draft.supplier_territory_id or ""
    await _check_taxes(work, commitment, supplier_territory, found.establishment, path="supplier")
    faults = Faults()
    base = commitment.amount.base.excluding.currency
    counter = CURRENCIES[found.establishment.currency if found.establishment else work.tenant.currency]
    conversion = await work.shelf.rates.conversion(
        work.db, work.tenant.id, base, counter, on=starts_on, today=work.today, path="establishmentId"
    )
    amount = DualAmount.of(commitment.amount.base, conversion)
    note_faults_of_total(amount, commitment.terms, faults, path="establishmentId")
    faults.raise_if_any()
    return amount


async def _check_taxes(
    work: Work, commitment: Commitment, supplier_territory: str, establishment: Establishment | None, *, path: str
) -> None:
    """Check that the taxes of a commitment can be charged by a supplier of that territory.

    Raises:
        Invalid: at the path, names each line that can't.
    """
    on = commitment.terms.starts_on
    territories = [supplier_territory] if establishment is None else [supplier_territory, establishment.territory_id]
    valid = await work.shelf.taxes.rate_types_valid(work.db, work.tenant.id, days=[on], territory_ids=territories)
    faults = Faults()
    for line in commitment.amount.base.taxes:
        fault = fault_of_rate_type(line.rate_type_id, valid.values(), on=on, territory_ids=territories)
        if fault is not None:
            faults.add(path, f"The commitment's taxes: rate type {line.rate_type_id}. {fault}")
    faults.raise_if_any()


async def list_supplier(work: Work, purchase_id: int, supplier_id: int) -> Done:
    """Put a listed supplier in the place of the one that the buyer only wrote down.

    Raises:
        PurchaseNotFound, SupplierListedAlready, PurchaseClosed: the purchase.
        RefusedByPolicy, NobodyLeftToAsk, NothingLeftToReview: it waits for approval, which nobody could give then.
        Invalid: the supplier is missing or archived.
    """
    found: list[Supplier | None] = []

    async def load() -> Dossier | None:
        dossier, supplier = await suppliers.with_purchase(work.db, work.tenant.id, purchase_id, supplier_id)
        found[:] = [supplier]
        return dossier

    async def decide(dossier: Dossier) -> Move:
        drafting.refuse_listing(dossier)
        supplier = found[0]
        if supplier is None:
            raise Invalid.field("id", f"There is no supplier {supplier_id}.")
        if supplier.state is SupplierState.ARCHIVED:
            raise Invalid.field("id", f"Supplier {supplier_id} is archived.")
        if dossier.commitment is not None and dossier.commitment.is_live:
            establishment = dossier.purchase.establishment
            await _check_taxes(work, dossier.commitment, supplier.territory_id, establishment, path="id")
        asked = None
        if dossier.pending_request is not None:
            asked = await asked_anew(work, drafting.with_supplier(dossier, supplier, by=work.stamp))
        return drafting.list_supplier(dossier, supplier, asked, by=work.stamp)

    return await carry_out(work, load, decide, absent=PurchaseNotFound, allow=anybody, still=Still.SUPPLIER)


async def close_purchase(work: Work, purchase_id: int, *, on: date | None, comment: str | None) -> Done:
    """Close a purchase; without a date, today.

    Raises:
        PurchaseNotFound, NotYours, PurchaseClosed, ActionNotAllowed: see the purchase's table of moves.
        Invalid: the date is in the future.
    """

    async def decide(dossier: Dossier) -> Move:
        today = work.today
        return drafting.close(dossier, on=on or today, comment=comment, today=today, by=work.stamp)

    return await carry_out(
        work,
        by_purchase(work, purchase_id),
        decide,
        absent=PurchaseNotFound,
    )
