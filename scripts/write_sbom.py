"""Write the bill of materials of a release, in CycloneDX 1.6: ``python -m scripts.write_sbom FILE``.

In it is what the runtime lock pins, with all hashes that are accepted, the licences, and who needs whom; and the fonts
that the package holds. It says nothing of the machine or of the moment: its date is SOURCE_DATE_EPOCH.
"""

import hashlib
import os
import sys
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from scripts.dependencies import ROOT, Pin, installed, licence_of, pins, requirements_of

_FONTS: Final = ("NotoSans-Regular", "NotoSans-SemiBold", "NotoSansArabic-Regular")
_FOLDER: Final = ROOT / "src" / "emplette" / "formats" / "order_templates" / "fonts"


def bill(at: datetime) -> Bom:
    """Draw up the bill."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    whole = Component(
        name=project["name"],
        version=project["version"],
        type=ComponentType.APPLICATION,
        bom_ref="emplette",
        purl=PackageURL("pypi", None, project["name"], project["version"]),
        licenses=[LicenseExpression(project["license"])],
    )
    known = installed()
    components = {pin.name: _component(pin, licence_of(pin.name, known)) for pin in pins("runtime")}
    fonts = [_font(name) for name in _FONTS]
    bom = Bom(
        components=[*components.values(), *fonts],
        serial_number=uuid5(NAMESPACE_URL, f"emplette {project['version']} {_digest()}"),
    )
    bom.metadata.component, bom.metadata.timestamp = whole, at
    bom.register_dependency(whole, [*_direct(project, components), *fonts])
    for name, component in components.items():
        needed = requirements_of(known[name])
        bom.register_dependency(component, [components[one] for one in needed if one in components])
    return bom


def _component(pin: Pin, licence: str) -> Component:
    """Describe a package; each of its files that the lock accepts is named by its hash."""
    files = ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION,
        url=XsUri(f"https://pypi.org/project/{pin.name}/{pin.version}/"),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in pin.hashes],
    )
    return Component(
        name=pin.name,
        version=pin.version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{pin.name}=={pin.version}",
        purl=PackageURL("pypi", None, pin.name, pin.version),
        licenses=[LicenseExpression(licence)],
        external_references=[files],
    )


def _font(name: str) -> Component:
    digest = hashlib.sha256((_FOLDER / f"{name}.ttf").read_bytes()).hexdigest()
    return Component(
        name=name,
        type=ComponentType.FILE,
        bom_ref=name,
        licenses=[LicenseExpression("OFL-1.1")],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
    )


def _direct(project: Mapping[str, Any], components: Mapping[str, Component]) -> Sequence[Component]:
    names = {line.partition(">")[0].partition("=")[0].strip().lower() for line in project["dependencies"]}
    return [component for name, component in components.items() if name in names]


def _digest() -> str:
    return hashlib.sha256((ROOT / "requirements" / "runtime.lock.txt").read_bytes()).hexdigest()


def main() -> int:
    """Write it to the file that is named."""
    at = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)
    text = JsonV1Dot6(bill(at)).output_as_string(indent=2)
    Path(sys.argv[1]).write_text(text + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
