"""API keys on the pages: made, given another secret, revoked; a secret is shown once.

Whoever makes a key here can have it act for nobody, or for themselves: with a key of somebody else's, they could decide
as that person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from secrets import token_hex
from typing import Final

from emplette.domain.errors import Invalid
from emplette.domain.keys import ApiKey, KeyDraft
from emplette.domain.people import Permission, Scope
from emplette.http.contract.registry import GET, POST
from emplette.http.contract.replies import Response
from emplette.http.pages.choosing import choices
from emplette.http.pages.declaring import page
from emplette.http.pages.translations import marked
from emplette.http.pages.visits import Values, Visit
from emplette.services.keys import create_key, list_keys, revoke_key, rotate_key

KEYS: Final = "/settings/keys"
_CONFIGURE: Final = (Permission.CONFIGURE,)
_SCOPES: Final = {
    "": marked("Nothing"),
    Scope.OWN: marked("Its own"),
    Scope.SUPERVISED: marked("Those of the person’s team"),
    Scope.ALL: marked("All"),
}
_OVERLAPS: Final = {
    "0": marked("At once"),
    "1": marked("In a day"),
    "7": marked("In a week"),
    "30": marked("In a month"),
}
_PLAIN: Final = (Permission.MANAGE, Permission.PAY, Permission.CONFIGURE)
_STANDINGS: Final = {
    "active": ("green", marked("active")),
    "expired": ("yellow", marked("expired")),
    "revoked": ("secondary", marked("revoked")),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A key as the list shows it."""

    key: ApiKey
    color: str
    standing: str
    overlaps: bool

    @property
    def is_active(self) -> bool:
        """Whether it lets anybody in."""
        return self.color == "green"


@page(GET, KEYS, needs=_CONFIGURE)
async def show_keys(visit: Visit) -> Response:
    """List the keys, and offer to make one."""
    said = Values([("purchases", Scope.ALL), ("view", Scope.ALL), ("manage", "yes")])
    return await _keys(visit, said)


@page(POST, KEYS, needs=_CONFIGURE)
async def add_key(visit: Visit) -> Response:
    """Make a key, and show its secret: this once."""
    work, form = visit.work, visit.form
    try:
        draft = _draft(visit)
        key, secret = await create_key(
            work.db, work.tenant, draft, now=work.world_now, actor=work.who.user.id, once=_once(visit)
        )
    except Invalid as refusal:
        return await _keys(visit, form, faults=refusal.faults)
    return _secret(visit, key, secret)


@page(POST, "/settings/keys/{key_id}/secret", needs=_CONFIGURE)
async def change_secret(visit: Visit, key_id: int) -> Response:
    """Give a key another secret, and show it: this once. The old one ends when it was said to."""
    work, days = visit.work, visit.form["ends"]
    overlap = timedelta(days=int(days) if days in _OVERLAPS else 1)
    key, secret = await rotate_key(
        work.db,
        work.tenant,
        key_id,
        overlap=overlap,
        now=work.world_now,
        actor=work.who.user.id,
        once=_once(visit),
    )
    return _secret(visit, key, secret)


@page(POST, "/settings/keys/{key_id}/revocation", needs=_CONFIGURE)
async def end_key(visit: Visit, key_id: int) -> Response:
    """Revoke a key."""
    work = visit.work
    await revoke_key(work.db, work.tenant, key_id, now=work.world_now, actor=work.who.user.id)
    return visit.go(KEYS, said="key-revoked")


def _once(visit: Visit) -> str | None:
    """Tell one sending of a form from any other: by its session, what only the form knows, and what it says."""
    call = visit.call
    if visit.visitor is None or call.idempotency_key is None:
        return None
    return f"{visit.visitor.csrf} {call.path} {call.idempotency_key} {call.body_hash.hex()}"


def _secret(visit: Visit, key: ApiKey, secret: str) -> Response:
    example = f"curl '{visit.call.base_url}/cleemy-procurement/api/purchases?limit=3' \\\n"
    return visit.show(
        "settings/secret.html",
        name=key.name,
        secret=secret,
        example=f"{example}  -H 'Authorization: lucca application={secret}'",
        until=key.former_until,
        back=KEYS,
        place=marked("Keys"),
    )


async def _keys(visit: Visit, said: Values, *, faults: Mapping[str, list[str]] | None = None) -> Response:
    found = await list_keys(visit.work.db, visit.tenant)
    today = visit.tenant.today(visit.work.world_now)
    lines = [_line(key, today, visit) for key in reversed(found)]
    return visit.show(
        "settings/keys.html",
        lines=sorted(lines, key=lambda line: not line.is_active),
        scopes=choices(visit, _SCOPES),
        overlaps=choices(visit, _OVERLAPS),
        said=said,
        faults=faults,
        once=token_hex(16),
    )


def _line(key: ApiKey, today: date, visit: Visit) -> Line:
    color, standing = _STANDINGS[key.standing(today)]
    return Line(key, color, standing, key.former_until is not None and key.former_until > visit.work.world_now)


def _draft(visit: Visit) -> KeyDraft:
    """Read what was said of a new key.

    Raises:
        Invalid: a day can't be read.
    """
    form, mine = visit.form, visit.form["mine"] == "yes"
    scoped = [f"{name}:{form[name]}" for name in (Permission.PURCHASES, Permission.VIEW) if form[name]]
    plain = [str(name) for name in _PLAIN if form[name] == "yes"]
    if not scoped and not plain and not mine:
        raise Invalid.field("permission", marked("Let it do something."))
    try:
        expires = date.fromisoformat(form["expires"]) if form["expires"] else None
    except ValueError:
        raise Invalid.field("expires", marked("Must be a day.")) from None
    return KeyDraft(
        name=form["name"],
        contact=form["contact"],
        permissions=(*scoped, *plain, *([str(Permission.APPROVE)] if mine else [])),
        person_id=visit.who.user.id if mine else None,
        auto_approve=form["alone"] == "yes",
        created_status=201 if form["created"] == "yes" else 200,
        expires_on=expires,
    )
