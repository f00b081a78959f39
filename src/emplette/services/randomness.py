"""What nobody can guess, since the machine draws it."""

import secrets
from typing import Final

_RANDOM_BYTES: Final = 32


def new_secret() -> str:
    """Make a secret that nobody guesses: 256 bits, as text that fits in cookies and addresses."""
    return secrets.token_urlsafe(_RANDOM_BYTES)
