"""The page of threats: each has an answer and a test, and each test is there."""

import ast
import re
from functools import cache

import pytest

from tests.house.source import DOCS, ROOT

PAGE = (DOCS / "threats.md").read_text(encoding="utf-8")
ATTACKERS = re.findall(r"^## ((?:A|An|Another|Somebody) .*?)$", PAGE, re.MULTILINE)
_PROOF = re.compile(r"`(tests/[a-z_/]+\.py)::(test_[a-z0-9_]+)`")


def _rows() -> list[tuple[str, str, str]]:
    """List the threats: each with what answers it and what proves that."""
    found = []
    for section in PAGE.split("\n## ")[1:]:
        if section.partition("\n")[0] in ATTACKERS:
            lines = [line for line in section.splitlines() if line.startswith("| ")][1:]
            found += [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in lines]
    return [(row[0], row[1], row[2]) for row in found]


ROWS = _rows()


@cache
def _tests_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


def test_the_page_knows_whom_to_fear() -> None:
    assert len(ATTACKERS) == 7
    assert len(ROWS) >= 40
    assert "## What this does not protect from" in PAGE


@pytest.mark.parametrize(("threat", "answer", "proof"), ROWS, ids=[row[0] for row in ROWS])
def test_every_threat_has_an_answer_and_a_test_that_is_there(threat: str, answer: str, proof: str) -> None:
    assert threat
    assert answer
    named = _PROOF.findall(proof)
    assert named, "no test is named"
    assert _PROOF.sub("", proof).strip(", ") == ""
    for path, name in named:
        assert name in _tests_in(path), f"{path} has no {name}"
