"""What the project is built of: every locked package, what it is used for, and its licence as an SPDX expression.

Licences are read from the metadata of the installed packages, which are those of the locks. Where somebody wrote one
down otherwise than SPDX does, a table here says what it is; an unknown way of writing is an error, and so is a licence
that is on no list.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Final

from license_expression import get_spdx_licensing  # type: ignore[import-untyped]  # it says nothing of its types
from packaging.markers import Marker, default_environment
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).parent.parent
USES: Final = {
    "runtime": "run",
    "telemetry": "traces",
    "dev": "develop",
    "setup": "set up",
    "generator": "generate a client",
}
"""What a lock's packages are used for, in the order in which a package that is in several counts."""

PERMISSIVE: Final = frozenset(
    [
        *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CNRI-Python", "ISC", "MIT", "MIT-0", "MIT-CMU"),
        *("OFL-1.1", "PostgreSQL", "PSF-2.0", "Unlicense", "Zlib", "LicenseRef-Public-Domain"),
    ]
)
UNCHANGED: Final = frozenset(["LGPL-2.1-or-later", "MPL-2.0"])
"""Ask that changes to the package itself be published; we install it unchanged, by itself, for everybody to replace."""
TOOLS: Final = frozenset(["GPL-3.0-or-later"])
"""Fine for a tool that nobody gets from us."""

# How a licence is written in metadata, where not as SPDX does.
_WRITTEN: Final = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "BSD 2-Clause License": "BSD-2-Clause",
    "BSD License": "BSD-3-Clause",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.1-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT license": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "PSFL": "PSF-2.0",
    "Public Domain": "LicenseRef-Public-Domain",
    "Python Software Foundation License": "PSF-2.0",
}
# Read in the licence file of the package, where its metadata names none or only says that there is one.
_READ: Final = {
    "currencyconverter": "Apache-2.0",
    "pypdfium2": "BSD-3-Clause AND Apache-2.0",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
}
_PIN: Final = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ \\;]+)(?: ; ([^\\\n]+?))? *\\?$", re.MULTILINE)
_LONGEST: Final = 80
"""What is longer is no expression, but the licence itself."""
_PLATFORMS: Final = ("linux", "darwin")


class UnknownLicence(Exception):
    """The licence of a package is written as none that we know."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A package in a lock file, with the hashes of all its files."""

    name: str
    version: str
    hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Package:
    """A package, what it is used for, and its licence."""

    name: str
    version: str
    use: str
    licence: str


def pins(lock: str) -> list[Pin]:
    """Read a lock file: the packages that are installed on a system on which Emplette runs."""
    text = (ROOT / "requirements" / f"{lock}.lock.txt").read_text("utf-8")
    found = []
    for entry in re.split(r"\n(?=[a-z0-9])", text):
        match = _PIN.search(entry)
        if match and _is_installed(match[3]):
            found.append(Pin(match[1], match[2], tuple(re.findall(r"--hash=sha256:([0-9a-f]{64})", entry))))
    return found


def _is_installed(marker: str | None) -> bool:
    """Tell whether a condition holds anywhere that Emplette runs: not on Windows, nor in a browser."""
    if marker is None:
        return True
    environments = (
        {**default_environment(), "sys_platform": platform, "python_full_version": version}
        for platform in _PLATFORMS
        for version in ("3.11.9", "3.13.0")
    )
    return any(Marker(marker).evaluate({key: str(value) for key, value in one.items()}) for one in environments)


def packages() -> list[Package]:
    """List every locked package, the most important use first, then by name."""
    known = installed()
    found: dict[tuple[str, str], Package] = {}
    runtime = {pin.name for pin in pins("runtime")}
    of_traces = _of_traces(known)
    for lock in ("runtime", "dev", "setup", "generator"):
        for pin in pins(lock):
            traces = lock == "dev" and pin.name in of_traces and pin.name not in runtime
            use = USES["telemetry" if traces else lock]
            licence = licence_of(pin.name, known)
            found.setdefault((pin.name, pin.version), Package(pin.name, pin.version, use, licence))
    order = list(USES.values())
    return sorted(found.values(), key=lambda package: (order.index(package.use), package.name, package.version))


def _of_traces(known: Mapping[str, Distribution]) -> set[str]:
    """Follow the extra `telemetry` to all that it needs."""
    waiting, found = ["opentelemetry-exporter-otlp-proto-http", "opentelemetry-sdk"], set[str]()
    while waiting:
        name = waiting.pop()
        if name not in found and name in known:
            found.add(name)
            waiting += requirements_of(known[name])
    return found


def requirements_of(distribution: Distribution) -> list[str]:
    """List what a package needs, its extras left out."""
    needed = (re.match(r"[A-Za-z0-9._-]+", line) for line in distribution.requires or () if "extra ==" not in line)
    return [canonicalize_name(match[0]) for match in needed if match]


def licence_of(name: str, known: Mapping[str, Distribution]) -> str:
    """Say under which licence a package is, as an SPDX expression.

    Raises:
        UnknownLicence: it is written as none that we know.
    """
    if name in _READ:
        return _READ[name]
    if name not in known:
        raise UnknownLicence(f"{name} is locked and not installed: run `make setup`")
    metadata = known[name].metadata
    classifiers = [line.rpartition(" :: ")[2] for line in metadata.get_all("Classifier") or () if "License ::" in line]
    said: list[str] = [*(metadata.get_all("License-Expression") or ()), *(metadata.get_all("License") or ())]
    written = [*said, " OR ".join(map(_as_spdx, classifiers))]
    for text in filter(None, written):
        expression = _as_spdx(text)
        is_short = len(expression) <= _LONGEST
        if expression in PERMISSIVE or (is_short and not get_spdx_licensing().validate(expression).errors):
            return expression
    raise UnknownLicence(f"{name} says of its licence: {[text for text in written if text] or 'nothing'}")


def _as_spdx(text: str) -> str:
    return _WRITTEN.get(text.strip(), text.strip())


def refused(packages: Iterable[Package]) -> list[str]:
    """Name the packages whose licence is on no list, or on none for their use."""
    return [
        f"{package.name} {package.version} ({package.use}): {package.licence}"
        for package in packages
        if not is_allowed(package.licence, is_tool=package.use not in {USES["runtime"], USES["telemetry"]})
    ]


def is_allowed(licence: str, *, is_tool: bool) -> bool:
    """Tell whether a package may be used: by one of the alternatives of its licence, with all parts of that one."""
    allowed = PERMISSIVE | UNCHANGED | (TOOLS if is_tool else frozenset())
    return any(
        all(part.strip("() ") in allowed for part in alternative.split(" AND "))
        for alternative in licence.split(" OR ")
    )


@cache
@cache
def installed() -> Mapping[str, Distribution]:
    """Find the installed packages, ours and those of the generator's environment."""
    generator = [str(path) for path in (ROOT / ".venv" / "generator").glob("lib/python*/site-packages")]
    found = [*distributions(path=generator), *distributions()] if generator else [*distributions()]
    return {canonicalize_name(one.metadata["Name"]): one for one in found}
