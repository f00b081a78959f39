"""Free and personal text: events tell it beside their facts, bound by a salted hash, so that it can be erased."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

FREE_TEXT: Final[Mapping[str, tuple[str, ...]]] = {
    "purchase": ("title", "supplier_name", "closing_comment"),
    "commitment": ("comment",),
    "request": ("cancellation_comment",),
    "amendment": ("proposed_comment", "replaced_comment"),
    "decisions": ("comment",),
    "attachment": ("name",),
    "attachments": ("name",),
}
"""The columns of each part of a purchase that people write freely."""


def hash_of_texts(salt: bytes, texts: Mapping[str, Any]) -> bytes:
    """Bind free text to its event without telling it: SHA-256 of the salt and the text's canonical JSON."""
    return hashlib.sha256(salt + msgspec.json.encode(texts, order="deterministic")).digest()


def without_texts(facts: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Take the free text out of facts; what it says stands beside them, in the same places."""
    plain: dict[str, Any] = {}
    texts: dict[str, Any] = {}
    for part, fact in facts.items():
        fields = FREE_TEXT.get(part, ())
        if isinstance(fact, list):
            plain[part] = [_less(row, fields) for row in fact]
            if any(row[field] is not None for row in fact for field in fields):
                texts[part] = [_only(row, fields) for row in fact]
        elif fact is None:
            plain[part] = None
        else:
            plain[part] = _less(fact, (*fields, "search_text"))
            if any(fact[field] is not None for field in fields):
                texts[part] = _only(fact, fields)
    return plain, texts


def _less(row: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    rest = dict(row)
    for field in fields:
        rest.pop(field, None)
    return rest


def _only(row: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    return {field: row[field] for field in fields if row[field] is not None}
