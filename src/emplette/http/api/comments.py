"""Comments on purchases: writing one, and listing those of a purchase."""

from typing import Annotated

from msgspec import Meta

from emplette.domain import comments as domain
from emplette.domain.people import Permission
from emplette.domain.purchases import PurchaseNotFound
from emplette.domain.registers import Known
from emplette.domain.text import LONGEST_COMMENT, SHOWN
from emplette.http.api import examples
from emplette.http.api.lists import PURCHASE_READERS, listed, slice_of
from emplette.http.api.references import UserOut, user_out
from emplette.http.api.replies import reply_with_entry
from emplette.http.contract import (
    GET,
    POST,
    Answer,
    Body,
    Call,
    Id,
    Instant,
    Listed,
    PagedQuery,
    Reply,
    instant,
    operation,
)
from emplette.http.contract.places import BASE
from emplette.http.contract.told import ETAG
from emplette.services import comments
from emplette.services.work import Work

_ALL = f"{BASE}/api/purchases/{{purchase_id}}/comments"
_TAG = "Purchases"


class CommentsQuery(PagedQuery):
    """Which page of the comments on a purchase to list."""


class CommentIn(Body):
    """What is said about a purchase, and whom it mentions: people who may see the purchase, and who get a mail."""

    text: Annotated[str, Meta(max_length=LONGEST_COMMENT, min_length=1, pattern=SHOWN)]
    mentioned_ids: Annotated[list[Id], Meta(max_length=domain.MOST_MENTIONED)] = []


class CommentOut(Answer):
    """What somebody said about a purchase."""

    id: int
    purchase_id: int
    author: UserOut
    written_at: Instant
    text: str
    mentioned: list[UserOut]


@operation(
    GET,
    _ALL,
    answers={200: Listed[CommentOut]},
    needs=PURCHASE_READERS,
    tag=_TAG,
    problems=(PurchaseNotFound,),
    ours=True,
)
async def list_comments(work: Work, call: Call, purchase_id: int, query: CommentsQuery) -> Listed[CommentOut]:
    """List what was said about a purchase, the first words first."""
    page = await comments.list_comments(work, purchase_id, slice_of(query))
    return listed(query, page, [_comment_out(comment, page.known, call.base_url) for comment in page.items])


@operation(
    POST,
    _ALL,
    answers={201: CommentOut},
    tells=(ETAG,),
    needs=(Permission.PURCHASES, Permission.APPROVE, Permission.MANAGE),
    tag=_TAG,
    problems=(PurchaseNotFound,),
    examples=examples.REMARK,
    links={"list_comments": {"purchase_id": "purchaseId"}},
    ours=True,
)
async def create_comment(work: Work, call: Call, purchase_id: int, comment: CommentIn) -> Reply[CommentOut]:
    """Say something about a purchase that may be seen, whatever its state. It stays: comments are not changed.

    It changes nothing of the purchase, whose version stays as it is. Who is mentioned has to be somebody who may see
    the purchase.
    """
    done = await comments.write_comment(work, purchase_id, text=comment.text, mentioned_ids=comment.mentioned_ids)
    return reply_with_entry(_comment_out(done.entry, done.known, call.base_url), done)


def _comment_out(comment: domain.Comment, known: Known, base_url: str) -> CommentOut:
    return CommentOut(
        id=comment.id,
        purchase_id=comment.purchase_id,
        author=user_out(known.users[comment.author_id], base_url),
        written_at=instant(comment.written_at),
        text=comment.text,
        mentioned=[user_out(known.users[number], base_url) for number in comment.mentioned_ids],
    )
