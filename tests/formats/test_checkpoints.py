"""A checkpoint is signed by the installation, and anybody can check that it was."""

import shutil
import subprocess
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from emplette.domain.checkpoints import Checkpoint
from emplette.domain.errors import Invalid
from emplette.formats.checkpoints import KEY_FILE, own_key, public_key_of, read_signed, sign

KEPT = Checkpoint("acme", 1, 42, bytes(range(32)), datetime(2026, 11, 21, 9, 30, tzinfo=UTC))


def test_the_key_is_made_once_and_is_nobody_elses(tmp_path: Path) -> None:
    first = own_key(tmp_path)
    assert public_key_of(own_key(tmp_path)) == public_key_of(first)
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_what_is_signed_is_read_as_it_was(tmp_path: Path) -> None:
    key = own_key(tmp_path)
    assert read_signed(sign(KEPT, key)) == (KEPT, public_key_of(key))


@pytest.mark.parametrize(
    "change",
    [{"account": "acne"}, {"epoch": 2}, {"position": 41}, {"hash": "00" * 32}, {"at": "2026-11-21T09:30:01Z"}],
    ids=str,
)
def test_what_was_changed_does_not_fit_its_signature(tmp_path: Path, change: dict[str, object]) -> None:
    told = msgspec.json.decode(sign(KEPT, own_key(tmp_path)))
    with pytest.raises(Invalid) as refused:
        read_signed(msgspec.json.encode(told | change).decode())
    assert "does not fit" in str(refused.value.faults)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    own_key(tmp_path)
    (tmp_path / KEY_FILE).write_text("nothing", "utf-8")
    with pytest.raises(Invalid) as refused:
        own_key(tmp_path)
    assert KEY_FILE in str(refused.value.faults)


@pytest.mark.parametrize("position", [42, 41])
def test_openssl_checks_it_as_the_page_says(tmp_path: Path, position: int) -> None:
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("There is no openssl here.")
    told = msgspec.json.decode(sign(KEPT, own_key(tmp_path)))
    (tmp_path / "key.der").write_bytes(bytes.fromhex("302a300506032b6570032100") + b64decode(told["publicKey"]))
    (tmp_path / "signature.bin").write_bytes(b64decode(told["signature"]))
    (tmp_path / "lines.txt").write_bytes(replace(KEPT, position=position).form())
    words = ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key.der", "-rawin", "-in", "lines.txt"]
    words += ["-sigfile", "signature.bin"]
    done = subprocess.run([program, *words], cwd=tmp_path, capture_output=True, check=False)
    assert (done.returncode == 0) is (position == KEPT.position), done.stderr
