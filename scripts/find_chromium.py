"""Find a Chromium for the tests of the pages: this system's, else by apt, else the one that Playwright fetches.

Prints its path, or nothing when none can be had. With --fetch it may install one; with --loud it speaks when there is
none, and only then.
"""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

_PATIENCE: Final = 180
"""Seconds that getting one may take."""
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
HOW: Final = (
    "Install a Chromium (`apt-get install chromium`), run `python scripts/find_chromium.py --fetch`, "
    "or name one by EMPLETTE_TEST_CHROMIUM."
)


def chromium() -> str | None:
    """Find the browser that is there, if one is."""
    named = os.environ.get("EMPLETTE_TEST_CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    here = next((found for name in _NAMES if (found := shutil.which(name))), None)
    return here or _of_playwright()


def fetch() -> None:
    """Get one: by apt where that may be done, else as Playwright does it."""
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        _try(apt, "install", "--yes", "--no-install-recommends", "chromium")
    if chromium() is None:
        _try(sys.executable, "-m", "playwright", "install", "chromium")


def _try(*command: str) -> None:
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(command, check=False, stdout=sys.stderr, timeout=_PATIENCE)


def _of_playwright() -> str | None:
    root = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache" / "ms-playwright"))
    found = sorted(root.glob("chromium-*/chrome-linux*/chrome"))
    return str(found[-1]) if found else None


def main() -> None:
    """Say where it is."""
    if "--fetch" in sys.argv and chromium() is None:
        fetch()
    if "--loud" in sys.argv:
        print(end="" if chromium() else f"browser: NOT RUN: there is no Chromium here. {HOW}\n")
    else:
        print(chromium() or "")


if __name__ == "__main__":
    main()
