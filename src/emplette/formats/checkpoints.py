"""Signed checkpoints: one line of JSON each, signed with the installation's own key (Ed25519)."""

import os
from base64 import b64decode, b64encode
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from emplette.domain.checkpoints import Checkpoint
from emplette.domain.errors import Invalid

KEY_FILE: Final = "checkpoint-key.pem"
"""The name of the key in the data folder."""


class _Signed(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A checkpoint as it is written down."""

    account: str
    epoch: int
    position: int
    hash: str
    at: datetime
    public_key: str
    signature: str


def own_key(folder: Path) -> Ed25519PrivateKey:
    """Read the installation's key; the first time, make it, for its own user alone."""
    path = folder / KEY_FILE
    try:
        return _read_key(path)
    except FileNotFoundError:
        pass
    key = Ed25519PrivateKey.generate()
    new = path.with_name(f"{KEY_FILE}.{os.getpid()}")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    try:
        # Of two that make it at the same time, one is kept, and both use that one.
        path.hardlink_to(new)
    except FileExistsError:
        return _read_key(path)
    finally:
        new.unlink()
    return key


def public_key_of(key: Ed25519PrivateKey) -> str:
    """Write the key that checks what this one signs: 32 bytes in base64."""
    return b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def public_key_in(folder: Path) -> str | None:
    """Write the public key of the installation whose folder it is; None when it has none, or is closed to us."""
    return public_key_of(own_key(folder)) if os.access(folder / KEY_FILE, os.R_OK) else None


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """Write a signed checkpoint: one line of JSON."""
    form = checkpoint.form()
    signed = _Signed(
        account=checkpoint.account,
        epoch=checkpoint.epoch,
        position=checkpoint.position,
        hash=checkpoint.hash.hex(),
        at=checkpoint.at.replace(microsecond=0),
        public_key=public_key_of(key),
        signature=b64encode(key.sign(form)).decode(),
    )
    return msgspec.json.encode(signed).decode()


def read_signed(line: str) -> tuple[Checkpoint, str]:
    """Read a signed checkpoint; answer it, and the public key that it was signed with.

    Raises:
        Invalid: it is none, or its signature does not fit.
    """
    try:
        signed = msgspec.json.decode(line, type=_Signed)
        checkpoint = Checkpoint(signed.account, signed.epoch, signed.position, bytes.fromhex(signed.hash), signed.at)
        key = Ed25519PublicKey.from_public_bytes(b64decode(signed.public_key, validate=True))
        signature = b64decode(signed.signature, validate=True)
    except (msgspec.MsgspecError, ValueError) as error:
        raise Invalid.field("checkpoint", f"Is none: {error}.") from None
    try:
        key.verify(signature, checkpoint.form())
    except InvalidSignature:
        told = f"The signature of the one of position {checkpoint.position:,} does not fit: it was changed."
        raise Invalid.field("checkpoint", told) from None
    return checkpoint, signed.public_key


def _read_key(path: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise Invalid.field("checkpoint", f"{path} holds no Ed25519 key, which is what checkpoints are signed with.")
    return key
