"""Find the sentences of the rules: what a refusal says in a case, and in general; why somebody is asked.

They are English in the code, as programs are told them. A sentence with values in it is found as its form, each value
by a name: ``User %(user_id)s has left.``. Only of modules that a page can reach, and only what people can be told.
"""

import ast
import builtins
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).resolve().parents[1] / "src"
_PAGES: Final = SOURCE / "emplette" / "http" / "pages"
# What only programs are told, or those who run the server: the wire of the API, providers, companies, all rates of tax.
_NOT_FOR_PEOPLE: Final = (
    "emplette.http.api",
    "emplette.http.pages.docs",
    "emplette.http.pages.snippets",
    "emplette.http.pages.verify",
    "emplette.domain.tenants",
    "emplette.formats.identity_providers",
    "emplette.formats.exchange_rates",
    "emplette.formats.children",
    "emplette.formats.mail",
    "emplette.formats.order",
    "emplette.formats.press",
    "emplette.storage.hosts",
    "emplette.storage.reading",
    "emplette.storage.replicas",
    "emplette.storage.tenants",
    "emplette.services.taxes",
    "emplette.services.tenants",
    "emplette.services.work",
)
_OF_THE_WIRE: Final = "emplette.http.contract"
_OF_THE_WIRE_FOR_PEOPLE: Final = {f"{_OF_THE_WIRE}.{name}" for name in ("upload", "receive", "rate")}
# Where a sentence is put together, from pieces that are none.
_OF_PIECES: Final = {
    "emplette.domain.budgeting",
    "emplette.domain.registers",
    "emplette.domain.replacing",
    "emplette.domain.routing",
    "emplette.domain.standing_in",
    "emplette.formats.policies",
    "emplette.formats.policy_steps",
}
_SENTENCE: Final = re.compile(r"(?:[A-Z]|%\().* .*\.", re.DOTALL)
_PIECE: Final = re.compile(r"[^A-Z`$]* [^A-Z`$]*", re.DOTALL)
_PLACE: Final = re.compile(r"%\(\w+\)s")
_WORD: Final = re.compile(r"[a-z_]+", re.IGNORECASE)
_LEAST_SAID: Final = 4
"""Letters that a form must have beside its values, to be told from others by them."""


def sentences() -> list[str]:
    """List every sentence, each once, in the order of the modules."""
    found: dict[str, None] = {}
    modules = reachable()
    for name, tree in sorted(modules.items()):
        found |= dict.fromkeys(_of_module(name, tree))
    of_the_wire = SOURCE / f"{_OF_THE_WIRE.replace('.', '/')}" / "refusals.py"
    found |= dict.fromkeys(_titles([*modules.values(), ast.parse(of_the_wire.read_text(encoding="utf-8"))]))
    return [text for text in found if len(re.sub(r"%\(\w+\)s|\W", "", text)) >= _LEAST_SAID]


def reachable() -> dict[str, ast.Module]:
    """Read the modules from which a page can be told something."""
    waiting = [f"emplette.http.pages.{path.stem}" for path in sorted(_PAGES.glob("*.py"))]
    read: dict[str, ast.Module] = {}
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        path = SOURCE / f"{name.replace('.', '/')}.py"
        if name in seen or not path.exists():
            continue
        seen.add(name)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        waiting += _imported(tree)
        told = name in _OF_THE_WIRE_FOR_PEOPLE or not name.startswith(_OF_THE_WIRE)
        if told and not name.startswith(_NOT_FOR_PEOPLE):
            read[name] = tree
    return read


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


def _of_module(name: str, tree: ast.Module) -> Iterator[str]:
    nodes = list(ast.walk(tree))
    left_out = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            left_out |= {id(part) for part in ast.walk(node)} - {id(node)}
        elif isinstance(node, ast.Raise) and _is_fault_of_ours(node):
            left_out |= {id(part) for part in ast.walk(node)}
    pieces = set(_pieces(nodes)) if name in _OF_PIECES else set()
    for node in nodes:
        text = None if id(node) in left_out else form_of(node)
        if text is not None and (_SENTENCE.fullmatch(text) or (id(node) in pieces and _PIECE.fullmatch(text))):
            yield text


def _is_fault_of_ours(node: ast.Raise) -> bool:
    """Tell whether what is raised is told to nobody: the code is at fault, and its name is one of Python's."""
    made = node.exc
    return isinstance(made, ast.Call) and isinstance(made.func, ast.Name) and hasattr(builtins, made.func.id)


def _pieces(nodes: list[ast.AST]) -> Iterator[int]:
    """Find the texts that are named, handed on or looked up: of them sentences are put together."""
    for node in nodes:
        told: list[ast.expr] = []
        if isinstance(node, ast.Assign):
            told = [node.value]
        elif isinstance(node, ast.Call):
            told = [*node.args, *(one.value for one in node.keywords)]
        elif isinstance(node, ast.Dict):
            told = node.values
        for one in told:
            yield from (id(part) for part in ast.walk(one) if form_of(part) is not None)


def form_of(node: ast.AST) -> str | None:
    """Write a text of the code as its form; None when it is no text. What ``{}`` holds has no name."""
    if isinstance(node, ast.Constant):
        return _form_of_constant(node.value) if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    names: list[str] = []
    parts: list[str] = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value).replace("%", "%%"))
        elif isinstance(part, ast.FormattedValue):
            value = part.value.test if isinstance(part.value, ast.IfExp) else part.value
            names.append((_WORD.findall(ast.unparse(value)) or ["value"])[-1].strip("_").lower())
            parts.append(f"%({names[-1]}{names.count(names[-1]) if names.count(names[-1]) > 1 else ''})s")
    return "".join(parts)


def _form_of_constant(text: str) -> str:
    return text if _PLACE.search(text) else text.replace("%", "%%").replace("{}", "%(value)s")


def _titles(modules: Iterable[ast.Module]) -> Iterator[str]:
    """Say what kind of refusal each is: the first line of its docstring."""
    classes = [node for tree in modules for node in tree.body if isinstance(node, ast.ClassDef)]
    refusals, before = {"Refusal"}, 0
    while before != len(refusals):
        before = len(refusals)
        refusals |= {one.name for one in classes if {ast.unparse(base).split(".")[-1] for base in one.bases} & refusals}
    for one in classes:
        if one.name in refusals:
            yield (ast.get_docstring(one) or one.name).splitlines()[0].replace("%", "%%")
