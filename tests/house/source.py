"""The project's own source, read once, for the tests that hold the house to its rules."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "emplette"
DOCS = ROOT / "docs"
LAYERS = ("cli", "runtime", "http", "jobs", "services", "storage", "formats", "domain")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class SourceFile:
    """One Python file of the project: its path from the root, its text and its syntax tree."""

    path: Path
    text: str
    tree: ast.Module

    def __str__(self) -> str:
        return self.path.as_posix()

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
    """Read the Python files below these folders of the repository."""
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    texts = [(path.relative_to(ROOT), path.read_text(encoding="utf-8")) for path in paths]
    return tuple(SourceFile(path, text, ast.parse(text, str(path))) for path, text in texts)


def layer(name: str) -> tuple[SourceFile, ...]:
    """Read the Python files of one layer."""
    return files(f"src/emplette/{name}")


@cache
def modules(package: str = "emplette") -> tuple[ModuleType, ...]:
    """Import every module of a package, as whoever needs all subclasses of something must."""
    root = importlib.import_module(package)
    names = [module.name for module in pkgutil.walk_packages(root.__path__, f"{package}.")]
    return tuple(importlib.import_module(name) for name in names if not name.endswith("__main__"))
