"""The supervisor: starts the database and the workers, starts again what dies, and stops all of it in order."""

import asyncio
import os
import signal
import socket
import ssl
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog

from emplette.runtime.children import Child, Program
from emplette.runtime.embedded import EmbeddedPostgres
from emplette.runtime.exits import DatabaseFailed, SettingUnusable, StartRefused
from emplette.runtime.folders import DataFolder, open_data_folder, refuse_half_restored, unmade_when_refused
from emplette.runtime.listeners import address_of, open_listeners
from emplette.runtime.log_archive import refuse_archive_elsewhere
from emplette.runtime.measures import VARIABLE, empty_measures, forget_worker
from emplette.runtime.notify import tell_systemd
from emplette.runtime.occupation import Occupation, Running, occupy_meanwhile
from emplette.runtime.replicas import check_replica
from emplette.runtime.schema import Urls, bring_up_to_date
from emplette.runtime.vigil import Vigil
from emplette.settings import Settings, exposed_secrets, unknown_variables

log = structlog.get_logger("emplette.supervisor")

# Connections beside those of the HTTP workers: the job worker, commands, PostgreSQL's own reserve, a person with psql.
_OTHER_CONNECTIONS = 20
_LOOK_AT_DATABASE_EVERY = 0.1
_LONGEST_PAUSE = 5.0
_TELL_AGAIN_AFTER = 1.0


@dataclass(frozen=True, slots=True)
class Programs:
    """What the children run."""

    worker: str = "emplette.runtime.worker"
    job_worker: str = "emplette.runtime.job_worker"


_PROGRAMS = Programs()


