"""The tutorial is run as it stands: every command in a shell, every answer shown held against what came."""

import json
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.docs.demo import RunningDemo

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(console|json)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = "-- end of block {} --"


@dataclass
class Block:
    """Some commands of the tutorial, and the answer that it shows after them."""

    commands: str
    shown: list[object] = field(default_factory=list)


def _blocks() -> list[Block]:
    blocks: list[Block] = []
    for kind, content in BLOCK.findall(TUTORIAL.read_text(encoding="utf-8")):
        if kind == "console":
            blocks.append(Block(content))
        else:
            blocks[-1].shown.append(json.loads(content))
    return blocks


def _difference(shown: object, came: object, path: str = "$") -> list[str]:
    """List what is shown and did not come; what came and is not shown does not matter."""
    if isinstance(shown, dict) and isinstance(came, dict):
        return [
            fault
            for key, value in shown.items()
            for fault in (
                _difference(value, came[key], f"{path}.{key}") if key in came else [f"{path}.{key} is absent"]
            )
        ]
    if isinstance(shown, list) and isinstance(came, list) and len(shown) == len(came):
        return [
            fault
            for index, (value, other) in enumerate(zip(shown, came, strict=True))
            for fault in _difference(value, other, f"{path}[{index}]")
        ]
    return [] if shown == came else [f"{path}: shown {shown!r}, came {came!r}"]


@pytest.mark.slow
def test_every_command_of_the_tutorial_does_what_the_tutorial_says(demo: RunningDemo) -> None:
    blocks = _blocks()
    script = "set -euo pipefail\n" + "".join(
        f"{block.commands}\necho\necho '{MARK.format(number)}'\n" for number, block in enumerate(blocks)
    )
    script = script.replace("http://127.0.0.1:8377", demo.url)
    run = subprocess.run(
        ["bash", "-c", script], cwd=ROOT, env=demo.environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert run.returncode == 0, f"{run.stderr}\n{run.stdout[-2000:]}"
    rest = run.stdout
    for number, block in enumerate(blocks):
        output, _, rest = rest.partition(MARK.format(number))
        for shown in block.shown:
            assert _difference(shown, json.loads(output.strip().splitlines()[-1])) == [], block.commands


def test_the_tutorial_shows_answers_for_the_calls_of_the_guide() -> None:
    blocks = _blocks()
    calls = (
        "api/purchases ",
        "api/commitments ",
        "/requests)",
        "/commitment ",
        "/cancellations ",
        "/closing ",
        "/uploads)",
    )
    assert [call for call in calls if not any(call in block.commands and block.shown for block in blocks)] == []
