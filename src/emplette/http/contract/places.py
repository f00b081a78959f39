"""Where the documents of a purchase are read: what hrefs and the problems of conflicts point to."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

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
}


def href(kind: str, number: int) -> str:
    """Say where a document is read."""
    return f"{PLACES[kind]}/{number}"


def place_of_file(file_id: UUID) -> str:
    """Say where a file is read."""
    return f"{BASE}/api/files/{file_id}"
