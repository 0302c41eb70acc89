"""Receipt tokens: one receipt, one string of bytes, one text."""

from base64 import b32encode
from datetime import date
from hashlib import sha256
from typing import Any

import cbor2
import pytest
import qrcode
import segno
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import BadSignature, ForeignHost, MalformedToken, NotAReceipt, NotCanonical, UnknownTokenKind
from registry.receipts.base32 import from_base32, to_base32
from registry.receipts.token import Claims, Kind, _to_be_signed, first_prev, key_id, link, parse, qr_text, read_text, sign, verify
from tests.vectors import make_receipts as made

KEY = made.private("server")
KID = made.kid("server")
ORIGIN = "https://taksa.example"


below_2_32 = st.integers(0, 2**32 - 1)
codes = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-", min_size=1, max_size=12)
ordinary = st.builds(
    Claims,
    kind=st.sampled_from([Kind.NORMAL, Kind.TRAINING, Kind.OFFLINE]),
    counter=below_2_32,
    serial=st.integers(1, 2**32 - 1),
    fee=codes,
    version=st.integers(1, 2**32 - 1),
    on=st.dates(date(1970, 1, 1), date(2149, 6, 6)),
    payment=st.integers(0, 4),
    inputs=st.lists(st.integers(-(2**32), 2**32 - 1), max_size=2).map(tuple),
    amount=st.integers(0, 2**53),
    currency=st.sampled_from(["EUR", "MKD", "RSD", "ALL"]),
    prev=st.binary(min_size=8, max_size=8),
    ref=st.none(),
    iat=st.integers(0, 2**32 - 1),
    cti=st.binary(min_size=10, max_size=10),
)


# Round trip


@given(ordinary)
@settings(max_examples=60, deadline=None)
def test_what_is_signed_reads_back_and_verifies(claims: Claims) -> None:
    raw = sign(claims, KID, KEY)
    token = parse(read_text(qr_text(ORIGIN, raw), ORIGIN))
    verify(token, KEY.public_key())
    assert (raw, claims, KID) == (token.raw, token.claims, token.kid)


@given(ordinary)
@settings(max_examples=60, deadline=None)
def test_an_ordinary_token_fits_178_bytes_and_a_code_of_version_10(claims: Claims) -> None:
    """ASCII fee code ≤ 12 characters, ≤ 2 inputs, values other than the amount below 2^32; a prefix of 26 characters."""
    raw = sign(claims, KID, KEY)
    assert len(raw) <= 178
    text = "HTTPS://TAKSA-EXAMPL.MK" + "/R/" + to_base32(raw)
    assert 26 == text.index("/R/") + 3
    assert 10 == segno.make(text, error="m", boost_error=False, micro=False, version=10).version


def test_the_largest_ordinary_token_fits_by_both_libraries() -> None:
    largest = made.claims(
        counter=2**32 - 1,
        serial=2**32 - 1,
        fee="ABCDEFGHIJKL",
        version=2**32 - 1,
        on=date(2149, 6, 6),
        payment=4,
        inputs=(-(2**32), 2**32 - 1),
        amount=2**53,
        iat=2**32 - 1,
    )
    raw = sign(largest, KID, KEY)
    text = "HTTPS://TAKSA-EXAMPL.MK/R/" + to_base32(raw)
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M)
    code.add_data(text)
    code.make(fit=True)
    assert (176, 10, 10) == (len(raw), code.version, segno.make(text, error="m", boost_error=False, micro=False).version)


def test_signing_is_deterministic() -> None:
    assert made.receipt() == made.receipt()


def test_an_independent_encoder_makes_the_same_bytes() -> None:
    """cbor2's own canonical mode over the structure as the specification writes it."""
    claims = made.claims()
    days_since_1970 = (claims.on - date(1970, 1, 1)).days
    listed = [0, 1, 1, "CERT", 1, days_since_1970, 1, [], 1000, "EUR", claims.prev]
    payload = cbor2.dumps({6: claims.iat, 7: claims.cti, -65537: listed}, canonical=True)
    protected = cbor2.dumps({1: -8, 4: KID}, canonical=True)
    signature = KEY.sign(cbor2.dumps(["Signature1", protected, b"taksa/receipt/v1", payload], canonical=True))
    assert cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]), canonical=True) == made.GOOD


@pytest.mark.parametrize("size", [0, 1, 17, 23, 24, 200, 255, 256, 400])
def test_what_is_signed_is_the_signature_structure_of_cose_whatever_the_size(size: int) -> None:
    payload = bytes(size)
    protected = made.sealed(payload)[3:16]
    assert cbor2.dumps(["Signature1", protected, b"taksa/receipt/v1", payload]) == _to_be_signed(protected, payload)


