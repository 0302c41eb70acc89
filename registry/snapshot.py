"""The snapshot: every public fact a verifier needs, as values and as canonical bytes.

Format: docs/snapshot.md. One part per authority and one per day of voids, each RFC 8785 JSON named by its SHA-256, under one index that a
signed note vouches for. A part that did not change is the same object in the next facts, so that a change costs what it changes.
"""

from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple, TypeVar

import msgspec
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from registry.errors import MalformedFee, MalformedSnapshot
from registry.fees.content import FeeContent, canonical_bytes, parse_content

Languages = Mapping[str, str]
Struct = TypeVar("Struct", bound=msgspec.Struct)

VOID_PREFIX_BYTES = 8


# What an authority publishes


@dataclass(frozen=True)
class KeyEntry:
    """A public key and its terms. `counters` None: every counter its use allows. `public` is the 32 raw bytes of RFC 8032."""

    kid: bytes
    authority: str
    use: str
    counters: tuple[int, ...] | None
    alg: int
    public: bytes
    not_before: datetime
    not_after: datetime
    revoked_at: datetime | None = None
    compromised_at: datetime | None = None
    reason: str | None = None

    @cached_property
    def public_key(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.public)


@dataclass(frozen=True, slots=True)
class Office:
    """A place where an authority receives people."""

    id: str
    name: Languages


@dataclass(frozen=True, slots=True)
class Counter:
    """A desk, or an enrolled device. Receipts carry its `number`; `kind` is server or device."""

    id: str
    number: int
    office: str
    kind: str = "server"


class End(NamedTuple):
    """Since `recorded_at` it is known that the version holds only before `ends_on`; `by` is the version that took over, if one did."""

    ends_on: date
    recorded_at: datetime
    reason: str
    by: int | None = None


class PublishedVersion:
    """One version of one fee, as it was published, with every end recorded since.

    `content` may be given as canonical bytes; it is then read when first asked for, because most of a country's fees never are.
    """

    __slots__ = ("_canonical", "_content", "code", "content_hash", "ends", "number", "published_at", "valid_from", "valid_to")

    def __init__(
        self, code: str, number: int, content: FeeContent | bytes, content_hash: str, published_at: datetime, ends: tuple[End, ...] = ()
    ) -> None:
        """Raises MalformedSnapshot when content bytes are not those of `content_hash`, or of another fee."""
        self.code = code
        self.number = number
        self.content_hash = content_hash
        self.published_at = published_at
        self.ends = ends
        self._content: FeeContent | None = None
        if isinstance(content, bytes):
            self._canonical: bytes | None = content
            if sha256(content).hexdigest() != content_hash:
                raise MalformedSnapshot("content_hash")
            dates = read(content, _Dates)
            self.valid_from = read_day(dates.valid_from)
            self.valid_to = None if dates.valid_to is None else read_day(dates.valid_to)
        else:
            self._canonical = None
            self._content = content
            self.valid_from, self.valid_to = content.valid_from, content.valid_to

    @property
    def content(self) -> FeeContent:
        """Raises MalformedSnapshot if the bytes given were no fee."""
        if self._content is None:
            self._content = self._parse()
        return self._content

    @property
    def canonical(self) -> bytes:
        """The content's canonical JSON, whose SHA-256 is `content_hash`."""
        return canonical_bytes(self.content) if self._canonical is None else self._canonical

    def holds(self, on: date, known_at: datetime) -> bool:
        """In force on that day, as published at that moment."""
        if self.published_at > known_at or on < self.valid_from or (self.valid_to is not None and on >= self.valid_to):
            return False
        return not self.ends or all(on < end.ends_on or end.recorded_at > known_at for end in self.ends)

    def ends_by(self, known_at: datetime) -> date | None:
        """The first day on which it no longer holds, as known at that moment; None while no end is known."""
        known = [end.ends_on for end in self.ends if end.recorded_at <= known_at]
        return min(known if self.valid_to is None else [*known, self.valid_to], default=None)

    def _parse(self) -> FeeContent:
        try:
            content = parse_content(msgspec.json.decode(self.canonical))
        except (MalformedFee, msgspec.DecodeError) as wrong:
            raise MalformedSnapshot("content") from wrong
        if content.code != self.code or canonical_bytes(content) != self._canonical:
            raise MalformedSnapshot("content")
        return content


