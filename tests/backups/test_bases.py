"""A base is unpacked by every Python that Emplette runs with."""

import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

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

    def before(archive: tarfile.TarFile, path: Path) -> None:
        todays(archive, path)

    monkeypatch.delattr(tarfile, "tar_filter", raising=False)
    monkeypatch.setattr(tarfile.TarFile, "extractall", before)
    unpack(base, tmp_path / "there")
    assert (tmp_path / "there" / "PG_VERSION").read_text() == "18\n"
