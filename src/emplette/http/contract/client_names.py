"""Where an operation is found in the Python client: a verb of a noun, such as `purchases.create`.

The name follows from the operation's id, so that a new operation has its place at once.
"""

from collections.abc import Mapping
from typing import Final

_VERBS: Final[Mapping[str, str]] = {"read": "get", "revise": "update", "change": "update"}
_PLURALS: Final[Mapping[str, str]] = {"axis": "axes"}

_ELSEWHERE: Final[Mapping[str, str]] = {
    "approve_requests": "requests.approve_several",
    "change_working_days": "working_days.update",
    "create_purchase_commitment": "purchases.commit",
    "display_page": "files.page",
    "get_liveness": "server.liveness",
    "get_metrics": "server.metrics",
    "get_readiness": "server.readiness",
    "import_cost_centers": "cost_centers.import_all",
    "read_order_pdf": "orders.pdf",
    "list_purchase_supplier": "purchases.list_supplier",
    "list_spending": "overview.spending",
    "list_webhook_deliveries": "webhooks.deliveries",
    "read_overview": "overview.get",
    "read_working_days": "working_days.get",
}
"""What doesn't read well when it is derived, or is about something else than its noun says."""


def place_in_client(operation: str) -> str:
    """Say where the client has the operation of this id."""
    if operation in _ELSEWHERE:
        return _ELSEWHERE[operation]
    verb, _, noun = operation.partition("_")
    nouns = noun if verb == "list" else _plural(noun)
    return f"{nouns}.{_VERBS.get(verb, verb)}"


def _plural(noun: str) -> str:
    if noun in _PLURALS:
        return _PLURALS[noun]
    return f"{noun.removesuffix('y')}ies" if noun.endswith("y") else f"{noun}s"