def test_ids_and_links_are_what_the_format_says() -> None:
    public = KEY.public_key().public_bytes_raw()
    assert sha256(public).digest()[:8] == key_id(public)
    assert sha256(b"taksa/counter/v1" + KID + bytes(7) + b"\x05").digest()[:8] == first_prev(KID, 5)
    assert sha256(made.GOOD).digest()[:8] == link(made.GOOD)


def test_a_void_slip_carries_what_it_voids() -> None:
    assert b"0123456789" == parse(made.SLIP).claims.ref


def test_another_key_did_not_sign_it() -> None:
    with pytest.raises(BadSignature):
        verify(parse(made.GOOD), made.private("stranger").public_key())


@pytest.mark.parametrize(
    "changes",
    [
        {"serial": 0},
        {"serial": -1},
        {"amount": -1},
        {"amount": 2**63},
        {"fee": ""},
        {"fee": "A" * 17},
        {"payment": 5},
        {"currency": "eur"},
        {"currency": "EURO"},
        {"prev": bytes(7)},
        {"cti": bytes(11)},
        {"kind": 4},
        {"kind": Kind.VOID_SLIP},
        {"ref": bytes(10)},
        {"inputs": (2**63,)},
        {"iat": -1},
        {"iat": 2**60},
        {"kind": Kind.VOID_SLIP, "ref": bytes(10), "inputs": (1,), "payment": 0},
        {"kind": Kind.VOID_SLIP, "ref": bytes(10), "payment": 1},
        {"kind": Kind.VOID_SLIP, "ref": bytes(9), "payment": 0},
        {"inputs": (1,) * 400},
    ],
)
def test_nothing_is_signed_that_could_not_be_read(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedToken):
        sign(made.claims(**changes), KID, KEY)


# What is refused


def payload(changes: dict[int, object] | None = None, **claims: object) -> bytes:
    content = cbor2.loads(made.payload_of(made.GOOD))
    for place, value in claims.items():
        content[-65537][int(place.removeprefix("claim"))] = value
    return cbor2.dumps(content | (changes or {}))


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (payload(claim0="0"), "claims"),
        (payload(claim1=True), "claims"),
        (payload(claim3=b"CERT"), "claims"),
        (payload(claim5=-1), "on"),
        (payload(claim5=2**40), "on"),
        (payload(claim7=[None]), "inputs"),
        (payload(claim7=[1.5]), "inputs"),
        (payload(claim7=[[1]]), "payload"),
        (payload(claim8=1.0), "claims"),
        (payload(claim8=2**64), "payload"),
        (payload(claim9="eur"), "currency"),
        (payload(claim10=bytes(9)), "prev"),
        (payload({6: "now"}), "iat"),
        (payload({6: 1.5}), "iat"),
        (payload({7: bytes(9)}), "cti"),
        (payload({-65537: {}}), "claims"),
        (cbor2.dumps([1, 2, 3]), "payload"),
        (cbor2.dumps(7), "payload"),
        (b"", "payload"),
        (b"\xff", "payload"),
    ],
)
def test_a_sealed_payload_of_another_shape_is_malformed(written: bytes, reason: str) -> None:
    with pytest.raises(MalformedToken) as refused:
        parse(made.sealed(written))
    assert reason == refused.value.detail


@pytest.mark.parametrize("tag", [0, 1, 2, 3, 4, 5, 30, 35, 36, 37, 100, 258, 1004, 55799, 60000])
def test_tags_inside_are_refused_unread(tag: int) -> None:
    for place in (cbor2.CBORTag(tag, b"\x01"), cbor2.CBORTag(tag, "1"), cbor2.CBORTag(tag, [1, 2]), cbor2.CBORTag(tag, 1)):
        with pytest.raises(MalformedToken):
            parse(made.sealed(payload(claim8=place)))


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("byte left over", made.GOOD + b"\x00"),
        ("long length of the protected header", made.GOOD.replace(b"\xd2\x84\x4d", b"\xd2\x84\x58\x0d", 1)),
        ("long array", b"\xd2\x98\x04" + made.GOOD[2:]),
        ("indefinite array", b"\xd2\x9f" + made.GOOD[2:] + b"\xff"),
        ("long label in the protected header", made.GOOD.replace(b"\x4d\xa2\x01", b"\x4e\xa2\x18\x01", 1)),
        ("long kind", made.sealed(made.payload_of(made.GOOD).replace(b"\x8b\x00", b"\x8b\x18\x00", 1))),
        ("key twice", made.sealed(b"\xa4\x06\x00" + made.payload_of(made.GOOD)[1:])),
        ("keys out of order", made.sealed(cbor2.dumps(dict(reversed(cbor2.loads(made.payload_of(made.GOOD)).items()))))),
        ("payload with a byte left over", made.sealed(made.payload_of(made.GOOD) + b"\x00")),
        ("newer payload, keys out of order", made.sealed(cbor2.dumps({-65538: 0, 6: 1, 7: b""}))),
    ],
)
def test_only_the_one_encoding_is_a_token(name: str, raw: bytes) -> None:
    with pytest.raises(NotCanonical):
        parse(raw)


