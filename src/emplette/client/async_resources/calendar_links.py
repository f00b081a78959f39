"""The operations on calendar links, for asyncio; written by scripts/write_client.py, never by hand."""

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.sending import AsyncSender
from emplette.client.wire import Versioned


class AsyncCalendarLinks:
    """The operations on calendar links, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def get(self) -> models.CalendarLink:
        """Read whether a link opens the calendar of the person to whom the key is bound.

        Needs the permission `purchases` or `view`.
        """
        ask: Ask[models.CalendarLink] = Ask(
            method="GET", path="/cleemy-procurement/api/calendar-link", answer=models.CalendarLink
        )
        return await self._sender.send(ask)

    async def update(self, *, is_open: bool, if_match: str | Versioned | None = None) -> models.CalendarLink:
        """Make a link to the calendar of the person to whom the key is bound, or let it open nothing any more.

        There is one link at most: each call that makes one ends the one before, also a repeat whose answer was lost.
        Whoever has it can read the last safe days and the ends of the subscriptions that the person owns, so it is told
        this once.

        Needs the permission `purchases` or `view`.
        """
        ask: Ask[models.CalendarLink] = Ask(
            method="PUT",
            path="/cleemy-procurement/api/calendar-link",
            answer=models.CalendarLink,
            body={"isOpen": is_open},
            if_match=if_match,
        )
        return await self._sender.send(ask)
