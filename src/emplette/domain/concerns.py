"""Concerns: what an administrator should look after, for it waits for nobody else."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

WAITS_LONG: Final = timedelta(days=7)
"""A request that has waited for longer is worth asking about."""
ENDS_SOON: Final = timedelta(days=14)
"""So long before its last day a key should be given another secret, or be done without."""


class Concern(StrEnum):
    """What there is to look after; the most pressing first."""

    POLICY = "policy"
    LOG = "log"
    WEBHOOKS = "webhooks"
    MAILS = "mails"
    KEYS = "keys"
    REQUESTS = "requests"
    BUDGETS = "budgets"


@dataclass(frozen=True, slots=True)
class Outlook:
    """By which moments and days it is told what to look after.

    Requests made before ``waits_since`` wait for long; keys whose last day is ``ends_by`` or before end soon.
    """

    today: date
    waits_since: datetime
    ends_by: date

    @classmethod
    def at(cls, now: datetime, today: date) -> "Outlook":
        """Look from a moment and its day."""
        return cls(today, now - WAITS_LONG, today + ENDS_SOON)
