"""What providers publish is read as far as we know it: one key that we don't know does not shut everybody out."""

from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from emplette.formats.identity_providers import Provider, keys_in

STRANGE: list[Any] = [
    {"kty": "AKP", "kid": "later", "alg": "ML-DSA-44", "pub": "AAAA"},
    {"kty": "EC", "kid": "curve", "crv": "brainpoolP256r1", "x": "AAAA", "y": "AAAA"},
    {"kty": "RSA", "kid": "half"},
    {"kid": "nothing"},
    "no key",
    None,
]


@pytest.fixture(scope="module")
def key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "ours"})


def test_keys_that_can_not_be_read_are_left_out(key: RSAKey) -> None:
    token = jwt.encode({"alg": "RS256", "kid": "ours"}, {"sub": "olive"}, key)
    numbered = key.as_dict(private=False) | {"kid": 7}
    keys = keys_in({"keys": [*STRANGE, numbered, key.as_dict(private=False)]})
    assert jwt.decode(token, keys, algorithms=["RS256"]).claims == {"sub": "olive"}


@pytest.mark.parametrize("told", [{}, {"keys": None}, {"keys": []}, {"keys": STRANGE}])
def test_without_keys_nothing_is_believed(key: RSAKey, told: dict[str, Any]) -> None:
    token = jwt.encode({"alg": "RS256"}, {"sub": "olive"}, key)
    with pytest.raises(JoseError):
        jwt.decode(token, keys_in(told), algorithms=["RS256"])


@pytest.mark.parametrize(
    ("takes", "fields"),
    [
        (None, {}),
        (["client_secret_basic", "client_secret_post"], {}),
        (["private_key_jwt"], {}),
        (["client_secret_post"], {"client_id": "em:plette", "client_secret": "100%+"}),
    ],
)
def test_the_secret_is_shown_in_a_header_unless_it_is_taken_in_the_form_alone(
    takes: list[str] | None, fields: dict[str, str]
) -> None:
    provider = Provider("https://login.example", "em:plette", "100%+")
    shown, header = provider._who_we_are({"token_endpoint_auth_methods_supported": takes})
    assert (shown, header is None) == (fields, bool(fields))
