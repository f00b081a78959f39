"""The archived log leads on from a back-up, and only as far as the installation that made this has signed it."""

import gzip
import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from emplette.domain.backups import BackupDamaged, Form, LogPiece
from emplette.formats.backups import write_manifest
from emplette.formats.checkpoints import own_key, public_key_of
from emplette.formats.log_archive import sign_piece
from emplette.jobs.log_archive import Shipping
from emplette.runtime.bases import fetch_log, look_at_log, missing_pieces
from emplette.runtime.kept import KeptBackup
from emplette.storage.depots import LOG, MANIFEST, SIGNED, Depot
from emplette.storage.folder import Folder
from tests.fixtures.back_ups import manifest_of

HISTORY = "0123456789abcdef"
FIRST, SECOND = "000000010000000000000003", "000000010000000000000004"
NIGHT = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)


class Archive:
    """Where two pieces of a log are archived, and the base from which they lead on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.depot = Depot(str(folder / "depot"))
        self.data = folder / "data"
        self.data.mkdir()
        (self.data / "backup_label").write_text(f"START WAL LOCATION: 0/3000028 (file {FIRST})\n")
        self.key = own_key(self.data)
        manifest = manifest_of(NIGHT, form=Form.BASE, public_key=public_key_of(self.key), history=HISTORY)
        self.base = KeptBackup(self.depot, manifest)

    def at(self, name: str, ending: str = "") -> Path:
        """Find a piece in its folder, or what vouches for it."""
        return self.folder / "depot" / LOG / HISTORY / f"{name}.gz{ending}"

    async def keep(self, name: str, content: bytes, *, history: str = HISTORY, stranger: bool = False) -> None:
        """Keep a piece, signed as one of a history, by the installation or by a stranger."""
        key = self.key
        if stranger:
            (self.folder / "stranger").mkdir()
            key = own_key(self.folder / "stranger")
        signed = sign_piece(LogPiece(history, name, len(content), hashlib.sha256(content).hexdigest()), key)
        path = f"{LOG}/{HISTORY}/{name}.gz"
        await self.depot.put_bytes(f"{path}{SIGNED}", signed)
        await self.depot.put_bytes(path, gzip.compress(content))

    async def fetch(self) -> dict[str, bytes]:
        """Fetch the log as a restore does; answer what there is to follow."""
        target = self.folder / "log-to-replay"
        count = await fetch_log(self.base, self.data, target, print)
        fetched = {path.name: path.read_bytes() for path in target.iterdir()}
        assert len(fetched) == count
        return fetched


@pytest.fixture
async def archive(tmp_path: Path) -> Archive:
    archive = Archive(tmp_path)
    await archive.keep(FIRST, b"the first")
    await archive.keep(SECOND, b"the second")
    return archive


async def test_what_was_signed_is_followed(archive: Archive) -> None:
    await archive.keep("00000002.history", b"a time line")
    await archive.keep("000000010000000000000002", b"before the base")
    assert await archive.fetch() == {FIRST: b"the first", SECOND: b"the second", "00000002.history": b"a time line"}


async def test_a_piece_that_nothing_vouches_for_is_refused(archive: Archive) -> None:
    archive.at(SECOND, SIGNED).unlink()
    with pytest.raises(BackupDamaged, match=f"{LOG}/{HISTORY}/{SECOND}.gz is not signed: anybody"):
        await archive.fetch()


@pytest.mark.parametrize("content", [b"the sec0nd", b"the second and more", b"", b"\0" * 3_000_000])
async def test_a_piece_that_was_changed_is_refused(archive: Archive, content: bytes) -> None:
    archive.at(SECOND).write_bytes(gzip.compress(content))
    with pytest.raises(BackupDamaged, match=f"{SECOND}.gz is not what was signed"):
        await archive.fetch()


@pytest.mark.parametrize(
    "packed", [b"", b"no gzip", gzip.compress(b"the second")[:-5]], ids=["nothing", "no gzip", "cut off"]
)
async def test_a_piece_that_cannot_be_unpacked_is_refused(archive: Archive, packed: bytes) -> None:
    archive.at(SECOND).write_bytes(packed)
    with pytest.raises(BackupDamaged, match=f"{SECOND}.gz is not what was signed"):
        await archive.fetch()


async def test_two_pieces_that_changed_places_are_refused(archive: Archive) -> None:
    for ending in ("", SIGNED):
        first, second = archive.at(FIRST, ending).read_bytes(), archive.at(SECOND, ending).read_bytes()
        archive.at(FIRST, ending).write_bytes(second)
        archive.at(SECOND, ending).write_bytes(first)
    with pytest.raises(BackupDamaged, match=r"is not to be followed\. Its signature is that of"):
        await archive.fetch()


async def test_a_piece_of_another_history_is_refused(archive: Archive) -> None:
    await archive.keep(SECOND, b"another log", history="fedcba9876543210")
    with pytest.raises(BackupDamaged, match=f"Its signature is that of {SECOND} of the log fedcba9876543210"):
        await archive.fetch()


async def test_a_piece_that_a_stranger_signed_is_refused(archive: Archive) -> None:
    await archive.keep(SECOND, b"of their own making", stranger=True)
    with pytest.raises(BackupDamaged, match=r"It was signed with the key .*, and not with that of the back-up"):
        await archive.fetch()


@pytest.mark.parametrize("beside", [b"", b"{}", b"no json", b'{"signature": 1}'])
async def test_what_vouches_for_nothing_is_refused(archive: Archive, beside: bytes) -> None:
    archive.at(SECOND, SIGNED).write_bytes(beside)
    with pytest.raises(BackupDamaged, match=f"{SECOND}.gz is not to be followed. Its signature does not fit"):
        await archive.fetch()


async def test_what_is_signed_cannot_be_changed(archive: Archive) -> None:
    beside = archive.at(SECOND, SIGNED)
    for there, instead in ((b'"size":10', b'"size":11'), (SECOND.encode(), FIRST.encode())):
        signed = beside.read_bytes()
        assert there in signed
        beside.write_bytes(signed.replace(there, instead))
        with pytest.raises(BackupDamaged, match="Its signature does not fit"):
            await archive.fetch()
        beside.write_bytes(signed)


@pytest.mark.parametrize(
    ("form", "history", "expected"), [(Form.BASE, HISTORY, True), (Form.BASE, "0", False), (Form.DUMP, "", False)]
)
async def test_it_is_told_when_there_is_no_back_up_that_the_log_leads_on_from(
    archive: Archive, form: Form, history: str, *, expected: bool
) -> None:
    shipping = Shipping(archive.folder, HISTORY, archive.key, archive.depot, Folder(archive.folder))
    for name in ("20261121T020000Z", "20261121T030000Z"):
        # One that was never finished, and one that can't be read.
        await archive.depot.put_bytes(f"{name}/settings.json", b"{}")
    await archive.depot.put_bytes(f"20261121T030000Z/{MANIFEST}", b"{}")
    manifest = manifest_of(NIGHT, form=form, public_key=public_key_of(archive.key), history=history)
    await archive.depot.put_bytes(f"{manifest.name}/{MANIFEST}", write_manifest(manifest, archive.key))
    with capture_logs() as lines:
        assert await shipping.look_for_base() is expected
    told = [line for line in lines if "leads on from no back-up" in line["event"]]
    assert bool(told) is not expected


async def test_who_proves_a_base_learns_what_is_wrong_with_its_log(archive: Archive) -> None:
    said: list[str] = []
    assert await look_at_log(archive.base, FIRST[8:], said.append) == []
    assert said == ["looked at 2 of 2 pieces of the archived log"]
    await archive.keep("000000010000000000000009", b"much later")
    archive.at(FIRST).write_bytes(b"no gzip")
    assert await look_at_log(archive.base, FIRST[8:], said.append) == [
        "Of the archived log 4 pieces are missing before 0000000000000009.",
        f"{LOG}/{HISTORY}/{FIRST}.gz is not what was signed: its SHA-256 differs.",
    ]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], []),
        (["0000000100000001000000FE", "0000000100000001000000FF", "000000010000000200000000"], []),
        (["0000000100000001000000FE", "0000000200000001000000FE", "00000002.history", "x" * 24], []),
        (["0000000100000001000000FF"], ["Of the archived log 1 piece is missing before 00000001000000FF."]),
        (
            ["0000000100000001000000FE", "000000010000000200000001"],
            ["Of the archived log 2 pieces are missing before 0000000200000001."],
        ),
    ],
)
def test_a_gap_in_the_log_is_found(names: list[str], expected: list[str]) -> None:
    assert missing_pieces("00000001000000FE", names) == expected
