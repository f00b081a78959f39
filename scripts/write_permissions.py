"""Write docs/permissions.md: who may do what, operation by operation. A test writes it anew and compares."""

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from emplette.http.contract.registry import Operation
from scripts.permissions import REACH, ROLES, SETS, SINGLE, KeyIs, Reach, Verdict, counts, operations, verdict

PAGE = Path(__file__).resolve().parents[1] / "docs" / "permissions.md"

_HEAD = """\
# Who may do what

Written by `make reference` from the contract's operations and the rules in `scripts/permissions.py`; nothing that is
not here is allowed. `make check` plays every cell against the server: every operation with {sets} sets of permissions,
as each of {roles} people and programs, and with {states} keys that are not good, and as another company:
**{cells:,} calls, of which {allowed:,} are allowed and {refused:,} refused**. A refused call has written nothing.

## With one permission

What a key may do with several permissions is what it may do with each; and what it sees by one, it may act on by
another. In the table,

- **yes**: whatever it is about. **new**: what is made is the caller's own.
- **own**: purchases that the key's person owns or wrote, and what hangs on them; of a key without a person, those that
  it wrote itself. **led**: those too of the people whom that person leads. **all**: all.
- **asked**: purchases that the key's person is asked to approve; a key without a person is asked nothing.
- **people**: keys that are bound to a person; of what is named, each is answered by itself.
- **seen**: sums of the purchases that may be seen with it.
- **sent**: files that the key, or its person, uploaded. Those may be read with any permission, and without one.
- What is left empty is refused.

`pay` lets nobody in yet.

"""
_TRIED = (*(text for text in SINGLE if text != "pay"), "")
_OWN = frozenset(role.name for role in ROLES if role.is_own)
_ASKED = frozenset(role.name for role in ROLES if role.is_asked)
_PEOPLE = frozenset(role.name for role in ROLES if role.person is not None)
_SENT = frozenset(role.name for role in ROLES if role.wrote)
_WORDS = {
    frozenset[str](): "",
    _OWN: "own",
    _OWN | {role.name for role in ROLES if role.leads}: "led",
    frozenset(role.name for role in ROLES): "all",
    _ASKED: "asked",
    _PEOPLE: "people",
    _SENT: "sent",
    _ASKED | _SENT: "asked, sent",
}
"""Whom a permission lets in, and in what word that is said."""


def page() -> str:
    """Write the page."""
    counted = counts()
    head = _HEAD.format(
        sets=len(SETS) + 1,
        roles=len(ROLES),
        states=len(KeyIs),
        cells=counted.cells,
        allowed=counted.allowed,
        refused=counted.refused,
    )
    return head + "\n".join([*_table(), *_refusals(), *_keys()]) + "\n"


def _table() -> Iterator[str]:
    for tag, group in groupby(sorted(operations(), key=lambda each: each.tag), key=lambda each: each.tag):
        yield from (f"### {tag}", "", f"| call | {' | '.join(f'`{text}`' if text else 'none' for text in _TRIED)} |")
        yield "|---" * (len(_TRIED) + 1) + "|"
        for made in group:
            yield f"| `{made.method} {made.path}` | {' | '.join(_cell(made, text) for text in _TRIED)} |"
        yield ""


def _cell(made: Operation, text: str) -> str:
    """Say whose things a key with one permission reaches."""
    held = (text,) if text else ()
    allowed = frozenset(role.name for role in ROLES if verdict(made, held, role) is Verdict.ALLOWED)
    if allowed and REACH[made.name] in {Reach.COMPANY, Reach.WEBHOOK, Reach.LOG}:
        return "yes"
    if allowed and REACH[made.name] is Reach.SUMMED:
        return "seen"
    return "new" if allowed and REACH[made.name] is Reach.NEW else _WORDS[allowed]


def _refusals() -> Iterator[str]:
    yield from (
        "## How it is refused",
        "",
        "| the key | the answer |",
        "|---|---|",
        "| has none of the permissions that the operation needs | 403 `permission.missing` |",
        "| may see the purchase and not act on it | 403 `permission.scope` |",
        "| may not see it | 404, as if it were not there; of one that a body names, 400 as for one that is not there |",
        "| may list, and not see this one | it is not in the list, and not in its count |",
        "| decides, and is bound to nobody | 403 `approval.person_needed` |",
        "| decides, and its person is not asked | 403 `approval.not_asked` |",
        "| asks for a calendar, and is bound to nobody | 403 `calendar_feed.person_needed` |",
        "| decides on what its person owns or wrote | 403 `approval.own_request` |",
    )


def _keys() -> Iterator[str]:
    yield from (
        "",
        "## Without a good key",
        "",
        "Every operation that is not public answers the same, before it looks at anything else of the call:",
        "",
        "| the key is | the answer |",
        "|---|---|",
    )
    for state in KeyIs:
        yield f"| {state.words} | {state.status} `{state.code}` |"
    yield from (
        "",
        "Public are `/health/live`, `/health/ready`, `/metrics` (to programs on the same machine alone),",
        "`/openapi.json`, `/docs`, `/problems/{code}` and `/verify/{number}`: they know no company but the last, which",
        "says whether a number and a hash match, to one address thirty times a minute.",
    )


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    counted = counts()
    print(
        f"docs/permissions.md: operations={counted.operations} cells={counted.cells} "
        f"allowed={counted.allowed} refused={counted.refused}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
