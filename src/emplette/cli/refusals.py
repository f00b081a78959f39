"""How a command says no: a line for each fault, which names the option, and an exit code that a script can read."""

import re
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from emplette.domain.backups import BackupRefused
from emplette.domain.errors import Invalid, Refusal
from emplette.runtime.exits import Exit, StartRefused
from emplette.settings import BadSetting


class OneLineGroup(TyperGroup):
    """All commands: what they refuse is said on standard error, and there is no traceback."""

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

    def _option(self, path: str) -> str:
        # What is said several times has a number: `topics[0]`.
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", re.sub(r"\[\d+\]$", "", path)).lower()
        for parameter in self.params:
            if parameter.name == name:
                return parameter.opts[0] if parameter.opts[0].startswith("-") else name.upper()
        return path


def _end(lines: list[str], code: Exit) -> None:
    for line in lines:
        typer.echo(f"emplette: {line}", err=True)
    raise typer.Exit(int(code))
