"""The operations on absences; written by scripts/write_client.py, never by hand."""

import datetime as dt
from collections.abc import Sequence

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import Listing
from emplette.client.sending import Sender
from emplette.client.wire import UNSET, Unset, Versioned, quoted


class Absences:
    """The operations on absences."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(
        self,
        *,
        limit: int | Unset = UNSET,
        page: str | Unset = UNSET,
        user_id: Sequence[int] | Unset = UNSET,
        deputy_id: Sequence[int] | Unset = UNSET,
    ) -> Listing[models.Absence]:
        """List the absences that were not taken back, by id.

        Needs the permission `view` or `purchases` or `manage` or `approve` or `configure`.
        """
        return Listing(
            self._sender,
            "/cleemy-procurement/api/absences",
            models.Absence,
            {"limit": limit, "page": page, "userId": user_id, "deputyId": deputy_id},
        )

    def create(
        self,
        *,
        deputy_id: int,
        start_date: dt.date,
        end_date: dt.date,
        user_id: int | Unset | None = UNSET,
        cost_center_id: int | Unset | None = UNSET,
        at_most: models.AmountInput | Unset | None = UNSET,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
    ) -> models.Absence:
        """Enter an absence, one's own or, with the permission to configure, anybody's: what waits moves to the deputy.

        From the first day to the last the deputy can decide what the absent one is asked, and sees it. Is the deputy away
        as well, their own deputy can; the question is not passed on a second time. It counts within 5 seconds.

        Needs the permission `view` or `purchases` or `manage` or `approve` or `configure`.
        """
        ask: Ask[models.Absence] = Ask(
            method="POST",
            path="/cleemy-procurement/api/absences",
            answer=models.Absence,
            body={
                "deputyId": deputy_id,
                "startDate": start_date,
                "endDate": end_date,
                "userId": user_id,
                "costCenterId": cost_center_id,
                "atMost": at_most,
            },
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return self._sender.send(ask)

    def end(
        self, absence_id: int, *, idempotency_key: str | None = None, if_match: str | Versioned | None = None
    ) -> models.Absence:
        """Take an absence back: what waits comes back, and the deputy can decide no more, within 5 seconds.

        Needs the permission `view` or `purchases` or `manage` or `approve` or `configure`.
        """
        ask: Ask[models.Absence] = Ask(
            method="POST",
            path=f"/cleemy-procurement/api/absences/{quoted(absence_id)}/ending",
            answer=models.Absence,
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return self._sender.send(ask)
