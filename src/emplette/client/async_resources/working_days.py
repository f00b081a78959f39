"""The operations on working days, for asyncio; written by scripts/write_client.py, never by hand."""

import datetime as dt
from collections.abc import Sequence

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.sending import AsyncSender
from emplette.client.wire import UNSET, Unset, Versioned


class AsyncWorkingDays:
    """The operations on working days, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def get(self) -> models.WorkingDays:
        """Read on which days the company works.

        Needs the permission `view` or `purchases` or `manage` or `approve` or `configure`.
        """
        ask: Ask[models.WorkingDays] = Ask(
            method="GET", path="/cleemy-procurement/api/working-days", answer=models.WorkingDays
        )
        return await self._sender.send(ask)

    async def update(
        self,
        *,
        weekdays: Sequence[int] | Unset = UNSET,
        holidays_of: str | Unset | None = UNSET,
        days_off: Sequence[dt.date] | Unset | None = UNSET,
        if_match: str | Versioned | None = None,
    ) -> models.WorkingDays:
        """Say on which days the company works: what is absent is kept, null clears. It counts within 5 seconds.

        Needs the permission `configure`.
        """
        ask: Ask[models.WorkingDays] = Ask(
            method="PUT",
            path="/cleemy-procurement/api/working-days",
            answer=models.WorkingDays,
            body={"weekdays": weekdays, "holidaysOf": holidays_of, "daysOff": days_off},
            if_match=if_match,
        )
        return await self._sender.send(ask)
