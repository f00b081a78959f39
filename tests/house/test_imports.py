"""Imports stand at the top and point one way. (The way itself is held by import-linter: see pyproject.toml.)"""

import ast
import sys

import pytest

from tests.house.source import SourceFile, files, layer


@pytest.mark.parametrize("file", files("src"), ids=str)
def test_no_import_hides_from_the_import_contracts(file: SourceFile) -> None:
    hidden = [
        f"{node.name}:{inner.lineno}"
        for node in file.functions()
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert hidden == [], "an import inside a function is a cycle in disguise"
    assert "TYPE_CHECKING" not in file.text, "an import for types only is a cycle in disguise"


@pytest.mark.parametrize("file", layer("domain"), ids=str)
def test_the_domain_stands_on_the_standard_library_alone(file: SourceFile) -> None:
    foreign = [
        f"{name}:{line}"
        for name, line in file.imports()
        if name.partition(".")[0] not in sys.stdlib_module_names and not name.startswith("emplette.domain")
    ]
    assert foreign == []


@pytest.mark.parametrize("file", layer("services") + layer("domain"), ids=str)
def test_rules_and_use_cases_know_no_driver_and_no_framework(file: SourceFile) -> None:
    outside = {"asyncpg", "granian", "jinja2", "msgspec", "starlette", "typer", "uvloop"}
    assert outside.isdisjoint(name.partition(".")[0] for name, _ in file.imports())


@pytest.mark.parametrize("file", [file for file in layer("services") if file.noun != "work"], ids=str)
def test_a_use_case_calls_no_other_use_case(file: SourceFile) -> None:
    shared = {f"emplette.services.{name}" for name in ("commands", "memory", "plans", "registers", "work")}
    others = {name for name, _ in file.imports() if name.startswith("emplette.services")} - shared
    assert others == set(), "what two use cases share belongs to the domain or the storage"
