"""The Python client of this API: `Emplette`, and `AsyncEmplette` for asyncio.

    with Emplette("https://example.ilucca.net", key) as client:
        purchase = client.purchases.create(title="Keyboard", owner_id=35, nature_id=1, ...)

It needs nothing of the server but its address and a key, and speaks to any server of this API.
"""

from emplette.client.clients import AsyncEmplette, Emplette
from emplette.client.errors import (
    AnswerUnreadable,
    BadRequest,
    Conflict,
    EmpletteError,
    Forbidden,
    KeyReused,
    NoAnswer,
    NotFound,
    OutcomeUnknown,
    Problem,
    ServerFault,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    VersionMissing,
    VersionStale,
)
from emplette.client.paging import AsyncListing, Listing, Page
from emplette.client.retries import NEVER, Retries
from emplette.client.wire import UNSET

__all__ = [
    "NEVER",
    "UNSET",
    "AnswerUnreadable",
    "AsyncEmplette",
    "AsyncListing",
    "BadRequest",
    "Conflict",
    "Emplette",
    "EmpletteError",
    "Forbidden",
    "KeyReused",
    "Listing",
    "NoAnswer",
    "NotFound",
    "OutcomeUnknown",
    "Page",
    "Problem",
    "Retries",
    "ServerFault",
    "TooLarge",
    "TooManyRequests",
    "Unauthenticated",
    "Unavailable",
    "VersionMissing",
    "VersionStale",
]
