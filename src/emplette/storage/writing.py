"""From domain objects to rows."""

import msgspec

from emplette.domain.amendments import Amendment
from emplette.domain.approvals import Because, Request
from emplette.domain.commitments import Commitment, Content, OneTime, Subscription
from emplette.domain.dates import Duration
from emplette.domain.dossiers import Dossier
from emplette.domain.orders import Order
from emplette.domain.purchases import Purchase
from emplette.domain.text import words_of
from emplette.storage.rows import (
    AmendmentRow,
    ApproverRow,
    BecauseRow,
    CommitmentRow,
    ContentColumns,
    ContentRow,
    DecisionRow,
    DossierRows,
    EntryRow,
    LeftOutRow,
    OrderRow,
    PurchaseRow,
    RequestRow,
    StepRow,
    TaxColumns,
    TaxRow,
)


def rows_of(tenant: int, dossier: Dossier) -> DossierRows:
    """Write down a purchase and all under it."""
    commitment, request, order = dossier.commitment, dossier.request, dossier.order
    return DossierRows(
        purchase=purchase_row(tenant, dossier.purchase),
        commitment=None if commitment is None else commitment_row(tenant, commitment),
        taxes=None if commitment is None else tax_rows(tenant, commitment),
        request=None if request is None else request_row(tenant, request),
        steps=None if request is None else step_rows(tenant, request),
        approvers=None if request is None else approver_rows(tenant, request),
        decisions=None if request is None else decision_rows(tenant, request),
        order=None if order is None else order_row(tenant, order, dossier.purchase),
        amendment=None if dossier.amendment is None else amendment_row(tenant, dossier.amendment),
    )


def purchase_row(tenant: int, purchase: Purchase) -> PurchaseRow:
    """Write down a purchase."""
    supplier, closing = purchase.supplier, purchase.closing
    return PurchaseRow(
        tenant_id=tenant,
        purchase_id=purchase.id,
        version=purchase.version,
        state=purchase.state,
        type=purchase.type,
        declared_type=purchase.declared_type,
        title=purchase.title,
        owner_id=purchase.owner.id,
        nature_id=purchase.nature.id,
        cost_center_id=purchase.cost_center.id,
        establishment_id=None if purchase.establishment is None else purchase.establishment.id,
        department_id=None if purchase.department is None else purchase.department.id,
        supplier_id=supplier.id,
        supplier_name=supplier.name if supplier.is_draft else None,
        supplier_territory_id=supplier.territory_id if supplier.is_draft else None,
        axis_section_ids=[section.id for section in purchase.axis_sections],
        search_text=" ".join(words_of(f"{purchase.title} {supplier.name}")),
        commitment_id=purchase.commitment_id,
        writer_ids=sorted(purchase.writers),
        closed_on=None if closing is None else closing.on,
        closed_at=None if closing is None else closing.stamp.at,
        closed_by_id=None if closing is None else closing.stamp.by.id,
        closing_comment=None if closing is None else closing.comment,
        created_at=purchase.created.at,
        author_id=purchase.created.by.id,
        modified_at=purchase.modified.at,
        modifier_id=purchase.modified.by.id,
    )


def commitment_row(tenant: int, commitment: Commitment) -> CommitmentRow:
    """Write down a commitment."""
    return CommitmentRow(
        **msgspec.structs.asdict(_content_columns(commitment.content)),
        tenant_id=tenant,
        commitment_id=commitment.id,
        purchase_id=commitment.purchase_id,
        state=commitment.state,
        comment=commitment.comment,
        request_id=commitment.request_id,
        order_id=commitment.order_id,
        amendment_id=commitment.amendment_id,
        created_at=commitment.created.at,
        author_id=commitment.created.by.id,
        modified_at=commitment.modified.at,
        modifier_id=commitment.modified.by.id,
    )


def _content_columns(content: Content) -> ContentColumns:
    """Write down what a commitment says: the columns of the other type stay empty."""
    amount, terms = content.amount, content.terms
    once = terms if isinstance(terms, OneTime) else None
    over = terms if isinstance(terms, Subscription) else None
    frequency_value, frequency_unit = _duration(None if over is None else over.frequency)
    duration_value, duration_unit = _duration(None if over is None else over.duration)
    obligation_value, obligation_unit = _duration(None if over is None else over.obligation)
    notice_value, notice_unit = _duration(None if over is None else over.notice)
    return ContentColumns(
        type=terms.type,
        currency=amount.base.excluding.currency.code,
        excluding_minor=amount.base.excluding.minor,
        counter_currency=amount.counter.excluding.currency.code,
        counter_excluding_minor=amount.counter.excluding.minor,
        rate=amount.conversion.rate,
        rate_date=amount.conversion.rate_date,
        periods_count=terms.periods_count,
        cost_date=None if once is None else once.cost_date,
        invoice_date=None if once is None else once.invoice_date,
        start_date=None if over is None else over.start_date,
        first_invoice_date=None if over is None else over.first_invoice_date,
        frequency_value=frequency_value,
        frequency_unit=frequency_unit,
        duration_value=duration_value,
        duration_unit=duration_unit,
        obligation_value=obligation_value,
        obligation_unit=obligation_unit,
        notice_value=notice_value,
        notice_unit=notice_unit,
        payment_method=content.payment_method,
        attachment_ids=[attachment.id for attachment in content.attachments],
    )


