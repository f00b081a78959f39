"""Approving several requests at once, where the company's policy lets that be."""

from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType

from emplette.domain.approvals import PersonNeeded
from emplette.domain.errors import Faults
from emplette.domain.people import Permission
from emplette.http.api import examples
from emplette.http.api.approvals import refuse_without_person
from emplette.http.api.approvals_out import RequestOut, request_out
from emplette.http.api.item_problems import ItemProblemOut, item_problem_out
from emplette.http.api.readable import readable
from emplette.http.contract import POST, Answer, Body, Call, Comment, Id, Reply, ShortText, operation
from emplette.http.contract.places import BASE
from emplette.http.contract.statuses import MULTI_STATUS, OK
from emplette.services.approvals import Outcome, approve_several
from emplette.services.work import Work

MOST_AT_ONCE: Final = 100


class ShownRequestIn(Body):
    """A request that shall be approved, and the content hash with which it was shown."""

    request_id: Id
    content_hash: Annotated[ShortText, Meta(min_length=1)]


class ApprovalsIn(Body):
    """Which requests shall be approved, each once, and a comment on all of them."""

    items: Annotated[list[ShownRequestIn], Meta(min_length=1, max_length=MOST_AT_ONCE)]
    comment: Comment | None = None

    def check(self, faults: Faults) -> None:
        """Find requests that are named twice."""
        seen: set[int] = set()
        for index, item in enumerate(readable(self.items) or ()):
            number = readable(item.request_id)
            if number in seen:
                faults.add(f"items[{index}].requestId", "Is named before: name each request once.")
            if number is not None:
                seen.add(number)


class ApprovedItemOut(Answer):
    """What became of one of the requests: it as it is after the approval, or why it was not approved."""

    request_id: int
    request: RequestOut | UnsetType = UNSET
    problem: ItemProblemOut | UnsetType = UNSET


class ApprovalsOut(Answer):
    """What became of each request, in the order of the call."""

    approved: Annotated[int, Meta(ge=0)]
    refused: Annotated[int, Meta(ge=0)]
    items: list[ApprovedItemOut]


@operation(
    POST,
    f"{BASE}/api/approvals",
    answers={OK: ApprovalsOut, MULTI_STATUS: ApprovalsOut},
    needs=Permission.APPROVE,
    tag="Approval",
    also=refuse_without_person,
    problems=(PersonNeeded,),
    examples=examples.SEVERAL_APPROVALS,
    ours=True,
)
async def approve_requests(work: Work, call: Call, approvals: ApprovalsIn) -> Reply[ApprovalsOut]:
    """Approve several requests, as the person to whom the key is bound, where the policy lets several be at once.

    Each is approved or refused by itself, as it would be alone, and is one item of the answer. That is a 200 when all
    were approved, and a 207 when one was not. A repeat under the same Idempotency-Key goes on with what was refused.
    """
    shown = {item.request_id: item.content_hash for item in approvals.items}
    outcomes = await approve_several(work, shown, comment=approvals.comment)
    refused = sum(each.refusal is not None for each in outcomes)
    body = ApprovalsOut(
        approved=len(outcomes) - refused,
        refused=refused,
        items=[_item(each, index, call) for index, each in enumerate(outcomes)],
    )
    done = [each for each in outcomes if each.refusal is None]
    is_repeat = bool(done) and all(each.replayed for each in done)
    return Reply(body, status=MULTI_STATUS if refused else OK, replayed=is_repeat)


def _item(outcome: Outcome, index: int, call: Call) -> ApprovedItemOut:
    if outcome.refusal is not None:
        return ApprovedItemOut(request_id=outcome.request_id, problem=item_problem_out(outcome.refusal, index, call))
    if outcome.dossier is None:
        raise AssertionError
    return ApprovedItemOut(request_id=outcome.request_id, request=request_out(outcome.dossier, call.base_url))
