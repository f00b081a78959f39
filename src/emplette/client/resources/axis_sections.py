"""The operations on axis sections; written by scripts/write_client.py, never by hand."""

from collections.abc import Sequence

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import Listing
from emplette.client.sending import Sender
from emplette.client.wire import UNSET, Unset, quoted


class AxisSections:
    """The operations on axis sections."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(
        self,
        *,
        limit: int | Unset = UNSET,
        page: str | Unset = UNSET,
        id: Sequence[int] | Unset = UNSET,
        axis_id: Sequence[int] | Unset = UNSET,
        is_archived: Sequence[bool] | Unset = UNSET,
    ) -> Listing[models.AxisSection]:
        """List the sections of analytic axes, by id.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        return Listing(
            self._sender,
            "/organization/structure/api/axis-sections",
            models.AxisSection,
            {"limit": limit, "page": page, "id": id, "axisId": axis_id, "isArchived": is_archived},
        )

    def get(self, axis_section_id: int) -> models.AxisSection:
        """Read a section of an analytic axis.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        ask: Ask[models.AxisSection] = Ask(
            method="GET",
            path=f"/organization/structure/api/axis-sections/{quoted(axis_section_id)}",
            answer=models.AxisSection,
        )
        return self._sender.send(ask)
