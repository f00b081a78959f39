"""The command line: one command a thing an administrator does; what it can't do, it says in one line."""

import typer

from emplette.cli import exchange_rates, keys, migrations, openapi, policies, serve, status, tenants
from emplette.cli.refusals import NamingCommand, OneLineGroup

_HELP = """
Emplette: purchases, approvals and orders, behind the Lucca Invoices HTTP API.

\b
    emplette demo         a server with a company to try it on
    emplette serve        a server for your own

The server needs no database of its own: it keeps one in its data folder, and starts and stops it. All settings are
environment variables named EMPLETTE_..., and docs/running.md lists them; the flags of a command win over them.
"""


app = typer.Typer(
    name="emplette",
    cls=OneLineGroup,
    help=_HELP,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command("serve", cls=NamingCommand)(serve.serve)
app.command("status", cls=NamingCommand)(status.status)
app.command("migrate", cls=NamingCommand)(migrations.migrate)
app.add_typer(tenants.app, name="tenant")
app.add_typer(keys.app, name="key")
app.add_typer(policies.app, name="policy")
app.add_typer(exchange_rates.app, name="exchange-rates")
app.command("openapi", cls=NamingCommand)(openapi.openapi)


if __name__ == "__main__":
    app()
