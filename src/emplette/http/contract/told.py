"""The headers of answers that the document describes: which there are, and which answers always carry which.

Beside them every answer has what HTTP itself and browsers want: media type and length, what may be kept and shown, who
may read it across origins.
"""

from collections.abc import Collection
from typing import Any, Final

from emplette.http.contract.statuses import NOT_MODIFIED, PARTIAL_CONTENT

ETAG: Final = "ETag"
LOCATION: Final = "Location"
_REQUEST_ID: Final = "X-Request-Id"
_REPLAYED: Final = "Idempotency-Replayed"
_RETRY_AFTER: Final = "Retry-After"
_RANGE: Final = "Content-Range"

_TEXT: Final = {"type": "string"}
HEADERS: Final[dict[str, dict[str, Any]]] = {
    _REQUEST_ID: {
        "description": "The id of the call, as it is in the log; the caller's own, when it sent one.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    },
    ETAG: {
        "description": "The version of what is answered, for `If-Match`; of a file, its bytes.",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[^"]+"$'},
    },
    LOCATION: {
        "description": "Where to read what the call made or changed.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
    },
    _REPLAYED: {
        "description": "`true` when the call was made before under its `Idempotency-Key`: this is its first answer.",
        "required": False,
        "schema": {"const": "true"},
    },
    _RETRY_AFTER: {
        "description": "Seconds after which the call may be repeated.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
    "WWW-Authenticate": {
        "description": "How to say who calls: `lucca application={api_key}`.",
        "required": True,
        "schema": {"const": "lucca"},
    },
    "Accept-Ranges": {"description": "Parts can be asked for.", "required": True, "schema": {"const": "bytes"}},
    "Content-Disposition": {
        "description": "Whether to save it or to show it, and under which name.",
        "required": True,
        "schema": _TEXT,
    },
    _RANGE: {"description": "Which part it is, and of how much.", "required": True, "schema": _TEXT},
}
_OF_FILES: Final = (ETAG, "Accept-Ranges", "Content-Disposition")
_OF_PROBLEMS: Final = {
    401: ("WWW-Authenticate",),
    416: (_RANGE,),
    429: (_RETRY_AFTER,),
    503: (_RETRY_AFTER,),
    504: (_RETRY_AFTER,),
}


def of_answer(tells: Collection[str], *, repeatable: bool) -> dict[str, Any]:
    """Describe the headers of a success: what its operation tells, and whether it is a repeat."""
    return _described([_REQUEST_ID, *tells, *([_REPLAYED] if repeatable else [])])


def of_download(status: int) -> dict[str, Any]:
    """Describe the headers of a file, of a part of it, or of the word that the caller has it."""
    if status == NOT_MODIFIED:
        return _described([_REQUEST_ID, ETAG])
    return _described([_REQUEST_ID, *_OF_FILES, *([_RANGE] if status == PARTIAL_CONTENT else [])])


def of_problem(status: int) -> dict[str, Any]:
    """Describe the headers of a refusal."""
    return _described([_REQUEST_ID, *_OF_PROBLEMS.get(status, ())])


def of_either(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Describe the headers of an answer that may be one or the other: always there is what both have."""
    found = {}
    for name in dict.fromkeys([*one, *other]):
        always = name in one and name in other
        found[name] = one[name] if always else HEADERS[name] | {"required": False}
    return found


def _described(names: Collection[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
