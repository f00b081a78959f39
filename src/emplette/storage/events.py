"""Events of what happens beside purchases: to the company's account, its keys, its policy.

Each is written by the statement that makes the change, from the rows that it changed. Personal text is told apart
and can be erased there; the event is bound to it by a salted hash (see `commands`).
"""

import secrets
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from emplette.storage.texts import hash_of_texts

# An event from each row of a CTE, whose columns the expressions may name; `told` stands for the parameter that
# `texts` makes. To be joined to a statement by a comma, like the parts of `commands`.
_EVENT: Final = """
event AS (
    INSERT INTO events (tenant_id, at, type, object_type, object_id, actor_id, facts, texts_hash)
    SELECT {tenant}, {at}, '{type}', '{object_type}', {object_id}, {actor}, {facts}, ({told}->>'hash')::bytea
    FROM {source}
    RETURNING tenant_id, event_id
),
chained AS (INSERT INTO unsealed (tenant_id, event_id) SELECT tenant_id, event_id FROM event),
kept_texts AS (
    INSERT INTO event_texts (tenant_id, event_id, salt, texts)
    SELECT tenant_id, event_id, ({told}->>'salt')::bytea, {told}->'texts' FROM event WHERE {told} IS NOT NULL
)"""


def event(kind: str, *, source: str, object_id: str, facts: str, parameters: Mapping[str, str]) -> str:
    """Write the part of a statement that tells what happened.

    Args:
        kind: the object's type and what happened to it: ``api_key.revoked``.
        source: the CTE with a row for each change.
        object_id: the expression of the object's id.
        facts: the expression of what is told, a jsonb.
        parameters: the expressions of ``tenant``, ``at``, ``actor`` and ``told``.
    """
    values = {"told": "NULL::jsonb", **parameters}
    object_type = kind.rpartition(".")[0]
    return _EVENT.format(type=kind, source=source, object_type=object_type, object_id=object_id, facts=facts, **values)


def texts(part: str, said: Mapping[str, Any]) -> str:
    """Make the parameter ``told``: the personal text of an event, in the place where its facts lack it."""
    salt, told = secrets.token_bytes(16), {part: dict(said)}
    salted = {"salt": f"\\x{salt.hex()}", "hash": f"\\x{hash_of_texts(salt, told).hex()}", "texts": told}
    return msgspec.json.encode(salted).decode()
