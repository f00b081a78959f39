"""Where the documents of a purchase are read: what hrefs, the problems of conflicts and webhooks point to."""

from collections.abc import Mapping
from typing import Final

BASE: Final = "/cleemy-procurement"

PLACES: Final[Mapping[str, str]] = {
    "purchase": f"{BASE}/api/purchases",
    "commitment": f"{BASE}/api/commitments",
    "request": f"{BASE}/api/requests",
    "order": f"{BASE}/api/orders",
    "cost_center": f"{BASE}/api/costcenters",
    "nature": f"{BASE}/api/natures",
    "supplier": f"{BASE}/api/suppliers",
    "attachment": f"{BASE}/api/attachments",
    "webhook": f"{BASE}/api/webhooks",
    "budget": f"{BASE}/api/budgets",
}


def href(kind: str, number: int) -> str:
    """Say where a document is read."""
    return f"{PLACES[kind]}/{number}"
