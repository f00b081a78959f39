"""A program that takes a data folder, passes the lock on to a child, and stays: FOLDER COMMAND LASTS CHILD ITSELF."""

import subprocess
import sys
import time
from pathlib import Path

from emplette.runtime.folders import open_data_folder
from emplette.runtime.occupation import occupy

if __name__ == "__main__":
    folder, command, lasts, child, itself = sys.argv[1:]
    held = occupy(open_data_folder(Path(folder)), command, lasting=lasts == "True", say=print)
    subprocess.Popen(["sleep", child], pass_fds=[held.lock])
    print("held", flush=True)  # noqa: T201
    time.sleep(float(itself))
