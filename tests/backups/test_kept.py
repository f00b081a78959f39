"""Of the back-ups that are kept, the one is taken from which the log leads on to the moment that is asked for."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from emplette.domain.backups import BackupUnfit, FilesInside, Form, Manifest, SchemaStep, name_of
from emplette.formats.backups import write_manifest
from emplette.formats.checkpoints import own_key, public_key_of
from emplette.runtime.kept import find_base
from emplette.storage.depots import MANIFEST, Depot

NIGHT = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
LASTS = timedelta(minutes=40)


async def keep(folder: Path, form: Form, began_at: datetime) -> str:
    """Keep a back-up of which nothing is there but what it says of itself; answer its name."""
    key = own_key(folder)
    manifest = Manifest(
        name=name_of(began_at),
        form=form,
        began_at=began_at,
        ended_at=began_at + LASTS,
        emplette="1.0",
        schema=SchemaStep(1, "0001_house"),
        postgres="18.6",
        programs="18.6",
        heads=(),
        public_key=public_key_of(key),
        files=FilesInside(0, 0),
        parts=(),
        history="abc" if form is Form.BASE else None,
    )
    await Depot(str(folder)).put_bytes(f"{manifest.name}/{MANIFEST}", write_manifest(manifest, key))
    return manifest.name


async def test_a_base_that_was_still_being_made_at_the_moment_is_passed_by(tmp_path: Path) -> None:
    first = await keep(tmp_path, Form.BASE, NIGHT)
    second = await keep(tmp_path, Form.BASE, NIGHT + timedelta(days=1))
    await keep(tmp_path, Form.DUMP, NIGHT + timedelta(hours=30))
    depot = Depot(str(tmp_path))
    found = [
        (await find_base(depot, NIGHT + timedelta(days=1) + after)).manifest.name
        for after in (timedelta(0), LASTS / 2, LASTS, timedelta(days=3))
    ]
    assert found == [first, first, second, second]


async def test_before_the_first_base_was_finished_the_log_leads_from_nowhere(tmp_path: Path) -> None:
    await keep(tmp_path, Form.BASE, NIGHT)
    with pytest.raises(BackupUnfit, match="was finished before 2026-11-21T02:50:00Z"):
        await find_base(Depot(str(tmp_path)), NIGHT + LASTS / 2)
