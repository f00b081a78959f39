"""``emplette openapi``."""

import json

import typer

from emplette.http.app import openapi_document


def openapi() -> None:
    r"""Print the OpenAPI 3.1 document of the HTTP API; no server and no database are needed.

    A running server has it at /openapi.json, and to read at /docs.

    \b
    emplette openapi > openapi.json

    \b
    Exit codes: 0 printed.
    """
    typer.echo(json.dumps(openapi_document(), indent=2, ensure_ascii=False))
