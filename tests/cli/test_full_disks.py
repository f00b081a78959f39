"""What can't be written, least of all the answer itself, is said in a line and by the exit code."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.runtime.servers import EMPLETTE, PATIENCE


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="This system has no disk that is always full.")
@pytest.mark.parametrize("words", [["openapi"], ["--help"], ["checkpoint", "--help"]], ids=" ".join)
def test_an_answer_for_which_there_is_no_room_is_one_line_and_code_74(words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        said = subprocess.run(
            [*EMPLETTE, *words], stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=PATIENCE
        )
    (line,) = said.stderr.splitlines()
    assert (said.returncode, line.startswith("emplette: "), line.endswith("No space left on device")) == (
        74,
        True,
        True,
    )


def test_who_reads_no_further_ends_a_command_without_a_word() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as left:
        said = subprocess.run(
            [*EMPLETTE, "openapi"], stdout=left, stderr=subprocess.PIPE, text=True, check=False, timeout=PATIENCE
        )
    assert (said.returncode, said.stderr) == (1, "")
