"""What people do with webhooks: make one, look at it, change it, give it another secret, let it be told again."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from emplette.domain.errors import Faults
from emplette.domain.registers import Known
from emplette.domain.seals import Cursor, Head
from emplette.domain.webhooks import (
    SECRET_BYTES,
    SecretTerm,
    Webhook,
    WebhookNotFound,
    WebhookStatus,
    faults_of_webhook,
    secret_text,
)
from emplette.services.registers import Written, write_entry
from emplette.services.work import Work
from emplette.storage import deliveries, registers, seals, webhooks
from emplette.storage.changes import Change
from emplette.storage.deliveries import Delivery
from emplette.storage.lists import Slice
from emplette.storage.registers import EntryPage, Filters
from emplette.storage.webhooks import WEBHOOKS, Beside, Progress, Standing


@dataclass(frozen=True, slots=True)
class Told:
    """A webhook after a call, and how far it has been told; its new secret, where it got one."""

    written: Written[Webhook]
    progress: Progress | None
    secret: str | None = None

    @property
    def webhook(self) -> Webhook:
        """The webhook itself."""
        return self.written.entry

    @property
    def status(self) -> WebhookStatus:
        """Whether it is told."""
        return standing_of(self.webhook, self.progress)


Decide = Callable[[Webhook, Standing], tuple[Webhook, Beside]]
"""Makes of a webhook, and of how it stands, the webhook as it shall be and what is written beside it."""


@dataclass(slots=True)
class _Kept:
    """What was read last, and the secret that was drawn."""

    standing: Standing = field(default_factory=lambda: Standing(None, None, Head()))
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(SECRET_BYTES))


def standing_of(webhook: Webhook, progress: Progress | None) -> WebhookStatus:
    """Say whether a webhook is told."""
    is_kept_from_it = webhook.status is WebhookStatus.ACTIVE and _is_suspended(progress)
    return WebhookStatus.SUSPENDED if is_kept_from_it else webhook.status


async def list_webhooks(work: Work, piece: Slice) -> tuple[EntryPage[Webhook], dict[int, Progress]]:
    """List the webhooks, by id, each with how far it has been told."""
    filters = Filters({"is_deleted": [False]})
    page = await registers.list_entries(work.db, work.tenant.id, WEBHOOKS, filters, piece)
    return page, await webhooks.progress_of(work.db, work.tenant.id, [one.id for one in page.items])


async def read_webhook(work: Work, webhook_id: int) -> Told:
    """Look at a webhook.

    Raises:
        WebhookNotFound: there is none.
    """
    standing = await webhooks.read(work.db, work.tenant.id, webhook_id)
    return Told(Written(_there(standing), Known()), standing.progress)


async def list_deliveries(
    work: Work, webhook_id: int, *, after: int, limit: int
) -> tuple[WebhookStatus, Progress, list[Delivery]]:
    """List what a webhook was not told yet: what failed, and what waits behind it.

    Raises:
        WebhookNotFound: there is none.
    """
    standing = await webhooks.read(work.db, work.tenant.id, webhook_id)
    webhook, progress = _there(standing), standing.progress
    if progress is None:
        raise WebhookNotFound
    found = await deliveries.list_waiting(work.db, work.tenant.id, webhook_id, after=after, most=limit)
    return standing_of(webhook, progress), progress, found


async def create_webhook(work: Work, webhook: Webhook, *, after: Cursor | int | None) -> Told:
    """Make a webhook, which is told what happens from now on, or what happened after a place of the log.

    Raises:
        Invalid: names everything that can't be.
        PositionGone: the place is not in this log.
        KeyReused: the idempotency key was used for another request.
    """
    faults = Faults()
    note_faults(work, webhook, faults)
    faults.raise_if_any()
    kept = _Kept()
    new = replace(
        webhook, id=await work.new_id("webhook"), secrets=(SecretTerm(1, work.world_now),), created_at=work.world_now
    )
    head = Head()

    async def load() -> tuple[Sequence[Webhook], Known]:
        nonlocal head
        head = await seals.head(work.db, work.tenant.id)
        return [], Known()

    def decide(_: Sequence[Webhook], __: Known) -> Change[Webhook]:
        position = head.position if after is None else head.locate(after)
        beside = Beside(secret_id=1, secret=kept.secret, after=Cursor(head.epoch, position))
        return Change(None, new, beside.written())

    written = await write_entry(work, WEBHOOKS, load, decide)
    return await _told(work, written, kept, shows_secret=True)


async def change_webhook(
    work: Work, webhook_id: int, revise: Callable[[Webhook], Webhook], *, activates: bool = False
) -> Told:
    """Change what was said of a webhook, and keep the rest.

    At another address it is tried at once; so is a suspended one that is said to be active (``activates``).

    Raises:
        WebhookNotFound: there is none.
        PreconditionFailed: it is not at a version that the caller accepts.
        Invalid: names everything that can't be.
    """

    def decide(webhook: Webhook, standing: Standing) -> tuple[Webhook, Beside]:
        after = revise(webhook)
        faults = Faults()
        note_faults(work, after, faults)
        faults.raise_if_any()
        if after.url == webhook.url and not (activates and _is_suspended(standing.progress)):
            return after, Beside()
        return replace(after, resumed_at=work.world_now), Beside(resumes=True)

    return await _command(work, webhook_id, decide)


async def delete_webhook(work: Work, webhook_id: int) -> Told:
    """End a webhook for ever: it is told nothing more, and its secrets are forgotten.

    Raises:
        WebhookNotFound: there is none.
    """

    def decide(webhook: Webhook, _: Standing) -> tuple[Webhook, Beside]:
        ended = replace(webhook, status=WebhookStatus.INACTIVE, secrets=(), deleted_at=work.world_now)
        return ended, Beside(drops=True)

    return await _command(work, webhook_id, decide)


async def rotate_secret(work: Work, webhook_id: int, *, overlap: timedelta) -> Told:
    """Give a webhook another secret; the ones it has go on for a while.

    A suspended one is tried at once: after a restore it may have been for want of a secret.

    Raises:
        WebhookNotFound: there is none.
        TooManySecrets: too many are valid at once.
    """
    kept = _Kept()

    def decide(webhook: Webhook, standing: Standing) -> tuple[Webhook, Beside]:
        rotated = webhook.rotated(work.world_now, overlap)
        resumes = _is_suspended(standing.progress)
        if resumes:
            rotated = replace(rotated, resumed_at=work.world_now)
        return rotated, Beside(secret_id=rotated.secrets[-1].id, secret=kept.secret, resumes=resumes)

    return await _command(work, webhook_id, decide, kept, shows_secret=True)


async def ping_webhook(work: Work, webhook_id: int) -> Told:
    """Let something happen that the webhook is told, whatever it wants to hear.

    Raises:
        WebhookNotFound: there is none.
    """
    return await _command(work, webhook_id, lambda webhook, _: (replace(webhook, pinged_at=work.world_now), Beside()))


async def resume_webhook(work: Work, webhook_id: int) -> Told:
    """Let a webhook be told again, now, what could not be told.

    Raises:
        WebhookNotFound: there is none.
    """
    return await _command(
        work, webhook_id, lambda webhook, _: (replace(webhook, resumed_at=work.world_now), Beside(resumes=True))
    )


async def replay_webhook(work: Work, webhook_id: int, *, after: Cursor | int) -> Told:
    """Tell a webhook anew what happened after a place of the log; what waits is told from there, or not at all.

    Raises:
        WebhookNotFound: there is none.
        PositionGone: the place is not in this log.
    """

    def decide(webhook: Webhook, standing: Standing) -> tuple[Webhook, Beside]:
        place = Cursor(standing.head.epoch, standing.head.locate(after))
        replayed = replace(webhook, replayed_after=str(place), replayed_at=work.world_now)
        return replayed, Beside(after=place, drops=True)

    return await _command(work, webhook_id, decide)


def note_faults(work: Work, webhook: Webhook, faults: Faults) -> None:
    """Note everything that is wrong with what is said of a webhook."""
    faults_of_webhook(webhook, work.shelf.reach, faults)


async def _command(
    work: Work, webhook_id: int, decide: Decide, kept: _Kept | None = None, *, shows_secret: bool = False
) -> Told:
    kept = kept or _Kept()

    async def load() -> tuple[Sequence[Webhook], Known]:
        kept.standing = await webhooks.read(work.db, work.tenant.id, webhook_id)
        return [], Known()

    def decide_on(_: Sequence[Webhook], __: Known) -> Change[Webhook]:
        before = _there(kept.standing)
        after, beside = decide(before, kept.standing)
        return Change(before, replace(after, version=before.version + 1), beside.written())

    written = await write_entry(work, WEBHOOKS, load, decide_on)
    return await _told(work, written, kept, shows_secret=shows_secret)


async def _told(work: Work, written: Written[Webhook], kept: _Kept, *, shows_secret: bool) -> Told:
    """Answer a command; a repeat is answered with the secret that the first call made, while it is valid."""
    webhook, progress = written.entry, kept.standing.progress
    if work.world_now in {webhook.resumed_at, webhook.replayed_at}:
        progress = None
    if not shows_secret:
        return Told(written, progress)
    if not written.replayed:
        return Told(written, progress, secret_text(kept.secret))
    known = await webhooks.secrets_of(work.db, work.tenant.id, webhook.id)
    secret = known.get(webhook.secrets[-1].id)
    return Told(written, progress, None if secret is None else secret_text(secret))


def _is_suspended(progress: Progress | None) -> bool:
    """Tell whether it could not be reached: it stays so while it is inactive."""
    return progress is not None and progress.suspended_at is not None


def _there(standing: Standing) -> Webhook:
    webhook = standing.webhook
    if webhook is None or webhook.deleted_at is not None:
        raise WebhookNotFound
    return webhook
