"""schemathesis let loose on a server that runs: what it is told to try, and what it found."""

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.schemas.document import Document, operations

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
EXAMPLES = 5
# Their bodies are those of others, and take the longest to be gone through: the short form does so in the others only.
_WITHOUT_THOSE_ALIKE = """
[[operations]]
include-operation-id = ["create_purchase_commitment", "revise_commitment", "revise_purchase"]
phases.coverage.enabled = false
"""
# No document can know the id of a file that will be uploaded: only the link from the upload leads to an attachment.
_OF_A_FILE = """
[[operations]]
include-operation-id = ["create_attachment"]
checks.positive_data_acceptance.enabled = false
"""
# Nor which version there will be: only a link says one that is not answered with a 412. To say none is a 428.
_OF_A_VERSION = """
[[operations]]
include-operation-id = ["create_amendment", "create_price_rise"]
checks.positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "412"]
checks.missing_required_header.expected-statuses = ["400", "401", "403", "406", "415", "422", "428"]
"""
# As schemathesis counts them, with those of what is too long, and without any 5xx.
_REFUSED = ["400", "401", "403", "404", "405", "406", "409", "413", "414", "415", "422", "428", "429", "431"]
# What a server can't do anything about: schemathesis knows few ids, so that most of what it makes up is refused.
_OF_NO_CONCERN = {"low_valid_rate", "missing_auth", "missing_test_data", "validation_mismatch"}


@dataclass(frozen=True)
class Keys:
    """The keys of one caller: one for most calls, another for those that only a person may make."""

    own: str
    deciding: str


@dataclass(frozen=True)
class Campaign:
    """What is tried: with which keys, out of which form of the document.

    What is made up need not exist, and may well be refused, though its form is right. Not so what is exemplary: the
    document's own examples, and what its links say. What is brief is single calls, and not field by field.
    """

    name: str
    keys: str
    form: Callable[[Document], Document]
    exemplary: bool = True
    brief: bool = False

    @property
    def phases(self) -> str:
        """The phases of schemathesis that make it."""
        if self.exemplary:
            return "examples,fuzzing,stateful"
        return "fuzzing" if self.brief else "coverage,fuzzing,stateful"

    @property
    def mode(self) -> str:
        """Whether schemathesis breaks rules as well."""
        return "positive" if self.exemplary else "all"

    @property
    def steps(self) -> int:
        """How many calls follow each other: enough of the exemplary ones to get from a purchase to its order."""
        return 60 if self.exemplary else 20


@dataclass(frozen=True)
class Report:
    """What a campaign found."""

    exit_code: int
    findings: list[str]
    untested: int
    calls: int
    warnings: dict[str, list[str]]


def configuration(campaign: Campaign, document: Document, url: str, keys: Keys, *, repeatable: bool) -> str:
    """Write the configuration of schemathesis, as TOML."""
    deciding = [name for name, each in operations(document).items() if each.permissions == ["approve"]]
    # An absence and a calendar are one's own, and a program has none.
    deciding += ["create_absence", "end_absence", "read_calendar_link", "change_calendar_link"]
    # One that was ended by a POST is there no more; schemathesis knows of no other end than a DELETE.
    ending = [name for name, each in operations(document).items() if "{webhookId}" in each.path]
    inferred = [] if campaign.exemplary else ["location-headers", "dependency-analysis"]
    # A link's id makes another body out of an example, which schemathesis then holds for one against the rules.
    return f"""
base-url = "{url}"
headers = {{ Authorization = "lucca application={keys.own}" }}
output.sanitization.enabled = false
checks.positive_data_acceptance.enabled = {json.dumps(campaign.exemplary)}
checks.negative_data_rejection.enabled = {json.dumps(not campaign.exemplary)}
checks.negative_data_rejection.expected-statuses = {json.dumps(_REFUSED)}
phases.examples.extra-data-sources.responses = false
phases.stateful.max-steps = {campaign.steps}
phases.stateful.inference.algorithms = {json.dumps(inferred)}
generation.max-examples = {EXAMPLES}
generation.deterministic = {json.dumps(repeatable)}

[[operations]]
include-operation-id = {json.dumps(deciding)}
headers = {{ Authorization = "lucca application={keys.deciding}" }}

[[operations]]
include-operation-id = {json.dumps(ending)}
checks.ensure_resource_availability.enabled = false
{_OF_A_FILE}{_OF_A_VERSION}{_WITHOUT_THOSE_ALIKE if repeatable else ""}"""


def run(campaign: Campaign, document: Document, url: str, keys: Keys, *, folder: Path, seconds: int | None) -> Report:
    """Run a campaign, for so many seconds or in its short form, which is the same every time.

    The folder takes what it needs and leaves; what it says goes to the standard output.
    """
    document = without_waiting(campaign.form(document))
    described, settings, report = folder / "openapi.json", folder / "schemathesis.toml", folder / "report.json"
    described.write_text(json.dumps(document), encoding="utf-8")
    settings.write_text(configuration(campaign, document, url, keys, repeatable=seconds is None), encoding="utf-8")
    command: list[str | Path] = [SCHEMATHESIS, "--config-file", settings, "--no-color", "run", described]
    command += ["--phases", campaign.phases, "--mode", campaign.mode, "--report-json-path", report]
    command += [] if seconds is None else ["--max-time", str(seconds)]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print(done.stdout)  # noqa: T201  shown when the test fails, or when it is asked to speak
    return _read(json.loads(report.read_text(encoding="utf-8")), done.returncode)


def without_waiting(document: Document) -> Document:
    """Leave out the parameter by which a call waits for half a minute, which schemathesis takes for no answer."""
    patient = copy.deepcopy(document)
    for each in operations(patient).values():
        if "parameters" in each.says:
            each.says["parameters"] = [one for one in each.says["parameters"] if one.get("name") != "wait"]
    return patient


def _read(report: dict[str, Any], exit_code: int) -> Report:
    of_operations, found = report["operations"], [*report["failures"], *report["errors"]]
    return Report(
        exit_code=exit_code,
        findings=[f"{each['title']}: {each.get('operations', [])}" for each in found],
        untested=of_operations["total"] - of_operations["tested"],
        calls=report["test_cases"]["generated"],
        warnings={kind: where for kind, where in report["warnings"].items() if where and kind not in _OF_NO_CONCERN},
    )
