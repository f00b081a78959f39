"""The lock files install the same everywhere: whole, hashed, and without an address in them."""

import re
from pathlib import Path

import pytest

from tests.house.source import ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.lock.txt"))


def _pins(text: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^ \\;]+)", text, re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_names_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert not re.search(r"https?://|file:|index-url|find-links|^-e |(^|\s)/", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_locked_package_has_its_hashes(lock: Path) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", lock.read_text(encoding="utf-8"))[1:]
    assert entries
    assert [entry.partition(" ")[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_what_is_developed_with_is_what_is_run_with() -> None:
    run, develop = (
        _pins((ROOT / "requirements" / f"{name}.lock.txt").read_text(encoding="utf-8")) for name in ("runtime", "dev")
    )
    assert run
    assert {name: develop.get(name) for name in run} == run
