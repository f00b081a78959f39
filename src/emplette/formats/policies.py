"""The YAML file of an approval policy: ``steps: [{name: ..., anyOf: [USER_ID, ...]}]``."""

from typing import Any, Final

import yaml

from emplette.domain.approvals import PolicyStep
from emplette.domain.errors import Faults, Invalid

_STEP: Final = frozenset({"name", "anyOf"})
_BEYOND: Final = 2**31


def read_policy(text: str) -> tuple[PolicyStep, ...]:
    """Read the steps of a policy: in order, one of the people of each is enough.

    Raises:
        Invalid: names every place at fault.
    """
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Invalid.field("policy", f"Is not YAML: {error}") from None
    faults = Faults()
    if not isinstance(document, dict) or not isinstance(document.get("steps"), list) or not document["steps"]:
        raise Invalid.field("steps", "Must be a list of steps, each with a name and the people of anyOf.")
    for name in document:
        if name != "steps":
            faults.add(str(name), "Is unknown here: a policy has steps.")
    steps = [_step(step, f"steps[{number}]", faults) for number, step in enumerate(document["steps"])]
    faults.raise_if_any()
    return tuple(steps)


def _step(step: Any, path: str, faults: Faults) -> PolicyStep:  # noqa: ANN401  whatever the file says
    if not isinstance(step, dict):
        faults.add(path, "Must be a step: {name: ..., anyOf: [USER_ID, ...]}.")
        return PolicyStep("", ())
    for unknown in step.keys() - _STEP:
        faults.add(f"{path}.{unknown}", "Is unknown here: a step has a name and anyOf.")
    name, people = step.get("name"), step.get("anyOf")
    if not isinstance(name, str) or not name.strip():
        faults.add(f"{path}.name", "Must say what the step is called.")
    if not isinstance(people, list) or not people or not all(type(one) is int and 0 < one < _BEYOND for one in people):
        faults.add(f"{path}.anyOf", "Must list the ids of one or more users.")
        people = []
    elif len(set(people)) < len(people):
        faults.add(f"{path}.anyOf", "Names somebody twice.")
    return PolicyStep(str(name), tuple(people))
