"""The operations on departments; written by scripts/write_client.py, never by hand."""

from collections.abc import Sequence

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import Listing
from emplette.client.sending import Sender
from emplette.client.wire import UNSET, Unset, quoted


class Departments:
    """The operations on departments."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(
        self, *, limit: int | Unset = UNSET, page: str | Unset = UNSET, id: Sequence[int] | Unset = UNSET
    ) -> Listing[models.Department]:
        """List the departments, by id.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        return Listing(
            self._sender,
            "/organization/structure/api/departments",
            models.Department,
            {"limit": limit, "page": page, "id": id},
        )

    def get(self, department_id: int) -> models.Department:
        """Read a department.

        Needs the permission `view` or `purchases` or `manage` or `approve`.
        """
        ask: Ask[models.Department] = Ask(
            method="GET",
            path=f"/organization/structure/api/departments/{quoted(department_id)}",
            answer=models.Department,
        )
        return self._sender.send(ask)
