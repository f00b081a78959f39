"""The program that answers HTTP: everything the wire knows, put together for one worker."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.metadata import version
from typing import Any

from starlette.routing import Router

from emplette.domain.addresses import Reach
from emplette.domain.errors import Unavailable
from emplette.domain.people import Principal, Tenant
from emplette.domain.sign_in import SessionOver, Terms, form_token
from emplette.formats.identity_providers import Provider
from emplette.formats.mailing import Mailer
from emplette.formats.press import TEMPLATES, Press
from emplette.http.api import (
    absences,
    amendments,
    approval_plans,
    approvals,
    attachments,
    budgets,
    calendar_feeds,
    comments,
    commitments,
    cost_centers,
    displays,
    events,
    files,
    natures,
    order_documents,
    orders,
    organisation,
    people,
    purchases,
    several_approvals,
    spending,
    subscriptions,
    suppliers,
    taxes,
    webhooks,
    working_days,
)
from emplette.http.certificates import ServedCertificate
from emplette.http.contract import GET, Call, Contract, Registry
from emplette.http.contract.cors import Cors
from emplette.http.contract.exchange import Observer
from emplette.http.contract.guesses import Guesses
from emplette.http.contract.openapi import Document
from emplette.http.contract.origin import Origins
from emplette.http.contract.rate import RateLimit
from emplette.http.contract.receive import Limits
from emplette.http.contract.registry import Source
from emplette.http.contract.tracing import tracer
from emplette.http.desk import Desk
from emplette.http.health import Check, Finding, HealthState, health_operations
from emplette.http.journal import note_call
from emplette.http.metrics import Metrics
from emplette.http.pages.calendars import calendar_operations
from emplette.http.pages.declaring import pages_in
from emplette.http.pages.docs import docs_operations
from emplette.http.pages.served import PAGES
from emplette.http.pages.site import Site
from emplette.http.pages.verify import verify_operations
from emplette.http.pages.visits import Visitor
from emplette.http.recent import Recent
from emplette.services.access import Access, HostUnknown, KeyExpired, KeyRevoked, KeyUnknown
from emplette.services.calendar_feeds import read_calendar
from emplette.services.exchange_rates import rates_behind
from emplette.services.lookout import Lookout
from emplette.services.order_documents import verify_order
from emplette.services.work import IdempotencyKey, Shelf, Work
from emplette.settings import Settings
from emplette.storage.database import Database
from emplette.storage.migrate import what_is_amiss
from emplette.storage.spool import Spool
from emplette.storage.stores import Store, open_spool, open_store

API: list[Source] = [
    absences,
    purchases,
    comments,
    commitments,
    files,
    displays,
    attachments,
    budgets,
    approvals,
    several_approvals,
    amendments,
    approval_plans,
    subscriptions,
    calendar_feeds,
    spending,
    orders,
    order_documents,
    events,
    taxes,
    cost_centers,
    natures,
    suppliers,
    organisation,
    working_days,
    people,
    webhooks,
]
"""The modules whose operations are served."""

_AT_THE_GATE = (HostUnknown, KeyUnknown, KeyExpired, KeyRevoked)

_FILES_ANSWER_WITHIN = 1.5
_LOCK_PATIENCE = 0.3
"""The part of the time for an answer after which a statement gives up a lock: the rest is for those said with it."""


class Door:
    """Lets calls in: finds out who calls, and prepares the work. It is closed while there is no database."""

    def __init__(
        self,
        shelf: Shelf,
        guesses: Guesses | None = None,
        desk: Desk | None = None,
        *,
        setup_secret: str | None = None,
    ) -> None:
        self._guesses = guesses
        self.setup_secret = setup_secret
        self.desk = desk or Desk()
        self._database: Database | None = None
        self._access: Access | None = None
        self._shelf = shelf
        self._files = Recent(self._look_for_room, seconds=10)

    def open(self, database: Database) -> None:
        """Let calls in, from now on."""
        self._database = database
        self._access = Access(database, terms=self.desk.terms)

    @property
    def database(self) -> Database:
        """The way to the database.

        Raises:
            Unavailable: this worker has not started yet.
        """
        if self._database is None:
            raise Unavailable("This server is still starting.")
        return self._database

    @property
    def access(self) -> Access:
        """Who may come in."""
        if self._access is None:
            raise Unavailable("This server is still starting.")
        return self._access

    async def tenant_of_host(self, host: str) -> Tenant:
        """Find the company that answers under a host name."""
        return await self.access.tenant_of_host(host)

    async def principal_of_key(self, tenant: Tenant, key: str, *, client: str) -> Principal:
        """Find who acts with an API key; who guesses is slowed."""
        if self._guesses is None:
            return await self.access.principal_of_key(tenant, key)
        return await self._guesses.look(client, (tenant.id, key), lambda: self.access.principal_of_key(tenant, key))

    async def visitor_of(self, tenant: Tenant, cookie: str) -> Visitor | None:
        """Find who signed in with a cookie; None when nobody did, or they signed out since."""
        try:
            found = await self.access.session(tenant, cookie)
        except SessionOver:
            return None
        return Visitor(tenant, found.principal, form_token(cookie), found.appearance)

    def forget(self, tenant: Tenant, cookie: str) -> None:
        """Look a session up anew when it is shown again."""
        self.access.forget_session(tenant, cookie)

    def work(self, tenant: Tenant, who: Principal, call: Call) -> Work:
        """Prepare what a use case is given."""
        key = call.idempotency_key
        return Work(
            tenant=tenant,
            who=who,
            now=tenant.now(datetime.now(UTC)),
            db=self.database.session(only_reads=call.method == GET),
            shelf=self._shelf,
            call_id=call.request_id,
            idempotency=IdempotencyKey(key, f"{call.method} {call.path}", call.body_hash) if key else None,
            if_match=call.if_match,
            status=call.status,
        )

    async def verify_order(self, host: str, number: str, told: str) -> bool:
        """Tell whether the order of a number, of the company that answers under a host name, has a hash."""
        tenant = await self.tenant_of_host(host)
        return await verify_order(self.database.session(), tenant, number=number, told=told)

    async def read_calendar(self, host: str, secret: str, base_url: str) -> bytes:
        """Write the calendar that a link opens, of the company that answers under a host name."""
        tenant = await self.tenant_of_host(host)
        return await read_calendar(self.database.session(), tenant, secret, base_url=base_url, world=datetime.now(UTC))

    def pool_size(self) -> tuple[int, int]:
        """Count the open connections, and the idle ones among them."""
        if self._database is None:
            return 0, 0
        return self._database.pool.get_size(), self._database.pool.get_idle_size()

    async def check_database(self) -> Finding:
        """Find out whether the database can be reached and has the schema that this program knows."""
        # A lent connection is one too.
        amiss = await self.database.on_a_connection(what_is_amiss)  # type: ignore[arg-type]
        return Finding(status=HealthState.FAILED if amiss else HealthState.OK, detail=amiss)

    async def check_replica(self) -> Finding:
        """Find out whether the replica can be read from, or everything is read from the primary meanwhile."""
        replica = self.database.replica
        if replica is None or await replica.is_read():
            return Finding(status=HealthState.OK)
        return Finding(status=HealthState.WARNING, detail=f"It is not read from just now: {replica.trouble}")

    async def check_files(self) -> Finding:
        """Find out whether uploads can be received and kept; without, all the rest is served: that is a warning."""
        try:
            async with asyncio.timeout(_FILES_ANSWER_WITHIN):
                trouble = await self._files.get()
        except (Unavailable, OSError) as error:
            trouble = f"Files can't be kept just now: {str(error) or 'no answer came'}"
        return Finding(status=HealthState.WARNING if trouble else HealthState.OK, detail=trouble)

    async def _look_for_room(self) -> str | None:
        for place in (self._shelf.store, self._shelf.spool):
            trouble = None if place is None else await place.trouble()
            if trouble:
                return trouble
        return None

    async def check_exchange_rates(self) -> Finding:
        """Find out whether the published exchange rates are recent enough."""
        warning = await rates_behind(self.database.session(), today=datetime.now(UTC).date())
        return Finding(status=HealthState.WARNING if warning else HealthState.OK, detail=warning)


def _checks(door: Door, settings: Settings) -> dict[str, Check]:
    """List what is looked at before a worker says that it can serve."""
    checks: dict[str, Check] = {
        "database": door.check_database,
        "files": door.check_files,
        "exchangeRates": door.check_exchange_rates,
    }
    if settings.replica_url is not None:
        checks["replica"] = door.check_replica
    if settings.tls_cert is not None:
        # One that can't be read here is served all the same, if it can be served.
        with suppress(OSError, ValueError):
            checks["certificate"] = partial(_check_certificate, ServedCertificate.of(settings.tls_cert))
    return checks


async def _check_certificate(certificate: ServedCertificate) -> Finding:
    warning = await asyncio.to_thread(certificate.trouble, datetime.now(UTC))
    return Finding(status=HealthState.WARNING if warning else HealthState.OK, detail=warning)


class Program(Router):
    """The program of one worker."""

    def __init__(self, site: Site, life: Callable[[Any], AbstractAsyncContextManager[None]], lookout: Lookout) -> None:
        super().__init__(default=site, lifespan=life, redirect_slashes=False)
        self._lookout = lookout

    def take_leave(self) -> None:
        """Be told that this process has to stop: who only waits for something to happen is answered now."""
        self._lookout.end()


def create_app(settings: Settings) -> Program:
    """Make the application of one worker."""
    spool = open_spool(settings.data_dir)
    store = open_store(settings.files_url, endpoint=settings.files_s3_endpoint, data_dir=settings.data_dir)
    press = Press(settings.data_dir / TEMPLATES)
    shelf = _shelf(settings, store, spool, press)
    desk = _desk(settings)
    door = Door(shelf, _guesses(settings), desk, setup_secret=settings.setup_secret)
    metrics = Metrics(door.pool_size)
    registry = Registry([*API, *health_operations(_checks(door, settings)), *metrics.operations()])
    documented = Registry(
        [
            *registry,
            *docs_operations(lambda: _document(registry)),
            *verify_operations(door.verify_order),
            *calendar_operations(door.read_calendar),
        ]
    )
    trace = tracer()
    observers: list[Observer] = [note_call, metrics.count, *([trace] if trace else [])]
    limits = Limits(answer=settings.request_timeout, whole_body=settings.body_timeout)
    origins = Origins(settings.trusted_proxies)
    contract = Contract(
        documented,
        door,
        limits=limits,
        origins=origins,
        cors=Cors(settings.cors_origins),
        rate_limit=RateLimit(settings.rate_limit) if settings.rate_limit else None,
        observers=observers,
        room=spool.new,
    )
    site = Site(pages_in(PAGES), door, contract, room=spool.new, origins=origins, limits=limits, observers=observers)

    @asynccontextmanager
    async def life(_: Any) -> AsyncIterator[None]:  # noqa: ANN401 - Starlette's own signature
        if settings.database_url is None:
            raise ValueError("A worker has to be told its database.")
        database = await Database.connect(
            settings.database_url,
            size=settings.pool_size,
            merges=settings.merged_writes,
            watches=True,
            replica=settings.replica_url,
            lock_patience=settings.request_timeout * _LOCK_PATIENCE,
        )
        door.open(database)
        sampling = asyncio.create_task(metrics.keep_sampling())
        yield
        sampling.cancel()
        await desk.close()
        await shelf.lookout.close()
        await press.close()
        await shelf.drawing.close()
        await database.close()

    return Program(site, life, shelf.lookout)


def _shelf(settings: Settings, store: Store, spool: Spool, press: Press) -> Shelf:
    reach = Reach.parse(settings.webhooks_allowed_networks)
    mailer = Mailer.named(settings.smtp_url, settings.mail_from, settings.public_url)
    return Shelf(store=store, spool=spool, press=press, reach=reach, mailer=mailer)


def _guesses(settings: Settings) -> Guesses | None:
    return Guesses(settings.wrong_keys) if settings.wrong_keys else None


def _desk(settings: Settings) -> Desk:
    terms = Terms(timedelta(hours=settings.session_idle), timedelta(hours=settings.session_life))
    provider = _provider(settings)
    return Desk(terms, per_minute=settings.wrong_passwords, provider=provider, provider_name=settings.oidc_name)


def _provider(settings: Settings) -> Provider | None:
    if settings.oidc_issuer is None:
        return None
    return Provider(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)


def openapi_document() -> dict[str, Any]:
    """Describe all operations as an OpenAPI 3.1 document: what `/openapi.json` answers."""
    registry = Registry([*API, *health_operations({}), *Metrics(lambda: (0, 0)).operations()])
    return _document(registry)


def _document(registry: Registry) -> dict[str, Any]:
    return Document(registry, version=version("emplette"), at_the_gate=_AT_THE_GATE).build()
