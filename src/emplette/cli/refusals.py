"""How a command says no: a line for each fault, which names the option, and an exit code that a script can read."""

import os
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from emplette.domain.backups import BackupRefused
from emplette.domain.errors import Invalid, Refusal
from emplette.domain.organisation import UserNotFound
from emplette.domain.roles import RoleGrantNotFound
from emplette.domain.seals import PositionGone
from emplette.domain.webhooks import WebhookNotFound
from emplette.runtime.exits import Exit, StartRefused
from emplette.settings import BadSetting

_SAID_BY: Final[Mapping[type[Refusal], str]] = {
    UserNotFound: "userId",
    RoleGrantNotFound: "roleId",
    WebhookNotFound: "webhookId",
    PositionGone: "after",
}
"""Refusals of one thing that was typed, and what that is called."""


class OneLineGroup(TyperGroup):
    """All commands: what they refuse is said on standard error, and there is no traceback."""

    def main(self, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401  (click's own signature)
        """Run what was typed; say in a line what could not be read or written, its own answer included."""
        try:
            return super().main(*arguments, **named)
        except OSError as error:
            _show_nothing_more()
            what = error.filename or "what the command answers, or something that it needs,"
            _complain([f"{what} can't be read or written: {error.strerror or error}"])
            sys.exit(int(Exit.UNWRITTEN))

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  (click's own signature)
        """Run the command."""
        try:
            return super().invoke(ctx)
        except StartRefused as refused:
            _end([str(refused)], refused.exit_code)
        except BackupRefused as refused:
            _end([str(refused)], Exit.FAILED)
        except BadSetting as refused:
            _end([str(refused)], Exit.BAD_SETTING)
        except Invalid as refused:
            _end([f"{path}: {message}" for path, said in refused.faults.items() for message in said], Exit.FAILED)
        except Refusal as refused:
            _end([refused.detail], Exit.FAILED)
        except KeyboardInterrupt:
            _end(["interrupted"], Exit.INTERRUPTED)


class NamingCommand(TyperCommand):
    """A command that calls a fault by the option it came from: ``--created-status`` for ``createdStatus``.

    Its help is laid out as its docstring is: a raw docstring can't hold the backspace that asks click for it.
    """

    def __init__(self, *arguments: Any, help: str | None = None, **options: Any) -> None:  # noqa: A002, ANN401
        laid_out = None if help is None else help.replace("\\b\n", "\b\n")
        super().__init__(*arguments, help=laid_out, **options)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  (click's own signature)
        """Run the command."""
        try:
            return super().invoke(ctx)
        except Invalid as refused:
            raise Invalid({self._option(path): said for path, said in refused.faults.items()}) from None
        except tuple(_SAID_BY) as refused:
            option = self._option(_SAID_BY[type(refused)])
            raise Invalid.field(option, refused.detail) from None

    def _option(self, path: str) -> str:
        # What is said several times has a number: `topics[0]`.
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", re.sub(r"\[\d+\]$", "", path)).lower()
        by_name = {parameter.name: parameter for parameter in self.params}
        # `list` is a word of Python's own, and what is `costCenterId` on the wire is typed as --cost-center.
        for called in (name, f"{name}_", name.removesuffix("_id")):
            if called in by_name:
                option = by_name[called].opts[0]
                return option if option.startswith("-") else name.upper()
        return path


def _end(lines: list[str], code: Exit) -> None:
    _complain(lines)
    raise typer.Exit(int(code))


def _complain(lines: list[str]) -> None:
    with suppress(OSError):
        for line in lines:
            typer.echo(f"emplette: {line}", err=True)


def _show_nothing_more() -> None:
    """Let what is still to be written to a full disk go nowhere, so that it is not tried once more at the end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
