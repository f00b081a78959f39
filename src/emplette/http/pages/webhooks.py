"""Webhooks on the pages: made, tried, changed and ended; what could not be told, and telling it anew."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from secrets import token_hex
from typing import Final

from emplette.domain.errors import Invalid
from emplette.domain.people import Permission
from emplette.domain.seals import Cursor, PositionGone
from emplette.domain.webhooks import Webhook, WebhookStatus
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.pages.declaring import page
from emplette.http.pages.shown import Badge
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Values, Visit
from emplette.services import webhooks
from emplette.services.webhooks import Told, standing_of
from emplette.storage.lists import Slice
from emplette.storage.webhooks import Progress

WEBHOOKS: Final = "/settings/webhooks"
_CONFIGURE: Final = (Permission.CONFIGURE,)
_ALL: Final = Slice(1000)
_MOST_DELIVERIES: Final = 100
_OVERLAP: Final = timedelta(days=1)
"""So long the former secret of a webhook goes on signing."""
_STATES: Final = {
    WebhookStatus.ACTIVE: Badge(marked("is told"), "green"),
    WebhookStatus.SUSPENDED: Badge(marked("could not be reached"), "red"),
    WebhookStatus.INACTIVE: Badge(marked("switched off"), "secondary"),
}
_FIELDS: Final = {"webhookUrl": "url", "objectTypes": "objects"}
"""What the form calls the fields in which faults are found."""


@dataclass(frozen=True, slots=True)
class Line:
    """A webhook as the list shows it."""

    webhook: Webhook
    progress: Progress | None
    badge: Badge


@page(GET, WEBHOOKS, needs=_CONFIGURE)
async def show_webhooks(visit: Visit) -> Response:
    """List the webhooks, and offer to make one."""
    return await _webhooks(visit)


@page(POST, WEBHOOKS, needs=_CONFIGURE)
async def add_webhook(visit: Visit) -> Response:
    """Make a webhook, and show its secret: this once."""
    form, work = visit.form, visit.work
    webhook = Webhook(
        id=0,
        url=form["url"],
        name=form["name"] or None,
        topics=_words(form["topics"]),
        object_types=_words(form["objects"]),
        created_at=work.world_now,
    )
    try:
        told = await webhooks.create_webhook(work, webhook, after=None)
    except Invalid as refusal:
        return await _webhooks(visit, faults=_on_the_form(refusal.faults))
    return _secret(visit, told)


@page(GET, "/settings/webhooks/{webhook_id}", needs=_CONFIGURE)
async def show_webhook(visit: Visit, webhook_id: int) -> Response:
    """Show a webhook, how far it has been told, and what could not be."""
    return await _webhook(visit, webhook_id)


@page(POST, "/settings/webhooks/{webhook_id}", needs=_CONFIGURE)
async def change_webhook(visit: Visit, webhook_id: int) -> Response:
    """Change where a webhook is, and what it is told."""
    form = visit.form

    def revised(known: Webhook) -> Webhook:
        return replace(
            known,
            url=form["url"],
            name=form["name"] or None,
            topics=_words(form["topics"]),
            object_types=_words(form["objects"]),
            status=WebhookStatus.ACTIVE if form["active"] == "yes" else WebhookStatus.INACTIVE,
        )

    try:
        await webhooks.change_webhook(visit.work, webhook_id, revised)
    except Invalid as refusal:
        return await _webhook(visit, webhook_id, said=form, faults=_on_the_form(refusal.faults))
    return visit.go(f"{WEBHOOKS}/{webhook_id}", said="changed")


@page(POST, "/settings/webhooks/{webhook_id}/secret", needs=_CONFIGURE)
async def change_secret(visit: Visit, webhook_id: int) -> Response:
    """Give a webhook another secret, and show it: this once."""
    return _secret(visit, await webhooks.rotate_secret(visit.work, webhook_id, overlap=_OVERLAP))


@page(POST, "/settings/webhooks/{webhook_id}/ping", needs=_CONFIGURE)
async def ping_webhook(visit: Visit, webhook_id: int) -> Response:
    """Let something happen that the webhook is told."""
    await webhooks.ping_webhook(visit.work, webhook_id)
    return visit.go(f"{WEBHOOKS}/{webhook_id}", said="pinged")


@page(POST, "/settings/webhooks/{webhook_id}/resumption", needs=_CONFIGURE)
async def resume_webhook(visit: Visit, webhook_id: int) -> Response:
    """Try anew, now, what could not be told."""
    await webhooks.resume_webhook(visit.work, webhook_id)
    return visit.go(f"{WEBHOOKS}/{webhook_id}", said="resumed")


@page(POST, "/settings/webhooks/{webhook_id}/replay", needs=_CONFIGURE)
async def replay_webhook(visit: Visit, webhook_id: int) -> Response:
    """Tell a webhook anew what happened after a place of the log."""
    try:
        place = Cursor.parse(visit.form["after"])
        await webhooks.replay_webhook(visit.work, webhook_id, after=place)
    except ValueError:
        faults = {"after": [marked("Must be a position, such as 42; 0 is the beginning.")]}
        return await _webhook(visit, webhook_id, faults=faults)
    except PositionGone:
        faults = {"after": [marked("The log does not reach as far as this.")]}
        return await _webhook(visit, webhook_id, faults=faults)
    return visit.go(f"{WEBHOOKS}/{webhook_id}", said="replayed")


@page(POST, "/settings/webhooks/{webhook_id}/deletion", needs=_CONFIGURE)
async def delete_webhook(visit: Visit, webhook_id: int) -> Response:
    """End a webhook for ever."""
    await webhooks.delete_webhook(visit.work, webhook_id)
    return visit.go(WEBHOOKS, said="removed")


def _secret(visit: Visit, told: Told) -> Response:
    """Show a secret; a repeat that comes too late for that leads to the webhook."""
    place = f"{WEBHOOKS}/{told.webhook.id}"
    if told.secret is None:
        return visit.go(place)
    return visit.show(
        "settings/secret.html",
        name=told.webhook.name or told.webhook.url,
        secret=told.secret,
        example="",
        until=max((term.expires_at for term in told.webhook.secrets if term.expires_at), default=None),
        back=place,
        place=marked("Webhooks"),
    )


async def _webhooks(visit: Visit, *, faults: Mapping[str, list[str]] | None = None) -> Response:
    found, progress = await webhooks.list_webhooks(visit.work, _ALL)
    lines = [_line(each, progress.get(each.id)) for each in found.items]
    return visit.show(
        "settings/webhooks.html",
        lines=lines,
        said=visit.form,
        faults=faults,
        once=token_hex(16),
    )


async def _webhook(
    visit: Visit, webhook_id: int, *, said: Values | None = None, faults: Mapping[str, list[str]] | None = None
) -> Response:
    told = await webhooks.read_webhook(visit.work, webhook_id)
    _, _, waiting = await webhooks.list_deliveries(visit.work, webhook_id, after=0, limit=_MOST_DELIVERIES)
    return visit.show(
        "settings/webhook.html",
        line=_line(told.webhook, told.progress),
        waiting=waiting,
        said=said or _said_of(told.webhook),
        after=visit.form["after"],
        faults=faults,
        once=token_hex(16),
    )


def _line(webhook: Webhook, progress: Progress | None) -> Line:
    return Line(webhook, progress, _STATES[standing_of(webhook, progress)])


def _said_of(webhook: Webhook) -> Values:
    return Values(
        [
            ("url", webhook.url),
            ("name", webhook.name or ""),
            ("topics", " ".join(webhook.topics)),
            ("objects", " ".join(webhook.object_types)),
            ("active", "" if webhook.status is WebhookStatus.INACTIVE else "yes"),
        ]
    )


def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in re.split(r"[\s,;]+", text) if word))


def _on_the_form(faults: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Put faults beside the fields in which they were typed."""
    found: dict[str, list[str]] = {}
    for path, messages in faults.items():
        name = path.partition("[")[0]
        found.setdefault(_FIELDS.get(name, name), []).extend(messages)
    return found