@dataclass(frozen=True)
class AuthorityPart:
    """All that one authority publishes: who it is, where it charges, what it signs with, and every fee version there ever was."""

    id: str
    names: Languages
    time_zone: str
    language: str
    supervised_by: str | None = None
    offices: tuple[Office, ...] = ()
    counters: tuple[Counter, ...] = ()
    keys: tuple[KeyEntry, ...] = ()
    versions: tuple[PublishedVersion, ...] = ()

    def canonical(self) -> bytes:
        """RFC 8785. Put together from the versions' own canonical bytes, for a country's fees weigh 31 MB."""
        members = {
            "counters": dumps([{"id": c.id, "kind": c.kind, "number": c.number, "office": c.office} for c in self.counters]),
            "id": dumps(self.id),
            "keys": dumps([_key_json(key) for key in self.keys]),
            "language": dumps(self.language),
            "names": dumps(dict(self.names)),
            "offices": dumps([{"id": office.id, "name": dict(office.name)} for office in self.offices]),
            "supervised_by": dumps(self.supervised_by),
            "time_zone": dumps(self.time_zone),
            "versions": b"[" + b",".join(map(_version_bytes, self.versions)) + b"]",
        }
        return b"{" + b",".join(b'"%b":%b' % (name.encode(), value) for name, value in members.items()) + b"}"

    @cached_property
    def sha256(self) -> str:
        return sha256(self.canonical()).hexdigest()

    @cached_property
    def by_code(self) -> Mapping[str, tuple[PublishedVersion, ...]]:
        """The versions of each fee, newest first."""
        found: dict[str, list[PublishedVersion]] = {}
        for version in self.versions:
            found.setdefault(version.code, []).append(version)
        return {code: tuple(sorted(versions, key=lambda version: -version.number)) for code, versions in found.items()}

    @cached_property
    def by_counter(self) -> Mapping[int, Counter]:
        return {counter.number: counter for counter in self.counters}

    @cached_property
    def by_office(self) -> Mapping[str, Office]:
        return {office.id: office for office in self.offices}

    def office_of(self, counter: str) -> str | None:
        """The office that a counter of this authority is in, by the counter's id."""
        return next((each.office for each in self.counters if each.id == counter), None)

    def in_force(self, code: str, on: date, known_at: datetime) -> PublishedVersion | None:
        """The version that holds on a day as known at a moment."""
        for version in self.by_code.get(code, ()):
            if version.holds(on, known_at):
                return version
        return None

    def version(self, code: str, number: int) -> PublishedVersion | None:
        return next((version for version in self.by_code.get(code, ()) if version.number == number), None)

    def content(self, code: str, number: int) -> FeeContent | None:
        """How a rule finds the version it pins."""
        version = self.version(code, number)
        return None if version is None else version.content


@dataclass(frozen=True)
class VoidDay:
    """What was voided on one day, UTC: the first eight bytes of SHA-256(cti) of each, which tell nothing to who has no receipt."""

    day: date
    prefixes: frozenset[bytes]

    def canonical(self) -> bytes:
        return dumps(sorted(prefix.hex() for prefix in self.prefixes))

    @cached_property
    def sha256(self) -> str:
        return sha256(self.canonical()).hexdigest()


def void_prefix(cti: bytes) -> bytes:
    """How a voided receipt is named in public."""
    return sha256(cti).digest()[:VOID_PREFIX_BYTES]


# All of it together, with the questions a verifier asks


