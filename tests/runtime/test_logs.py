"""Each line says when, which process and what happened, and never the values of variables."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.runtime.servers import environment_of

PROGRAM = """
import logging, structlog
from emplette.runtime.logs import configure_logs
from emplette.settings import read_settings

configure_logs(read_settings(), process="worker")
log = structlog.get_logger("emplette.test")
log.debug("too much")
log.info("done", count=3, place=read_settings().data_dir)
logging.getLogger("library").info("not urgent")
logging.getLogger("library").warning("it is %s", "late")
try:
    secret = "the key of somebody"
    raise RuntimeError("broken")
except RuntimeError:
    log.exception("failed")
"""


def said(**settings: object) -> list[str]:
    environment = environment_of(Path("/nowhere"), **settings)
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == ""
    return done.stderr.splitlines()


def test_lines_for_machines_are_json() -> None:
    done, late, failed = (json.loads(line) for line in said(log_format="json"))
    assert (done["event"], done["level"], done["process"], done["count"]) == ("done", "info", "worker", 3)
    assert done["at"].endswith("Z")
    assert (late["event"], late["logger"], late["level"]) == ("it is late", "library", "warning")
    assert failed["exception"].endswith("RuntimeError: broken")
    assert "the key of somebody" not in json.dumps(failed)


def test_lines_for_people_are_text() -> None:
    lines = said(log_format="text")
    assert "done" in lines[0]
    assert "count=3" in lines[0]
    assert "the key of somebody" not in "".join(lines[:2])


@pytest.mark.parametrize(("level", "count"), [("debug", 4), ("info", 3), ("error", 1)])
def test_less_urgent_lines_are_left_out(level: str, count: int) -> None:
    assert len(said(log_level=level)) == count
