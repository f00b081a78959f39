"""Rules have no clock and money has no floats."""

import ast

import pytest

from tests.house.source import SourceFile, layer

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


@pytest.mark.parametrize("file", layer("domain"), ids=str)
def test_the_domain_reads_no_clock(file: SourceFile) -> None:
    calls = (node for node in ast.walk(file.tree) if isinstance(node, ast.Call))
    readings = [f"{ast.unparse(call)}:{call.lineno}" for call in calls if _last_name(call.func) in CLOCKS]
    assert readings == [], "when it is comes in as an argument"


@pytest.mark.parametrize("file", layer("domain"), ids=str)
def test_the_domain_touches_nothing_outside_itself(file: SourceFile) -> None:
    assert OUTSIDE.isdisjoint(name.partition(".")[0] for name, _ in file.imports())
    assert "open" not in {node.id for node in ast.walk(file.tree) if isinstance(node, ast.Name)}


@pytest.mark.parametrize("file", layer("domain") + layer("storage") + layer("services"), ids=str)
def test_there_is_no_float_near_money(file: SourceFile) -> None:
    if file.path.name in SECONDS:
        return
    names = [
        f"float:{node.lineno}" for node in ast.walk(file.tree) if isinstance(node, ast.Name) and node.id == "float"
    ]
    values = [
        f"{node.value}:{node.lineno}"
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]
    assert [*names, *values] == []


def _last_name(callee: ast.expr) -> str:
    """Name what is called: ``now`` of ``datetime.now()``."""
    match callee:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
        case _:
            return ""
