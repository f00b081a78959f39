"""Files and functions stay small enough to be read whole."""

from tests.house.source import SourceFile, at_fault, files

LONGEST_FILE = 400
LONGEST_FUNCTION = 60


WRITTEN = files("src", "tests", "scripts", "bench", "model", "soak", "torture")


def test_no_file_is_longer_than_can_be_read_in_one_go() -> None:
    def too_long(file: SourceFile) -> list[str]:
        lines = file.text.count("\n")
        return [f"{lines} lines"] if lines > LONGEST_FILE else []

    assert at_fault(WRITTEN, too_long) == {}


def test_no_function_is_longer_than_a_screen() -> None:
    def too_long(file: SourceFile) -> list[str]:
        sizes = {f"{node.name}:{node.lineno}": (node.end_lineno or 0) - node.lineno + 1 for node in file.functions()}
        return [f"{name}: {size} lines" for name, size in sizes.items() if size > LONGEST_FUNCTION]

    assert at_fault(WRITTEN, too_long) == {}
