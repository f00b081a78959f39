"""Of the back-ups that are kept, the one is taken from which the log leads on to the moment that is asked for."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from emplette.domain.backups import BackupDamaged, BackupUnfit, Form, Part, name_of
from emplette.formats.backups import write_manifest
from emplette.formats.checkpoints import own_key, public_key_of
from emplette.runtime.folders import open_data_folder
from emplette.runtime.kept import find_backup, find_base
from emplette.runtime.occupation import occupy
from emplette.runtime.restore import find_source
from emplette.runtime.trial import clear_left
from emplette.settings import Settings
from emplette.storage.depots import MANIFEST, Depot
from tests.fixtures.back_ups import manifest_of

NIGHT = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
LASTS = timedelta(minutes=40)


async def keep(folder: Path, form: Form, began_at: datetime, *, key_in: Path | None = None, **told: Any) -> str:  # noqa: ANN401
    """Keep a back-up of which nothing is there but what it says of itself; answer its name."""
    key = own_key(key_in or folder)
    manifest = manifest_of(began_at, form=form, public_key=public_key_of(key), history="abc")
    manifest = replace(manifest, **{"ended_at": began_at + LASTS, **told})
    await Depot(str(folder)).put_bytes(f"{name_of(began_at)}/{MANIFEST}", write_manifest(manifest, key))
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


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "database/../../x", "a//b", "a\\b", "."])
async def test_a_part_that_leads_out_of_its_back_up_is_refused_though_it_is_signed(tmp_path: Path, path: str) -> None:
    name = await keep(tmp_path, Form.DUMP, NIGHT, parts=[Part(path, 1, "ab" * 32)])
    with pytest.raises(BackupDamaged, match=f"The back-up {name} in .* leads out of the back-up"):
        await find_backup(Depot(str(tmp_path)), None)


async def test_a_back_up_under_another_ones_name_is_refused(tmp_path: Path) -> None:
    name = await keep(tmp_path, Form.DUMP, NIGHT, name=name_of(NIGHT + LASTS))
    with pytest.raises(BackupDamaged, match=f"The back-up {name_of(NIGHT)} in .*: manifest.json is that of {name}"):
        await find_backup(Depot(str(tmp_path)), None)


async def test_a_manifest_that_was_changed_does_not_fit_its_signature(tmp_path: Path) -> None:
    name = await keep(tmp_path, Form.DUMP, NIGHT)
    manifest = tmp_path / name / MANIFEST
    manifest.write_text(manifest.read_text().replace("0001_house", "0001_other"))
    with pytest.raises(BackupDamaged, match=f"{name} in .*: manifest.json is damaged: its signature does not fit"):
        await find_backup(Depot(str(tmp_path)), name)


async def test_who_has_a_key_or_names_one_is_given_no_strangers_back_up(tmp_path: Path) -> None:
    depot, ours = tmp_path / "depot", tmp_path / "ours"
    for folder in (depot, ours):
        folder.mkdir()
    name = await keep(depot, Form.DUMP, NIGHT)
    theirs = public_key_of(own_key(depot))
    nobody, we = Settings(data_dir=tmp_path / "new"), Settings(data_dir=ours)
    assert (await find_source(nobody, str(depot), now=NIGHT)).manifest.name == name
    own = public_key_of(own_key(ours))
    with pytest.raises(BackupUnfit, match="not with that of this data folder: name it with --signed-by"):
        await find_source(we, str(depot), now=NIGHT)
    with pytest.raises(BackupUnfit, match="was signed with the key"):
        await find_source(nobody, str(depot), signed_by=own, now=NIGHT)
    assert (await find_source(we, str(depot), signed_by=theirs, now=NIGHT)).manifest.name == name


async def test_a_moment_that_is_still_to_come_is_refused_before_anything_is_looked_at(tmp_path: Path) -> None:
    settings, later = Settings(data_dir=tmp_path / "new"), NIGHT + timedelta(minutes=1)
    with pytest.raises(BackupUnfit, match="2026-11-21T02:31:00Z is still to come: it is 2026-11-21T02:30:00Z"):
        await find_source(settings, str(tmp_path / "nowhere"), until=later, now=NIGHT)


def test_what_a_killed_trial_has_left_is_removed_and_a_living_ones_is_not(tmp_path: Path) -> None:
    killed = open_data_folder(tmp_path / "emplette-trial-killed")
    # What the system does for a process that is killed.
    os.close(occupy(killed, "a trial", lasting=False, say=print).lock)
    alive = occupy(open_data_folder(tmp_path / "emplette-trial-alive"), "a trial", lasting=False, say=print)
    (tmp_path / "emplette-trial-begun").mkdir()
    said: list[str] = []
    clear_left(tmp_path, say=said.append)
    alive.end()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["emplette-trial-alive", "emplette-trial-begun"]
    assert len(said) == 1
