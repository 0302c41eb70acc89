"""Verify receipts with python-cwt, which knows nothing of us: python verify_cwt.py < {"jwks", "external_aad", "tokens": [hex]}.

Runs in an environment of its own, for python-cwt needs an older cbor2. Prints a JSON list: for each token its claims set, in which byte
strings are hex, or null when no key of the set verifies it.
"""

import json
import sys

import cbor2
from cwt import COSE, COSEKey, DecodeError, VerifyError


def main() -> None:
    asked = json.load(sys.stdin)
    keys = []
    for jwk in asked["jwks"]["keys"]:
        # Our kid is bytes; a JWK set holds their hex.
        kid = jwk.pop("kid")
        key = COSEKey.from_jwk(jwk).to_dict()
        keys.append(COSEKey.new({**key, 2: bytes.fromhex(kid)}))
    cose = COSE.new(verify_kid=True)
    found = []
    for token in asked["tokens"]:
        try:
            payload = cose.decode(bytes.fromhex(token), keys, external_aad=asked["external_aad"].encode())
        except (DecodeError, VerifyError, ValueError):
            found.append(None)
        else:
            found.append({str(label): plain(value) for label, value in cbor2.loads(payload).items()})
    json.dump(found, sys.stdout)


def plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    return [plain(item) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main()
