"""The documented wire facts of the YAML files beside this one, ready to hold an answer against.

A schema is named by file and name: ``faults_of("purchases.yaml#/schemas/purchase", answer)`` lists what is wrong.
"""

import datetime as dt
import uuid
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

FOLDER = Path(__file__).resolve().parent
INT32 = 2**31
FORMATS = FormatChecker(formats=())


@FORMATS.checks("date")
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or _parses(dt.date.fromisoformat, value)


@FORMATS.checks("date-time")
def _is_instant(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        return dt.datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


@FORMATS.checks("uuid")
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or _parses(uuid.UUID, value)


@FORMATS.checks("uri")
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


@FORMATS.checks("int32")
def _is_int32(value: object) -> bool:
    return not isinstance(value, int) or -INT32 <= value < INT32


def _parses(read: Callable[[str], object], value: str) -> bool:
    try:
        read(value)
    except ValueError:
        return False
    return True


@cache
def document(name: str) -> dict[str, Any]:
    """Read one of the files beside this one."""
    content: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    return content


def names() -> list[str]:
    """List the files beside this one that hold schemas."""
    return sorted(path.name for path in FOLDER.glob("*.yaml") if "schemas" in document(path.name))


@cache
def validator(schema: str) -> Draft202012Validator:
    """Make a validator of the schema named by file and name."""
    resources = [(name, Resource.from_contents(document(name), DRAFT202012)) for name in names()]
    registry: Registry[Any] = Registry().with_resources(resources)
    return Draft202012Validator({"$ref": schema}, registry=registry, format_checker=FORMATS)


def faults_of(schema: str, answer: object) -> list[str]:
    """List what in the answer contradicts the documented schema; an empty list is a good answer."""
    errors = sorted(validator(schema).iter_errors(answer), key=lambda error: error.json_path)
    return [f"{error.json_path}: {error.message}" for error in errors]
