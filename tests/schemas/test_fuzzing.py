"""Whatever is sent, the answer is one that the document promises: tried by schemathesis on a server of two workers.

The short form is the same every time. FUZZ_MINUTES=10 makes it a long one, shared out among the campaigns, with the
whole document and other calls each time: `make fuzz`.
"""

import os
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from _pytest.mark.structures import ParameterSet

from emplette.http.app import openapi_document
from tests.runtime.servers import EMPLETTE, Server, demo_again
from tests.runtime.servers import run as run_command
from tests.schemas.document import narrowed, shortened
from tests.schemas.fuzzing import Campaign, Keys, Report, run

MINUTES: Final = float(os.environ.get("FUZZ_MINUTES", "0"))
# What the examples and links of the document do, test_links tries in every run, a call at a time.
# With the key of a shop requests are approved at once; with that of a form, people decide.
EXEMPLARY: Final = [Campaign(f"examples and links of a {keys}", keys, narrowed) for keys in ("form", "shop")]
MADE_UP: Final = [
    Campaign(f"made up with a {keys}", keys, deepcopy if MINUTES else shortened, exemplary=False)
    for keys in (("form", "shop") if MINUTES else ("form",))
]
BRIEF: Final = Campaign("made up in brief", "form", shortened, exemplary=False, brief=True)


def long(campaign: Campaign) -> ParameterSet:
    """Leave a campaign to `make check-all` and `make fuzz`."""
    return pytest.param(campaign, marks=pytest.mark.long)


# What is made up comes last: it may disable what the examples need.
CAMPAIGNS: Final = [*EXEMPLARY, *MADE_UP] if MINUTES else [*map(long, EXEMPLARY), BRIEF, *map(long, MADE_UP)]


@dataclass(frozen=True)
class Demo:
    """A demo that runs, and the keys to call it with."""

    server: Server
    keys: dict[str, Keys]


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """Run the demo, whose ids the examples have."""
    with demo_again() as server:
        may = ("purchases:all", "view:all", "manage", "configure")
        permissions = [f"--permission={each}" for each in may]
        approver = make_key(server, "--person=36", "--permission=approve", "--permission=view:all")
        form = make_key(server, "--no-auto-approve", "--created-status=201", *permissions)
        yield Demo(server, {"form": Keys(form, approver), "shop": Keys(make_key(server), approver)})


def make_key(server: Server, *options: str) -> str:
    """Make a key of the demo's company beside the server that runs."""
    command = [*EMPLETTE, "key", "create", "--tenant=example", "--name=Fuzz", "--contact=it@example.org", *options]
    done = run_command(command, server.environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.slow
@pytest.mark.timeout(300 + 60 * MINUTES)
@pytest.mark.parametrize("campaign", CAMPAIGNS, ids=lambda campaign: campaign.name)
def test_every_answer_is_as_documented(campaign: Campaign, demo: Demo, tmp_path: Path) -> None:
    seconds = int(60 * MINUTES / (len(EXEMPLARY) + len(MADE_UP))) or None
    report = run(
        campaign, openapi_document(), demo.server.url, demo.keys[campaign.keys], folder=tmp_path, seconds=seconds
    )
    print(f"fuzz: {campaign.name}: calls={report.calls}")  # noqa: T201  what `make fuzz` adds up
    assert report.calls > 200
    assert report == Report(exit_code=0, findings=[], untested=0, calls=report.calls, warnings={})
    assert [line for line in demo.server.log.splitlines() if '"level":"error"' in line] == []
