"""The cookie of a session is found, however a browser sends its cookies, and whatever else it keeps for the host."""

import re
from collections.abc import Iterator

import httpx2
import pytest

from tests.runtime.servers import Server, demo_again
from tests.runtime.test_serving import CERTIFICATE

CERTIFICATE_AND_KEY = {"tls_cert": CERTIFICATE / "localhost.pem", "tls_key": CERTIFICATE / "localhost.key"}
OTHERS = ["seen=1", 'theme={"dark":true}', "version=2", "path=/", "flag", "caf\u00e9=au lait", "x(y)=[z]", 'q="a', "="]


@pytest.fixture(scope="module")
def secure() -> Iterator[Server]:
    """Run a demo over TLS."""
    with demo_again(workers=1, **CERTIFICATE_AND_KEY) as running:
        yield running


@pytest.fixture(scope="module")
def session(secure: Server) -> str:
    """Lend the cookie of somebody who has signed in."""
    found = re.search(r"(\S+@\S+) +(\S+) +\(buyer\)", secure.output)
    assert found is not None
    with httpx2.Client(base_url=secure.url, verify=False) as browser:
        form = re.search(r'name="csrf" value="([^"]+)"', browser.get("/sign-in").text)
        assert form is not None
        browser.post("/sign-in", data={"csrf": form[1], "login": found[1], "password": found[2]})
        return f"__Host-emplette-session={browser.cookies['__Host-emplette-session']}"


def _opens(server: Server, cookies: list[str], *, http2: bool) -> bool:
    sent = [(b"cookie", each.encode()) for each in cookies]
    with httpx2.Client(base_url=server.url, verify=False, http1=not http2, http2=http2) as browser:
        answer = browser.get("/purchases", headers=sent)
    assert answer.http_version == ("HTTP/2" if http2 else "HTTP/1.1")
    return answer.status_code == 200


@pytest.mark.parametrize("http2", [True, False])
def test_what_others_keep_in_the_browser_hides_no_session(
    secure: Server,
    session: str,
    http2: bool,  # noqa: FBT001
) -> None:
    for other in OTHERS:
        for sent in ([f"{other}; {session}"], [f"{session}; {other}"], [other, session], [session, other]):
            assert _opens(secure, sent, http2=http2), sent
        assert not _opens(secure, [other], http2=http2)
