"""Our tokens under somebody else's COSE: only the public keys, the token, and the label that the documents give."""

from base64 import urlsafe_b64encode
from datetime import date

from tests.oracle.environment import verify_with_cwt
from tests.vectors import make_receipts as made


def jwk(name: str) -> dict[str, str]:
    x = urlsafe_b64encode(made.public(name)).rstrip(b"=").decode()
    return {"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": made.kid(name).hex(), "x": x}


JWKS = {"keys": [jwk("server"), jwk("device")]}


def test_python_cwt_reads_what_we_sign() -> None:
    offline = made.offline()
    permit = made.receipt(fee="PERMIT", inputs=(12050,), amount=18075)
    day = (made.ON - date(1970, 1, 1)).days
    iat, cti = made.seconds(made.ISSUED), b"0123456789".hex()
    prev, devices = made.claims().prev.hex(), made.claims("device", counter=2).prev.hex()
    assert [
        {"6": iat, "7": cti, "-65537": [0, 1, 1, "CERT", 1, day, 1, [], 1000, "EUR", prev]},
        {"6": iat, "7": cti, "-65537": [2, 2, 1, "CERT", 1, day, 1, [], 1000, "EUR", devices]},
        {"6": iat, "7": cti, "-65537": [0, 1, 1, "PERMIT", 1, day, 1, [12050], 18075, "EUR", prev]},
        {"6": iat, "7": b"voidslip-1".hex(), "-65537": [3, 1, 2, "CERT", 1, day, 0, [], 1000, "EUR", prev, cti]},
    ] == verify_with_cwt(JWKS, [made.GOOD, offline, permit, made.SLIP])


def test_python_cwt_refuses_what_we_refuse() -> None:
    altered, strangers = made.flipped(made.GOOD, -1), made.receipt("stranger")
    assert [None, None] == verify_with_cwt(JWKS, [altered, strangers])


def test_the_label_of_receipts_is_part_of_what_is_signed() -> None:
    assert [None] == verify_with_cwt(JWKS, [made.GOOD], external_aad="taksa/z/v1")
    assert [None] == verify_with_cwt(JWKS, [made.GOOD], external_aad="")
