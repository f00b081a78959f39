"""The manifest of a back-up, in JSON: who keeps one can read it, and check it, without us.

It is signed with the installation's key. Signed are the line ``emplette backup 1`` and then the manifest without its
signature, as JSON without spaces, with the names of each object in order: whatever else writes it so can check it.
"""

import json
from base64 import b64decode, b64encode
from datetime import datetime
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from emplette.domain.backups import (
    BackupDamaged,
    BackupTooNew,
    FilesInside,
    Form,
    KnownFile,
    Manifest,
    Part,
    SchemaStep,
    is_inside,
)
from emplette.domain.errors import Invalid
from emplette.formats.checkpoints import public_key_of, read_signed, sign

FORMAT: Final = 1


class _Written(msgspec.Struct, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """A manifest as it is written; the heads are signed checkpoints, as `emplette checkpoint` prints them."""

    format: int
    name: str
    form: Form
    began_at: datetime
    ended_at: datetime
    emplette: str
    schema: SchemaStep
    postgres: str
    programs: str
    public_key: str
    heads: list[msgspec.Raw]
    files: FilesInside
    parts: list[Part]
    history: str | None = None
    signature: str = ""


class _Version(msgspec.Struct):
    format: int


def write_manifest(manifest: Manifest, key: Ed25519PrivateKey) -> bytes:
    """Write a manifest, its heads signed with the installation's key."""
    written = _Written(
        format=FORMAT,
        name=manifest.name,
        form=manifest.form,
        began_at=manifest.began_at,
        ended_at=manifest.ended_at,
        emplette=manifest.emplette,
        schema=manifest.schema,
        postgres=manifest.postgres,
        programs=manifest.programs,
        public_key=public_key_of(key),
        heads=[msgspec.Raw(sign(head, key).encode()) for head in manifest.heads],
        files=manifest.files,
        parts=list(manifest.parts),
        history=manifest.history,
    )
    written.signature = b64encode(key.sign(_form(msgspec.json.encode(written)))).decode()
    return msgspec.json.format(msgspec.json.encode(written), indent=1) + b"\n"


def read_manifest(content: bytes) -> Manifest:
    """Read a manifest.

    Raises:
        BackupTooNew: it is of a format that this Emplette does not know.
        BackupDamaged: it is none, its signature does not fit, or it leads out of its back-up.
    """
    try:
        if msgspec.json.decode(content, type=_Version).format > FORMAT:
            detail = "manifest.json is in a format that this Emplette does not know: use the newer one."
            raise BackupTooNew(detail)
        written = msgspec.json.decode(content, type=_Written)
        # Taken apart and put together without spaces: as a line of its own each head is a kept checkpoint.
        signed = [read_signed(json.dumps(json.loads(bytes(head)))) for head in written.heads]
    except msgspec.MsgspecError as error:
        raise BackupDamaged(f"manifest.json is damaged: {error}.") from None
    except Invalid as error:
        raise BackupDamaged(f"manifest.json is damaged: a head of the log. {error.detail}") from None
    if any(key != written.public_key for _, key in signed):
        detail = "manifest.json is damaged: its heads are signed with different keys."
        raise BackupDamaged(detail)
    _check_signature(content, written)
    astray = [path for path in (written.name, written.history or "-", *_paths(written)) if not is_inside(path)]
    if astray:
        raise BackupDamaged(f"manifest.json is damaged: {astray[0]!r} leads out of the back-up.")
    return Manifest(
        name=written.name,
        form=written.form,
        began_at=written.began_at,
        ended_at=written.ended_at,
        emplette=written.emplette,
        schema=written.schema,
        postgres=written.postgres,
        programs=written.programs,
        heads=[head for head, _ in signed],
        public_key=written.public_key,
        files=written.files,
        parts=written.parts,
        history=written.history,
    )


def _paths(written: _Written) -> list[str]:
    return [part.path for part in written.parts]


def _form(content: bytes) -> bytes:
    """Write what is signed of a manifest."""
    told = msgspec.json.decode(content, type=dict[str, Any])
    told.pop("signature", None)
    return b"emplette backup 1\n" + msgspec.json.encode(told, order="sorted")


def _check_signature(content: bytes, written: _Written) -> None:
    try:
        key = Ed25519PublicKey.from_public_bytes(b64decode(written.public_key, validate=True))
        key.verify(b64decode(written.signature, validate=True), _form(content))
    except (ValueError, InvalidSignature):
        detail = "manifest.json is damaged: its signature does not fit, so it was changed."
        raise BackupDamaged(detail) from None


def write_known(file: KnownFile) -> str:
    """Write a line of the list of files: as `sha256sum` writes it, with the size between."""
    return f"{file.sha256} {file.size} {file.path}\n"


def read_known(line: str) -> KnownFile:
    """Read a line of the list of files.

    Raises:
        BackupDamaged: it is none, or leads elsewhere.
    """
    sha256, _, rest = line.rstrip("\n").partition(" ")
    size, _, path = rest.partition(" ")
    if not (size.isdecimal() and is_inside(path)):
        raise BackupDamaged(f"The list of files is damaged: {line[:80]!r}.")
    return KnownFile(path, int(size), sha256)