class Supervisor:
    """``emplette serve``, and what ``emplette demo`` is made of.

    Args:
        settings: how to run.
        command: what was typed, for others who find the data folder in use.
        programs: what the children run.
        say: told what a person who waits wants to know.
        before: done with the database before it is brought up to date; when it fails, nothing is served.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        command: str = "emplette serve",
        programs: Programs = _PROGRAMS,
        say: Callable[[str], None] | None = None,
        before: Callable[[Urls], Coroutine[Any, Any, None]] | None = None,
    ) -> None:
        self.settings = settings
        self.url = ""
        self.urls: Urls | None = None
        self._command = command
        self._programs = programs
        self._say = say or log.info
        self._before = before
        self._started_at = datetime.now(UTC).isoformat(timespec="seconds")
        self._go = asyncio.Event()
        self._stop = asyncio.Event()
        self._started = False
        self._children: list[Child] = []
        self._listeners: Sequence[socket.socket] = ()
        self._database: EmbeddedPostgres | None = None
        self._database_keeper: asyncio.Task[None] | None = None
        self._renewal: asyncio.Task[None] | None = None
        self._occupation: Occupation | None = None
        self._telling_again: asyncio.TimerHandle | None = None

    async def run(self, then: Callable[["Supervisor"], Coroutine[Any, Any, str]] | None = None) -> None:
        """Serve until told to stop.

        Args:
            then: done once the server answers, and answers what to say below the address; when it fails, the server
                stops.

        Raises:
            StartRefused: the server cannot start.
        """
        loop = asyncio.get_running_loop()
        serving = asyncio.create_task(self._serve(then))
        for which in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(which, self._ask_to_stop, serving)
        loop.add_signal_handler(signal.SIGHUP, self._ask_to_renew)
        try:
            await serving
        except asyncio.CancelledError:
            if not self._stop.is_set():
                raise
        except BaseExceptionGroup as group:
            refused = group.subgroup(StartRefused)
            if refused is None:
                raise
            raise _first(refused) from None

    async def _serve(self, then: Callable[["Supervisor"], Coroutine[Any, Any, str]] | None) -> None:
        for name in unknown_variables():
            log.warning("not a setting, and ignored", variable=name)
        _check_certificate(self.settings)
        for name in exposed_secrets():
            log.warning("names a file that every user of this machine can read: chmod o-rw", variable=name)
        refuse_archive_elsewhere(self.settings)
        folder = open_data_folder(self.settings.data_dir)
        with unmade_when_refused(folder):
            await self._serve_in(folder, then)

    async def _serve_in(
        self, folder: DataFolder, then: Callable[["Supervisor"], Coroutine[Any, Any, str]] | None
    ) -> None:
        self._occupation = await occupy_meanwhile(folder, self._command, lasting=True, say=self._say)
        try:
            refuse_half_restored(folder)
            self._listeners = open_listeners(self.settings.host, self.settings.port, self.settings.workers)
            self.url = address_of(self._listeners[0], secure=self.settings.tls_cert is not None)
            database = self._make_database()
            self.urls = self._urls_of(database)
            async with asyncio.TaskGroup() as group:
                await self._start(group, database, self.urls)
                below = await then(self) if then is not None else ""
                # The first of these lines is what whoever started us waits for.
                with suppress(OSError):
                    print(f"ready: {self.url}", *below.splitlines(), sep="\n", flush=True)  # noqa: T201
                await self._stop.wait()
                await self._end_children()
                if self._database_keeper is not None:
                    self._database_keeper.cancel()
        finally:
            await self._end()

    async def _start(self, group: asyncio.TaskGroup, database: EmbeddedPostgres | None, urls: Urls) -> None:
        *workers, job_worker = self._children = self._make_children(urls)
        # The workers load their code while the database starts; they wait for the word to go.
        for child in workers:
            group.create_task(child.keep_running())
        if database is not None:
            database.launch()
            self._database = database
            self._tell()
            await database.ready()
            self._database_keeper = group.create_task(self._keep_database(database))
        if self._before is not None:
            await self._before(urls)
        for done in await bring_up_to_date(urls, say=self._say):
            log.info("brought the database up to date", step=done)
        if self.settings.replica_url is not None:
            await check_replica(self.settings.replica_url, urls, say=log.warning)
        self._go.set()
        for child in workers:
            await child.ready.wait()
        # Nobody waits for the job worker, so it does not load its code while the others do.
        group.create_task(job_worker.keep_running())
        await job_worker.started.wait()
        self._started = True
        tell_systemd("READY=1")

    def _make_database(self) -> EmbeddedPostgres | None:
        if self.settings.database_url is not None:
            return None
        database = EmbeddedPostgres(
            self.settings.data_dir,
            own_binaries=self.settings.postgres_bin,
            connections=self.settings.workers * (self.settings.pool_size + 1) + _OTHER_CONNECTIONS,
            archives=self.settings.log_archive,
            say=self._say,
            keep_open=(self._lock(),),
        )
        database.prepare()
        return database

    def _urls_of(self, database: EmbeddedPostgres | None) -> Urls:
        if database is not None:
            return Urls(serving=database.url, owner=database.owner_url)
        serving, owner = self.settings.database_url, self.settings.migrating_url
        if serving is None or owner is None:
            raise StartRefused("there is no database")
        return Urls(serving=serving, owner=owner)

    def _make_children(self, urls: Urls) -> list[Child]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("EMPLETTE_")}
        environment |= self.settings.environment() | {"EMPLETTE_DATABASE_URL": urls.serving}
        # What no child needs, none is given: it could be read in its environment.
        for name in ("EMPLETTE_OWNER_DATABASE_URL", "EMPLETTE_DEMO_KEY"):
            environment.pop(name, None)
        measures = DataFolder(self.settings.data_dir.absolute()).measures
        empty_measures(measures)
        environment[VARIABLE] = str(measures)
        # Each thread that reads or writes a file would else keep a heap of its own, of which little is ever given back.
        environment.setdefault("MALLOC_ARENA_MAX", "2")

        def child(name: str, *module: str, files: tuple[int, ...] = (), needed: bool) -> Child:
            return Child(
                Program(name, module, environment, (self._lock(), *files), needed),
                go=self._go,
                say=log.warning,
                changed=self._tell,
                ended=partial(forget_worker, measures),
            )

        workers = [
            child(f"worker {number}", self._programs.worker, str(file), files=(file,), needed=True)
            for number, file in enumerate((listener.fileno() for listener in self._listeners), 1)
        ]
        return [*workers, child("job worker", self._programs.job_worker, needed=False)]

    async def _keep_database(self, database: EmbeddedPostgres) -> None:
        pause, vigil = 0.0, Vigil()
        while True:
            while database.pid is not None:
                pause = 0.0
                if vigil.is_stuck(database.pid):
                    log.warning("the database neither serves nor recovers; killing it")
                    os.kill(database.pid, signal.SIGKILL)
                await asyncio.sleep(_LOOK_AT_DATABASE_EVERY)
            log.warning("the database ended; starting it again")
            await asyncio.sleep(pause)
            pause = min(2 * pause + _LOOK_AT_DATABASE_EVERY, _LONGEST_PAUSE)
            database.launch()
            try:
                await database.ready()
            except DatabaseFailed as failure:
                # What the old one left behind may take a moment to end; until then the new one refuses.
                log.warning("the database did not start again yet", reason=str(failure))
            else:
                self._tell()
                log.info("the database is back")

    def _lock(self) -> int:
        if self._occupation is None:
            raise RuntimeError("the data folder is not ours")
        return self._occupation.lock

    def _tell(self) -> None:
        """Write down for other commands what runs now."""
        if self._occupation is None or self.urls is None:
            return
        processes = {child.name: child.pid for child in self._children if child.pid is not None}
        if self._database is not None and self._database.pid is not None:
            processes["database"] = self._database.pid
        embedded = self.settings.database_url is None
        running = Running(
            pid=os.getpid(),
            command=self._command,
            started_at=self._started_at,
            database_url=self.urls.serving if embedded else None,
            owner_database_url=self.urls.owner if embedded else None,
            programs=self._database.programs if self._database is not None else None,
            url=self.url,
            processes=processes,
        )
        if self._telling_again is not None:
            self._telling_again.cancel()
        try:
            self._occupation.tell(running)
        except OSError as failure:
            # Where the disk is full: that others read what ran before is no reason to stop serving.
            log.warning("what runs could not be written down; trying again", reason=str(failure))
            self._telling_again = asyncio.get_running_loop().call_later(_TELL_AGAIN_AFTER, self._tell)

    def _ask_to_stop(self, serving: "asyncio.Task[None]") -> None:
        """Stop in order; at once when there is nothing to finish yet, or when asked again."""
        if self._stop.is_set():
            for child in self._children:
                child.kill()
        elif not self._started:
            serving.cancel()
        self._stop.set()

    def _ask_to_renew(self) -> None:
        """Have the HTTP workers start anew, one after the other: a renewed certificate is read so."""
        log.info("asked for new workers")
        self._renewal = asyncio.create_task(self._renew())

    async def _renew(self) -> None:
        for child in self._children[:-1]:
            await child.renew(self.settings.stop_timeout)

    async def _end_children(self) -> None:
        """Let those who answer finish what they do, while nobody new is let in."""
        tell_systemd("STOPPING=1")
        for listener in self._listeners:
            listener.close()
        await asyncio.gather(*(child.stop(self.settings.stop_timeout) for child in self._children))

    async def _end(self) -> None:
        """Stop what runs, the database last."""
        await self._end_children()
        if self._database is not None:
            await asyncio.to_thread(self._database.stop)
        if self._telling_again is not None:
            self._telling_again.cancel()
        if self._occupation is not None:
            self._occupation.end()


def _check_certificate(settings: Settings) -> None:
    if settings.tls_cert is None or settings.tls_key is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(settings.tls_cert, settings.tls_key, "")
    except (OSError, ValueError) as error:
        reason = f"{settings.tls_cert} and {settings.tls_key} cannot be used: {error}"
        raise SettingUnusable(f"EMPLETTE_TLS_CERT, EMPLETTE_TLS_KEY: {reason}") from None


def _first(refusals: BaseExceptionGroup[StartRefused]) -> StartRefused:
    for refusal in refusals.exceptions:
        return _first(refusal) if isinstance(refusal, BaseExceptionGroup) else refusal
    raise AssertionError
