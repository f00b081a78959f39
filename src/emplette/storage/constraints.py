"""What the database itself refuses, by the names of its constraints, as the refusals of the domain.

The domain refuses all of it before, with the particulars; here only what was changed at the very same moment gets
through, or what a fault of ours let pass.
"""

from typing import Final

from emplette.domain.amendments import AmendmentPending
from emplette.domain.commitments import CommitmentExists
from emplette.domain.errors import WHOLE, Invalid, Overtaken, Refusal
from emplette.domain.reviewing import RequestDecided, RequestExists

# One of a kind, where the domain has a word for the second one.
_EXISTS: Final[dict[str, type[Refusal]]] = {
    "commitments_one_live": CommitmentExists,
    "requests_one_a_commitment": RequestExists,
    "requests_one_pending_amendment": AmendmentPending,
    "orders_one_a_commitment": RequestExists,
    "request_decisions_once": RequestDecided,
    "request_decisions_pkey": RequestDecided,
}
# What a value can be too much for.
_BEYOND: Final = ("_within_reach", "_not_negative", "_few")
# A row that is referred to is not there; a name or a number has gone to somebody else.
_OVERTAKEN: Final = ("_exists", "_fkey", "_pkey", "_unique", "_one_a_file", "_one_default", "_one_registration")


def refusal_of(constraint: str | None) -> Refusal | None:
    """Tell what a broken constraint is to the caller; None when only a fault of ours could break it."""
    if constraint is None:
        return None
    known = _EXISTS.get(constraint)
    if known is not None:
        return known()
    if constraint.endswith(_BEYOND):
        return Invalid.field(WHOLE, f"Holds more, or less, than can be kept ({constraint}).")
    if constraint.endswith(_OVERTAKEN):
        detail = f"Something that it refers to, or takes, was changed at the same moment ({constraint}): send it again."
        return Overtaken(detail)
    return None
