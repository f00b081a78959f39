"""Rules have no clock and money has no floats."""

import ast

from tests.house.source import SourceFile, at_fault, layer

CLOCKS = {"now", "utcnow", "today", "monotonic", "perf_counter", "time_ns"}
SECONDS = {
    "database.py",
    "deliveries.py",
    "hosts.py",
    "mails.py",
    "migrate.py",
    "pulse.py",
    "replicas.py",
}  # These count seconds of waiting, which are no money.
OUTSIDE = {"asyncio", "os", "pathlib", "random", "secrets", "socket", "subprocess", "threading", "time"}


def test_the_domain_reads_no_clock() -> None:
    def readings(file: SourceFile) -> list[str]:
        calls = (node for node in ast.walk(file.tree) if isinstance(node, ast.Call))
        return [f"{ast.unparse(call)}:{call.lineno}" for call in calls if _last_name(call.func) in CLOCKS]

    assert at_fault(layer("domain"), readings) == {}, "when it is comes in as an argument"


def test_the_domain_touches_nothing_outside_itself() -> None:
    def outside(file: SourceFile) -> list[str]:
        imported = [f"{name}:{line}" for name, line in file.imports() if name.partition(".")[0] in OUTSIDE]
        return imported + [f"open:{line}" for line in _uses(file, "open")]

    assert at_fault(layer("domain"), outside) == {}


def test_there_is_no_float_near_money() -> None:
    def floats(file: SourceFile) -> list[str]:
        values = (node for node in ast.walk(file.tree) if isinstance(node, ast.Constant))
        written = [f"{node.value}:{node.lineno}" for node in values if isinstance(node.value, float)]
        return written + [f"float:{line}" for line in _uses(file, "float")]

    money = [file for file in layer("domain") + layer("storage") + layer("services") if file.path.name not in SECONDS]
    assert at_fault(money, floats) == {}


def _uses(file: SourceFile, name: str) -> list[int]:
    """List the lines in which a name is used."""
    return [node.lineno for node in ast.walk(file.tree) if isinstance(node, ast.Name) and node.id == name]


def _last_name(callee: ast.expr) -> str:
    """Name what is called: ``now`` of ``datetime.now()``."""
    match callee:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""
