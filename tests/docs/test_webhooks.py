"""The page of webhooks: what it shows verifies what is sent, and refuses what somebody has changed."""

import os
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from emplette.domain.webhooks import secret_text, signatures
from tests.house.source import ROOT

PAGE = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
PYTHON = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
SHELL = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
SECRET = bytes(range(32))
BODY = '{"type": "order.created", "facts": {"name": "Küche"}}'.encode()


def sent(at: datetime | None = None) -> dict[str, str]:
    """Sign a message as it is sent; names of headers come as the receiver's server gives them, in small letters."""
    signed = signatures([SECRET], "acme_1-42", BODY, at or datetime.now(UTC))
    return {name.lower(): value for name, value in signed.items()}


@pytest.fixture
def is_from_emplette() -> Callable[[str, dict[str, str], bytes], bool]:
    shown: dict[str, Any] = {}
    exec(PYTHON[0], shown)  # noqa: S102  (what the page shows is what is tried)
    found: Callable[[str, dict[str, str], bytes], bool] = shown["is_from_emplette"]
    return found


def test_the_sample_lets_through_what_was_sent_and_nothing_else(
    is_from_emplette: Callable[[str, dict[str, str], bytes], bool],
) -> None:
    secret = secret_text(SECRET)
    assert is_from_emplette(secret, sent(), BODY)
    assert not is_from_emplette(secret, sent(), BODY + b" ")
    assert not is_from_emplette(secret, sent() | {"lucca-signature": "x"}, BODY)
    assert not is_from_emplette(secret_text(bytes(32)), sent(), BODY)
    assert not is_from_emplette(secret, sent(datetime.now(UTC) - timedelta(minutes=6)), BODY)


def test_the_line_for_the_terminal_prints_the_signature(tmp_path: Path) -> None:
    headers = sent()
    (tmp_path / "body").write_bytes(BODY)
    environment = os.environ | {"SECRET": secret_text(SECRET), "TIMESTAMP": headers["lucca-timestamp"]}
    printed = subprocess.run(
        ["bash", "-c", SHELL[0]], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert printed.stdout.strip() == headers["lucca-signature"]


def test_the_sample_of_standard_webhooks_reads_the_event() -> None:
    shown: dict[str, Any] = {"secret": secret_text(SECRET), "headers": sent(), "body": BODY}
    exec(PYTHON[1], shown)  # noqa: S102  (as above)
    assert shown["event"]["type"] == "order.created"
    shown["body"] = BODY.replace(b"created", b"changed")
    with pytest.raises(WebhookVerificationError):
        exec(PYTHON[1], shown)  # noqa: S102
