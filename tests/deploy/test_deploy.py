"""What is handed to those who run it names settings and commands that exist, and is what its reader understands."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from emplette.cli.main import _COMMANDS
from emplette.runtime.exits import Exit
from emplette.settings import Settings, unknown_variables
from tests.house.source import DOCS, ROOT

DEPLOY = ROOT / "deploy"
UNIT = DEPLOY / "systemd" / "emplette.service"
CONTAINER = DEPLOY / "Containerfile"
COMPOSE = DEPLOY / "compose.yaml"
# What the Containerfile of any builder may say.
INSTRUCTIONS = {
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "RUN",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
}


@pytest.fixture(scope="module")
def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's names are told apart by their case
    parser.read(UNIT)
    return parser


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(COMPOSE.read_text("utf-8"))
    return read


def steps() -> list[tuple[str, str]]:
    """Read the Containerfile: its instructions, each on one line."""
    joined = re.sub(r"\\\n\s*", "", CONTAINER.read_text("utf-8"))
    lines = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


@pytest.mark.parametrize("file", [UNIT, CONTAINER, COMPOSE, DOCS / "deploying.md"], ids=lambda file: file.name)
def test_every_variable_that_is_named_is_a_setting(file: Path) -> None:
    named = set(re.findall(r"\b(EMPLETTE_[A-Z0-9_]*[A-Z0-9])\b", file.read_text("utf-8"))) - {"EMPLETTE_NAME"}
    assert unknown_variables(dict.fromkeys(named, "x")) == []


def test_every_command_that_is_named_exists(unit: configparser.ConfigParser) -> None:
    command = unit["Service"]["ExecStart"].split()
    assert command == ["/opt/emplette/bin/emplette", "serve"]
    last = dict(steps())
    assert (last["ENTRYPOINT"], last["CMD"]) == ('["emplette"]', '["serve"]')
    named = re.findall(r"emplette ([a-z][a-z-]+)\b", "\n".join(_blocks(DOCS / "deploying.md")))
    assert set(named) - {"emplette", "server"} <= set(_COMMANDS)


def test_every_command_beside_the_service_is_said_to_name_the_data_folder_of_the_unit(
    unit: configparser.ConfigParser,
) -> None:
    """Whoever it runs as, without it a command would make another database, and end well."""
    blocks = [block.replace("\\\n", " ") for block in _blocks(DOCS / "deploying.md")]
    commands = [line for block in blocks for line in block.splitlines() if line.startswith("runuser ")]
    assert commands
    assert unit["Service"]["Environment"] == "EMPLETTE_DATA_DIR=/var/lib/emplette"
    for command in commands:
        assert command.startswith("runuser --user emplette -- env EMPLETTE_DATA_DIR=/var/lib/emplette "), command


def _blocks(page: Path) -> list[str]:
    return re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def test_the_unit_agrees_with_what_the_program_does(unit: configparser.ConfigParser) -> None:
    service = unit["Service"]
    assert service["Type"] == "notify"
    assert "EMPLETTE_DATA_DIR=/var/lib/emplette" in UNIT.read_text()
    assert service["StateDirectory"] == "emplette"
    codes = {int(code) for code in service["RestartPreventExitStatus"].split()}
    assert codes == {Exit.FOLDER_UNUSABLE, Exit.BAD_SETTING}
    # The calls under way, then the database with its own patience, and no shorter than both.
    assert float(service["TimeoutStopSec"]) > Settings().stop_timeout + 36


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not on this machine")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    copy = tmp_path / UNIT.name
    program = tmp_path / "emplette"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    copy.write_text(UNIT.read_text().replace("/opt/emplette/bin/emplette", str(program)))
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", copy], capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_container_is_built_of_what_is_here() -> None:
    assert {word for word, _ in steps()} <= INSTRUCTIONS
    copied = [rest.split() for word, rest in steps() if word == "COPY" and "--from" not in rest]
    assert [name for names in copied for name in names[:-1] if not (ROOT / name).exists()] == []
    installs = [rest for word, rest in steps() if word == "RUN" and "pip install" in rest]
    assert all("--require-hashes" in each or "--no-deps" in each for each in installs)
    users = [rest for word, rest in steps() if word == "USER"]
    assert users == ["emplette"]
    assert ("EXPOSE", str(Settings().port)) in steps()


def test_the_composition_is_of_services_that_fit_together(compose: dict[str, Any]) -> None:
    server, database = compose["services"]["server"], compose["services"]["database"]
    assert (COMPOSE.parent / server["build"]["context"] / server["build"]["dockerfile"]).resolve() == CONTAINER
    for service in (server, database):
        assert set(service["secrets"]) <= set(compose["secrets"])
        named = {volume.partition(":")[0] for volume in service["volumes"] if not volume.startswith(".")}
        assert named <= set(compose["volumes"])
        pointed = [path for name, path in service["environment"].items() if name.endswith("_FILE")]
        assert {path.removeprefix("/run/secrets/") for path in pointed} <= set(service["secrets"])
    assert set(server["depends_on"]) <= set(compose["services"])
    assert server["ports"] == [f"127.0.0.1:{Settings().port}:{Settings().port}"]
    assert (DEPLOY / "compose" / "roles.sh").exists()
    assert "18" in database["image"]


def test_the_script_of_the_composition_is_one(tmp_path: Path) -> None:
    script = DEPLOY / "compose" / "roles.sh"
    subprocess.run(["sh", "-n", script], check=True)
    secret = tmp_path / "database-url"
    secret.write_text("postgresql://emplette:abc123@database/emplette\n")
    reading = re.search(r"sed -E '(.*)'", script.read_text())
    assert reading is not None
    done = subprocess.run(["sed", "-E", reading[1], secret], capture_output=True, text=True, check=True)
    assert done.stdout == "abc123\n"
