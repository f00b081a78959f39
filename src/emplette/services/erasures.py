"""Erasing a person: their name, their addresses and their remarks go, in the log too; what was done stays."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from emplette.domain.erasures import REMARK, Forgetting, Pending, forgetting
from emplette.domain.errors import Invalid
from emplette.domain.people import Tenant
from emplette.domain.text import words_of
from emplette.storage import erasures as storage
from emplette.storage import keys
from emplette.storage.database import Session
from emplette.storage.erasing import ATTACHMENTS, BUDGETS, COMMENTS, KEYS, SUPPLIERS, USERS, Kind
from emplette.storage.erasures import Erasing, Found, Spoken, Thing
from emplette.storage.forgetting import changed_rows, forgotten
from emplette.storage.texts import without_texts

Tell = Callable[[str, int, int], None]
"""Is told again and again what is gone through, how many of them have been, and how many there are."""

_AT_ONCE: Final = 100
_PASSES: Final = 10
"""What somebody changes at the same moment is found the next time; after so many times it is left for a repeat."""
_OTHERS: Final[Mapping[str, Kind]] = {
    "suppliers": SUPPLIERS,
    "budgets": BUDGETS,
    "comments": COMMENTS,
    "API keys": KEYS,
    "attachments": ATTACHMENTS,
}


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure did, or would do: how many of each kind of thing were changed, and what remains of the person.

    ``texts`` counts the events of the log whose texts gave way; ``revoked`` are the keys that acted for the person.
    ``named_in`` says in how many rows of which tables the name still stands: where the log itself holds it.
    ``webhooks`` have it in their name or address, which only a person can change so that they go on.
    """

    user_id: int
    name: str
    erased: Mapping[str, int]
    texts: int
    revoked: list[int]
    leaves_on: date
    pending: Pending
    remains: Mapping[str, int]
    named_in: Mapping[str, int]
    webhooks: Sequence[int]


@dataclass(slots=True)
class _Run:
    """One erasure: for whom, by whom, and what came of it so far."""

    db: Session
    tenant: Tenant
    forget: Forgetting
    now: datetime
    actor: int | None
    tell: Tell
    erased: Counter[str] = field(default_factory=Counter)
    texts: int = 0

    async def erase(self, what: str, kind: Kind | None, items: Sequence[Erasing]) -> int:
        """Erase things, or only count them when nobody does it; answer how many there were."""
        done = {item.id for item in items}
        if self.actor is not None and items:
            done = await storage.erase(
                self.db, self.tenant.id, kind, items, forget=self.forget, actor=self.actor, now=self.now
            )
        self.erased[what] += len(done)
        self.texts += sum(len(item.erased) for item in items if item.id in done)
        return len(items)


async def erase_person(
    db: Session,
    tenant: Tenant,
    user_id: int,
    *,
    now: datetime,
    dry_run: bool = False,
    anyway: bool = False,
    also: Sequence[str] = (),
    tell: Tell,
) -> Erasure:
    """Erase a person; what came of it can be repeated at any time, and a repeat finds what an interruption left.

    Args:
        db: the way to the database, as the role that owns it.
        tenant: the person's company.
        user_id: the person.
        now: when.
        dry_run: whether to count only.
        anyway: whether to erase somebody for whom others wait.
        also: what else they were called in texts.
        tell: is told how far it is.

    Raises:
        Invalid: there is no such person.
        PersonPending: something waits for them.
    """
    found = await storage.find(db, tenant.id, user_id)
    if found is None:
        raise Invalid.field("userId", f"{tenant.account} has no person {user_id}.")
    pending = await storage.pending(db, tenant.id, user_id)
    if not (dry_run or anyway):
        pending.refuse()
    forget = _forgetting(user_id, found, also)
    actor = None if dry_run else await keys.command_line_user(db, tenant.id)
    run = _Run(db, tenant, forget, now, actor, tell)
    revoked = await _revoke_keys(run)
    await _erase_everywhere(run)
    leaves_on = await _erase_entry(run, found)
    if not dry_run:
        await storage.sweep_up(db)
    return Erasure(
        user_id,
        f"{found.first_name} {found.last_name}".strip(),
        {what: count for what, count in run.erased.items() if count},
        run.texts,
        revoked,
        leaves_on,
        pending,
        await storage.remaining(db, tenant.id, forget),
        {} if dry_run else await storage.named_in(db, tenant.id, forget),
        await storage.webhooks_naming(db, tenant.id, forget),
    )


def _forgetting(user_id: int, found: Found, also: Sequence[str]) -> Forgetting:
    return forgetting(
        user_id,
        found.identities,
        first_name=found.first_name,
        last_name=found.last_name,
        mail=found.mail,
        also=also,
    )