def tax_rows(tenant: int, commitment: Commitment) -> list[TaxRow]:
    """Write down the lines of taxes, in the order in which they were sent."""
    return [
        TaxRow(tenant_id=tenant, commitment_id=commitment.id, **msgspec.structs.asdict(line))
        for line in _tax_lines(commitment.content)
    ]


def _tax_lines(content: Content) -> list[TaxColumns]:
    lines = zip(content.amount.base.taxes, content.amount.counter.taxes, strict=True)
    return [
        TaxColumns(
            line=number,
            rate_type_id=base.rate_type_id,
            tax_minor=base.tax.minor,
            counter_tax_minor=counter.tax.minor,
        )
        for number, (base, counter) in enumerate(lines)
    ]


def amendment_row(tenant: int, amendment: Amendment) -> AmendmentRow:
    """Write down an amendment."""
    proposed, replaced = amendment.proposed, amendment.replaced
    attachments = {attachment.id for content in (proposed, replaced) for attachment in content.attachments}
    return AmendmentRow(
        tenant_id=tenant,
        request_id=amendment.request_id,
        purchase_id=amendment.purchase_id,
        commitment_id=amendment.commitment_id,
        proposed=_content_row(proposed),
        replaced=_content_row(replaced),
        proposed_comment=proposed.comment,
        replaced_comment=replaced.comment,
        attachment_ids=sorted(attachments),
    )


def _content_row(content: Content) -> ContentRow:
    return ContentRow(**msgspec.structs.asdict(_content_columns(content)), taxes=_tax_lines(content))


def request_row(tenant: int, request: Request) -> RequestRow:
    """Write down a request."""
    return RequestRow(
        tenant_id=tenant,
        request_id=request.id,
        purchase_id=request.purchase_id,
        commitment_id=request.commitment_id,
        kind=request.kind,
        state=request.state,
        policy_version=request.policy_version,
        workflow_id=request.workflow_id,
        step=request.step,
        assignee_id=request.assignee.id,
        content_hash=request.content_hash,
        requester_ids=sorted(request.requesters),
        cancellation_comment=request.cancellation_comment,
        created_at=request.created.at,
        author_id=request.created.by.id,
        modified_at=request.modified.at,
        modifier_id=request.modified.by.id,
        rule=request.rule,
        states_hash=request.states_hash,
        asked_at=request.asked_at,
    )


def step_rows(tenant: int, request: Request) -> list[StepRow]:
    """Write down the steps of a request."""
    return [
        StepRow(
            tenant_id=tenant,
            request_id=request.id,
            step=step.number,
            name=step.name,
            needed=step.needed,
            round=step.round,
            distinct_people=step.distinct,
            one_denial_denies=step.one_denial,
            own_too=step.own_too,
            left_out=[LeftOutRow(pick=one.pick, cause=one.cause, user_id=one.user_id) for one in step.left_out],
            remind_after=list(step.waiting.remind_after),
            escalate_after=step.waiting.escalate_after,
        )
        for step in request.steps
    ]


def approver_rows(tenant: int, request: Request) -> list[ApproverRow]:
    """Write down who is asked in each step, and why."""
    return [
        ApproverRow(
            tenant_id=tenant,
            request_id=request.id,
            step=step.number,
            position=position,
            user_id=approver.user.id,
            in_place_of=approver.in_place_of,
            reason=approver.reason,
            because=None if approver.because is None else because_row(approver.because),
        )
        for step in request.steps
        for position, approver in enumerate(step.approvers)
    ]


def because_row(because: Because) -> BecauseRow:
    """Write down why somebody is asked."""
    return BecauseRow(
        pick=because.pick,
        of=because.of,
        permission=because.permission,
        instead_of=because.instead_of,
        cause=because.cause,
    )


def decision_rows(tenant: int, request: Request) -> list[DecisionRow]:
    """Write down what was decided, in order."""
    return [
        DecisionRow(
            tenant_id=tenant,
            request_id=request.id,
            position=position,
            step=decision.step,
            user_id=decision.by.id,
            in_place_of=decision.in_place_of,
            api_key_id=decision.api_key_id,
            verdict=decision.verdict,
            comment=decision.comment,
            content_hash=decision.content_hash,
            stated=decision.stated,
            at=decision.at,
        )
        for position, decision in enumerate(request.decisions)
    ]


def order_row(tenant: int, order: Order, purchase: Purchase) -> OrderRow:
    """Write down an order; its owner and supplier stand in it so that lists of orders can be filtered by them."""
    return OrderRow(
        tenant_id=tenant,
        order_id=order.id,
        number=order.number,
        state=order.state,
        purchase_id=order.purchase_id,
        commitment_id=order.commitment_id,
        owner_id=purchase.owner.id,
        supplier_id=purchase.supplier.id,
        approved_at=order.approved_at,
        history=[EntryRow(at=entry.at, what=entry.what, by_id=entry.by.id) for entry in order.history],
        created_at=order.created.at,
        author_id=order.created.by.id,
    )


def _duration(duration: Duration | None) -> tuple[int | None, str | None]:
    return (None, None) if duration is None else (duration.value, duration.unit)
