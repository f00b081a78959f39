"""Old back-ups are removed with what none that is left needs; what may be another's is left alone."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from emplette.domain.backups import FilesInside, Form, KnownFile, Part, name_of
from emplette.formats.backups import write_known, write_manifest
from emplette.formats.checkpoints import own_key, public_key_of
from emplette.runtime.pruning import clear_unfinished, prune, tell_of_later
from emplette.storage.depots import FILES, LIST, LOG, MANIFEST, MARK, SIGNED, Depot
from emplette.storage.stores import new_place
from tests.fixtures.back_ups import manifest_of

NIGHT = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)
HISTORY = "0123456789abcdef"


class Place:
    """A depot of two installations, with back-ups of which there is what pruning reads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "depot"
        self.depot = Depot(str(self.folder))
        self.keys = [own_key(_made(folder / who)) for who in ("ours", "theirs")]
        self.ours, self.theirs = map(public_key_of, self.keys)
        self.said: list[str] = []

    async def keep(self, night: int, files: Sequence[str], *, theirs: bool = False, first: str | None = None) -> str:
        """Keep a whole back-up with files; a base whose log begins at a place, when one is given. Answer its name."""
        listed = "".join(write_known(KnownFile(path, 1, "ab" * 32)) for path in files).encode()
        key, began_at = self.keys[theirs], NIGHT + timedelta(days=night)
        form = Form.DUMP if first is None else Form.BASE
        manifest = replace(
            manifest_of(began_at, form=form, public_key=public_key_of(key), history=HISTORY),
            files=FilesInside(len(files), len(files)),
            parts=[Part(LIST, len(listed), hashlib.sha256(listed).hexdigest())],
        )
        await self.depot.put_bytes(f"{manifest.name}/{LIST}", listed)
        if first is not None:
            told = f'{{"WAL-Ranges": [{{"Timeline": 1, "Start-LSN": "{first}"}}], "Files": []}}'
            await self.depot.put_bytes(f"{manifest.name}/database/backup_manifest", told.encode())
        for path in files:
            await self.depot.put_bytes(f"{FILES}/{path}", b"x")
        await self.depot.put_bytes(f"{manifest.name}/{MANIFEST}", write_manifest(manifest, key))
        return manifest.name

    async def prune(self, keep: int, *, made: str | None = None) -> None:
        """Prune ours, after one was made: the last one, unless it is named."""
        made = made or (await self.depot.names())[-1]
        await prune(self.depot, self.ours, made=made, keep=keep, history=HISTORY, say=self.said.append)

    async def files(self) -> set[str]:
        """Tell which files there are."""
        return {path.removeprefix(f"{FILES}/") for path in await self.depot.sizes(FILES)}


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def paths() -> list[str]:
    """Name four files as a store does."""
    return [f"1/{new_place(bytes([number]) * 32, above='files')}" for number in range(4)]


async def test_the_newest_stay_with_every_file_that_any_of_them_needs(place: Place, paths: list[str]) -> None:
    first, second = await place.keep(0, paths[:2]), await place.keep(1, paths[1:3])
    third = await place.keep(2, paths[2:])
    await place.prune(2)
    assert await place.depot.names() == [second, third]
    assert await place.files() == set(paths[1:])
    assert place.said == [
        f"removed the back-up {first}: the newest 2 are kept",
        "removed 1 file that no back-up needs any more",
    ]
    await place.prune(2)
    assert len(place.said) == 2


async def test_another_installations_are_not_counted_and_keep_their_files(place: Place, paths: list[str]) -> None:
    old, theirs, new = (
        await place.keep(0, paths[:2]),
        await place.keep(1, paths[:1], theirs=True),
        await place.keep(2, paths[3:]),
    )
    await place.prune(1)
    assert await place.depot.names() == [theirs, new]
    assert await place.files() == {paths[0], paths[3]}
    assert not (place.folder / old).exists()


