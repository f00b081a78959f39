"""``emplette webhook``."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final, TypeVar

import msgspec
import typer

from emplette.cli.acting import work_of
from emplette.cli.reaching import LARGEST_ID, DataDir, Json, TenantOption, place_in_log, say, table, with_database
from emplette.cli.refusals import NamingCommand
from emplette.domain.errors import Invalid
from emplette.domain.seals import Cursor
from emplette.domain.text import number_of
from emplette.domain.webhooks import PINGED, Webhook, WebhookStatus
from emplette.services import webhooks
from emplette.services.webhooks import Told, standing_of
from emplette.services.work import Work
from emplette.storage.database import Session
from emplette.storage.deliveries import Delivery
from emplette.storage.lists import Slice
from emplette.storage.webhooks import Progress

T = TypeVar("T")

app = typer.Typer(help="Webhooks: who is told of what happens, and how far.", no_args_is_help=True)

_MOST: Final = 1_000
_SHOWN: Final = 20
_PATIENCE: Final = 10.0

Url = Annotated[str, typer.Option("--url", metavar="URL", help="Where messages are sent, with https.")]
NewUrl = Annotated[str | None, typer.Option("--url", metavar="URL", help="Where messages are sent, with https.")]
Name = Annotated[str | None, typer.Option(help="What it is for.")]
Topics = Annotated[
    list[str] | None,
    typer.Option("--topic", metavar="TYPE", help="Only events of this type, as order.created; may be repeated."),
]
ObjectTypes = Annotated[
    list[str] | None,
    typer.Option("--object-type", metavar="KIND", help="Only of things of this kind, as order; may be repeated."),
]
After = Annotated[
    str | None, typer.Option(metavar="CURSOR", help="From which place of the log on; 0 is the beginning.")
]
Status = Annotated[str | None, typer.Option(metavar="active|inactive", help="Whether it is told.")]
Overlap = Annotated[
    int, typer.Option(min=0, max=720, metavar="HOURS", help="How long the other secrets go on; 0 ends them now.")
]
WebhookId = Annotated[
    int, typer.Argument(metavar="WEBHOOK_ID", max=LARGEST_ID, help="Its number: `emplette webhook list`.")
]


@app.command("create", cls=NamingCommand)
def create(
    tenant: TenantOption,
    webhook_url: Url,
    name: Name = None,
    topics: Topics = None,
    object_types: ObjectTypes = None,
    after: After = None,
    data_dir: DataDir = None,
) -> None:
    r"""Make a webhook. Its secret is the last line of standard output, and is shown this once.

    Without topics and object types it is told everything, from now on or from the place that --after names.

    \b
    emplette webhook create --tenant acme --url https://example.com/hooks --topic order.created
    SECRET=$(emplette webhook create --tenant acme --url https://example.com/hooks | tail -n 1)

    \b
    Exit codes: 0 made, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    place = None if after is None else place_in_log(after)

    async def make(work: Work) -> Told:
        said = Webhook(
            id=0,
            url=webhook_url,
            name=name,
            topics=tuple(topics or ()),
            object_types=tuple(object_types or ()),
            created_at=work.world_now,
        )
        return await webhooks.create_webhook(work, said, after=place)

    told = _with_work("create", tenant, data_dir, make)
    say(f"made webhook {told.webhook.id}, {told.webhook.url}. Its secret is not shown again:")
    typer.echo(told.secret)


@app.command("list", cls=NamingCommand)
def list_(tenant: TenantOption, json: Json = False, data_dir: DataDir = None) -> None:
    r"""List the webhooks of a company, and how far each has been told.

    \b
    Exit codes: 0 listed, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """

    async def look(work: Work) -> list[tuple[Webhook, Progress | None]]:
        page, progress = await webhooks.list_webhooks(work, Slice(_MOST))
        return [(webhook, progress.get(webhook.id)) for webhook in page.items]

    found = _with_work("list", tenant, data_dir, look)
    if json:
        typer.echo(msgspec.json.encode([_for_programs(*one) for one in found]).decode())
        return
    heads = ("ID", "NAME", "URL", "STATUS", "TOLD UP TO", "WAITING", "PARKED", "LAST ERROR")
    typer.echo(table(heads, [_row(*one) for one in found]))


@app.command("show", cls=NamingCommand)
def show(tenant: TenantOption, webhook_id: WebhookId, json: Json = False, data_dir: DataDir = None) -> None:
    r"""Show a webhook: how far it has been told, which events failed and why, when each is tried again.

    \b
    Exit codes: 0 shown, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """

    async def look(work: Work) -> tuple[Told, list[Delivery]]:
        told = await webhooks.read_webhook(work, webhook_id)
        return told, (await webhooks.list_deliveries(work, webhook_id, after=0, limit=_MOST))[2]

    told, waiting = _with_work("show", tenant, data_dir, look)
    shown = _for_programs(told.webhook, told.progress)
    if json:
        typer.echo(msgspec.json.encode(shown | {"deliveries": waiting}).decode())
        return
    typer.echo("\n".join(f"{name:<16} {_said(value)}" for name, value in shown.items()))
    if waiting:
        heads = ("POSITION", "TYPE", "ABOUT", "ATTEMPTS", "LAST ERROR", "NEXT ATTEMPT")
        typer.echo("\n" + table(heads, [_delivery(one) for one in waiting[:_SHOWN]]))
    if len(waiting) > _SHOWN:
        say(f"and {len(waiting) - _SHOWN:,} more: --json shows up to {_MOST:,}")


@app.command("change", cls=NamingCommand)
def change(
    tenant: TenantOption,
    webhook_id: WebhookId,
    webhook_url: NewUrl = None,
    name: Name = None,
    topics: Topics = None,
    object_types: ObjectTypes = None,
    status: Status = None,
    data_dir: DataDir = None,
) -> None:
    r"""Change what is said of a webhook; what is not named is kept. An empty --topic or --object-type clears them.

    \b
    emplette webhook change --tenant acme 3 --topic order.created --topic request.approved
    emplette webhook change --tenant acme 3 --status inactive

    \b
    Exit codes: 0 changed, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    if status not in {None, WebhookStatus.ACTIVE, WebhookStatus.INACTIVE}:
        raise Invalid.field("status", "Must be active or inactive.")

    activates = status == WebhookStatus.ACTIVE

    def revise(webhook: Webhook) -> Webhook:
        return replace(
            webhook,
            url=webhook_url or webhook.url,
            name=webhook.name if name is None else name or None,
            topics=webhook.topics if topics is None else tuple(filter(None, topics)),
            object_types=webhook.object_types if object_types is None else tuple(filter(None, object_types)),
            status=webhook.status if status is None else WebhookStatus(status),
        )

    told = _with_work(
        "change", tenant, data_dir, lambda work: webhooks.change_webhook(work, webhook_id, revise, activates=activates)
    )
    say(f"webhook {webhook_id}, {told.webhook.url}, is {told.status}")


@app.command("delete", cls=NamingCommand)
def delete(tenant: TenantOption, webhook_id: WebhookId, data_dir: DataDir = None) -> None:
    r"""End a webhook for ever: it is told nothing more, and its secrets are forgotten.

    \b
    Exit codes: 0 deleted, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    told = _with_work("delete", tenant, data_dir, lambda work: webhooks.delete_webhook(work, webhook_id))
    say(f"deleted webhook {webhook_id}, {told.webhook.url}")


@app.command("rotate", cls=NamingCommand)
def rotate(tenant: TenantOption, webhook_id: WebhookId, overlap: Overlap = 24, data_dir: DataDir = None) -> None:
    r"""Give a webhook another secret: the last line of standard output. The others go on for a while, and then end.

    \b
    Exit codes: 0 made, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    hours = timedelta(hours=overlap)
    told = _with_work("rotate", tenant, data_dir, lambda work: webhooks.rotate_secret(work, webhook_id, overlap=hours))
    others = f"the others end in {number_of(overlap, 'hour')}"
    say(f"webhook {webhook_id} has another secret, which is not shown again; {others}:")
    typer.echo(told.secret)


@app.command("replay", cls=NamingCommand)
def replay(
    tenant: TenantOption,
    webhook_id: WebhookId,
    after: Annotated[str, typer.Option(metavar="CURSOR", help="The place of the log: 1-42, or 0 for the beginning.")],
    data_dir: DataDir = None,
) -> None:
    r"""Tell a webhook anew what happened after a place of the log. What waits is told from there on, or not at all.

    \b
    emplette webhook replay --tenant acme 3 --after 1-42

    \b
    Exit codes: 0 begun, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    place = place_in_log(after)
    told = _with_work("replay", tenant, data_dir, lambda work: webhooks.replay_webhook(work, webhook_id, after=place))
    say(f"webhook {webhook_id} is told what happened after {told.webhook.replayed_after}")


@app.command("resume", cls=NamingCommand)
def resume(tenant: TenantOption, webhook_id: WebhookId, data_dir: DataDir = None) -> None:
    r"""Go on with a webhook that was suspended, and try at once what failed or was parked.

    \b
    Exit codes: 0 resumed, 1 refused, 2 not understood; those of `emplette serve` when the database can't be reached.
    """
    _with_work("resume", tenant, data_dir, lambda work: webhooks.resume_webhook(work, webhook_id))
    say(f"webhook {webhook_id} goes on")


@app.command("ping", cls=NamingCommand)
def ping(tenant: TenantOption, webhook_id: WebhookId, data_dir: DataDir = None) -> None:
    r"""Let an event webhook.pinged happen, which the webhook is told whatever its topics; say how that went.

    \b
    Exit codes: 0 told, 1 refused, or not told within 10 seconds, 2 not understood; those of `emplette serve` when the
    database can't be reached.
    """

    async def ping_and_see(work: Work) -> str | None:
        before = (await webhooks.read_webhook(work, webhook_id)).progress
        await webhooks.ping_webhook(work, webhook_id)
        loop = asyncio.get_running_loop()
        ends = loop.time() + _PATIENCE
        while loop.time() < ends:
            await asyncio.sleep(0.1)
            _, progress, waiting = await webhooks.list_deliveries(work, webhook_id, after=0, limit=_MOST)
            for one in waiting:
                if one.type == PINGED and one.object_id == webhook_id and one.attempts:
                    return one.last_error
            if before is not None and progress.last_delivered_at != before.last_delivered_at:
                return None
        return "Nothing came of it within 10 seconds: does a server run, and is the webhook active?"

    error = _with_work("ping", tenant, data_dir, ping_and_see)
    if error is not None:
        raise Invalid.field("webhookId", error)
    say(f"webhook {webhook_id} was told")


def _with_work(command: str, tenant: str, data_dir: Path | None, do: Callable[[Work], Awaitable[T]]) -> T:
    async def act(db: Session) -> T:
        return await do(await work_of(db, tenant))

    return with_database(f"emplette webhook {command}", data_dir, act)


def _row(webhook: Webhook, progress: Progress | None) -> tuple[str, ...]:
    told = ("-", "-", "-", "-")
    if progress is not None:
        cursor = str(Cursor(progress.epoch, progress.position))
        error = progress.suspended_because or (progress.last_error if progress.failing_since else None) or "-"
        told = (cursor, str(progress.waiting), str(progress.parked), error)
    return (str(webhook.id), webhook.name or "-", webhook.url, standing_of(webhook, progress), *told)


def _delivery(one: Delivery) -> tuple[str, ...]:
    due = "parked" if one.parked_at is not None else _said(one.next_attempt_at) if one.attempts else "behind another"
    about = f"{one.object_type} {one.object_id}"
    return (str(one.position), one.type or "-", about, str(one.attempts), one.last_error or "-", due)


def _said(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, (tuple, list)):
        return ", ".join(map(str, value)) or "all"
    return str(value)


def _for_programs(webhook: Webhook, progress: Progress | None) -> dict[str, object]:
    shown: dict[str, object] = {
        "id": webhook.id,
        "name": webhook.name,
        "webhookUrl": webhook.url,
        "topics": webhook.topics,
        "objectTypes": webhook.object_types,
        "status": standing_of(webhook, progress),
        "secrets": [one.id for one in webhook.secrets],
        "createdAt": webhook.created_at,
    }
    if progress is None:
        return shown
    return shown | {
        "after": str(Cursor(progress.epoch, progress.position)),
        "behind": progress.behind,
        "waiting": progress.waiting,
        "parked": progress.parked,
        "failingSince": progress.failing_since,
        "lastDeliveredAt": progress.last_delivered_at,
        "lastError": progress.last_error,
        "nextAttemptAt": progress.next_attempt_at,
        "suspendedAt": progress.suspended_at,
        "suspendedBecause": progress.suspended_because,
    }
