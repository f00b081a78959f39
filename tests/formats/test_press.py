"""Templates that take too much are told to be what is wrong, while whoever called still waits."""

import time
from pathlib import Path

import pytest

from emplette.domain.order_documents import DocumentUnmade, TemplateBroken
from emplette.formats.order_documents import TEMPLATE
from emplette.formats.press import Press
from emplette.formats.workshop import ChildMissing, Workshop
from tests.fixtures.letters import LETTER, MADE_AT

A_CALL = 5.0
"""Seconds that a call may take."""


async def refusal(folder: Path) -> TemplateBroken:
    press = Press(folder)
    try:
        with pytest.raises(TemplateBroken, match="takes too long or too much memory") as broken:
            await press.make(LETTER, made_at=MADE_AT)
    finally:
        await press.close()
    return broken.value


async def test_a_template_without_end_is_said_to_be_one_within_the_time_of_a_call(tmp_path: Path) -> None:
    (tmp_path / TEMPLATE).write_text("#for i in range(1000000000) { let x = calc.pow(i, 2) }", encoding="utf-8")
    began, worked = time.monotonic(), time.process_time()
    refused = await refusal(tmp_path)
    assert refused.code == "order.template_broken"
    assert time.process_time() - worked < 1, "somebody else did the work"
    assert time.monotonic() - began < 6 * A_CALL, "on a machine that does other things as well"


async def test_a_template_that_takes_all_memory_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / TEMPLATE).write_text("#let all = range(1000000000).map(str)", encoding="utf-8")
    assert str(tmp_path) not in (await refusal(tmp_path)).detail


async def test_that_no_process_starts_is_no_fault_of_the_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def missing(*_: object, **__: object) -> None:
        raise ChildMissing("It does not start.")

    monkeypatch.setattr(Workshop, "run", missing)
    with pytest.raises(DocumentUnmade, match="does not start"):
        await Press(tmp_path).make(LETTER, made_at=MADE_AT)
