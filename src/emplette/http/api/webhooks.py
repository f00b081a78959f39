"""Webhooks: list, read, create, change, delete; another secret, a ping, going on, and telling anew."""

from datetime import timedelta

from emplette.domain.errors import Faults
from emplette.domain.people import Permission
from emplette.domain.seals import PositionGone
from emplette.domain.webhooks import TooManySecrets, Webhook, WebhookNotFound
from emplette.http.api import examples
from emplette.http.api.lists import listed, slice_of
from emplette.http.api.replies import reply_with_entry
from emplette.http.api.webhooks_in import (
    DeliveriesQuery,
    ReplayIn,
    SecretIn,
    WebhookChangeIn,
    WebhookIn,
    WebhooksQuery,
)
from emplette.http.api.webhooks_out import (
    DeliveriesOut,
    WebhookOut,
    delivery_out,
    listed_out,
    progress_out,
    webhook_out,
)
from emplette.http.contract import GET, OPTIONAL, POST, PUT, Listed, Reply, operation
from emplette.http.contract.places import BASE, href
from emplette.http.contract.told import ETAG, LOCATION
from emplette.services import webhooks
from emplette.services.work import Work

_ALL = f"{BASE}/api/webhooks"
_ONE = f"{_ALL}/{{webhook_id}}"
_LED_TO = (
    "read_webhook",
    "list_webhook_deliveries",
    "change_webhook",
    "delete_webhook",
    "rotate_webhook",
    "ping_webhook",
    "resume_webhook",
    "replay_webhook",
)
"""What can be done with a webhook once it is made."""


@operation(
    GET,
    _ALL,
    answers={200: Listed[WebhookOut]},
    needs=Permission.CONFIGURE,
    tag="Webhooks",
    ours=True,
    links={"read_webhook": {"webhook_id": "items.0.id"}},
)
async def list_webhooks(work: Work, query: WebhooksQuery) -> Listed[WebhookOut]:
    """List the webhooks, by id."""
    page, progress = await webhooks.list_webhooks(work, slice_of(query))
    return listed(query, page, [listed_out(webhook, progress.get(webhook.id)) for webhook in page.items])


@operation(
    GET,
    _ONE,
    answers={200: WebhookOut},
    tells=(ETAG,),
    needs=Permission.CONFIGURE,
    tag="Webhooks",
    problems=(WebhookNotFound,),
    ours=True,
)
async def read_webhook(work: Work, webhook_id: int) -> Reply[WebhookOut]:
    """Read a webhook."""
    told = await webhooks.read_webhook(work, webhook_id)
    return reply_with_entry(webhook_out(told), told.written)


@operation(
    GET,
    f"{_ONE}/deliveries",
    answers={200: DeliveriesOut},
    needs=Permission.CONFIGURE,
    tag="Webhooks",
    problems=(WebhookNotFound,),
    ours=True,
)
async def list_webhook_deliveries(work: Work, webhook_id: int, query: DeliveriesQuery) -> DeliveriesOut:
    """Read how far a webhook has been told, and which events failed or wait behind one that did."""
    status, progress, found = await webhooks.list_deliveries(work, webhook_id, after=query.after, limit=query.limit)
    return DeliveriesOut(status=status, progress=progress_out(progress), items=[delivery_out(each) for each in found])


async def faults_of_webhook(work: Work, webhook: WebhookIn | None, faults: Faults) -> None:
    """Find what is wrong with the readable part of a webhook that has faults elsewhere."""
    if webhook is None or webhook.webhook_url is None:
        return
    readable = Webhook(id=0, url=webhook.webhook_url, created_at=work.world_now)
    webhooks.note_faults(work, readable, faults)


@operation(
    POST,
    _ALL,
    answers={201: WebhookOut},
    tells=(ETAG, LOCATION),
    needs=Permission.CONFIGURE,
    tag="Webhooks",
    problems=(PositionGone,),
    examples=examples.WEBHOOK,
    also=faults_of_webhook,
    ours=True,
    links={name: {"webhook_id": "id"} for name in _LED_TO},
)
async def create_webhook(work: Work, webhook: WebhookIn) -> Reply[WebhookOut]:
    """Make a webhook; the answer has its secret, this once.

    It is told what happens from now on, or with `after` what happened after a place of the log.
    """
    told = await webhooks.create_webhook(work, webhook.webhook(work), after=webhook.place)
    return reply_with_entry(webhook_out(told), told.written, location=href("webhook", told.webhook.id))