async def test_the_one_just_made_stays_whatever_the_clock_said_before(place: Place, paths: list[str]) -> None:
    first, second, made = [await place.keep(night, paths[night : night + 1]) for night in range(3)]
    of_a_clock_ahead = [await place.keep(night, paths[3:]) for night in (365, 366)]
    await place.keep(367, [], theirs=True)
    await tell_of_later(place.depot, place.ours, made=made, say=place.said.append)
    assert [line.split(" ", 1)[0] for line in place.said[::2]] == of_a_clock_ahead
    assert f"takes it for the newest unless you name {made}" in place.said[1]
    await place.prune(1, made=made)
    names = await place.depot.names()
    assert (made in names, first in names, second in names) == (True, False, False)
    assert set(of_a_clock_ahead) <= set(names)
    assert await place.files() == set(paths[2:])


@pytest.mark.parametrize("amiss", ["unfinished", "damaged", "without its list"])
async def test_files_stay_while_it_is_not_known_who_needs_them(place: Place, paths: list[str], amiss: str) -> None:
    await place.keep(0, paths)
    name = await place.keep(1, paths[:1], theirs=True)
    await place.keep(2, [])
    if amiss == "damaged":
        (place.folder / name / MANIFEST).write_text("{")
    else:
        (place.folder / name / (MANIFEST if amiss == "unfinished" else LIST)).unlink()
    await place.prune(1)
    assert await place.files() == set(paths)
    assert place.said[-1].startswith("their files stay: ")


async def test_a_log_is_kept_from_the_oldest_base_on(place: Place) -> None:
    pieces = [f"{LOG}/{HISTORY}/0000000100000001000000{number:02X}.gz" for number in range(4)]
    line = f"{LOG}/{HISTORY}/00000002.history.gz"
    for path in (*pieces, line):
        await place.depot.put_bytes(f"{path}{SIGNED}", b"x")
        await place.depot.put_bytes(path, b"x")
    await place.keep(0, [], first="1/0000028")
    await place.keep(1, [], first="1/2000028")
    await place.prune(1)
    left = [*pieces[2:], line]
    assert sorted(await place.depot.sizes(LOG)) == sorted([*left, *(f"{path}{SIGNED}" for path in left)])
    assert place.said[-1] == "removed 2 pieces of the log, from which no back-up leads on any more"


async def test_one_that_was_ended_before_it_said_whose_it_is_goes_when_its_maker_is_long_gone(place: Place) -> None:
    long_ago, just_now, with_something = (
        name_of(datetime.now(UTC) - ago) for ago in (timedelta(hours=2), timedelta(0), timedelta(hours=3))
    )
    for name in (long_ago, just_now, with_something):
        folder = await place.depot.make_folder(name)
        (folder / f"{MARK}#1").touch()
    (place.folder / with_something / "database").mkdir()
    await clear_unfinished(place.depot, place.ours, say=place.said.append)
    assert await place.depot.names() == [with_something, just_now]
    assert place.said[1] == f"removing {long_ago}, which was never begun"


async def test_only_ones_own_unfinished_ones_are_cleared_away(place: Place) -> None:
    names = [name_of(NIGHT + timedelta(days=day)) for day in range(3)]
    for name, whose in zip(names, (place.ours, place.theirs, None), strict=True):
        await place.depot.put_bytes(f"{name}/settings.json", b"{}")
        if whose is not None:
            assert await place.depot.put_new(f"{name}/{MARK}", whose.encode())
    await clear_unfinished(place.depot, place.ours, say=place.said.append)
    assert await place.depot.names() == names[1:]
    assert [line.split(",")[0] for line in place.said] == [
        f"removing {names[0]}",
        f"leaving {names[1]}",
        f"{names[2]} was never finished",
    ]


async def test_of_two_that_take_a_name_one_gets_it(place: Place) -> None:
    name = name_of(NIGHT)
    assert [await place.depot.put_new(f"{name}/{MARK}", whose) for whose in (b"a", b"b")] == [True, False]
    assert await place.depot.read(f"{name}/{MARK}") == b"a"
