"""Imports stand at the top and point one way. (The way itself is held by import-linter: see pyproject.toml.)"""

import ast
import sys
from collections.abc import Iterator

from tests.house.source import SourceFile, at_fault, files, layer

# What use cases are made of, and none by itself: what a process keeps between calls, and steps that several take.
SHARED: dict[str, str] = {
    "amounts": "What a draft comes to needs the rates that a process keeps, whoever drafts or amends it.",
    "charging": "Each command on a purchase may change what hangs on budgets, in its own statement.",
    "commands": "How each command on a purchase is carried out.",
    "conversions": "What a process keeps of the rates of exchange.",
    "hanging": "Reading a purchase with what shall hang on it is the one read of proposing and of amending.",
    "memory": "What a process keeps of what it wrote last.",
    "outlooks": "What is left of the budgets is told with a plan, beside a request and on a purchase.",
    "password_links": "Somebody is invited by a command, which shows the link, and on a page, which mails it.",
    "passwords": "The threads in which passwords are hashed.",
    "planning": "Who is asked is worked out for a draft, a request, a change under review and whoever is replaced.",
    "plans": "What a file would do, whatever it is imported into.",
    "policies_in_force": "What a process keeps of the policies and the charts.",
    "randomness": "Drawing what nobody can guess.",
    "registers": "How an entry of any register is written.",
    "prospects": "What happens if nobody decides is told with a plan, and done when it is time.",
    "standing_in": "Who stands in is looked at by all that decides, shows or replaces.",
    "submitting": "A request comes of a commitment, of an amendment and of a denied one asked for anew.",
    "takeovers": "A new budget takes over what falls into it, made by a call or by a file.",
    "work": "What every use case is given.",
}


def test_no_import_hides_from_the_import_contracts() -> None:
    def hidden(file: SourceFile) -> list[str]:
        inside = [
            f"{node.name}:{inner.lineno}"
            for node in file.functions()
            for inner in ast.walk(node)
            if isinstance(inner, ast.Import | ast.ImportFrom)
        ]
        return [*inside, *(["TYPE_CHECKING"] if "TYPE_CHECKING" in file.text else [])]

    found = at_fault(files("src"), hidden)
    assert found == {}, "an import inside a function, or for types only, is a cycle in disguise"


def test_the_domain_stands_on_the_standard_library_alone() -> None:
    def foreign(file: SourceFile) -> list[str]:
        return [
            f"{name}:{line}"
            for name, line in file.imports()
            if name.partition(".")[0] not in sys.stdlib_module_names and not name.startswith("emplette.domain")
        ]

    assert at_fault(layer("domain"), foreign) == {}


def test_rules_and_use_cases_know_no_driver_and_no_framework() -> None:
    outside = {"asyncpg", "granian", "jinja2", "msgspec", "starlette", "typer", "uvloop"}

    def known(file: SourceFile) -> list[str]:
        return [f"{name}:{line}" for name, line in file.imports() if name.partition(".")[0] in outside]

    assert at_fault(layer("services") + layer("domain"), known) == {}


def test_a_use_case_calls_no_other_use_case() -> None:
    def others(file: SourceFile) -> list[str]:
        return [name for name in _services(file) if name not in SHARED]

    found = at_fault([file for file in layer("services") if file.noun != "work"], others)
    assert found == {}, "what two use cases share belongs to the domain or the storage"


def test_no_shared_step_outlives_its_use() -> None:
    used = {name for file in layer("services") for name in _services(file)}
    assert set(SHARED) - used == set()


def _services(file: SourceFile) -> Iterator[str]:
    """Name the services that a file imports, each without its package."""
    for node in ast.walk(file.tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        if node.module == "emplette.services":
            yield from (alias.name for alias in node.names)
        elif (node.module or "").startswith("emplette.services."):
            yield (node.module or "").removeprefix("emplette.services.")
