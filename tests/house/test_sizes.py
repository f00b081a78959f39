"""Files and functions stay small enough to be read whole."""

import pytest

from tests.house.source import SourceFile, files

LONGEST_FILE = 400
LONGEST_FUNCTION = 60


@pytest.mark.parametrize("file", files("src", "tests", "scripts", "bench", "model", "torture"), ids=str)
def test_no_file_is_longer_than_can_be_read_in_one_go(file: SourceFile) -> None:
    assert file.text.count("\n") <= LONGEST_FILE


@pytest.mark.parametrize("file", files("src", "tests", "scripts", "bench", "model", "torture"), ids=str)
def test_no_function_is_longer_than_a_screen(file: SourceFile) -> None:
    sizes = {f"{node.name}:{node.lineno}": (node.end_lineno or 0) - node.lineno + 1 for node in file.functions()}
    assert {name: size for name, size in sizes.items() if size > LONGEST_FUNCTION} == {}
