"""What lies beside each piece of the archived log: a line of JSON that says what it is, signed by the installation.

Signed are five lines: ``emplette log 1``, the history, the name of the piece, its bytes before it was packed, and their
SHA-256. So who can write to where back-ups are can't have a restore follow a log of their own making.
"""

from base64 import b64decode, b64encode

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from emplette.domain.backups import BackupDamaged, LogPiece
from emplette.formats.checkpoints import public_key_of


class _Signed(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A piece as it is vouched for."""

    history: str
    name: str
    size: int
    sha256: str
    public_key: str
    signature: str


def sign_piece(piece: LogPiece, key: Ed25519PrivateKey) -> bytes:
    """Write what lies beside a piece."""
    signed = _Signed(
        history=piece.history,
        name=piece.name,
        size=piece.size,
        sha256=piece.sha256,
        public_key=public_key_of(key),
        signature=b64encode(key.sign(piece.form())).decode(),
    )
    return msgspec.json.encode(signed) + b"\n"


def read_piece(content: bytes, *, history: str, name: str, public_key: str) -> LogPiece:
    """Read what lies beside a piece, and believe it when the installation has signed it for that very piece.

    Args:
        content: what lies there.
        history: the log that is followed.
        name: of the piece beside it.
        public_key: the one that the back-up is signed with, from which the log leads on.

    Raises:
        BackupDamaged: it is not to be believed; it says why.
    """
    try:
        signed = msgspec.json.decode(content, type=_Signed)
        piece = LogPiece(signed.history, signed.name, signed.size, signed.sha256)
        signature = b64decode(signed.signature, validate=True)
        key = Ed25519PublicKey.from_public_bytes(b64decode(signed.public_key, validate=True))
        key.verify(signature, piece.form())
    except (msgspec.MsgspecError, ValueError, InvalidSignature):
        detail = "Its signature does not fit: it was changed."
        raise BackupDamaged(detail) from None
    if signed.public_key != public_key:
        raise BackupDamaged(f"It was signed with the key {signed.public_key}, and not with that of the back-up.")
    if (piece.history, piece.name) != (history, name):
        raise BackupDamaged(f"Its signature is that of {piece.name} of the log {piece.history}.")
    return piece
