"""The page of the Python client: the guide in nine lines works as printed, and all of it has the right types."""

import re
import subprocess
import sys
from pathlib import Path
from textwrap import indent

import pytest

from emplette.client import errors
from tests.docs.demo import KEY, RunningDemo
from tests.house.source import ROOT

PAGE = (ROOT / "docs" / "sdk.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)

PREPARATION = """
from datetime import date
from emplette.client import BadRequest, Conflict, Emplette
from emplette.client.models import Commitment, MoneyInput, SubscriptionCommitment

def remember(page: str | None) -> None: ...

def everything(client: Emplette, commitment: Commitment, price: MoneyInput) -> None:
"""


def _mypy(program: Path) -> str:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={program.parent / 'cache'}"]
    checked = subprocess.run([*command, program], cwd=program.parent, capture_output=True, text=True, check=False)
    return "" if checked.returncode == 0 else checked.stdout


def test_the_guide_is_nine_lines_and_the_same_wherever_it_is_shown() -> None:
    guide = BLOCK.findall(PAGE)[0]
    assert guide.count("\n") == 9
    assert BLOCK.findall(README) == [guide]


@pytest.mark.slow
def test_the_guide_works_as_printed(demo: RunningDemo) -> None:
    guide = BLOCK.findall(PAGE)[0]
    assert KEY in guide
    program = guide.replace("http://127.0.0.1:8377", demo.url)
    run = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert re.fullmatch(r"Approved \S+\n", run.stdout)


@pytest.mark.slow
def test_all_that_the_page_shows_has_the_right_types(tmp_path: Path) -> None:
    guide, *others = BLOCK.findall(PAGE)
    program = tmp_path / "program.py"
    program.write_text(guide + PREPARATION + indent("\n".join(others), "    "), encoding="utf-8")
    assert _mypy(program) == ""


@pytest.mark.slow
def test_what_is_wrong_is_found_before_it_runs(tmp_path: Path) -> None:
    wrong = [
        "client.natures.create()",
        'client.natures.create(name="x", colour="red")',
        'client.natures.create(name="x", cost_family_id="1")',
        'client.purchases.list(state=["Onging"])',
        'client.commitments.create(purchase_id=1, type="OneTimeCommitment")',
        'client.purchases.create(title="x", owner_id=35, nature_id=1, cost_center_id=3, supplier={"ID": 6})',
        'excluding: MoneyInput = {"excluding_taxes": {"value": 0.1, "currency": "EUR"}}',
        "client.purchases.get(1).titel",
    ]
    program = tmp_path / "program.py"
    program.write_text(PREPARATION + indent("\n".join(wrong), "    "), encoding="utf-8")
    first = PREPARATION.count("\n") + 1
    found = {int(line) for line in re.findall(r"program\.py:(\d+): error", _mypy(program))}
    assert found == set(range(first, first + len(wrong)))


def test_every_class_of_error_is_named_on_the_page() -> None:
    kinds = [name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert len(kinds) > 10
    assert [name for name in kinds if f"`{name}`" not in PAGE] == []
