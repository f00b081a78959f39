"""Where the HTTP workers leave what they count, so that any of them can answer for all."""

import shutil
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def empty_measures(folder: Path) -> None:
    """Make the folder anew: counts begin at zero with each start of the server."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)


def forget_worker(folder: Path, pid: int) -> None:
    """Remove the states (not the counts) of a worker that has ended: it holds no memory and no connections any more."""
    for file in folder.glob(f"gauge_live*_{pid}.db"):
        file.unlink(missing_ok=True)
