"""From rows to domain objects."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from emplette.domain.amendments import Amendment
from emplette.domain.approvals import (
    Approver,
    Because,
    Cause,
    Decision,
    LeftOut,
    Pick,
    Request,
    RequestKind,
    RequestState,
    Step,
    Verdict,
    Waiting,
)
from emplette.domain.attachments import Attachment
from emplette.domain.commitments import (
    Commitment,
    CommitmentState,
    CommitmentType,
    Content,
    OneTime,
    Subscription,
    Terms,
)
from emplette.domain.currencies import CURRENCIES
from emplette.domain.dates import Duration, TimeUnit
from emplette.domain.dossiers import Dossier
from emplette.domain.files import File, kind_as_called
from emplette.domain.money import Conversion, DualAmount, Money, TaxedAmount, TaxLine
from emplette.domain.orders import Order, OrderEntry, OrderHappening, OrderState
from emplette.domain.people import Stamp, User, UserKind
from emplette.domain.purchases import (
    Closing,
    CostCenter,
    Establishment,
    Named,
    Purchase,
    PurchaseState,
    PurchaseType,
)
from emplette.domain.suppliers import PaymentMethod, Supplier, SupplierState
from emplette.storage.rows import (
    AmendmentRow,
    ApproverRow,
    AttachmentRow,
    BecauseRow,
    CommitmentRow,
    ContentColumns,
    ContentRow,
    DossierRows,
    FileRow,
    Names,
    OrderRow,
    PurchaseRow,
    RequestRow,
    StepRow,
    TaxColumns,
    TaxRow,
    UserName,
    Word,
)


@dataclass(frozen=True, slots=True)
class Directory:
    """Names by id: who and what the rows refer to, as they are today."""

    users: Mapping[int, User]
    natures: Mapping[int, Word]
    cost_centers: Mapping[int, Word]
    establishments: Mapping[int, Word]
    departments: Mapping[int, Word]
    suppliers: Mapping[int, Word]
    sections: Mapping[int, Word]
    attachments: Mapping[int, Attachment]

    @classmethod
    def of(cls, names: Names) -> "Directory":
        """Arrange names by id."""
        return cls(
            {name.id: user_of(name) for name in names.users or ()},
            _by_id(names.natures),
            _by_id(names.cost_centers),
            _by_id(names.establishments),
            _by_id(names.departments),
            _by_id(names.suppliers),
            _by_id(names.sections),
            {row.id: attachment_of(row) for row in names.attachments or ()},
        )

    def stamp(self, at: datetime, user_id: int) -> Stamp:
        """Say when, and by whom."""
        return Stamp(at, self.users[user_id])


def _by_id(words: Iterable[Word] | None) -> dict[int, Word]:
    return {word.id: word for word in words or ()}


def user_of(name: UserName) -> User:
    """Read a user."""
    return User(name.id, name.first_name, name.last_name, UserKind(name.kind), name.left_on, name.person_id)


def named(word: Word) -> Named:
    """Read a nature, a department or a section."""
    return Named(word.id, word.name, is_active=word.state in (None, "Enabled"))


def cost_center_of(word: Word) -> CostCenter:
    """Read a cost center."""
    return CostCenter(word.id, word.name, word.code or "", is_active=word.state == "Enabled")


def establishment_of(word: Word) -> Establishment:
    """Read an establishment."""
    active = word.state != "Archived"
    return Establishment(word.id, word.name, word.territory_id or "", word.currency or "", is_active=active)


def supplier_of(word: Word) -> Supplier:
    """Read a listed supplier."""
    return Supplier(word.id, word.name, word.territory_id or "", SupplierState(word.state or "Active"))


def file_of(row: FileRow) -> File:
    """Read a file."""
    return File(
        id=row.id,
        name=row.name,
        extension=row.extension,
        content_type=kind_as_called(row.content_type, row.extension).content_type,
        size=row.size,
        sha256=bytes.fromhex(row.sha256),
        total_pages=row.total_pages,
        place=row.place,
        created_at=row.created_at,
        author_id=row.author_id,
    )


def attachment_of(row: AttachmentRow) -> Attachment:
    """Read an attachment."""
    return Attachment(row.id, file_of(row.file), row.created_at, row.commitment_id)


def dossier_of(rows: DossierRows, names: Names) -> Dossier:
    """Read a purchase and all under it."""
    known = Directory.of(names)
    commitment = None if rows.commitment is None else commitment_of(rows.commitment, rows.taxes or (), known)
    request = None if rows.request is None else request_of(rows.request, rows, known)
    order = None if rows.order is None else order_of(rows.order, known)
    amendment = None if rows.amendment is None else amendment_of(rows.amendment, known)
    asked_beside = frozenset(rows.asked_beside or ())
    return Dossier(purchase_of(rows.purchase, known), commitment, request, order, amendment, asked_beside)


def purchase_of(row: PurchaseRow, known: Directory) -> Purchase:
    """Read a purchase."""
    closing = None
    if row.closed_on is not None and row.closed_at is not None and row.closed_by_id is not None:
        closing = Closing(row.closed_on, row.closing_comment, known.stamp(row.closed_at, row.closed_by_id))
    return Purchase(
        id=row.purchase_id,
        version=row.version,
        state=PurchaseState(row.state),
        type=None if row.type is None else PurchaseType(row.type),
        declared_type=None if row.declared_type is None else PurchaseType(row.declared_type),
        title=row.title,
        owner=known.users[row.owner_id],
        nature=named(known.natures[row.nature_id]),
        cost_center=cost_center_of(known.cost_centers[row.cost_center_id]),
        establishment=(
            None if row.establishment_id is None else establishment_of(known.establishments[row.establishment_id])
        ),
        department=None if row.department_id is None else named(known.departments[row.department_id]),
        supplier=_supplier(row, known),
        axis_sections=tuple(named(known.sections[section_id]) for section_id in row.axis_section_ids),
        commitment_id=row.commitment_id,
        writers=frozenset(row.writer_ids),
        closing=closing,
        created=known.stamp(row.created_at, row.author_id),
        modified=known.stamp(row.modified_at, row.modifier_id),
    )


def _supplier(row: PurchaseRow, known: Directory) -> Supplier:
    if row.supplier_id is not None:
        return supplier_of(known.suppliers[row.supplier_id])
    return Supplier(None, row.supplier_name or "", row.supplier_territory_id or "")


def commitment_of(row: CommitmentRow, taxes: Iterable[TaxRow], known: Directory) -> Commitment:
    """Read a commitment; its amounts are those of one period."""
    return Commitment(
        id=row.commitment_id,
        purchase_id=row.purchase_id,
        state=CommitmentState(row.state),
        terms=terms_of(row),
        amount=amount_of(row, taxes),
        comment=row.comment,
        payment_method=None if row.payment_method is None else PaymentMethod(row.payment_method),
        request_id=row.request_id,
        order_id=row.order_id,
        created=known.stamp(row.created_at, row.author_id),
        modified=known.stamp(row.modified_at, row.modifier_id),
        attachments=tuple(known.attachments[attachment_id] for attachment_id in row.attachment_ids),
        amendment_id=row.amendment_id,
    )


def amendment_of(row: AmendmentRow, known: Directory) -> Amendment:
    """Read an amendment."""
    return Amendment(
        request_id=row.request_id,
        purchase_id=row.purchase_id,
        commitment_id=row.commitment_id,
        proposed=_content(row.proposed, row.proposed_comment, known),
        replaced=_content(row.replaced, row.replaced_comment, known),
    )


def _content(row: ContentRow, comment: str | None, known: Directory) -> Content:
    return Content(
        terms_of(row),
        amount_of(row, row.taxes),
        comment,
        None if row.payment_method is None else PaymentMethod(row.payment_method),
        tuple(known.attachments[attachment_id] for attachment_id in row.attachment_ids),
    )


def amount_of(row: ContentColumns, taxes: Iterable[TaxColumns]) -> DualAmount:
    """Read what a commitment costs, of a subscription in each period."""
    base, counter = CURRENCIES[row.currency], CURRENCIES[row.counter_currency]
    lines = sorted(taxes, key=lambda tax: tax.line)
    return DualAmount(
        TaxedAmount(
            Money(row.excluding_minor, base),
            tuple(TaxLine(tax.rate_type_id, Money(tax.tax_minor, base)) for tax in lines),
        ),
        TaxedAmount(
            Money(row.counter_excluding_minor, counter),
            tuple(TaxLine(tax.rate_type_id, Money(tax.counter_tax_minor, counter)) for tax in lines),
        ),
        Conversion(row.rate, row.rate_date, counter),
    )


def terms_of(row: ContentColumns) -> Terms:
    """Read when, and how often, a commitment is invoiced."""
    if row.type == CommitmentType.ONE_TIME:
        return OneTime(_there(row.cost_date), _there(row.invoice_date))
    frequency = _duration(row.frequency_value, row.frequency_unit)
    duration = _duration(row.duration_value, row.duration_unit)
    if frequency is None or duration is None:
        message = "A frequency or duration that the schema demands is missing."
        raise ValueError(message)
    return Subscription(
        _there(row.start_date),
        _there(row.first_invoice_date),
        frequency,
        duration,
        _duration(row.obligation_value, row.obligation_unit),
        _duration(row.notice_value, row.notice_unit),
    )


def _there(day: date | None) -> date:
    if day is None:
        message = "A date that the schema demands is missing."
        raise ValueError(message)
    return day


def _duration(value: int | None, unit: str | None) -> Duration | None:
    return None if value is None or unit is None else Duration(value, TimeUnit(unit))


def step_of(row: StepRow, approvers: Iterable[ApproverRow], known: Directory) -> Step:
    """Read a step with the people asked in it, in their order."""
    return Step(
        row.step,
        row.name,
        row.needed,
        tuple(
            Approver(known.users[asked.user_id], asked.reason, asked.in_place_of, because_of(asked.because))
            for asked in approvers
            if asked.step == row.step
        ),
        row.round,
        row.distinct_people,
        row.one_denial_denies,
        row.own_too,
        tuple(LeftOut(Pick(one.pick), Cause(one.cause), one.user_id) for one in row.left_out),
        Waiting(tuple(row.remind_after), row.escalate_after),
    )


def because_of(row: BecauseRow | None) -> Because | None:
    """Read why somebody is asked."""
    if row is None:
        return None
    cause = None if row.cause is None else Cause(row.cause)
    return Because(Pick(row.pick), row.of, row.permission, row.instead_of, cause)


def request_of(row: RequestRow, rows: DossierRows, known: Directory) -> Request:
    """Read a request with its steps, the people asked and their decisions."""
    approvers = sorted(rows.approvers or (), key=lambda approver: approver.position)
    steps = tuple(step_of(step, approvers, known) for step in sorted(rows.steps or (), key=lambda step: step.step))
    decisions = tuple(
        Decision(
            step=made.step,
            by=known.users[made.user_id],
            verdict=Verdict(made.verdict),
            comment=made.comment,
            content_hash=made.content_hash,
            stated=made.stated,
            at=made.at,
            api_key_id=made.api_key_id,
            in_place_of=made.in_place_of,
        )
        for made in sorted(rows.decisions or (), key=lambda made: made.position)
    )
    return Request(
        id=row.request_id,
        purchase_id=row.purchase_id,
        commitment_id=row.commitment_id,
        kind=RequestKind(row.kind),
        state=RequestState(row.state),
        policy_version=row.policy_version,
        workflow_id=row.workflow_id,
        step=row.step,
        assignee=known.users[row.assignee_id],
        content_hash=row.content_hash,
        requesters=frozenset(row.requester_ids),
        cancellation_comment=row.cancellation_comment,
        steps=steps,
        decisions=decisions,
        created=known.stamp(row.created_at, row.author_id),
        modified=known.stamp(row.modified_at, row.modifier_id),
        rule=row.rule,
        states_hash=row.states_hash,
        asked_at=row.asked_at,
    )


def order_of(row: OrderRow, known: Directory) -> Order:
    """Read an order with its history."""
    history = tuple(OrderEntry(entry.at, OrderHappening(entry.what), known.users[entry.by_id]) for entry in row.history)
    return Order(
        id=row.order_id,
        number=row.number,
        state=OrderState(row.state),
        purchase_id=row.purchase_id,
        commitment_id=row.commitment_id,
        approved_at=row.approved_at,
        created=known.stamp(row.created_at, row.author_id),
        history=history,
    )
