"""Every event that anything writes has its line in the list of types, and what is in the list is written somewhere."""

import re
from typing import Any, TypeVar

from emplette.domain.errors import Refusal
from emplette.domain.events import EVENT_TYPES, OBJECT_TYPES
from emplette.storage.registers import Register
from tests.house.source import PACKAGE, modules

T = TypeVar("T")

_LIST = PACKAGE / "domain" / "events.py"
_LITERAL = re.compile(r"""["']([a-z_]+\.[a-z_]+)["']""")
_WRITERS = ("domain", "services", "storage", "jobs", "runtime")
# They are called like events, and are none.
_OTHERS = {"cost_center.import", "order.typ", "policy.currency", "supplier.id"} | {
    f"{part}.{what}" for part in ("purchase", "commitment", "request", "order") for what in ("insert", "update")
}


def _registers() -> list[Register[Any]]:
    """List the registers of the company."""
    found = {id(each): each for module in modules() for each in vars(module).values() if isinstance(each, Register)}
    assert len(found) > 10
    return list(found.values())


def _told_of_entries() -> set[str]:
    return {
        f"{register.kind}.{what}"
        for register in _registers()
        for what in ("created", *register.told_by_itself, *register.told_back.values())
    }


def _said() -> set[str]:
    """List what is written like the name of an event in whatever writes events."""
    paths = [path for folder in _WRITERS for path in (PACKAGE / folder).rglob("*.py") if path != _LIST]
    names = {name for path in paths for name in _LITERAL.findall(path.read_text("utf-8"))}
    return {name for name in names if name.partition(".")[0] in OBJECT_TYPES} - _OTHERS


def _deeper(kind: type[T]) -> set[type[T]]:
    assert modules()
    return {kind} | {deeper for child in kind.__subclasses__() for deeper in _deeper(child)}


def test_what_is_told_of_the_entries_of_registers_is_in_the_list() -> None:
    assert _told_of_entries() - EVENT_TYPES.keys() == set()


def test_what_is_told_of_anything_else_is_in_the_list() -> None:
    codes = {kind.code for kind in _deeper(Refusal)}
    assert _said() - codes - EVENT_TYPES.keys() == set()


def test_nothing_is_in_the_list_that_nobody_writes() -> None:
    changed = {f"{register.kind}.changed" for register in _registers()}
    others = _said() | {f"{kind}.texts_erased" for kind in OBJECT_TYPES} | {"user.erased"}
    reminders = {f"subscription.{what}" for what in ("notice_due", "end_due", "ran_out")}
    assert EVENT_TYPES.keys() - _told_of_entries() - changed - others - reminders == {"import.written"}
