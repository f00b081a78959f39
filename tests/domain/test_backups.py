"""What a back-up says of itself, and which one is looked at first."""

from datetime import UTC, datetime, timedelta

import pytest

from emplette.domain.backups import (
    FilesInside,
    Form,
    KnownFile,
    LogPiece,
    Manifest,
    SchemaStep,
    is_inside,
    newest_before,
)
from emplette.domain.checkpoints import Checkpoint

BEGAN = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
HEAD = Checkpoint("acme", 1, 4711, bytes.fromhex("00ff"), BEGAN)
MANIFEST = Manifest(
    name="20261121T093000Z",
    form=Form.DUMP,
    began_at=BEGAN,
    ended_at=BEGAN + timedelta(minutes=1),
    emplette="0.1.0",
    schema=SchemaStep(1, "first"),
    postgres="16.4",
    programs="18.6",
    heads=(HEAD,),
    public_key="a key",
    files=FilesInside(0, 0),
    parts=(),
)


def test_the_versions_of_server_and_programs_are_told_apart() -> None:
    assert (MANIFEST.postgres_major, MANIFEST.programs_major) == (16, 18)


def test_a_known_file_is_a_companys_at_its_place() -> None:
    file = KnownFile("7/files/3f/a/3fa2", 3, "00")
    assert (file.tenant, file.place) == (7, "files/3f/a/3fa2")


def test_a_piece_of_the_log_is_signed_as_lines_of_text() -> None:
    piece = LogPiece("0123456789abcdef", "000000010000000000000003", 16777216, "00ff")
    assert piece.form() == b"emplette log 1\n0123456789abcdef\n000000010000000000000003\n16777216\n00ff\n"


def test_those_begun_before_a_moment_are_listed_the_newest_first() -> None:
    names = ["20261121T092900Z", "20261121T093000Z", "20261121T092959Z", "20251121T093001Z"]
    assert newest_before(names, BEGAN) == ["20261121T092959Z", "20261121T092900Z", "20251121T093001Z"]


@pytest.mark.parametrize("path", ["database/base.tar", "files/7/a..b", "a"])
def test_a_path_that_stays_is_inside(path: str) -> None:
    assert is_inside(path)


@pytest.mark.parametrize("path", ["", "/etc/passwd", "..", "a/../b", "a//b", "./a", "a/", "c:a", "a\\b", "a\0"])
def test_a_path_that_could_lead_elsewhere_is_not(path: str) -> None:
    assert not is_inside(path)


def test_a_checkpoint_is_signed_as_lines_of_text_in_utc() -> None:
    elsewhere = Checkpoint("acme", 1, 4711, bytes.fromhex("00ff"), datetime.fromisoformat("2026-11-21T10:30:00+01:00"))
    lines = "emplette checkpoint 1\nacme\n1\n4711\n00ff\n2026-11-21T09:30:00Z\n"
    assert HEAD.form() == elsewhere.form() == lines.encode()
