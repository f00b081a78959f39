"""Policies to begin with: written for nobody in particular, to be loaded as they are or made one's own."""

from importlib.resources import files
from typing import Final

TEMPLATES: Final = {
    "small": "One manager decides; what costs little passes at once.",
    "growing": "The more it costs, the more people decide; new suppliers are looked at by whoever pays.",
    "strict": "Two different people decide on everything, and say what they were shown.",
}


def template(name: str) -> str:
    """Read the text of a template.

    Raises:
        KeyError: there is none of that name.
    """
    if name not in TEMPLATES:
        raise KeyError(name)
    return (files(__name__) / f"{name}.yaml").read_text("utf-8")
