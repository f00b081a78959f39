"""What providers publish is read as far as we know it: one key that we don't know does not shut everybody out."""

from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from emplette.formats.identity_providers import keys_in

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
