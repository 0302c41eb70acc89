"""The schedule file: an authority's fees as JSON, read strictly, written so that reading it again gives the same.

Format: docs/schedule-file.md. Everything wrong is found at once, each finding with its path; a file with errors imports nothing.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from registry.errors import Finding, MalformedFee, MalformedSchedule
from registry.fees import schedule
from registry.fees.assessment import check_examples
from registry.fees.content import AUTHORITY, FeeContent, parse_content, to_json
from registry.officers import Officer

FORMAT = 1
LARGEST_FILE = 32 * 1024 * 1024
HEAD = ("taksa_schedule", "authority", "source", "fees")


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule file as read. `source` says where its facts come from."""

    authority: str
    source: str
    fees: tuple[FeeContent, ...]


@dataclass(frozen=True, slots=True)
class Import:
    """What an import did: the drafts it made, none on a dry run, and what it found that does not stop a draft."""

    drafts: tuple[str, ...]
    findings: tuple[Finding, ...]


def read_schedule(data: bytes) -> Schedule:
    """The schedule in a file's bytes. Raises MalformedSchedule with every finding."""
    document = _load(data)
    findings: list[Finding] = []
    if not isinstance(document, dict):
        raise MalformedSchedule("must be an object", findings=[Finding("", "wrong_type", "must be an object")])
    findings += [Finding(name, "unknown_member", "is not a member of a schedule") for name in document if name not in HEAD]
    if document.get("taksa_schedule") != FORMAT or isinstance(document.get("taksa_schedule"), bool):
        findings.append(Finding("taksa_schedule", "unknown_format", f"must be {FORMAT}"))
    authority, source, entries = document.get("authority"), document.get("source", ""), document.get("fees")
    if not isinstance(authority, str) or not AUTHORITY.fullmatch(authority):
        findings.append(Finding("authority", "wrong_type", "must be the authority's id"))
    if not isinstance(source, str):
        findings.append(Finding("source", "wrong_type", "must be text"))
    if not isinstance(entries, list):
        findings.append(Finding("fees", "wrong_type", "must be a list"))
        entries = []
    fees: dict[int, FeeContent] = {}
    for i, entry in enumerate(entries):
        try:
            fees[i] = _read_fee(entry, str(authority), f"fees[{i}]")
        except MalformedFee as refused:
            findings += refused.findings
    findings += _repeated(fees)
    if findings:
        raise MalformedSchedule("; ".join(str(finding) for finding in findings[:5]), findings=findings)
    return Schedule(str(authority), str(source), tuple(fees.values()))


def write_schedule(authority: str, fees: Iterable[FeeContent], source: str = "") -> bytes:
    """The file that reads back as these fees, by code and first day."""
    entries = []
    for fee in sorted(fees, key=lambda each: (each.code, each.valid_from)):
        entry = to_json(fee)
        del entry["authority"]
        entries.append(entry)
    document = {"taksa_schedule": FORMAT, "authority": authority, "source": source, "fees": entries}
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


async def import_schedule(session: AsyncSession, *, by: Officer, data: bytes, now: datetime, dry_run: bool = False) -> Import:
    """Every fee of the file as a draft, all or none. A worked example that disagrees is a finding: the draft cannot be proposed.

    Raises MalformedSchedule, NotAllowed.
    """
    read = read_schedule(data)
    published = await schedule.published_fees(session, read.authority)
    findings: list[Finding] = []
    for i, fee in enumerate(read.fees):
        findings += [Finding(f"fees[{i}].{found.path}", found.code, found.message) for found in check_examples(fee, published)]
    if dry_run:
        return Import((), tuple(findings))
    drafts = [(await schedule.save_draft(session, by=by, content=fee, now=now)).draft_id for fee in read.fees]
    return Import(tuple(drafts), tuple(findings))


async def export_schedule(session: AsyncSession, authority: str, *, now: datetime) -> bytes:
    """Every published version of an authority that still has days of its own, as a schedule file."""
    versions = await schedule.versions_of(session, authority)
    live = [version for version in versions if (end := version.ends_by(now)) is None or end > version.valid_from]
    return write_schedule(authority, [version.content for version in live])


def _load(data: bytes) -> object:
    if len(data) > LARGEST_FILE:
        raise _unreadable(f"is larger than {LARGEST_FILE} bytes")
    try:
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=_no_repeats)
    except UnicodeDecodeError:
        raise _unreadable("is not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise _unreadable(f"is not JSON: {error}") from None


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError(f"a member stands twice among {', '.join(name for name, _ in pairs[:20])}")
    return members


def _unreadable(why: str) -> MalformedSchedule:
    return MalformedSchedule(f"the file {why}", findings=[Finding("", "unreadable", f"the file {why}")])


def _read_fee(entry: object, authority: str, path: str) -> FeeContent:
    if not isinstance(entry, dict):
        raise MalformedFee([Finding(path, "wrong_type", "must be an object")])
    if "authority" in entry:
        raise MalformedFee([Finding(f"{path}.authority", "unknown_member", "stands once, at the head of the file")])
    return parse_content({"authority": authority, **entry}, path)


def _repeated(fees: Mapping[int, FeeContent]) -> list[Finding]:
    """`fees` by their place in the file: those that could not be read have none here."""
    seen: set[tuple[str, object]] = set()
    findings = []
    for i, fee in fees.items():
        if (fee.code, fee.valid_from) in seen:
            findings.append(Finding(f"fees[{i}].code", "repeated", f"{fee.code} from {fee.valid_from} stands twice"))
        seen.add((fee.code, fee.valid_from))
    return findings
