"""The command line: one command a thing an administrator does; what it can't do, it says in one line."""

from typing import Any

import typer
from typer.core import TyperGroup

from emplette.cli import serve, status
from emplette.domain.errors import Invalid, Refusal
from emplette.runtime.exits import Exit, StartRefused
from emplette.settings import BadSetting

_HELP = """
Emplette: purchases, approvals and orders, behind the Lucca Invoices HTTP API.

\b
    emplette demo         a server with a company to try it on
    emplette serve        a server for your own

The server needs no database of its own: it keeps one in its data folder, and starts and stops it. All settings are
environment variables named EMPLETTE_..., and docs/running.md lists them; the flags of a command win over them.
"""


class _OneLineGroup(TyperGroup):
    """A group of commands whose refusals are one line on standard error, and an exit code a script can read."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  (click's own signature)
        """Run the command."""
        try:
            return super().invoke(ctx)
        except StartRefused as refused:
            _end(str(refused), refused.exit_code)
        except BadSetting as refused:
            _end(str(refused), Exit.BAD_SETTING)
        except Invalid as refused:
            faults = "; ".join(f"{path}: {' '.join(messages)}" for path, messages in refused.faults.items())
            _end(faults, Exit.FAILED)
        except Refusal as refused:
            _end(refused.detail, Exit.FAILED)
        except KeyboardInterrupt:
            _end("interrupted", Exit.INTERRUPTED)


def _end(message: str, code: Exit) -> None:
    typer.echo(f"emplette: {message}", err=True)
    raise typer.Exit(int(code))


app = typer.Typer(
    name="emplette",
    cls=_OneLineGroup,
    help=_HELP,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command("serve")(serve.serve)
app.command("status")(status.status)


if __name__ == "__main__":
    app()
