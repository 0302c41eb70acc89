"""The snapshot as files: an index of content-addressed parts, the note over it, and the facts put together again.

Format: docs/snapshot.md. Every file has exactly one form: what was read is written again and compared.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import NamedTuple

import msgspec

from registry.errors import MalformedSnapshot
from registry.receipts.token import ED25519, EDDSA, key_id
from registry.snapshot import (
    VOID_PREFIX_BYTES,
    AuthorityPart,
    Counter,
    End,
    Facts,
    KeyEntry,
    Office,
    PublishedVersion,
    VoidDay,
    dumps,
    read,
    read_day,
    read_time,
    show_time,
)

NOTE_HEADING = "taksa/snapshot/v1"


# The index and its note


class PartRef(NamedTuple):
    """One authority in the index: its part's hash, and the origin its receipts are addressed to."""

    id: str
    origin: str
    sha256: str

    @property
    def path(self) -> str:
        """Below `/snapshot/`."""
        return f"a/{self.id}/{self.sha256}"


class VoidsRef(NamedTuple):
    """One day of voids in the index."""

    day: date
    sha256: str

    @property
    def path(self) -> str:
        """Below `/snapshot/`."""
        return f"voids/{self.day}/{self.sha256}"


@dataclass(frozen=True, slots=True)
class Index:
    """The hashes of all parts."""

    as_of: datetime
    authorities: tuple[PartRef, ...]
    voids: tuple[VoidsRef, ...]

    @classmethod
    def of(cls, facts: Facts, origin: str) -> "Index":
        authorities = tuple(PartRef(part.id, origin, part.sha256) for part in sorted(facts.parts.values(), key=lambda part: part.id))
        return cls(facts.as_of, authorities, tuple(VoidsRef(day, facts.void_days[day].sha256) for day in sorted(facts.void_days)))

    def canonical(self) -> bytes:
        return dumps(
            {
                "v": 1,
                "as_of": show_time(self.as_of),
                "authorities": [part._asdict() for part in self.authorities],
                "voids": [{"day": voids.day.isoformat(), "sha256": voids.sha256} for voids in self.voids],
            }
        )


def note_text(index: bytes, as_of: datetime) -> str:
    """What the snapshot's note says; `registry.log.note` signs it."""
    return f"{NOTE_HEADING}\n{b64encode(sha256(index).digest()).decode()}\n{show_time(as_of)}\n"


def assemble(index: Index, fetch: Callable[[str], bytes], known: Facts | None = None) -> Facts:
    """The facts that an index names, reading only parts that `known` does not hold. `fetch` takes a path below `/snapshot/`.

    Raises MalformedSnapshot when a part is not the one the index names, and whatever `fetch` raises.
    """
    parts: list[AuthorityPart] = []
    for ref in index.authorities:
        held = None if known is None else known.parts.get(ref.id)
        if held is None or held.sha256 != ref.sha256:
            held = parse_part(_fetched(fetch, ref.path, ref.sha256))
        if held.id != ref.id:
            raise MalformedSnapshot("authority")
        parts.append(held)
    days: list[VoidDay] = []
    for day in index.voids:
        voids = None if known is None else known.void_days.get(day.day)
        if voids is None or voids.sha256 != day.sha256:
            voids = parse_voids(day.day, _fetched(fetch, day.path, day.sha256))
        days.append(voids)
    return Facts.build(parts, days, as_of=index.as_of)


def _fetched(fetch: Callable[[str], bytes], path: str, expected: str) -> bytes:
    data = fetch(path)
    if sha256(data).hexdigest() != expected:
        raise MalformedSnapshot("sha256")
    return data


# Bytes -> values. Shapes are msgspec's to check; that the bytes are the canonical ones, the comparison at the end of each.


