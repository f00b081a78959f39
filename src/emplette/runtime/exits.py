"""Why the program ends, as a script reads it: exit codes, and the refusals that lead to them.

The numbers are those of sysexits.h, which service managers know; ``status`` uses the number of init scripts.
"""

from enum import IntEnum
from typing import ClassVar


class Exit(IntEnum):
    """What the exit code says to whoever started the program."""

    STOPPED = 0
    FAILED = 1
    NOT_RUNNING = 3
    PORT_IN_USE = 69
    DATABASE_FAILED = 70
    NO_SYSTEM_USER = 71
    FOLDER_UNUSABLE = 73
    UNWRITTEN = 74
    ALREADY_RUNNING = 75
    BAD_SETTING = 78
    INTERRUPTED = 130


class StartRefused(Exception):
    """The program cannot start; the message is one line for the person at the terminal."""

    exit_code: ClassVar[Exit] = Exit.FAILED


class SettingUnusable(StartRefused):
    """What a setting names is not there, or no good, which shows only when it is used."""

    exit_code = Exit.BAD_SETTING


class PortInUse(StartRefused):
    """Another program listens on the port."""

    exit_code = Exit.PORT_IN_USE


class DatabaseFailed(StartRefused):
    """The database cannot be started or reached."""

    exit_code = Exit.DATABASE_FAILED


class ReplicaRefused(StartRefused):
    """The replica that a setting names is no copy of the database."""

    exit_code = Exit.BAD_SETTING


class NoSystemUser(StartRefused):
    """PostgreSQL refuses to run as root, and there is no other user to run it as."""

    exit_code = Exit.NO_SYSTEM_USER


class FolderUnusable(StartRefused):
    """The data folder cannot be used."""

    exit_code = Exit.FOLDER_UNUSABLE


class AlreadyRunning(StartRefused):
    """The data folder is in use by another run of the program."""

    exit_code = Exit.ALREADY_RUNNING