@dataclass(frozen=True)
class Facts:
    """The public facts as known at `as_of`, the time of the newest of them. Made by `build`; changed by replacing parts."""

    parts: Mapping[str, AuthorityPart]
    void_days: Mapping[date, VoidDay]
    as_of: datetime
    _keys: Mapping[bytes, KeyEntry] = field(repr=False, compare=False)
    _voided: Mapping[bytes, date] = field(repr=False, compare=False)

    @classmethod
    def build(cls, parts: Iterable[AuthorityPart], voids: Iterable[VoidDay] = (), *, as_of: datetime) -> "Facts":
        """Raises MalformedSnapshot when two authorities claim one key."""
        by_id = {part.id: part for part in parts}
        void_days = {void_day.day: void_day for void_day in voids}
        voided = {prefix: void_day.day for void_day in void_days.values() for prefix in void_day.prefixes}
        return cls(by_id, void_days, as_of, _keys_of(by_id), voided)

    def with_parts(self, parts: Iterable[AuthorityPart], *, as_of: datetime) -> "Facts":
        """The same facts with some authorities' parts replaced or added; the others are shared."""
        by_id = {**self.parts, **{part.id: part for part in parts}}
        return Facts(by_id, self.void_days, as_of, _keys_of(by_id), self._voided)

    def with_voids(self, voids: Iterable[VoidDay], *, as_of: datetime) -> "Facts":
        """The same facts with some days' voids replaced or added. A void never goes away, so days only grow."""
        void_days, voided = dict(self.void_days), dict(self._voided)
        for void_day in voids:
            void_days[void_day.day] = void_day
            voided.update(dict.fromkeys(void_day.prefixes, void_day.day))
        return Facts(self.parts, void_days, as_of, self._keys, voided)

    def key(self, kid: bytes) -> KeyEntry | None:
        return self._keys.get(kid)

    def counter(self, authority: str, number: int) -> Counter | None:
        part = self.parts.get(authority)
        return None if part is None else part.by_counter.get(number)

    def counter_by_id(self, counter: str) -> tuple[AuthorityPart, Counter] | None:
        return self._counters.get(counter)

    @cached_property
    def _counters(self) -> Mapping[str, tuple[AuthorityPart, Counter]]:
        return {counter.id: (part, counter) for part in self.parts.values() for counter in part.counters}

    def in_force(self, authority: str, code: str, on: date, known_at: datetime) -> PublishedVersion | None:
        """The version that holds on a day as known at a moment."""
        part = self.parts.get(authority)
        return None if part is None else part.in_force(code, on, known_at)

    def version(self, authority: str, code: str, number: int) -> PublishedVersion | None:
        part = self.parts.get(authority)
        return None if part is None else part.version(code, number)

    def knows_fee(self, authority: str, code: str) -> bool:
        """Whether any version of the fee was ever published."""
        part = self.parts.get(authority)
        return part is not None and code in part.by_code

    def resolver(self, authority: str) -> Callable[[str, int], FeeContent | None]:
        """How a rule of this authority finds another fee's pinned version."""
        return self.parts[authority].content

    def voided(self, cti: bytes) -> date | None:
        """The day the receipt was voided, UTC."""
        return self._voided.get(void_prefix(cti)) if self._voided else None


def _keys_of(parts: Mapping[str, AuthorityPart]) -> Mapping[bytes, KeyEntry]:
    keys: dict[bytes, KeyEntry] = {}
    for part in parts.values():
        for key in part.keys:
            if key.authority != part.id:
                raise MalformedSnapshot("key_of_another_authority")
            if key.kid in keys:
                raise MalformedSnapshot("kid_twice")
            keys[key.kid] = key
    return keys


# Values <-> bytes; registry.snapshot_files reads whole files


class _Dates(msgspec.Struct):
    valid_from: str
    valid_to: str | None


def _key_json(key: KeyEntry) -> dict[str, object]:
    return {
        "alg": key.alg,
        "authority": key.authority,
        "compromised_at": None if key.compromised_at is None else show_time(key.compromised_at),
        "counters": None if key.counters is None else list(key.counters),
        "kid": key.kid.hex(),
        "not_after": show_time(key.not_after),
        "not_before": show_time(key.not_before),
        "public": b64encode(key.public).decode(),
        "reason": key.reason,
        "revoked_at": None if key.revoked_at is None else show_time(key.revoked_at),
        "use": key.use,
    }


def _version_bytes(version: PublishedVersion) -> bytes:
    ends = [
        {"by": end.by, "ends_on": end.ends_on.isoformat(), "reason": end.reason, "recorded_at": show_time(end.recorded_at)}
        for end in version.ends
    ]
    return b'{"code":%b,"content":%b,"content_hash":"%b","ends":%b,"number":%d,"published_at":"%b"}' % (
        dumps(version.code),
        version.canonical,
        version.content_hash.encode(),
        dumps(ends) if ends else b"[]",
        version.number,
        show_time(version.published_at).encode(),
    )


def dumps(value: object) -> bytes:
    """RFC 8785."""
    return rfc8785.dumps(value)  # type: ignore[arg-type]  # plain JSON by construction


def show_time(moment: datetime) -> str:
    """RFC 3339 with Z and whole seconds; raises MalformedSnapshot for a moment between two seconds, rather than move a fact in time."""
    if moment.microsecond:
        raise MalformedSnapshot("fraction_of_a_second")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def read(data: bytes, shape: type[Struct]) -> Struct:
    """JSON of one shape. Raises MalformedSnapshot."""
    try:
        return msgspec.json.decode(data, type=shape)
    except msgspec.MsgspecError as wrong:
        raise MalformedSnapshot("shape") from wrong


def read_time(text: str) -> datetime:
    """Raises MalformedSnapshot."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise MalformedSnapshot("time") from wrong
    if moment.tzinfo is None:
        raise MalformedSnapshot("time")
    return moment.astimezone(UTC)


def read_day(text: str) -> date:
    """Raises MalformedSnapshot."""
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise MalformedSnapshot("day") from wrong