@operation(
    PUT,
    _ONE,
    answers={200: WebhookOut},
    tells=(ETAG,),
    needs=Permission.CONFIGURE,
    tag="Webhooks",
    problems=(WebhookNotFound,),
    examples=examples.WEBHOOK_CHANGE,
    ours=True,
)
async def change_webhook(work: Work, webhook_id: int, webhook: WebhookChangeIn) -> Reply[WebhookOut]:
    """Change what is said of a webhook: what is absent is kept, null clears.

    At another address it is tried at once; so is a suspended one that is made active.
    """
    told = await webhooks.change_webhook(work, webhook_id, webhook.onto, activates=webhook.activates)
    return reply_with_entry(webhook_out(told), told.written)


@operation(
    POST,
    f"{_ONE}/deletion",
    answers={200: WebhookOut},
    tells=(ETAG,),
    needs=Permission.CONFIGURE,
    tag="Webhooks",
    problems=(WebhookNotFound,),
    ours=True,
)
async def delete_webhook(work: Work, webhook_id: int) -> Reply[WebhookOut]:
    """End a webhook for ever: it is told nothing more, and its secrets are forgotten."""
    told = await webhooks.delete_webhook(work, webhook_id)
    return reply_with_entry(webhook_out(told), told.written)


@operation(
    POST,
    f"{_ONE}/secrets",
    answers={201: WebhookOut},
    tells=(ETAG,),
    needs=Permission.CONFIGURE,
    tag="Webhooks",
    body=OPTIONAL,
    problems=(WebhookNotFound, TooManySecrets),
    examples=examples.SECRET,
    ours=True,
)
async def rotate_webhook(work: Work, webhook_id: int, secret: SecretIn) -> Reply[WebhookOut]:
    """Give a webhook another secret; the answer has it, this once. The others go on for a while, and then end."""
    overlap = timedelta(hours=secret.overlap_hours)
    told = await webhooks.rotate_secret(work, webhook_id, overlap=overlap)
    return reply_with_entry(webhook_out(told), told.written)


@operation(
    POST,
    f"{_ONE}/pings",
    answers={201: WebhookOut},
    tells=(ETAG,),
    needs=Permission.CONFIGURE,
    tag="Webhooks",
    problems=(WebhookNotFound,),
    ours=True,
)
async def ping_webhook(work: Work, webhook_id: int) -> Reply[WebhookOut]:
    """Write an event `webhook.pinged`, which the webhook is told whatever its topics. Deliveries say how it went."""
    told = await webhooks.ping_webhook(work, webhook_id)
    return reply_with_entry(webhook_out(told), told.written)


@operation(
    POST,
    f"{_ONE}/resumptions",
    answers={201: WebhookOut},
    tells=(ETAG,),
    needs=Permission.CONFIGURE,
    tag="Webhooks",
    problems=(WebhookNotFound,),
    ours=True,
)
async def resume_webhook(work: Work, webhook_id: int) -> Reply[WebhookOut]:
    """Go on with a webhook that was suspended, and try at once what failed or was parked."""
    told = await webhooks.resume_webhook(work, webhook_id)
    return reply_with_entry(webhook_out(told), told.written)


@operation(
    POST,
    f"{_ONE}/replays",
    answers={201: WebhookOut},
    tells=(ETAG,),
    needs=Permission.CONFIGURE,
    tag="Webhooks",
    problems=(WebhookNotFound, PositionGone),
    examples=examples.REPLAY,
    ours=True,
)
async def replay_webhook(work: Work, webhook_id: int, replay: ReplayIn) -> Reply[WebhookOut]:
    """Tell a webhook anew what happened after a place of the log. What waits is told from there on, or not at all."""
    told = await webhooks.replay_webhook(work, webhook_id, after=replay.place)
    return reply_with_entry(webhook_out(told), told.written)
