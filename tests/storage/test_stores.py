"""Both stores of files, by the same tests: a folder, and a bucket of a real S3 server."""

import asyncio
import errno
import gc
import os
import stat
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes

import pytest

from emplette.domain.errors import Unavailable
from emplette.storage.bucket import Bucket
from emplette.storage.folder import Folder
from emplette.storage.stores import Store, hash_in, new_place, open_spool, open_store
from tests.fixtures.buckets import BUCKET, CREDENTIALS, bucket_server

CONTENT = token_bytes(1_000_000)
LARGE = 12 * 2**20
"""More than two parts of what is sent to a bucket in parts."""


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with bucket_server() as address:
        yield address


@pytest.fixture(params=["folder", "bucket", "bucket with a prefix"])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    if request.param == "folder":
        return open_store(None, endpoint=None, data_dir=tmp_path)
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    prefix = "" if request.param == "bucket" else "/some/prefix/"
    address = request.getfixturevalue("endpoint")
    return open_store(f"s3://{BUCKET}{prefix}", endpoint=address, data_dir=tmp_path)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(CONTENT)
    return path


def place_of(content: bytes) -> str:
    return new_place(sha256(content).digest())


async def whole(pieces: AsyncGenerator[bytes, None]) -> bytes:
    return b"".join([piece async for piece in pieces])


@pytest.mark.parametrize("place", ["../8/secret", "files/../../../secret", "/secret", "files//secret", "", ".."])
async def test_a_place_that_leads_elsewhere_is_none(store: Store, tmp_path: Path, source: Path, place: str) -> None:
    for secret in (tmp_path / "secret", tmp_path / "files" / "8" / "secret"):
        secret.parent.mkdir(parents=True, exist_ok=True)
        secret.write_text("not theirs")
    with pytest.raises(Unavailable):
        await whole(await store.open(7, place))
    with pytest.raises(Unavailable):
        await store.put(7, place, source)
    assert (tmp_path / "secret").read_text() == "not theirs"


async def test_what_is_put_is_read(store: Store, source: Path) -> None:
    place = place_of(CONTENT)
    await store.put(7, place, source)
    assert await store.read(7, place) == CONTENT
    assert await whole(await store.open(7, place)) == CONTENT
    async with store.local(7, place) as path:
        assert path.read_bytes() == CONTENT
    assert source.read_bytes() == CONTENT, "the source stays the caller's"  # noqa: ASYNC240


async def test_bytes_are_put_as_well(store: Store) -> None:
    place = place_of(b"few")
    await store.put_bytes(7, place, b"few")
    assert await store.read(7, place) == b"few"


@pytest.mark.parametrize(
    ("first", "last"), [(0, 0), (10, 19), (999_999, 999_999), (0, 999_999), (999_000, None), (300_000, 700_000)]
)
async def test_a_part_is_read(store: Store, source: Path, first: int, last: int | None) -> None:
    place = place_of(CONTENT)
    await store.put(7, place, source)
    end = len(CONTENT) if last is None else last + 1
    assert await whole(await store.open(7, place, first=first, last=last)) == CONTENT[first:end]


async def test_what_is_large_is_kept_whole(store: Store, tmp_path: Path) -> None:
    content = token_bytes(LARGE + 1)
    source = tmp_path / "large"
    source.write_bytes(content)
    place = place_of(content)
    await store.put(7, place, source)
    found = sha256()
    async for piece in await store.open(7, place):
        found.update(piece)
    assert found.digest() == hash_in(place)


async def test_the_same_place_twice_is_fine(store: Store, source: Path) -> None:
    place = place_of(CONTENT)
    await asyncio.gather(*[store.put(7, place, source) for _ in range(4)])
    assert await store.read(7, place) == CONTENT


async def test_companies_do_not_share(store: Store, source: Path) -> None:
    place = place_of(CONTENT)
    await store.put(7, place, source)
    with pytest.raises(Unavailable):
        await store.read(8, place)


async def test_what_is_removed_is_gone_and_nothing_else_is(store: Store, source: Path) -> None:
    removed, kept = place_of(CONTENT), place_of(CONTENT)
    for place in (removed, kept):
        await store.put(7, place, source)
    await store.remove(7, removed)
    await store.remove(7, removed)
    assert await store.read(7, kept) == CONTENT
    for ask in (store.read(7, removed), store.open(7, removed)):
        with pytest.raises(Unavailable):
            await ask
    with pytest.raises(Unavailable):
        async with store.local(7, removed):
            pass


async def test_no_place_is_found_twice() -> None:
    assert len({place_of(CONTENT) for _ in range(100)}) == 100
    assert hash_in(place_of(CONTENT)) == sha256(CONTENT).digest()


# A folder ---------------------------------------------------------------------------------------------------


def names_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def test_a_folder_is_closed_to_others(tmp_path: Path, source: Path) -> None:
    source.chmod(0o644)  # noqa: ASYNC240
    folder = Folder(tmp_path / "files")
    await folder.put(7, place_of(CONTENT), source)
    await folder.put_bytes(7, place_of(b"few"), b"few")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.path.rglob("*") if path.is_file()}
    assert modes == {0o600}
    folders = {stat.S_IMODE(path.stat().st_mode) for path in [folder.path, *folder.path.rglob("*")] if path.is_dir()}
    assert folders == {0o700}


