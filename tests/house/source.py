"""The project's own source, read once, for the tests that hold the house to its rules."""

import ast
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "emplette"
DOCS = ROOT / "docs"
LAYERS = ("cli", "runtime", "http", "jobs", "services", "storage", "formats", "domain")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class SourceFile:
    """One Python file of the project, by its path from the root; it is read when a rule first looks into it."""

    path: Path

    def __str__(self) -> str:
        return self.path.as_posix()

    @cached_property
    def text(self) -> str:
        """What is written in it."""
        return (ROOT / self.path).read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """What is written in it, as Python understands it."""
        return ast.parse(self.text, str(self.path))

    @property
    def noun(self) -> str:
        """What the file is about, as its name says."""
        return self.path.stem

    def functions(self) -> Iterator[Function]:
        """Walk all functions and methods, those inside others too."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def imports(self) -> Iterator[tuple[str, int]]:
        """Walk all imported modules, with the line of each."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield node.module or "", node.lineno


@cache
def files(*folders: str) -> tuple[SourceFile, ...]:
    """List the Python files below these folders of the repository."""
    return tuple(_file(path) for path in sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py")))


def layer(name: str) -> tuple[SourceFile, ...]:
    """List the Python files of one layer."""
    return files(f"src/emplette/{name}")


def at_fault(looked_at: Iterable[SourceFile], faults: Callable[[SourceFile], Iterable[str]]) -> dict[str, list[str]]:
    """Look for what breaks a rule in some files: what was found in each, for those in which there is anything."""
    found = {str(file): list(faults(file)) for file in looked_at}
    assert found, "a rule about no file holds nothing"
    return {path: wrong for path, wrong in found.items() if wrong}


@cache
def _file(path: Path) -> SourceFile:
    """Have each file once, whichever rules look into it: a tree costs more than all that is looked for in it."""
    return SourceFile(path.relative_to(ROOT))


@cache
def modules(package: str = "emplette") -> tuple[ModuleType, ...]:
    """Import every module of a package, as whoever needs all subclasses of something must."""
    root = importlib.import_module(package)
    names = [module.name for module in pkgutil.walk_packages(root.__path__, f"{package}.")]
    return tuple(importlib.import_module(name) for name in names if not name.endswith("__main__"))
