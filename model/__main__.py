"""`make model`: walk through all small policies and what can happen to a request under them, then larger ones by dice.

SECONDS says for how long by dice, SEED where the dice begin. `check` is the form of `make check`: only the smallest
policies are disturbed, those of one step or of two people, and what is amended goes by those of one step. `proof` puts
defects into copies of the source and sees that the walk finds each. See docs/decisions/0092-all-small-policies.md.
"""

import gc
import os
import sys
from collections.abc import Mapping
from itertools import count
from random import Random
from time import monotonic

from model.laws import Wrong
from model.proof import prove
from model.walk import Tally, Walk
from model.worlds import large_world, small_worlds

_SECONDS = {"check": 3.0, "whole": 60.0}
_DISTURBANCES = 1
_BY_DICE = 6
_SEED = 92


def main(arguments: list[str], environment: Mapping[str, str] = os.environ) -> int:
    """Run it; the exit code is 1 when anything was found."""
    if arguments == ["proof"]:
        return prove()
    is_whole = arguments != ["check"]
    seconds = float(environment.get("SECONDS") or _SECONDS["whole" if is_whole else "check"])
    seed = int(environment.get("SEED") or _SEED)
    # Nothing here ever refers to itself: looking for that among a million small things takes a third of the time.
    gc.disable()
    began = monotonic()
    walk = Walk()
    worlds = list(small_worlds())
    if is_whole:
        walk.through([*worlds, *(world.amending for world in worlds)], _DISTURBANCES)
    else:
        walk.through((world for world in worlds if not world.is_tiny), 0)
        walk.through((world for world in worlds if world.is_tiny), _DISTURBANCES)
        walk.through((world.amending for world in worlds if world.has_one_step), _DISTURBANCES)
    small = walk.tally.worlds
    _say(f"{small} small companies, {walk.tally.states} states, {monotonic() - began:.1f} s")
    dice = Random(seed)  # noqa: S311  nothing secret is drawn
    walk.by_dice((large_world(dice, number) for number in count(1)), _BY_DICE, dice, monotonic() + seconds)
    _say(f"{walk.tally.worlds - small} larger ones by dice from seed {seed}, {monotonic() - began:.1f} s")
    for finding in walk.tally.findings:
        _say(str(finding))
    print(last_line(walk.tally), flush=True)
    return 1 if walk.tally.findings else 0


def last_line(tally: Tally) -> str:
    """Tell all of it in one line; ``unstated`` are decisions that did not say on which content they were made."""
    found = " ".join(f"{wrong}={tally.count(wrong)}" for wrong in Wrong)
    return (
        f"model: policies={tally.worlds} states={tally.states} decisions={tally.decisions} "
        f"unstated={tally.unstated} {found}"
    )


def _say(text: str) -> None:
    print(f"model: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
