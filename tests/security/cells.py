"""For every operation a call that succeeds for whoever may make it, so that a refusal is the permission's."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from emplette.http.contract.registry import Operation
from tests.fixtures.absences import WEEKS
from tests.fixtures.guide import ONE_TIME, PURCHASE, SUBSCRIPTION
from tests.fixtures.made_files import written_pdf
from tests.security.asking import Ask

NUMBERS: Final = itertools.count(1)
PAPER: Final = written_pdf()
WEBHOOK: Final = {"webhookUrl": "https://example.com/hooks", "topics": ["order.created"]}
BUDGET: Final = {
    "name": "Long ago",
    "startDate": "1999-01-01",
    "endDate": "1999-12-31",
    "amount": {"value": 1000, "currency": "EUR"},
}
EARLIER: Final = 70
LATER: Final = 71
NOTHING: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Target:
    """What a call is about: the ids of a purchase and all under it, and of files."""

    title: str
    purchase: int
    commitment: int = 0
    request: int = 0
    order: int = 0
    attachment: int = 0
    file: UUID = NOTHING
    free_file: UUID = NOTHING
    webhook: int = 0


NEW: Final = "new"
DRAFTED: Final = "drafted"
COMMITTED: Final = "committed"
PENDING: Final = "pending"
APPROVED: Final = "approved"
SUBSCRIBED: Final = "subscribed"
"""Approved, and a subscription that has not begun."""
TERMS: Final = SUBSCRIPTION | {"startDate": "2090-01-01", "firstInvoiceDate": "2090-01-01"}

STAGE: Final[dict[str, str]] = {
    **dict.fromkeys(["list_subscriptions", "read_subscription", "read_schedule"], SUBSCRIBED),
    **dict.fromkeys(["renew_subscription", "stop_subscription", "let_subscription_run"], SUBSCRIBED),
    "revise_purchase": NEW,
    "list_purchase_supplier": DRAFTED,
    "close_purchase": NEW,
    "create_commitment": NEW,
    "create_purchase_commitment": NEW,
    "revise_commitment": COMMITTED,
    "create_request": COMMITTED,
    "approve_request": PENDING,
    "deny_request": PENDING,
    "approve_requests": PENDING,
    "reassign_request": PENDING,
    "cancel_request": PENDING,
}
"""How far the purchase has come that a command is about; what is read has come all the way."""


WATCHED: Final = "watched"
"""Nothing is bought; somebody is told of it by a webhook."""


def stage_of(name: str) -> str:
    """Say how far a purchase has to have come for a call to succeed."""
    return WATCHED if name.endswith(("_webhook", "_webhook_deliveries")) else STAGE.get(name, APPROVED)


Body = Callable[[Target], Any]
BODIES: Final[dict[str, Body]] = {
    "create_purchase": lambda _: PURCHASE,
    "plan_approval": lambda _: {"purchase": PURCHASE, "commitment": ONE_TIME},
    "revise_purchase": lambda _: PURCHASE | {"title": f"Another title {next(NUMBERS)}"},
    "list_purchase_supplier": lambda _: {"id": 6},
    "close_purchase": lambda _: {"date": "2025-04-20"},
    "create_commitment": lambda target: ONE_TIME | {"purchaseId": target.purchase},
    "create_purchase_commitment": lambda _: SUBSCRIPTION,
    "revise_commitment": lambda _: ONE_TIME | {"comment": f"Another comment {next(NUMBERS)}"},
    "create_amendment": lambda _: SUBSCRIPTION,
    "create_price_rise": lambda _: {"index": "Syntec", "before": 305.2, "after": 312.4},
    "approve_request": lambda _: {"comment": "Fine"},
    "deny_request": lambda _: {"comment": "No"},
    "approve_requests": lambda target: {"items": [{"requestId": target.request, "contentHash": "as shown"}]},
    "cancel_request": lambda _: {"comment": "No"},
    "reassign_request": lambda _: {"fromUserId": 36, "toUserId": 40, "reason": "Busy"},
    "change_calendar_link": lambda _: {"isOpen": True},
    "change_working_days": lambda _: {"daysOff": [f"20{next(NUMBERS) % 90 + 10}-12-24"]},
    "create_comment": lambda _: {"text": f"A remark {next(NUMBERS)}"},
    "create_absence": lambda _: WEEKS | {"userId": 36, "deputyId": 41},
    "create_attachment": lambda target: {"fileId": str(target.free_file)},
    "create_nature": lambda _: {"name": f"Nature {next(NUMBERS)}", "costFamilyId": 1},
    "change_nature": lambda _: {"name": f"Nature {next(NUMBERS)}", "costFamilyId": 1},
    "change_cost_center": lambda _: {"name": f"Center {next(NUMBERS)}", "code": f"C{next(NUMBERS)}"},
    "import_cost_centers": lambda _: {"items": [{"name": f"Center {next(NUMBERS)}", "code": f"I{next(NUMBERS)}"}]},
    "create_supplier": lambda _: {"name": f"Supplier {next(NUMBERS)}", "territoryId": "FR"},
    "create_webhook": lambda _: WEBHOOK,
    "change_webhook": lambda _: {"name": f"Webhook {next(NUMBERS)}"},
    "rotate_webhook": lambda _: {"overlapHours": 1},
    "replay_webhook": lambda _: {"after": "0"},
    "create_budget": lambda _: BUDGET,
    "correct_budget": lambda _: {"amount": {"value": 1}, "reason": "More"},
    "carry_over_budget": lambda _: {"fromBudgetId": EARLIER, "amount": {"value": 0.01}},
    "change_supplier": lambda _: {"name": f"Supplier {next(NUMBERS)}", "territoryId": "FR"},
}
"""What commands are sent. One that takes a body and has none here fails the test."""

QUERIES: Final[dict[str, Callable[[Target], dict[str, Any]]]] = {
    "list_purchases": lambda target: {"search.terms": target.title},
    "list_requests": lambda target: {"commitmentId": target.commitment},
    "list_orders": lambda target: {"purchaseId": target.purchase},
    "list_vat_rates": lambda _: {"date": "2025-04-14", "territoryId": "FR"},
}
WORDS: Final[dict[str, object]] = {
    "nature_id": 3,
    "cost_center_id": 3,
    "supplier_id": 8,
    "establishment_id": 1,
    "legal_unit_id": 1,
    "department_id": 14,
    "axis_id": 1,
    "axis_section_id": 361,
    "user_id": 36,
    "budget_id": LATER,
    "absence_id": LATER,
    "territory_id": "FR",
    "page_number": 1,
}
VERSIONED: Final = {"create_amendment", "create_price_rise"}
"""What must say for which version it is meant: for any of the first ones will do."""
LISTED: Final = {
    "list_purchases": "purchase",
    "list_requests": "request",
    "list_orders": "order",
    "list_subscriptions": "commitment",
}


def call_of(made: Operation, target: Target) -> Ask:
    """Write the call of an operation about a target."""
    path = made.path.format(
        purchase_id=target.purchase,
        commitment_id=target.commitment,
        request_id=target.request,
        order_id=target.order,
        attachment_id=target.attachment,
        file_id=target.file,
        webhook_id=target.webhook,
        **WORDS,
    )
    if made.takes_upload:
        return Ask(made.method, path, file=(f"prices {next(NUMBERS)}.csv", f"a;b\n1;{next(NUMBERS)}\n".encode()))
    body = BODIES[made.name](target) if made.body_decoder is not None else None
    query = QUERIES[made.name](target) if made.name in QUERIES else {}
    headers = {"If-Match": ", ".join(f'"{target.purchase}.{n}"' for n in range(9))} if made.name in VERSIONED else {}
    return Ask(made.method, path, body, query=query, headers=headers)


def shows(made: Operation, target: Target, told: Any) -> bool:  # noqa: ANN401  JSON
    """Tell whether a list shows the target."""
    return getattr(target, LISTED[made.name]) in {item["id"] for item in told["items"]}
