"""The proof that the torture can fail: defects that others' products have had, put into a copy, must each be found.

Every defect is a patch on our own source. The copy without any goes through the same schedules, and nothing is found.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from torture.findings import Finding
from torture.report import details_of, line_of, say
from torture.schedules import AIMED, schedule_of
from torture.server import a_place, make_template
from torture.trial import SERVER, Outcome, Trial

SOURCE: Final = Path(__file__).resolve().parents[1] / "src"
DEFECTS: Final = Path(__file__).parent / "defects"
SEEDS: Final = range(1, 11)
"""The aimed schedules that are tried for each defect, until it is found."""


class PatchFails(Exception):
    """A defect can't be put into the source any more; the message says which and why: write it anew."""


def defects() -> list[Path]:
    """List the defects, each a patch."""
    return sorted(DEFECTS.glob("*.patch"))


def copy_with(patch: Path | None, folder: Path) -> Path:
    """Copy the source into a folder, with a defect in it; answer where it can be imported from.

    Raises:
        PatchFails: the patch does not apply.
    """
    copy = folder / "src"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    if patch is not None:
        put_into(patch, folder)
    return copy


def put_into(patch: Path, folder: Path) -> None:
    """Put a defect into a copy of the source.

    Raises:
        PatchFails: the patch does not apply.
    """
    # Where the folder lies in a repository, git would leave out what is not of that.
    environment = os.environ | {"GIT_CEILING_DIRECTORIES": str(folder.parent)}
    done = subprocess.run(
        ["git", "apply", str(patch)], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise PatchFails(f"{patch.name} does not apply any more: {done.stderr.strip()}")


async def prove(seeds: Sequence[int] = SEEDS) -> int:
    """Try all defects, and the copy without any; the exit code is 1 unless each is found and nothing else is."""
    caught, used = 0, list(seeds[:1])
    with a_place() as place:
        await make_template(place / "template")
        for patch in defects():
            try:
                tried, finding = await _try(patch, place, seeds)
            except PatchFails as fails:
                print(f"{patch.stem}: NOT TRIED: {fails}", flush=True)
                continue
            used = max(used, tried, key=len)
            caught += finding is not None
            print(f"{patch.stem}: {'NOT CAUGHT' if finding is None else f'caught by {finding.check}'}", flush=True)
        tried, finding = await _try(None, place, used)
    print(f"no defect: {f'FOUND {finding}' if finding else f'nothing found in {len(tried)} schedules'}", flush=True)
    print(f"torture-proof: defects={len(defects())} caught={caught}", flush=True)
    return 0 if caught == len(defects()) and finding is None else 1


async def _try(patch: Path | None, place: Path, seeds: Sequence[int]) -> tuple[list[int], Finding | None]:
    """Carry out schedules with a defect until it is found; answer which, and the first finding.

    A server that does not even start, or come to rest, proves nothing: that stands for the copy without a defect alone.
    """
    name = "no defect" if patch is None else patch.stem
    room = _room(place)
    source = copy_with(patch, room)
    tried: list[int] = []
    for seed in seeds:
        tried.append(seed)
        outcome: Outcome = await Trial(schedule_of(seed, AIMED), place / "template", room, source).carry_out()
        say(f"{name}: {line_of(outcome)}")
        for detail in details_of(outcome, most=3):
            say(f"{name}: {detail}")
        for finding in outcome.findings.found:
            if patch is None or finding.check != SERVER:
                return tried, finding
    return tried, None


def _room(place: Path) -> Path:
    room = Path(tempfile.mkdtemp(dir=place))
    room.chmod(0o755)
    return room
