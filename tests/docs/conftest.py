"""What the tests of the pages share."""

from collections.abc import Iterator

import pytest

from tests.docs.demo import RunningDemo, running_demo


@pytest.fixture(scope="module")
def demo() -> Iterator[RunningDemo]:
    """Run the demo of a newcomer."""
    with running_demo() as running:
        yield running
