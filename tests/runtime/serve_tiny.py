"""``emplette serve``, with the small application in its workers."""

import asyncio
import sys

from emplette.runtime.exits import StartRefused
from emplette.runtime.logs import configure_logs
from emplette.runtime.supervisor import Programs, Supervisor
from emplette.settings import BadSetting, read_settings

if __name__ == "__main__":
    try:
        settings = read_settings()
        configure_logs(settings, process="supervisor")
        asyncio.run(Supervisor(settings, programs=Programs(worker="tests.runtime.tiny")).run())
    except StartRefused as refused:
        print(f"emplette: {refused}", file=sys.stderr)  # noqa: T201
        sys.exit(refused.exit_code)
    except BadSetting as refused:
        sys.exit(str(refused))
