"""The proof that the walk can fail: defects in the rules, each put into a copy of the source, must each be found.

The copy without any goes through the same walk, and nothing is found.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from torture.proof import PatchFails, copy_with

ROOT: Final = Path(__file__).resolve().parents[1]
DEFECTS: Final = Path(__file__).parent / "defects"


def defects() -> list[Path]:
    """List the defects, each a patch."""
    return sorted(DEFECTS.glob("*.patch"))


def prove() -> int:
    """Try all defects, and the copy without any; the exit code is 1 unless each is found and nothing else is."""
    caught = 0
    for patch in defects():
        try:
            found = findings_with(patch)
        except PatchFails as fails:
            print(f"{patch.stem}: NOT TRIED: {fails}", flush=True)
            continue
        caught += bool(found)
        print(f"{patch.stem}: {found[0] if found else 'NOT CAUGHT'}", flush=True)
    without = findings_with(None)
    print(f"no defect: {f'FOUND {without[0]}' if without else 'nothing found'}", flush=True)
    print(f"model-proof: defects={len(defects())} caught={caught}", flush=True)
    return 0 if caught == len(defects()) and not without else 1


def findings_with(patch: Path | None) -> list[str]:
    """Walk with a defect in the rules; answer what was found.

    Raises:
        PatchFails: the defect can't be put into the source any more, or with it the walk does not come to its end.
    """
    with tempfile.TemporaryDirectory(prefix="emplette-model-") as room:
        source = copy_with(patch, Path(room))
        environment = os.environ | {"PYTHONPATH": f"{source}{os.pathsep}{ROOT}", "SECONDS": "2"}
        done = subprocess.run(
            [sys.executable, "-m", "model", "check"],
            cwd=room,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    lines = done.stderr.splitlines()
    if not done.stdout.startswith("model: "):
        raise PatchFails(f"the walk did not come to its end: {lines[-1:]}")
    words = ("model: stuck:", "model: self-approved:", "model: unshown:", "model: broken:")
    return [line.removeprefix("model: ") for line in lines if line.startswith(words)]
