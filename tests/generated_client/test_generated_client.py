"""Others make their clients from our OpenAPI document: one that a generator made plays the guide."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.demo import KEY, RunningDemo, running_demo
from tests.house.source import ROOT

HERE = Path(__file__).parent
ENVIRONMENT = Path(sys.prefix) / "generator"
MISSING = "the generator is not installed: run `make setup`"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def generator() -> Path:
    """Lend the generator's own environment; where nothing may be left out, its absence is a failure."""
    if not (ENVIRONMENT / "bin" / "openapi-python-client").exists():
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    return ENVIRONMENT / "bin"


@pytest.fixture(scope="module")
def demo() -> Iterator[RunningDemo]:
    with running_demo() as running:
        yield running


def test_a_client_that_a_generator_makes_of_our_document_plays_the_guide(
    generator: Path, demo: RunningDemo, tmp_path: Path
) -> None:
    document, package = ROOT / "docs" / "openapi.json", tmp_path / "spend"
    command = ["openapi-python-client", "generate", "--meta=none", f"--config={HERE / 'config.yaml'}"]
    made = subprocess.run(
        [generator / command[0], *command[1:], f"--path={document}", f"--output-path={package}", "--fail-on-warning"],
        env=os.environ | {"PATH": f"{generator}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    played = subprocess.run(
        [generator / "python", HERE / "play_guide.py", demo.url, KEY],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert played.returncode == 0, played.stderr
    told = json.loads(played.stdout)
    assert told.pop("order")
    assert told == {
        "request": "Approved",
        "created": True,
        "amount": 120,
        "found": True,
        "refused": "request.exists",
    }
