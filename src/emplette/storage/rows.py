"""Rows as PostgreSQL's JSON gives and takes them: one struct a table, one field a column.

The same JSON is read from the tables, written to them, and kept as the facts of an event, so that a purchase
as it was at any version is read exactly like the purchase as it is.
"""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec


class PurchaseRow(msgspec.Struct, kw_only=True):
    """A row of purchases; its free text is absent from the facts of an event and joined in from event_texts."""

    tenant_id: int
    purchase_id: int
    version: int
    state: str
    type: str | None
    declared_type: str | None
    title: str = ""
    owner_id: int
    nature_id: int
    cost_center_id: int
    establishment_id: int | None
    department_id: int | None
    supplier_id: int | None
    supplier_name: str | None = None
    supplier_territory_id: str | None
    axis_section_ids: list[int]
    search_text: str = ""
    commitment_id: int | None
    writer_ids: list[int]
    closed_on: date | None
    closed_at: datetime | None
    closed_by_id: int | None
    closing_comment: str | None = None
    created_at: datetime
    author_id: int
    modified_at: datetime
    modifier_id: int


class ContentColumns(msgspec.Struct, kw_only=True):
    """What a commitment says, less its comment and its taxes."""

    type: str
    currency: str
    excluding_minor: int
    counter_currency: str
    counter_excluding_minor: int
    rate: Decimal
    rate_date: date | None
    periods_count: int
    cost_date: date | None
    invoice_date: date | None
    start_date: date | None
    first_invoice_date: date | None
    frequency_value: int | None
    frequency_unit: str | None
    duration_value: int | None
    duration_unit: str | None
    obligation_value: int | None
    obligation_unit: str | None
    notice_value: int | None
    notice_unit: str | None
    payment_method: str | None
    attachment_ids: list[int] = msgspec.field(default_factory=list)


class CommitmentRow(ContentColumns, kw_only=True):
    """A row of commitments."""

    tenant_id: int
    commitment_id: int
    purchase_id: int
    state: str
    comment: str | None = None
    request_id: int | None
    order_id: int | None
    amendment_id: int | None = None
    created_at: datetime
    author_id: int
    modified_at: datetime
    modifier_id: int


class TaxColumns(msgspec.Struct, kw_only=True):
    """A line of taxes."""

    line: int
    rate_type_id: int
    tax_minor: int
    counter_tax_minor: int


class TaxRow(TaxColumns, kw_only=True):
    """A row of commitment_taxes."""

    tenant_id: int
    commitment_id: int


class ContentRow(ContentColumns, kw_only=True):
    """What a commitment says, less its comment, kept in the row of an amendment."""

    taxes: list[TaxColumns] = msgspec.field(default_factory=list)


class AmendmentRow(msgspec.Struct, kw_only=True):
    """A row of amendments; ``attachment_ids`` are all that either content names."""

    tenant_id: int
    request_id: int
    purchase_id: int
    commitment_id: int
    proposed: ContentRow
    replaced: ContentRow
    proposed_comment: str | None = None
    replaced_comment: str | None = None
    attachment_ids: list[int] = msgspec.field(default_factory=list)


class RequestRow(msgspec.Struct, kw_only=True):
    """A row of requests."""

    tenant_id: int
    request_id: int
    purchase_id: int
    commitment_id: int
    kind: str
    state: str
    policy_version: int | None
    workflow_id: str
    step: int
    assignee_id: int
    content_hash: str
    requester_ids: list[int]
    cancellation_comment: str | None = None
    created_at: datetime
    author_id: int
    modified_at: datetime
    modifier_id: int
    rule: str | None = None
    states_hash: bool = False
    asked_at: datetime | None = None


class LeftOutRow(msgspec.Struct, kw_only=True):
    """Somebody who was named by a step and is not asked."""

    pick: str
    cause: str
    user_id: int | None = None


class BecauseRow(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Why somebody is asked, as data."""

    pick: str
    of: int | None = None
    permission: str | None = None
    instead_of: int | None = None
    cause: str | None = None


class StepRow(msgspec.Struct, kw_only=True):
    """A row of request_steps."""

    tenant_id: int
    request_id: int
    step: int
    name: str
    needed: int
    round: int = 1
    distinct_people: bool = False
    one_denial_denies: bool = True
    own_too: bool = False
    left_out: list[LeftOutRow] = msgspec.field(default_factory=list)
    remind_after: list[int] = msgspec.field(default_factory=list)
    escalate_after: int | None = None


class ApproverRow(msgspec.Struct, kw_only=True):
    """A row of request_approvers."""

    tenant_id: int
    request_id: int
    step: int
    position: int
    user_id: int
    in_place_of: int | None
    reason: str
    because: BecauseRow | None = None


class DecisionRow(msgspec.Struct, kw_only=True):
    """A row of request_decisions."""

    tenant_id: int
    request_id: int
    position: int
    step: int
    user_id: int
    in_place_of: int | None
    api_key_id: int | None
    verdict: str
    comment: str | None = None
    content_hash: str
    stated: bool
    at: datetime


class EntryRow(msgspec.Struct, kw_only=True):
    """One line of an order's history, kept in its row."""

    at: datetime
    what: str
    by_id: int


class OrderRow(msgspec.Struct, kw_only=True):
    """A row of orders."""

    tenant_id: int
    order_id: int
    number: str
    state: str
    purchase_id: int
    commitment_id: int
    owner_id: int
    supplier_id: int | None
    approved_at: datetime
    history: list[EntryRow]
    created_at: datetime
    author_id: int


class DossierRows(msgspec.Struct, kw_only=True):
    """The rows of a purchase and all under it; ``asked_beside`` are those who were asked about any amendment."""

    purchase: PurchaseRow
    commitment: CommitmentRow | None = None
    taxes: list[TaxRow] | None = None
    request: RequestRow | None = None
    steps: list[StepRow] | None = None
    approvers: list[ApproverRow] | None = None
    decisions: list[DecisionRow] | None = None
    order: OrderRow | None = None
    amendment: AmendmentRow | None = None
    asked_beside: list[int] | None = None


class UserName(msgspec.Struct, kw_only=True):
    """Who somebody is today."""

    id: int
    kind: str
    first_name: str
    last_name: str
    left_on: date | None
    person_id: int | None


class Word(msgspec.Struct, kw_only=True):
    """Something of a company's own words as it is today; what a kind of word lacks is None."""

    id: int
    name: str
    state: str | None = None
    code: str | None = None
    territory_id: str | None = None
    currency: str | None = None


class FileRow(msgspec.Struct, kw_only=True):
    """A file with what is kept of its bytes; the hash is written in hexadecimal digits."""

    id: UUID
    name: str
    extension: str
    content_type: str
    size: int
    sha256: str
    total_pages: int | None
    place: str
    created_at: datetime
    author_id: int


class AttachmentRow(msgspec.Struct, kw_only=True):
    """An attachment with its file."""

    id: int
    commitment_id: int | None
    created_at: datetime
    file: FileRow


class Names(msgspec.Struct, kw_only=True):
    """The names, as they are today, of what rows refer to; an attachment and its file stay what they are."""

    users: list[UserName] | None = None
    natures: list[Word] | None = None
    cost_centers: list[Word] | None = None
    establishments: list[Word] | None = None
    departments: list[Word] | None = None
    suppliers: list[Word] | None = None
    sections: list[Word] | None = None
    attachments: list[AttachmentRow] | None = None
