"""What the project is built of is listed as it is locked, under licences that are allowed, and built twice the same."""

import hashlib
import json
import subprocess
import tarfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from scripts.dependencies import Package, is_allowed, packages, pins, refused
from scripts.list_dependencies import PAGE, page
from scripts.write_sbom import bill
from tests.house.source import ROOT


def test_the_page_of_dependencies_agrees_with_the_locks() -> None:
    assert PAGE.read_text("utf-8") == page(packages()), "run `make dependencies`"


def test_every_locked_package_is_under_a_licence_that_is_allowed() -> None:
    assert refused(packages()) == []


@pytest.mark.parametrize(
    ("licence", "to_run", "to_develop"),
    [
        *(("MIT", True, True), ("Apache-2.0 AND BSD-2-Clause", True, True), ("MPL-2.0", True, True)),
        *(("GPL-3.0-or-later", False, True), ("MIT OR GPL-3.0-or-later", True, True)),
        *(("MIT AND GPL-3.0-or-later", False, True), ("AGPL-3.0-only", False, False), ("SSPL-1.0", False, False)),
        *(("(MIT OR SSPL-1.0)", True, True), ("", False, False)),
    ],
)
def test_a_licence_that_is_on_no_list_is_refused(licence: str, to_run: bool, to_develop: bool) -> None:  # noqa: FBT001
    assert is_allowed(licence, is_tool=False) is to_run
    assert is_allowed(licence, is_tool=True) is to_develop
    found = refused([Package("odd", "1.0", "run", licence), Package("odd", "1.0", "develop", licence)])
    assert found == [f"odd 1.0 (run): {licence}"] * (not to_run) + [f"odd 1.0 (develop): {licence}"] * (not to_develop)


def test_the_bill_of_materials_names_every_package_that_is_run_with_its_hashes() -> None:
    text = JsonV1Dot6(bill(datetime(2026, 11, 21, tzinfo=UTC))).output_as_string()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    told = json.loads(text)
    components = {component["name"]: component for component in told["components"] if component["type"] == "library"}
    locked = {pin.name: pin for pin in pins("runtime")}
    assert components.keys() == locked.keys()
    for name, component in components.items():
        (files,) = component["externalReferences"]
        assert {one["content"] for one in files["hashes"]} == set(locked[name].hashes), name
        assert component["licenses"][0]["expression"], name
    needed = {one["ref"]: one.get("dependsOn", []) for one in told["dependencies"]}
    assert len(needed["emplette"]) > 20
    assert any(one.startswith("anyio==") for one in needed[f"starlette=={locked['starlette'].version}"])


@pytest.mark.slow
def test_what_is_published_is_built_the_same_to_the_bit_elsewhere_and_at_another_time(tmp_path: Path) -> None:
    run = subprocess.run(
        ["sh", "scripts/build-dist.sh", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.endswith("built twice, the same to the bit\n")
    lines = (tmp_path / "SHA256SUMS").read_text("utf-8").splitlines()
    sums = {name: digest for digest, _, name in (line.partition("  ./") for line in lines)}
    assert {Path(name).suffix for name in sums} == {".whl", ".gz", ".json"}
    assert {name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in sums} == sums
    (wheel,) = tmp_path.glob("*.whl")
    (source,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(source) as opened:
        assert len({member.mtime for member in opened}) == 1
    with zipfile.ZipFile(wheel) as archive:
        assert len({member.date_time for member in archive.infolist()}) == 1
        assert [name for name in archive.namelist() if "test" in name or "/." in name] == []
