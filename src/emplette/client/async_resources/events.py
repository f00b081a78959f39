"""The operations on events, for asyncio; written by scripts/write_client.py, never by hand."""

from collections.abc import Sequence

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.sending import AsyncSender
from emplette.client.wire import UNSET, Unset


class AsyncEvents:
    """The operations on events, for asyncio."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def list(
        self,
        *,
        after: str | Unset = UNSET,
        limit: int | Unset = UNSET,
        type: Sequence[str] | Unset = UNSET,
        object_type: Sequence[str] | Unset = UNSET,
        object_id: Sequence[int] | Unset = UNSET,
        wait: int | Unset = UNSET,
    ) -> models.Events:
        """Read what happened after a place of the log, and wait for it if nothing has yet.

        Each page says with `next` where to go on: keep it, and nothing is missed and nothing comes twice. An event is
        here at most a second after the call that made it was answered, and never changes again. Filters narrow what is
        answered, not what is read: a page may be empty and have `hasMore`, then go on at once. Of those who may view, only
        they may read it who may view everything.

        Needs the permission `view` or `configure`.
        """
        ask: Ask[models.Events] = Ask(
            method="GET",
            path="/cleemy-procurement/api/events",
            answer=models.Events,
            query={
                "after": after,
                "limit": limit,
                "type": type,
                "objectType": object_type,
                "objectId": object_id,
                "wait": wait,
            },
        )
        return await self._sender.send(ask)
