"""The operations on requests; written by scripts/write_client.py, never by hand."""

import datetime as dt
from collections.abc import Sequence

from emplette.client import models
from emplette.client.asks import Ask
from emplette.client.paging import Listing
from emplette.client.sending import Sender
from emplette.client.wire import UNSET, Unset, Versioned, quoted


class Requests:
    """The operations on requests."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def reassign(
        self,
        request_id: int,
        *,
        from_user_id: int,
        to_user_id: int,
        reason: str,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
    ) -> models.Request:
        """Ask another one in somebody's place, for a reason: in the step that is being asked and in those after it.

        Who was asked stays in the steps, beside who is asked instead and why.

        Needs the permission `configure`.
        """
        ask: Ask[models.Request] = Ask(
            method="POST",
            path=f"/cleemy-procurement/api/requests/{quoted(request_id)}/reassignments",
            answer=models.Request,
            body={"fromUserId": from_user_id, "toUserId": to_user_id, "reason": reason},
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return self._sender.send(ask)

    def create(
        self, commitment_id: int, *, idempotency_key: str | None = None, if_match: str | Versioned | None = None
    ) -> models.Request:
        """Ask for approval of a commitment.

        A key that approves by itself answers with an Approved request, and the order exists. Otherwise the company's
        policy says who is asked, and the request is Pending.

        Needs the permission `purchases`.
        """
        ask: Ask[models.Request] = Ask(
            method="POST",
            path=f"/cleemy-procurement/api/commitments/{quoted(commitment_id)}/requests",
            answer=models.Request,
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return self._sender.send(ask)

    def list(
        self,
        *,
        limit: int | Unset = UNSET,
        page: str | Unset = UNSET,
        state: Sequence[models.RequestState] | Unset = UNSET,
        kind: Sequence[models.RequestKind] | Unset = UNSET,
        assignee_id: Sequence[int] | Unset = UNSET,
        owner_id: Sequence[int] | Unset = UNSET,
        commitment_id: Sequence[int] | Unset = UNSET,
        created_at_from: dt.datetime | dt.date | Unset = UNSET,
        created_at_to: dt.datetime | dt.date | Unset = UNSET,
    ) -> Listing[models.Request]:
        """List the requests that the key may see, in the order of their creation.

        Needs the permission `view` or `purchases` or `approve`.
        """
        return Listing(
            self._sender,
            "/cleemy-procurement/api/requests",
            models.Request,
            {
                "limit": limit,
                "page": page,
                "state": state,
                "kind": kind,
                "assigneeId": assignee_id,
                "ownerId": owner_id,
                "commitmentId": commitment_id,
                "createdAt.from": created_at_from,
                "createdAt.to": created_at_to,
            },
        )

    def get(self, request_id: int) -> models.Request:
        """Read a request: what is to be approved and the hash of it, who is asked, who decided what.

        Needs the permission `view` or `purchases` or `approve`.
        """
        ask: Ask[models.Request] = Ask(
            method="GET", path=f"/cleemy-procurement/api/requests/{quoted(request_id)}", answer=models.Request
        )
        return self._sender.send(ask)

    def approve(
        self,
        request_id: int,
        *,
        comment: str | Unset | None = UNSET,
        content_hash: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
    ) -> models.Request:
        """Approve, as the person to whom the key is bound; the last step's approval makes the order, or amends it.

        Needs the permission `approve`.
        """
        ask: Ask[models.Request] = Ask(
            method="POST",
            path=f"/cleemy-procurement/api/requests/{quoted(request_id)}/approvals",
            answer=models.Request,
            body={"comment": comment, "contentHash": content_hash},
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return self._sender.send(ask)

    def deny(
        self,
        request_id: int,
        *,
        comment: str,
        content_hash: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
    ) -> models.Request:
        """Deny, as the person to whom the key is bound, and say why; one denial denies, unless the policy says else.

        Needs the permission `approve`.
        """
        ask: Ask[models.Request] = Ask(
            method="POST",
            path=f"/cleemy-procurement/api/requests/{quoted(request_id)}/denials",
            answer=models.Request,
            body={"comment": comment, "contentHash": content_hash},
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return self._sender.send(ask)

    def cancel(
        self,
        request_id: int,
        *,
        comment: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
    ) -> models.Request:
        """Take a request back, Pending or Approved, and with it the commitment, the purchase and the order.

        One for an amendment is taken back alone, and only while it is Pending; the commitment stays what it is.

        Needs the permission `purchases`.
        """
        ask: Ask[models.Request] = Ask(
            method="POST",
            path=f"/cleemy-procurement/api/requests/{quoted(request_id)}/cancellations",
            answer=models.Request,
            body={"comment": comment},
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return self._sender.send(ask)

    def approve_several(
        self,
        *,
        items: Sequence[models.ShownRequestInput],
        comment: str | Unset | None = UNSET,
        idempotency_key: str | None = None,
        if_match: str | Versioned | None = None,
    ) -> models.Approvals:
        """Approve several requests, as the person to whom the key is bound, where the policy lets several be at once.

        Each is approved or refused by itself, as it would be alone, and is one item of the answer. That is a 200 when all
        were approved, and a 207 when one was not. A repeat under the same Idempotency-Key goes on with what was refused.

        Needs the permission `approve`.
        """
        ask: Ask[models.Approvals] = Ask(
            method="POST",
            path="/cleemy-procurement/api/approvals",
            answer=models.Approvals,
            body={"items": items, "comment": comment},
            idempotency_key=idempotency_key,
            if_match=if_match,
        )
        return self._sender.send(ask)