class _OfficeJSON(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    name: dict[str, str]


class _CounterJSON(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    kind: str
    number: int
    office: str


class _KeyJSON(msgspec.Struct, forbid_unknown_fields=True):
    alg: int
    authority: str
    compromised_at: str | None
    counters: list[int] | None
    kid: str
    not_after: str
    not_before: str
    public: str
    reason: str | None
    revoked_at: str | None
    use: str


class _EndJSON(msgspec.Struct, forbid_unknown_fields=True):
    by: int | None
    ends_on: str
    reason: str
    recorded_at: str


class _VersionJSON(msgspec.Struct, forbid_unknown_fields=True):
    code: str
    content: msgspec.Raw
    content_hash: str
    ends: list[_EndJSON]
    number: int
    published_at: str


class _PartJSON(msgspec.Struct, forbid_unknown_fields=True):
    counters: list[_CounterJSON]
    id: str
    keys: list[_KeyJSON]
    language: str
    names: dict[str, str]
    offices: list[_OfficeJSON]
    supervised_by: str | None
    time_zone: str
    versions: list[_VersionJSON]


class _PartRefJSON(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    origin: str
    sha256: str


class _VoidsRefJSON(msgspec.Struct, forbid_unknown_fields=True):
    day: str
    sha256: str


class _IndexJSON(msgspec.Struct, forbid_unknown_fields=True):
    v: int
    as_of: str
    authorities: list[_PartRefJSON]
    voids: list[_VoidsRefJSON]


def parse_index(data: bytes) -> Index:
    """Raises MalformedSnapshot."""
    found = read(data, _IndexJSON)
    if found.v != 1:
        raise MalformedSnapshot("version")
    index = Index(
        read_time(found.as_of),
        tuple(PartRef(part.id, part.origin, part.sha256) for part in found.authorities),
        tuple(VoidsRef(read_day(voids.day), voids.sha256) for voids in found.voids),
    )
    if index.canonical() != data:
        raise MalformedSnapshot("not_canonical")
    return index


def parse_part(data: bytes) -> AuthorityPart:
    """Raises MalformedSnapshot. Fees are read when first asked for; their bytes are checked against their hashes here."""
    found = read(data, _PartJSON)
    part = AuthorityPart(
        id=found.id,
        names=found.names,
        time_zone=found.time_zone,
        language=found.language,
        supervised_by=found.supervised_by,
        offices=tuple(Office(office.id, office.name) for office in found.offices),
        counters=tuple(Counter(counter.id, counter.number, counter.office, counter.kind) for counter in found.counters),
        keys=tuple(_key(key, found.id) for key in found.keys),
        versions=tuple(
            PublishedVersion(
                version.code,
                version.number,
                bytes(version.content),
                version.content_hash,
                read_time(version.published_at),
                tuple(End(read_day(end.ends_on), read_time(end.recorded_at), end.reason, end.by) for end in version.ends),
            )
            for version in found.versions
        ),
    )
    if part.canonical() != data:
        raise MalformedSnapshot("not_canonical")
    return part


def parse_voids(day: date, data: bytes) -> VoidDay:
    """Raises MalformedSnapshot."""
    try:
        prefixes = frozenset(bytes.fromhex(prefix) for prefix in msgspec.json.decode(data, type=list[str]))
    except (msgspec.MsgspecError, ValueError) as wrong:
        raise MalformedSnapshot("voids") from wrong
    voids = VoidDay(day, prefixes)
    if voids.canonical() != data or any(len(prefix) != VOID_PREFIX_BYTES for prefix in prefixes):
        raise MalformedSnapshot("not_canonical")
    return voids


def _key(found: _KeyJSON, authority: str) -> KeyEntry:
    try:
        kid, public = bytes.fromhex(found.kid), b64decode(found.public, validate=True)
    except ValueError as wrong:
        raise MalformedSnapshot("key") from wrong
    if found.authority != authority or len(public) != 32 or kid != key_id(public) or found.alg not in (EDDSA, ED25519):
        raise MalformedSnapshot("key")
    return KeyEntry(
        kid=kid,
        authority=found.authority,
        use=found.use,
        counters=None if found.counters is None else tuple(found.counters),
        alg=found.alg,
        public=public,
        not_before=read_time(found.not_before),
        not_after=read_time(found.not_after),
        revoked_at=None if found.revoked_at is None else read_time(found.revoked_at),
        compromised_at=None if found.compromised_at is None else read_time(found.compromised_at),
        reason=found.reason,
    )
