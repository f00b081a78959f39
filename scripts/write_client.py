"""Write the models and the resources of the Python client (src/emplette/client) from the OpenAPI document.

Run it with `make reference`; a test tells when what is in the repository is not what it would write.
"""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emplette.http.app import openapi_document
from scripts.client_models import exported, model_modules
from scripts.client_resources import STYLES, Method, Style, class_of, resource_module
from scripts.client_shapes import Shapes

ROOT = Path(__file__).resolve().parents[1]
CLIENT = ROOT / "src" / "emplette" / "client"
RUFF = Path(sys.executable).with_name("ruff")
GENERATED = ("models", *(style.folder for style in STYLES))
BY_HAND = "written by scripts/write_client.py, never by hand"


def client_files(document: Mapping[str, Any]) -> dict[str, str]:
    """Write all generated files, by their paths below the client's folder."""
    shapes = Shapes(document)
    resources: dict[str, list[Method]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            noun, _, verb = operation["x-python"].partition(".")
            resources.setdefault(noun, []).append(Method(shapes, verb, method, path, operation))
    written = {f"models/{name}.py": text for name, text in model_modules(shapes).items()}
    written["models/__init__.py"] = _all_models(exported(shapes))
    for style in STYLES:
        for noun, found in resources.items():
            written[f"{style.folder}/{noun}.py"] = resource_module(noun, found, style)
        written[f"{style.folder}/__init__.py"] = _all_resources(sorted(resources), style)
    return {name: _formatted(name, text) for name, text in written.items()}


def _all_models(modules: Mapping[str, list[str]]) -> str:
    imports = [f"from emplette.client.models.{name} import {', '.join(each)}" for name, each in modules.items() if each]
    names = sorted(name for each in modules.values() for name in each)
    if len(names) != len(set(names)):
        doubled = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"Two models have the name {', '.join(doubled)}: give one a better one (client_shapes.py).")
    head = f'"""Everything that is sent and answered; {BY_HAND}."""\n\n'
    return head + "\n".join(imports) + f"\n\n__all__ = {names!r}\n"


def _all_resources(nouns: list[str], style: Style) -> str:
    sender = f"{style.prefix}Sender"
    lines = [f'"""All resources; {BY_HAND}."""', f"from emplette.client.sending import {sender}"]
    lines += [f"from emplette.client.{style.folder}.{noun} import {style.prefix}{class_of(noun)}" for noun in nouns]
    lines += ["", f"class {style.prefix}Resources:", '    """Every operation, by its noun."""\n']
    lines.append(f"    def __init__(self, sender: {sender}) -> None:")
    lines += [f"        self.{noun} = {style.prefix}{class_of(noun)}(sender)" for noun in nouns]
    return "\n".join(lines) + "\n"


def _formatted(name: str, text: str) -> str:
    """Leave out the imports that a module has no use for, and format it as everything else."""
    tidy = ["check", "--fix-only", "--quiet", "--select=F401,I"]
    for command in (tidy, ["format"]):
        arguments = [str(RUFF), *command, f"--stdin-filename={CLIENT / name}", "-"]
        text = subprocess.run(arguments, cwd=ROOT, input=text, capture_output=True, text=True, check=True).stdout
    return text


def main() -> int:
    """Write all files, and remove those of resources that are no more."""
    files = client_files(openapi_document())
    for folder in GENERATED:
        (CLIENT / folder).mkdir(exist_ok=True)
        for old in (CLIENT / folder).glob("*.py"):
            if f"{folder}/{old.name}" not in files:
                old.unlink()
    for name, text in files.items():
        (CLIENT / name).write_text(text, encoding="utf-8")
    print(f"src/emplette/client: {len(files)} files")
    return 0


if __name__ == "__main__":
    sys.exit(main())
