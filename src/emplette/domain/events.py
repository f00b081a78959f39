"""Events: what happened, as everybody is told it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SealedEvent:
    """Something that happened, at its position; the facts are the very text that was sealed."""

    position: int
    epoch: int
    hash: bytes
    id: int
    at: datetime
    type: str
    object_type: str
    object_id: int
    purchase_id: int | None
    version: int | None
    actor_id: int
    api_key_id: int | None
    call_id: str | None
    facts: str
    texts_hash: bytes | None
