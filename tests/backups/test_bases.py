"""A base is unpacked by every Python that Emplette runs with, and leads none of them elsewhere."""

import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from emplette.domain.backups import BackupDamaged
from emplette.runtime.bases import unpack


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """Pack the files of a database."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("18\n")
    packed = tmp_path / "base.tar.gz"
    with tarfile.open(packed, "w:gz") as archive:
        archive.add(tmp_path / "data", arcname=".")
    return packed


def test_a_base_is_unpacked(base: Path, tmp_path: Path) -> None:
    unpack(base, tmp_path / "there")
    assert (tmp_path / "there" / "PG_VERSION").read_text() == "18\n"


def test_a_base_is_unpacked_by_a_python_that_knows_no_filters(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As Python 3.11.2, that of Debian 12.
    todays: Callable[..., None] = tarfile.TarFile.extractall

    def before(archive: tarfile.TarFile, path: Path, members: Iterable[tarfile.TarInfo]) -> None:
        todays(archive, path, members)

    monkeypatch.delattr(tarfile, "tar_filter", raising=False)
    monkeypatch.setattr(tarfile.TarFile, "extractall", before)
    unpack(base, tmp_path / "there")
    assert (tmp_path / "there" / "PG_VERSION").read_text() == "18\n"


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (tarfile.LNKTYPE, "global/1262"),
        (tarfile.SYMTYPE, "pg_wal"),
        (tarfile.FIFOTYPE, "pipe"),
        (tarfile.CHRTYPE, "device"),
        (tarfile.REGTYPE, "../astray"),
        (tarfile.REGTYPE, "base/../../astray"),
        (tarfile.DIRTYPE, "../astray"),
        (tarfile.REGTYPE, "{above}/astray"),
    ],
)
def test_what_leads_elsewhere_is_not_unpacked(tmp_path: Path, kind: bytes, name: str) -> None:
    (tmp_path / "secret").write_text("ours")
    packed = tmp_path / "base.tar.gz"
    with tarfile.open(packed, "w:gz") as archive:
        member = tarfile.TarInfo(name.format(above=tmp_path))
        member.type, member.linkname = kind, str(tmp_path / "secret")
        archive.addfile(member)
    with pytest.raises(BackupDamaged, match="is no file of a database"):
        unpack(packed, tmp_path / "there")
    assert list((tmp_path / "there").iterdir()) == []
    assert not (tmp_path / "astray").exists()
