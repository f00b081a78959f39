"""What every use case is given: for which company, by whom, when, and the way to the database."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Protocol, TypeVar

from emplette.domain.addresses import Reach
from emplette.domain.budgets import Book
from emplette.domain.dossiers import Dossier
from emplette.domain.errors import KeyReused, PreconditionFailed, Unavailable
from emplette.domain.order_documents import OrderDocument
from emplette.domain.people import Principal, Stamp, Tenant
from emplette.formats.displays import Drawing
from emplette.formats.mailing import Mailer
from emplette.formats.press import Press
from emplette.services.books import Books
from emplette.services.conversions import Rates
from emplette.services.lookout import Lookout
from emplette.services.memory import Memory, Remembered, Subject
from emplette.services.policies_in_force import Policies
from emplette.services.vat_table import VatTable
from emplette.storage.commands import Author, Key
from emplette.storage.database import Session
from emplette.storage.ids import Ids
from emplette.storage.spool import Spool
from emplette.storage.stores import Store


class Kept(Protocol):
    """A call that took effect: what was asked."""

    @property
    def body_hash(self) -> bytes:
        """The hash of its body."""


KeptT = TypeVar("KeptT", bound=Kept)
Find = Callable[[Session, int, int, str, str], Awaitable[KeptT | None]]
"""Looks up what is kept under a key: in a company, of an API key, by its scope and text."""

_NO_FILES: Final = "This program has no store of files."


@dataclass(slots=True)
class Shelf:
    """What a process keeps between calls: ids it has drawn, and what changes seldom, for a few seconds.

    ``store`` keeps the bytes of files, and ``spool`` is where they arrive; ``drawing`` counts and draws their pages.
    ``press`` makes orders into documents, and ``making`` are those under way, by company, order and edition.
    ``lookout`` wakes those who wait for what happens next. ``memory`` has what was written last. ``reach`` says which
    addresses webhooks may have. ``mailer`` is over whom mails are tried.
    """

    ids: Ids = field(default_factory=Ids)
    rates: Rates = field(default_factory=Rates)
    taxes: VatTable = field(default_factory=VatTable)
    policies: Policies = field(default_factory=Policies)
    books: Books = field(default_factory=Books)
    drawing: Drawing = field(default_factory=Drawing)
    lookout: Lookout = field(default_factory=Lookout)
    memory: Memory = field(default_factory=Memory)
    reach: Reach = field(default_factory=Reach)
    store: Store | None = None
    spool: Spool | None = None
    press: Press | None = None
    mailer: Mailer | None = None
    making: "dict[tuple[int, int, int], asyncio.Task[OrderDocument]]" = field(default_factory=dict)


_NOT_YET: Final = "What is being created has no version yet: leave If-Match out."


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """The key that a caller gave to a call, and what the call is: its method and path, and a hash of its body."""

    text: str
    scope: str
    body_hash: bytes

    def refuse_another(self, body_hash: bytes) -> None:
        """Check that what was done under the key is what is asked for now.

        Raises:
            KeyReused: it was something else.
        """
        if body_hash != self.body_hash:
            detail = "This Idempotency-Key was used for another request; take a new one for each thing to be done."
            raise KeyReused(detail)


@dataclass(slots=True)
class Work:
    """One call: its company, its caller, its moment by the company's clock, and what the caller holds it to.

    ``if_match`` lists the versions that the caller accepts, as its header says them; None when it does not care.
    ``status`` is how success is answered; it is kept with the key, so that a repeat is answered alike. ``book`` are the
    budgets with which it is being decided, once somebody has asked for them.
    """

    tenant: Tenant
    who: Principal
    now: datetime
    db: Session
    shelf: Shelf
    call_id: str | None = None
    idempotency: IdempotencyKey | None = None
    if_match: tuple[str, ...] | None = None
    status: int = 200
    book: Book | None = None

    @property
    def begun(self) -> bool:
        """Tell whether a write was sent, so that what was asked may have happened."""
        return self.db.begun

    @property
    def today(self) -> date:
        """The day it is where the company is."""
        return self.tenant.today(self.now)

    @property
    def world_now(self) -> datetime:
        """The moment by the world's clock, by which secrets begin and end, and the world is spoken to."""
        return self.now - self.tenant.ahead

    @property
    def stamp(self) -> Stamp:
        """When, and by whom."""
        return Stamp(self.now, self.who.user)

    @property
    def author(self) -> Author:
        """Who gives the command, for the record."""
        return Author(self.who, self.now, self.call_id)

    def refuse_version(self, detail: str = _NOT_YET) -> None:
        """Check that something new, or something that has no versions, is not meant for one.

        Raises:
            PreconditionFailed: it is; ``detail`` says what it is that has none.
        """
        if self.if_match is not None:
            raise PreconditionFailed(detail)

    async def kept(self, find: "Find[KeptT]") -> KeptT | None:
        """Find what is kept under the call's idempotency key, if it has one.

        Raises:
            KeyReused: it was something else.
        """
        given = self.idempotency
        if given is None:
            return None
        found = await find(self.db, self.tenant.id, self.who.key_id, given.scope, given.text)
        if found is not None:
            given.refuse_another(found.body_hash)
        return found

    @property
    def key(self) -> Key | None:
        """The key under which success is kept."""
        if self.idempotency is None:
            return None
        given = self.idempotency
        return Key(given.scope, given.text, given.body_hash, self.status)

    @property
    def store(self) -> Store:
        """The store of files.

        Raises:
            Unavailable: this program has none.
        """
        if self.shelf.store is None:
            raise Unavailable(_NO_FILES)
        return self.shelf.store

    @property
    def spool(self) -> Spool:
        """Where files arrive, on their way into the store.

        Raises:
            Unavailable: nowhere.
        """
        if self.shelf.spool is None:
            raise Unavailable(_NO_FILES)
        return self.shelf.spool

    @property
    def press(self) -> Press:
        """Where orders are made into documents.

        Raises:
            Unavailable: nowhere.
        """
        if self.shelf.press is None:
            raise Unavailable(_NO_FILES)
        return self.shelf.press

    def remember(self, kind: str, number: int, dossier: Dossier, references: str) -> None:
        """Keep what this call wrote for the next call with the same key that names it."""
        self.shelf.memory.keep(self._subject(kind, number), dossier, references)

    def recall(self, kind: str, number: int) -> Remembered | None:
        """Take what a call with the same key has just written here, if one has."""
        return self.shelf.memory.take(self._subject(kind, number))

    def _subject(self, kind: str, number: int) -> Subject:
        return Subject(self.tenant.id, self.who.key_id, kind, number)

    async def new_id(self, kind: str) -> int:
        """Draw an id for something new."""
        return await self.shelf.ids.next(self.db, self.tenant.id, kind)
