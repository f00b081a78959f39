"""Every example of the reference can be copied: with curl and with the client it does what the page says."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import pytest

from emplette.client import Emplette, Problem
from tests.docs.demo import KEY, RunningDemo
from tests.fixtures.made_files import pdf
from tests.house.source import ROOT

REFERENCE = ROOT / "docs" / "reference"
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PREPARATION = "client = "
FILE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# A page that is copied as it stands calls what may not exist yet, be in the way or have another version; it never
# calls it wrongly.
UNDERSTOOD = {"200", "201", "403", "404", "409", "412"}


def _examples(kind: str) -> Iterator[tuple[str, str]]:
    for page in sorted(REFERENCE.glob("*.md")):
        for number, (found, text) in enumerate(BLOCK.findall(page.read_text(encoding="utf-8"))):
            if found == kind and page.name != "index.md":
                yield f"{page.stem}-{number}", text


def _preparation() -> str:
    blocks = BLOCK.findall((REFERENCE / "index.md").read_text(encoding="utf-8"))
    return next(str(text) for kind, text in blocks if kind == "python")


def test_every_operation_is_shown_with_both() -> None:
    shown = [len(list(_examples(kind))) for kind in ("sh", "python")]
    headings = sum(page.read_text(encoding="utf-8").count("\n## ") for page in REFERENCE.glob("*.md"))
    assert shown[0] == shown[1] > 50
    assert headings > 50


@pytest.mark.slow
def test_every_example_in_python_has_the_right_types(tmp_path: Path) -> None:
    program = tmp_path / "examples.py"
    functions = [
        f"def _{number}() -> None:\n{indent(text, '    ')}" for number, (_, text) in enumerate(_examples("python"))
    ]
    program.write_text(_preparation() + "\n".join(functions), encoding="utf-8")
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path / 'cache'}", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


@pytest.fixture
def known(demo: RunningDemo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Stand in a folder with a quote, which is uploaded: the id of an uploaded file that there is."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "quote.pdf").write_bytes(pdf())
    with Emplette(demo.url, KEY) as client:
        return str(client.files.upload("quote.pdf").id)


@pytest.mark.slow
def test_every_example_in_python_is_understood(demo: RunningDemo, known: str) -> None:
    names: dict[str, object] = {}
    exec(_preparation().partition(PREPARATION)[0], names)  # noqa: S102 - the page's own words
    names["print"] = lambda _: None
    answers: dict[str, str] = {}
    with Emplette(demo.url, KEY) as client:
        names["client"] = client
        for name, text in _examples("python"):
            try:
                exec(FILE.sub(known, text), names)  # noqa: S102
            except Problem as refused:
                answers[name] = str(refused)
    assert {name: told for name, told in answers.items() if told.split()[0] not in UNDERSTOOD} == {}


@pytest.mark.slow
def test_every_example_with_curl_is_understood(demo: RunningDemo, known: str) -> None:
    quiet = "curl --silent --show-error --output /dev/null --write-out '%{http_code}\\\\n' "
    script = "\n".join(f"echo '== {name}'\n{text}" for name, text in _examples("sh"))
    script = re.sub(r"^curl ", quiet, FILE.sub(known, script), flags=re.MULTILINE)
    script = re.sub(r"--output \w+\.\w+$", "", script, flags=re.MULTILINE)
    environment = os.environ | {"HOST": demo.url, "KEY": KEY}
    run = subprocess.run(["bash", "-euc", script], env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    answers = re.findall(r"^== (\S+)\n(\d+)$", run.stdout, re.MULTILINE)
    assert len(answers) == len(list(_examples("sh")))
    assert [answer for answer in answers if answer[1] not in UNDERSTOOD] == []
