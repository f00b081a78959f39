"""The command line: one command a thing an administrator does; what it can't do, it says in one line."""

import sys
from importlib import import_module
from importlib.metadata import version as installed
from io import TextIOWrapper
from typing import Annotated, Any

import typer

from emplette.cli.program import interrupt_as_usual
from emplette.cli.refusals import NamingCommand, OneLineGroup

# In the order of `emplette --help`. A command's code is loaded when it is called: `serve` is to answer within two
# seconds, and needs little of what the others do.
_COMMANDS = {
    "demo": "emplette.cli.demo:demo",
    "serve": "emplette.cli.serve:serve",
    "status": "emplette.cli.status:status",
    "migrate": "emplette.cli.migrations:migrate",
    "upgrade-database": "emplette.cli.upgrade:upgrade_database",
    "tenant": "emplette.cli.tenants:app",
    "clock": "emplette.cli.clocks:app",
    "working-days": "emplette.cli.working_days:app",
    "key": "emplette.cli.keys:app",
    "user": "emplette.cli.users:app",
    "feed": "emplette.cli.calendar_feeds:app",
    "webhook": "emplette.cli.webhooks:app",
    "mail": "emplette.cli.mails:app",
    "listen": "emplette.cli.listening:listen",
    "policy": "emplette.cli.policies:app",
    "budget": "emplette.cli.budgets:app",
    "vat-rates": "emplette.cli.taxes:vat_rates",
    "recovery-rules": "emplette.cli.taxes:recovery_rules",
    "exchange-rates": "emplette.cli.exchange_rates:app",
    "import": "emplette.cli.imports:import_",
    "export": "emplette.cli.imports:export",
    "verify": "emplette.cli.verify:verify",
    "checkpoint": "emplette.cli.checkpoints:checkpoint",
    "backup": "emplette.cli.backups:backup",
    "restore": "emplette.cli.backups:restore",
    "verify-backup": "emplette.cli.backups:verify_backup",
    "erase": "emplette.cli.erasures:app",
    "openapi": "emplette.cli.openapi:openapi",
}


class _Commands(OneLineGroup):
    """The commands by name."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002  (click's own signature)
        """List them all."""
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401, ARG002  (click's own signature)
        """Load one; None when there is none of that name."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        found = getattr(import_module(module), name)
        alone = _typer()
        if isinstance(found, typer.Typer):
            alone.add_typer(found, name=cmd_name)
        else:
            alone.command(cmd_name, cls=NamingCommand)(found)
        return typer.main.get_group(alone).commands[cmd_name]


def _typer(cls: type[typer.core.TyperGroup] = typer.core.TyperGroup) -> typer.Typer:
    return typer.Typer(
        name="emplette",
        cls=cls,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )


app = _typer(_Commands)


def _show_version(wanted: bool) -> None:  # noqa: FBT001  (as typer calls it)
    if wanted:
        typer.echo(f"emplette {installed('emplette')}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Say which version this is.")
]


@app.callback()
def emplette(version: Version = False) -> None:  # noqa: ARG001  (`_show_version` has ended before)
    """Emplette: purchases, approvals and orders, behind the Lucca Invoices HTTP API.

    `emplette demo` starts a server with a company to try it on, `emplette serve` one for your own.

    The server needs no database of its own: it keeps one in its data folder, and starts and stops it. All settings are
    environment variables named EMPLETTE_..., and docs/running.md lists them; the flags of a command win over them.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that can't show a letter gets its number, and no traceback.
            stream.reconfigure(errors="backslashreplace")
    interrupt_as_usual()


if __name__ == "__main__":
    app()
