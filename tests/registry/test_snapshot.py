"""The public facts: written in one form, read back whole, asked quickly, shared where they did not change."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import MalformedSnapshot
from registry.fees.content import canonical_bytes
from registry.log.note import open_note, sign_note, verifier_key
from registry.snapshot import AuthorityPart, End, Facts, Office, PublishedVersion, VoidDay, void_prefix
from registry.snapshot_files import Index, assemble, note_text, parse_index, parse_part, parse_voids
from tests.vectors import make_receipts as made

PART = made.PART
FACTS = made.FACTS
ORIGIN = made.ORIGIN
OTHER = AuthorityPart("xk-other", {"en": "Other"}, "Europe/Belgrade", "sq")
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def files(facts: Facts) -> dict[str, bytes]:
    index = Index.of(facts, ORIGIN)
    parts = {ref.path: facts.parts[ref.id].canonical() for ref in index.authorities}
    return parts | {ref.path: facts.void_days[ref.day].canonical() for ref in index.voids}


# Files


def test_a_part_is_canonical_json() -> None:
    assert rfc8785.dumps(json.loads(PART.canonical())) == PART.canonical()


def test_a_part_reads_back_whole() -> None:
    part = parse_part(PART.canonical())
    assert (PART.canonical(), PART.sha256) == (part.canonical(), part.sha256)
    assert (PART.offices, PART.counters, PART.keys) == (part.offices, part.counters, part.keys)
    assert [version.content for version in PART.versions] == [version.content for version in part.versions]


def test_the_index_reads_back_and_names_every_file_by_its_hash() -> None:
    index = Index.of(FACTS, ORIGIN)
    assert index == parse_index(index.canonical())
    assert rfc8785.dumps(json.loads(index.canonical())) == index.canonical()
    for path, data in files(FACTS).items():
        assert path.rpartition("/")[2] == sha256(data).hexdigest()


def test_the_index_has_the_members_the_format_names() -> None:
    assert {
        "v": 1,
        "as_of": "2026-12-01T00:00:00Z",
        "authorities": [{"id": "xk-demo-town", "origin": ORIGIN, "sha256": PART.sha256}],
        "voids": [{"day": "2026-11-24", "sha256": FACTS.void_days[made.ON].sha256}],
    } == json.loads(Index.of(FACTS, ORIGIN).canonical())


def test_a_note_vouches_for_the_index() -> None:
    index = Index.of(FACTS, ORIGIN).canonical()
    key = made.private("server")
    text = note_text(index, FACTS.as_of)
    signed = sign_note(text, "taksa.example", key)
    assert text == open_note(signed, [verifier_key("taksa.example", key.public_key().public_bytes_raw())]).text
    assert ["taksa/snapshot/v1", "2026-12-01T00:00:00Z", ""] == text.split("\n")[::2] + text.split("\n")[3:]


def test_facts_are_put_together_again_from_files() -> None:
    facts = assemble(parse_index(Index.of(FACTS, ORIGIN).canonical()), files(FACTS).__getitem__)
    assert FACTS.as_of == facts.as_of
    assert Index.of(FACTS, ORIGIN) == Index.of(facts, ORIGIN)
    assert made.ON == facts.voided(made.VOIDED_CTI)


def test_putting_together_reads_only_what_changed() -> None:
    changed = FACTS.with_parts([OTHER], as_of=NOW)
    fetched: list[str] = []

    def fetch(path: str) -> bytes:
        fetched.append(path)
        return files(changed)[path]

    facts = assemble(Index.of(changed, ORIGIN), fetch, FACTS)
    assert [f"a/xk-other/{OTHER.sha256}"] == fetched
    assert facts.parts["xk-demo-town"] is PART


def test_a_file_that_is_not_the_one_named_is_refused() -> None:
    with pytest.raises(MalformedSnapshot, match="sha256"):
        assemble(Index.of(FACTS, ORIGIN), lambda path: files(FACTS)[path] + b" ")


def test_a_part_under_another_authority_is_refused() -> None:
    index = Index.of(FACTS, ORIGIN)
    renamed = replace(index, authorities=(index.authorities[0]._replace(id="xk-other"),))
    with pytest.raises(MalformedSnapshot, match="authority"):
        assemble(renamed, lambda path: PART.canonical() if path.startswith("a/") else files(FACTS)[path])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"language":"sq"', '"language": "sq"'),
        ('"language":"sq"', '"language":"sq","more":1'),
        ('"language":"sq",', ""),
        ('"number":1,', '"number":"1",'),
        ('"number":1,', '"number":1.0,'),
        ('"not_before":"2026-01-01T00:00:00Z"', '"not_before":"2026-01-01T00:00:00.5Z"'),
        ('"not_before":"2026-01-01T00:00:00Z"', '"not_before":"2026-01-01T01:00:00+01:00"'),
        ('"not_before":"2026-01-01T00:00:00Z"', '"not_before":"2026-01-01"'),
        ('"not_before":"2026-01-01T00:00:00Z"', '"not_before":"soon"'),
        ('"kid":"', '"kid":"0'),
        ('"alg":-8', '"alg":-7'),
        ('"amount":"10.00"', '"amount":"11.00"'),
        ('"authority":"xk-demo-town"', '"authority":"xk-other-town"'),
        ('"ends_on":"2026-01-01"', '"ends_on":"1 January"'),
    ],
)
def test_a_part_in_any_other_form_is_refused(old: str, new: str) -> None:
    written = PART.canonical().decode()
    assert old in written
    with pytest.raises(MalformedSnapshot):
        parse_part(written.replace(old, new, 1).encode())


@given(st.binary(max_size=60))
@settings(max_examples=60, deadline=None)
def test_bytes_that_are_no_file_are_refused(data: bytes) -> None:
    for read in (parse_part, parse_index, lambda data: parse_voids(made.ON, data)):
        if data != b"[]":
            with pytest.raises(MalformedSnapshot):
                read(data)


@pytest.mark.parametrize(
    "data", [b'["00"]', b'["0011223344556677","0011223344556677"]', b'["ff11223344556677","0011223344556677"]', b"[1]"]
)
def test_voids_are_sorted_prefixes_of_eight_bytes_each_once(data: bytes) -> None:
    with pytest.raises(MalformedSnapshot):
        parse_voids(made.ON, data)


def test_a_fact_between_two_seconds_cannot_be_published() -> None:
    part = replace(PART, keys=(made.entry("server", not_before=datetime(2026, 1, 1, 0, 0, 0, 1, UTC)),))
    with pytest.raises(MalformedSnapshot, match="fraction_of_a_second"):
        part.canonical()


# Versions on two time axes

STAMP = PART.version("STAMP", 1)


def test_a_version_holds_half_open() -> None:
    old = PART.version("OLD", 1)
    assert old is not None
    held = [old.holds(day, NOW) for day in (date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1))]
    assert [False, True, True, False] == held


def test_a_version_holds_only_once_published() -> None:
    cert = PART.version("CERT", 1)
    assert cert is not None
    assert not cert.holds(made.ON, cert.published_at - timedelta(seconds=1))
    assert cert.holds(made.ON, cert.published_at)


def test_a_correction_counts_from_when_it_was_recorded() -> None:
    assert STAMP is not None
    recorded = datetime(2026, 12, 1, tzinfo=UTC)
    assert (True, False) == (STAMP.holds(made.ON, recorded - timedelta(seconds=1)), STAMP.holds(made.ON, recorded))
    assert (None, date(2026, 1, 1)) == (STAMP.ends_by(recorded - timedelta(seconds=1)), STAMP.ends_by(recorded))
    before, after = FACTS.in_force(PART.id, "STAMP", made.ON, NOW), FACTS.in_force(PART.id, "STAMP", made.ON, recorded)
    assert before is not None
    assert after is not None
    assert (1, 2) == (before.number, after.number)


def test_the_earliest_end_wins() -> None:
    cert = PART.version("CERT", 1)
    assert cert is not None
    ends = tuple(End(date(2027, month, 1), NOW, "successor", 2) for month in (6, 3, 9))
    ended = PublishedVersion("CERT", 1, cert.content, cert.content_hash, cert.published_at, ends)
    assert date(2027, 3, 1) == ended.ends_by(NOW)


def test_fees_that_nobody_published_are_not_in_force() -> None:
    assert (None, None, False) == (
        FACTS.in_force("xk-nowhere", "CERT", made.ON, NOW),
        FACTS.in_force(PART.id, "NONE", made.ON, NOW),
        FACTS.knows_fee("xk-nowhere", "CERT"),
    )


def test_content_given_as_bytes_is_read_when_asked_for_and_must_be_its_hash() -> None:
    cert = PART.version("CERT", 1)
    assert cert is not None
    data = canonical_bytes(cert.content)
    lazily = PublishedVersion("CERT", 1, data, cert.content_hash, cert.published_at)
    assert (cert.valid_from, cert.valid_to, cert.content, data) == (lazily.valid_from, lazily.valid_to, lazily.content, lazily.canonical)
    with pytest.raises(MalformedSnapshot, match="content_hash"):
        PublishedVersion("CERT", 1, data + b" ", cert.content_hash, cert.published_at)


def test_content_of_another_fee_is_refused() -> None:
    cert = PART.version("CERT", 1)
    assert cert is not None
    with pytest.raises(MalformedSnapshot):
        _ = PublishedVersion("OTHER", 1, canonical_bytes(cert.content), cert.content_hash, cert.published_at).content


# Questions


def test_keys_counters_and_voids_are_found() -> None:
    assert PART.keys[0] is FACTS.key(made.kid("server"))
    assert FACTS.key(made.kid("stranger")) is None
    assert (PART, PART.counters[1]) == FACTS.counter_by_id("handheld-2")
    assert PART.counters[0] == FACTS.counter(PART.id, 1)
    assert (made.ON, None) == (FACTS.voided(made.VOIDED_CTI), FACTS.voided(b"0123456789"))


def test_two_authorities_cannot_claim_one_key() -> None:
    with pytest.raises(MalformedSnapshot, match="kid_twice"):
        Facts.build([PART, replace(OTHER, keys=(replace(PART.keys[0], authority=OTHER.id),))], as_of=NOW)


def test_replacing_a_part_shares_all_others() -> None:
    renamed = replace(OTHER, offices=(Office("new", {"en": "New"}),))
    facts = FACTS.with_parts([OTHER], as_of=NOW).with_parts([renamed], as_of=NOW)
    assert facts.parts[PART.id] is PART
    assert facts.parts["xk-other"] is renamed
    assert facts.void_days is FACTS.void_days


def test_voids_are_added_and_never_go_away() -> None:
    day = made.ON + timedelta(days=1)
    facts = FACTS.with_voids([VoidDay(day, frozenset([void_prefix(b"another-id")]))], as_of=NOW)
    assert (day, made.ON) == (facts.voided(b"another-id"), facts.voided(made.VOIDED_CTI))
    assert FACTS.voided(b"another-id") is None


def test_a_country_of_24_000_fees_is_workable() -> None:
    """Written, read and asked: no fee is parsed before it is wanted."""
    cert = PART.version("CERT", 1)
    assert cert is not None
    data = canonical_bytes(cert.content)
    versions = []
    for number in range(24_000):
        written = data.replace(b'"code":"CERT"', b'"code":"F%05d"' % number)
        versions.append(PublishedVersion(f"F{number:05}", 1, written, sha256(written).hexdigest(), cert.published_at))
    country = replace(PART, versions=tuple(versions))
    facts = Facts.build([parse_part(country.canonical())], as_of=NOW)
    found = facts.in_force(PART.id, "F12345", made.ON, NOW)
    assert found is not None
    assert "F12345" == found.content.code
