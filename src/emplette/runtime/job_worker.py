"""The program of the job worker: ``python -m emplette.runtime.job_worker``, started by the supervisor."""

import asyncio
import signal
import sys
from datetime import datetime, timedelta

import uvloop

from emplette.domain.addresses import Reach
from emplette.formats.checkpoints import own_key
from emplette.formats.posting import Poster
from emplette.jobs import mails, worker
from emplette.jobs.deliveries import Deliverer
from emplette.jobs.files import Sweeper
from emplette.jobs.log_archive import AT_REST, LOOK_EVERY, SHIP_EVERY, Shipping
from emplette.jobs.mails import Correspondent
from emplette.jobs.worker import Job
from emplette.runtime.lifeline import Parent
from emplette.runtime.log_archive import archive_of, depot_of
from emplette.runtime.logs import configure_logs
from emplette.runtime.mail import mailer_of
from emplette.settings import Settings, read_settings
from emplette.storage.database import Database, Session
from emplette.storage.stores import Store, open_spool, open_store

_CONNECTIONS = 4


async def work(settings: Settings, parent: Parent) -> None:
    """Do the jobs until told to stop."""
    if settings.database_url is None:
        sys.exit("the job worker is given its database by the supervisor")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for which in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(which, stop.set)
    store = open_store(settings.files_url, endpoint=settings.files_s3_endpoint, data_dir=settings.data_dir)
    deliverer = Deliverer(Poster(Reach.parse(settings.webhooks_allowed_networks)))
    sweeper = Sweeper(store, open_spool(settings.data_dir))
    jobs = [*worker.jobs_of(sweeper, deliverer), *_mailing(settings), *_archiving(settings, store)]
    database = await Database.connect(settings.database_url, size=_CONNECTIONS, watches=True)
    parent.say_ready()
    try:
        await worker.run(database, stop, jobs)
        await deliverer.close(database.session())
    finally:
        await database.close()


def _mailing(settings: Settings) -> list[Job]:
    """List the jobs that make and send mails, when there is a server that takes them."""
    mailer = mailer_of(settings)
    if mailer is None:
        return []
    correspondent = Correspondent(mailer)
    return [
        Job("send mails", mails.BUSY, correspondent.look, at_rest=mails.AT_REST, is_told=False),
        Job("sweep mails", timedelta(hours=1), correspondent.sweep),
    ]


def _archiving(settings: Settings, store: Store) -> list[Job]:
    """List the jobs that ship the embedded database's own log, when that is archived, and see what it leads on from."""
    archive = archive_of(settings) if settings.log_archive else None
    if archive is None or archive.history is None:
        return []
    shipping = Shipping(archive.folder, archive.history, own_key(settings.data_dir), depot_of(settings), store)

    async def look(_db: Session, _now: datetime) -> int:
        return await shipping.look_for_base()

    return [
        Job("ship the database's log", SHIP_EVERY, shipping.ship, at_rest=AT_REST, is_told=False),
        Job("look for what the database's log leads on from", LOOK_EVERY, look, is_told=False),
    ]


def main() -> None:
    """Be the job worker of ``emplette serve``."""
    parent = Parent.at_standard_input()
    settings = read_settings()
    configure_logs(settings, process="jobs")
    parent.wait_for_go()
    uvloop.run(work(settings, parent))


if __name__ == "__main__":
    main()
