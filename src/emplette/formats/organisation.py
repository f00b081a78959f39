"""The YAML file of what a company brings along: lists of people, suppliers and so on, with their ids."""

import msgspec
import yaml

from emplette.domain.errors import Invalid
from emplette.domain.organisation import Organisation


def read_organisation(text: str) -> Organisation:
    """Read what a company brings along; the keys are the names of `Organisation` and of its members.

    Raises:
        Invalid: names the first place at fault.
    """
    try:
        return msgspec.convert(yaml.safe_load(text), Organisation)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise Invalid.field("organisation", str(error)) from None