async def _revoke_keys(run: _Run) -> list[int]:
    """End the keys that act for the person: nobody decides any more in the name of who is gone."""
    own = [
        key.id
        for key in await keys.all_of(run.db, run.tenant.id)
        if key.person_id == run.forget.user_id and key.revoked_at is None
    ]
    if run.actor is not None:
        for number in own:
            await keys.revoke(run.db, run.tenant.id, number, actor=run.actor, now=run.now)
    return own


async def _erase_everywhere(run: _Run) -> None:
    """Take the person out of the texts of everything, their own entry apart: by that their name is known until then."""
    is_dry = run.actor is None
    for _ in range(_PASSES):
        if not await _erase_purchases(run) or is_dry:
            break
    for what, kind in _OTHERS.items():
        things = await storage.things(run.db, run.tenant.id, kind, run.forget)
        await run.erase(what, kind, [item for thing in things if (item := _thing(kind, thing, run.forget))])
    run.erased.update(await storage.erase_plain(run.db, run.tenant.id, run.forget, dry_run=is_dry))


async def _erase_entry(run: _Run, found: Found) -> date:
    """Take their name out of their own entry; answer since when they have left."""
    leaves_on = min(found.left_on or date.max, run.tenant.today(run.now))
    for person in await storage.things(run.db, run.tenant.id, USERS, run.forget):
        item = _person(person, run.forget, leaves_on, has_left=found.left_on == leaves_on)
        await run.erase("people", USERS, [item] if item else [])
    return leaves_on


async def _erase_purchases(run: _Run) -> int:
    """Go through all purchases that may have texts of the person; answer how many had."""
    numbers = await storage.concerned(run.db, run.tenant.id, run.forget)
    count = done = 0
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        spoken = await storage.purchases(run.db, run.tenant.id, some)
        count += await run.erase("purchases", None, [item for one in spoken if (item := _purchase(one, run.forget))])
        done += len(some)
        run.tell("purchases", done, len(numbers))
    return count


def _purchase(spoken: Spoken, forget: Forgetting) -> Erasing | None:
    texts = forgotten(spoken.said, forget)
    if not texts:
        return None
    changes, purchase = changed_rows(spoken.said, texts)
    supplier = purchase.get("supplier_name") or spoken.supplier or ""
    row = {"title": None, "supplier_name": None, "closing_comment": None, **purchase, "version": spoken.version + 1}
    search_text = " ".join(words_of(f"{row['title']} {supplier}"))
    facts, told = without_texts({"purchase": row})
    return Erasing(
        spoken.id,
        spoken.version,
        {"purchase": row | {"search_text": search_text}, **changes},
        texts,
        facts,
        told,
    )


def _thing(kind: Kind, thing: Thing, forget: Forgetting) -> Erasing | None:
    """Say what is left of a thing's texts: of a person's own key or comment nothing, of others all but the name."""
    row = _instead(kind, forget) if thing.is_own else forget.cleaned(thing.row)
    instead: dict[str, Any] = {"key" if kind is KEYS else kind.kind: row} if thing.is_own else {}
    erased = {number: instead or forget.cleaned(texts) for number, texts in thing.said.items()}
    erased = {number: texts for number, texts in erased.items() if texts != thing.said[number]}
    if row == thing.row and not erased:
        return None
    if thing.version is None:
        return Erasing(thing.id, None, {"row": row}, erased, {}, {})
    told = {name: value for name, value in row.items() if value}
    facts = {kind.kind: {"version": thing.version + 1}}
    return Erasing(thing.id, thing.version, {"row": row}, erased, facts, {kind.kind: told} if told else {})


def _instead(kind: Kind, forget: Forgetting) -> dict[str, Any]:
    """Say what stands in the place of what was the person's own."""
    return {"text": REMARK} if kind is COMMENTS else {"name": f"Key of {forget.name}", "contact": forget.mail}


def _person(person: Thing, forget: Forgetting, leaves_on: date, *, has_left: bool) -> Erasing | None:
    name = {"first_name": forget.first_name, "last_name": forget.last_name}
    erased = {number: {"user": name} for number, texts in person.said.items() if texts != {"user": name}}
    row = {**name, "email": None}
    if row == person.row and has_left and not erased:
        return None
    version = (person.version or 0) + 1
    facts = {"user": {"version": version, "email": None, "left_on": leaves_on.isoformat()}}
    changes = {"row": row, "left_on": leaves_on.isoformat()}
    return Erasing(person.id, person.version, changes, erased, facts, {"user": name})