async def test_a_folder_spreads_by_hash_and_leaves_nothing_beside(tmp_path: Path, source: Path) -> None:
    folder = Folder(tmp_path / "files")
    place = place_of(CONTENT)
    await folder.put(7, place, source)
    name = sha256(CONTENT).hexdigest()
    assert place.startswith(f"files/{name[:2]}/{name[2]}/{name}.")
    assert names_in(folder.path) == [f"7/{place}"]


def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note what is written to the disk, in order."""
    done: list[str] = []
    sync: Callable[[int], None] = os.fsync

    def fsync(file: int) -> None:
        done.append(Path(f"/proc/self/fd/{file}").readlink().name)
        sync(file)

    monkeypatch.setattr(os, "fsync", fsync)
    return done


async def test_a_folder_has_bytes_and_names_on_the_disk_before_it_answers(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = synced(monkeypatch)
    place = place_of(CONTENT)
    await Folder(tmp_path / "files").put(7, place, source)
    _, first, second, _ = place.split("/")
    assert done == [tmp_path.name, "files", "7", "files", first, "source", second]


@pytest.mark.parametrize("trouble", [errno.EXDEV, errno.EPERM, errno.EMLINK])
async def test_a_folder_on_another_file_system_gets_a_copy(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch, trouble: int
) -> None:
    def link(*_: object) -> None:
        raise OSError(trouble, "no links here")

    monkeypatch.setattr(os, "link", link)
    done = synced(monkeypatch)
    folder, place = Folder(tmp_path / "files"), place_of(CONTENT)
    await folder.put(7, place, source)
    assert await folder.read(7, place) == CONTENT
    assert names_in(folder.path) == [f"7/{place}"]
    assert done[-2:] == [f"{place.rpartition('/')[2]}.part", place.split("/")[2]]


async def test_a_full_disk_is_said_and_leaves_nothing(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy(_: Path, to: Path) -> None:
        to.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", lambda *_: copy(source, tmp_path / "x"))
    folder = Folder(tmp_path / "files")
    with pytest.raises(Unavailable, match="No space left"):
        await folder.put(7, place_of(CONTENT), source)
    assert names_in(folder.path) == []


async def test_half_a_copy_goes_with_its_place(tmp_path: Path) -> None:
    folder, place = Folder(tmp_path / "files"), place_of(CONTENT)
    half = folder.path / "7" / f"{place}.part"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    await folder.remove(7, place)
    assert names_in(folder.path) == []


# A bucket ---------------------------------------------------------------------------------------------------


def open_below(folder: Path) -> list[Path]:
    """List what this process holds open below a folder."""
    found = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found.append(descriptor.readlink())
    return [path for path in found if path.is_relative_to(folder)]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_what_nobody_begins_to_read_is_closed(tmp_path: Path) -> None:
    store, place = Folder(tmp_path), place_of(CONTENT)
    await store.put_bytes(7, place, CONTENT)
    first = await store.open(7, place)
    assert open_below(tmp_path) == [tmp_path / "7" / place]
    del first
    for _ in range(5):
        await store.open(7, place)
    # The thread that opened the last one may still be about to let it go.
    async with asyncio.timeout(60):
        while open_below(tmp_path):
            gc.collect()
            await asyncio.sleep(0.02)


async def test_a_bucket_that_does_not_answer_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    bucket = Bucket("s3://documents", endpoint="http://127.0.0.1:9", folder=tmp_path)
    with pytest.raises(Unavailable):
        await bucket.put_bytes(7, place_of(b"few"), b"few")


async def test_a_copy_that_was_lent_is_gone_afterwards(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    spool = open_spool(tmp_path)
    bucket = open_store(f"s3://{BUCKET}", endpoint=endpoint, data_dir=tmp_path)
    place = place_of(b"few")
    await bucket.put_bytes(7, place, b"few")
    async with bucket.local(7, place) as path:
        assert path.parent == spool.folder
    assert names_in(tmp_path) == []


def test_a_folder_can_be_named(tmp_path: Path) -> None:
    store = open_store(f"file://{tmp_path}/sh%C3%A9lf", endpoint=None, data_dir=tmp_path / "data")
    assert isinstance(store, Folder)
    assert store.path == tmp_path / "shélf"


async def test_a_store_that_can_be_used_is_in_no_trouble(store: Store) -> None:
    assert await store.trouble() is None


async def test_a_folder_without_room_or_without_leave_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(tmp_path / "files" / "not made yet")
    monkeypatch.setattr("emplette.storage.folder.LITTLE_ROOM", 2**60)
    assert "MB free in" in str(await folder.trouble())
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert str(await folder.trouble()).endswith("can't be written.")


async def test_a_bucket_that_can_not_be_reached_or_is_not_there_says_so(
    endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    nowhere = Bucket(f"s3://{BUCKET}", endpoint="http://127.0.0.1:9", folder=tmp_path)
    assert await nowhere.trouble() == "The bucket can't be reached just now."
    mistyped = Bucket("s3://docments", endpoint=endpoint, folder=tmp_path)
    assert await mistyped.trouble() == "There is no such bucket."
