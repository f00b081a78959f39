"""The pages are whole: links lead somewhere, decisions are listed, and nothing that can be asked for is unexplained."""

import re
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import pytest

from emplette.domain.errors import Refusal, Unauthenticated
from emplette.http.contract.refusals import WireRefusal
from emplette.http.contract.statuses import status_of
from tests.house.source import DOCS, ROOT, modules

PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
DECISIONS = DOCS / "decisions"
T = TypeVar("T")

CONTRADICTIONS = {f"C{number}" for number in range(1, 28)} | {f"U{number}" for number in range(1, 13)}


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def _subclasses(kind: type[T]) -> set[type[T]]:
    return {kind} | {deeper for child in kind.__subclasses__() for deeper in _subclasses(child)}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_link_within_the_project_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"[a-z]+:|#", link)]
    assert [link for link in links if not (page.parent / link.partition("#")[0]).exists()] == []


def test_every_decision_is_in_the_index() -> None:
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    pages = {page.name for page in DECISIONS.glob("[0-9]*.md")}
    assert pages == set(re.findall(r"\((\d{4}-[a-z0-9-]+\.md)\)", index))


@pytest.mark.parametrize("number", sorted(CONTRADICTIONS))
def test_every_contradiction_and_gap_of_the_public_documents_is_settled_on_the_page_that_the_index_names(
    number: str,
) -> None:
    index = (DECISIONS / "README.md").read_text(encoding="utf-8")
    rows = [row for row in index.splitlines() if re.search(rf"\b{number}\b", row.rpartition("| ")[2])]
    assert rows, "the index names no page"
    for row in rows:
        (page,) = re.findall(r"\((\d{4}[^)]+)\)", row)
        assert re.search(rf"\b{number}\b", (DECISIONS / page).read_text(encoding="utf-8")), page


def _kinds() -> list[type[Refusal]]:
    """List the refusals that a call can meet, those from which others only derive left out."""
    assert modules()
    families = {Refusal, WireRefusal, Unauthenticated}
    return [kind for kind in _subclasses(Refusal) - families if not kind.__module__.startswith("emplette.storage")]


def _documented() -> dict[str, tuple[set[int], str]]:
    """Read the page of problems: of each code the statuses of its section, and its title."""
    problems: dict[str, tuple[set[int], str]] = {}
    for section in (DOCS / "problems.md").read_text(encoding="utf-8").split("\n## ")[1:]:
        statuses = {int(status) for status in re.findall(r"\d{3}", section.partition("\n")[0])}
        for code, title in re.findall(r"^\| `([a-z_.]+)` \| (.+?) \|", section, re.MULTILINE):
            problems[code] = statuses, title
    return problems


def test_every_code_of_a_refusal_is_documented_with_its_title_and_status() -> None:
    documented = _documented()
    kinds = {kind.code: kind for kind in _kinds()}
    for kind in kinds.values():
        statuses, title = documented.pop(kind.code, (set(), "not documented"))
        assert (kind.code, title) == (kind.code, kind.title())
        assert status_of(kind) in statuses, kind.code
    assert documented == {}, "documented, and nothing has it"


def test_two_refusals_of_one_code_are_one_kind() -> None:
    titles: dict[str, set[str]] = {}
    for kind in _kinds():
        titles.setdefault(kind.code, set()).add(kind.title())
    assert {code: names for code, names in titles.items() if len(names) > 1} == {}


def _states() -> dict[str, list[str]]:
    assert modules("emplette.domain")
    kinds = [kind for kind in _subclasses(StrEnum) if kind.__module__.startswith("emplette.domain")]
    return {kind.__name__: [member.value for member in kind] for kind in kinds if kind.__name__.endswith("State")}


@pytest.mark.parametrize("kind", sorted(_states()))
def test_every_state_is_in_the_glossary(kind: str) -> None:
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    noun = re.sub(r"(?<!^)(?=[A-Z])", " ", kind.removesuffix("State")).lower()
    section = re.search(rf"^### States of an? {noun}$(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"no section 'States of a {noun}'"
    assert sorted(re.findall(r"^\| `(\w+)` \|", section[1], re.MULTILINE)) == sorted(_states()[kind])
