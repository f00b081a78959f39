"""The page of complaints: each number has a test, and each test that is named after a complaint is on the page."""

import ast
import re

from tests.house.source import DOCS, ROOT

PAGE = (DOCS / "complaints.md").read_text(encoding="utf-8")
FOLDER = ROOT / "tests" / "complaints"
GIVEN = 28
"""So many were there to begin with; what else was found follows."""
_NAMED = re.compile(r"`(test_[a-z_]+\.py)::(test_complaint_(\d+)_[a-z0-9_]+)`")
_ROW = re.compile(r"^\| (\d+) \|", re.MULTILINE)


def _named_after_complaints() -> set[tuple[str, str]]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        (path.name, node.name)
        for path in FOLDER.glob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, kinds) and node.name.startswith("test_complaint_")
    }


def test_every_test_that_is_named_after_a_complaint_is_on_the_page_and_there() -> None:
    assert {(path, name) for path, name, _ in _NAMED.findall(PAGE)} == _named_after_complaints()


def test_every_complaint_has_its_number_once_and_a_test_in_its_own_row() -> None:
    rows = [line for line in PAGE.splitlines() if _ROW.match(line)]
    numbers = sorted(int(row.split(" | ")[0].strip("| ")) for row in rows)
    assert numbers == list(range(1, len(rows) + 1))
    assert len(numbers) > GIVEN
    for row in rows:
        number = row.split(" | ")[0].strip("| ")
        assert {found for _, _, found in _NAMED.findall(row)} == {number}, row


def test_every_complaint_says_where_it_was_said() -> None:
    for row in (line for line in PAGE.splitlines() if _ROW.match(line)):
        source = row.split(" | ")[2]
        assert source.strip(), row