@pytest.mark.parametrize("head", [b"", b"\xd3", b"\xd2", b"\x84", b"\xd8\x12\x84"])
def test_another_tag_or_none_is_no_token(head: bytes) -> None:
    with pytest.raises(MalformedToken):
        parse(head + made.GOOD[1:] if head != b"\xd2" else b"\xd2")


@pytest.mark.parametrize("alg", [-7, -35, -50, 0, "EdDSA"])
def test_another_algorithm_is_no_token(alg: Any) -> None:
    with pytest.raises(MalformedToken):
        parse(made.sealed(made.payload_of(made.GOOD), alg=alg))


def test_more_than_512_bytes_are_not_looked_at() -> None:
    with pytest.raises(MalformedToken, match="too_long"):
        parse(bytes(513))


def test_nesting_is_limited_before_it_is_followed() -> None:
    with pytest.raises(MalformedToken):
        parse(made.sealed(b"\x81" * 300))
    with pytest.raises(MalformedToken):
        parse(b"\xd2" + b"\x81" * 500)


@pytest.mark.parametrize(("raw", "why"), [(made.NEWER_LABEL, "label"), (made.NEWER_KIND, "kind"), (made.NEWER_COUNT, "claim_count")])
def test_a_newer_token_says_so_and_can_still_be_verified(raw: bytes, why: str) -> None:
    with pytest.raises(UnknownTokenKind) as newer:
        parse(raw)
    assert (why, KID) == (newer.value.detail, newer.value.kid)
    verify(newer.value, KEY.public_key())
    with pytest.raises(BadSignature):
        verify(newer.value, made.private("stranger").public_key())


# Text


@given(st.binary(max_size=200))
def test_base32_is_that_of_the_rfc(data: bytes) -> None:
    assert b32encode(data).decode().rstrip("=") == to_base32(data)
    if data:
        assert (data, True) == from_base32(to_base32(data)) == from_base32(to_base32(data).lower())


ADDRESS = qr_text(ORIGIN, made.GOOD)
LETTERS = ADDRESS.rpartition("/")[2]


@pytest.mark.parametrize(
    "text",
    [
        ADDRESS,
        ADDRESS.lower(),
        ADDRESS.swapcase(),
        f"https://taksa.example/r/{LETTERS}",
        f"https://taksa.example:443/r/{LETTERS}",
        f"https://Taksa.Example/R/{LETTERS.lower()}?lang=mk",
        f"taksa.example/r/{LETTERS}",
        f" \t{ADDRESS}\r\n",
        LETTERS,
        LETTERS.lower(),
        ADDRESS.replace(":", "%3A").replace("/", "%2F"),
        ADDRESS.lower().replace(":", "%3a").replace("/", "%2f"),
        "".join(f"%{ord(letter):02X}" for letter in ADDRESS),
    ],
)
def test_every_way_an_address_arrives_is_read(text: str) -> None:
    assert made.GOOD == read_text(text, ORIGIN)


def test_an_emitted_address_fits_the_alphanumeric_mode_of_a_code() -> None:
    assert set(ADDRESS) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


@pytest.mark.parametrize(
    "host", ["taksa.example.evil.test", "evil.test", "taksa.example@evil.test", "evil@taksa.example", "taksa.example:8443", "tаksa.example"]
)
def test_our_token_under_another_host_is_foreign(host: str) -> None:
    """The last one has a Cyrillic а."""
    with pytest.raises(ForeignHost) as foreign:
        read_text(f"https://{host}/R/{LETTERS}", ORIGIN)
    assert host == foreign.value.detail


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "https://taksa.example/",
        "https://taksa.example/R/",
        "https://taksa.example/x/" + LETTERS,
        "https://taksa.example/R/" + LETTERS + "/more",
        "https://evil.test/R/ABC",
        "ftp://taksa.example/R/" + LETTERS,
        "https://[/R/" + LETTERS,
        "WIFI:S:cafe;;",
        "héllo",
        "ı" + LETTERS[1:],
        LETTERS + "====",
        LETTERS[:-1] + "1",
        "A" * 5000,
        "A" * 822,
        "%",
        "%zz%2F",
    ],
)
def test_other_codes_are_no_receipts(text: str) -> None:
    with pytest.raises(NotAReceipt) as other:
        read_text(text, ORIGIN)
    assert not isinstance(other.value, ForeignHost)


def test_a_loose_tail_is_refused() -> None:
    """The same bytes under a second text: a careless decoder would call it genuine."""
    letters = to_base32(made.LOOSE)
    with pytest.raises(NotCanonical):
        read_text(letters[:-1] + chr(ord(letters[-1]) + 1), ORIGIN)


def test_the_key_of_the_tests_is_made_from_its_published_seed() -> None:
    assert Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32).public_key() == KEY.public_key()
