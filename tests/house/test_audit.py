"""The dependency audit does not pretend: what was not looked at is not called clean."""

import json

from scripts.audit_dependencies import judge


def _report(*dependencies: dict[str, object]) -> str:
    return json.dumps({"dependencies": list(dependencies), "fixes": []})


CLEAN: dict[str, object] = {"name": "msgspec", "version": "0.22.0", "vulns": []}
SKIPPED: dict[str, object] = {"name": "starlette", "skip_reason": "Dependency not found and could not be audited"}
VULNERABLE: dict[str, object] = {
    "name": "jinja2",
    "version": "2.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"], "aliases": [], "description": ""}],
}


def test_when_the_source_knows_no_package_nothing_was_audited() -> None:
    verdict = judge(_report(SKIPPED))
    assert verdict.sentence() == "dependency audit: NOT AUDITED (the source answered for no package)"
    assert not verdict.vulnerable


def test_when_the_source_is_out_of_reach_the_reason_is_said() -> None:
    verdict = judge("", "Traceback\nConnectionError: no route to host\n")
    assert verdict.sentence() == "dependency audit: NOT AUDITED (ConnectionError: no route to host)"


def test_a_package_that_was_missed_is_named_beside_the_clean_ones() -> None:
    assert judge(_report(CLEAN, SKIPPED)).sentence() == "dependency audit: 1 packages clean, NOT AUDITED: starlette"


def test_a_vulnerability_is_told_with_the_version_that_mends_it() -> None:
    verdict = judge(_report(CLEAN, VULNERABLE))
    assert verdict.vulnerable
    assert verdict.sentence() == "dependency audit: VULNERABLE: jinja2 2.0: PYSEC-1 (fixed in 2.1)"
