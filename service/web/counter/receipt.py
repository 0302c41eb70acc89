"""A receipt's paper, which prints on A6 in the citizen's language; and cancelling it."""

from dataclasses import dataclass
from secrets import token_urlsafe

from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from registry.errors import AlreadyVoided, RegistryRefusal, UnknownReceipt
from registry.fees.assessment import assess, unpack
from registry.grants import Role, allows
from registry.receipts import issue
from registry.receipts.issue import REASON_LENGTH, VoidReason
from registry.receipts.number import parse_number, show_number
from registry.receipts.tables import Receipt
from registry.receipts.token import Kind, Payment, parse, qr_text
from registry.snapshot import AuthorityPart, Counter
from service.access import Member, member_with
from service.printing import qr
from service.process import Process
from service.web import fee_form
from service.web.fee_form import Fault
from service.web.language import ENDONYMS, HTML, LANGUAGES, Words, words
from service.web.prices import LineView, line_views
from service.web.staff import staff_page
from verify.register import recorded

MEMBER = {"member": Provide(member_with(Role.CLERK))}


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on the paper, in the citizen's language. `mark` says what is no ordinary receipt."""

    title: str
    part: str
    sum: str
    tag: str
    number: str
    shown: str
    counter: str
    mark: str
    authority: str
    place: str
    fee: str
    amount: str
    lines: list[LineView]
    case: list[tuple[str, str]]
    at: str
    payment: str
    qr: Markup
    invitation: str
    host: str
    law: str
    voided: bool


@get("/counter/receipts/{number:str}", include_in_schema=False, dependencies=MEMBER)
async def receipt(
    member: NamedDependency[Member],
    session: NamedDependency[AsyncSession],
    process: NamedDependency[Process],
    language: NamedDependency[str],
    number: FromPath[str],
    paper: FromQuery[str] = "",
) -> Response[str]:
    """The paper of one receipt, in its authority's language unless the citizen wants another. Raises UnknownReceipt."""
    return await _page(member, session, process, language, number, paper)


@post("/counter/receipts/{number:str}/void", include_in_schema=False, status_code=303, dependencies=MEMBER)
async def cancel(
    member: NamedDependency[Member],
    session: NamedDependency[AsyncSession],
    process: NamedDependency[Process],
    language: NamedDependency[str],
    number: FromPath[str],
    data: URLEncodedBody[dict[str, str]],
) -> Response[str] | Redirect:
    """Cancel a receipt and go to the paper of its slip. Raises UnknownReceipt, NotAllowed, NotVoidable."""
    speaking = words(language)
    reason, note = data.get("reason", ""), data.get("note", "")
    errors = []
    if reason not in tuple(VoidReason):
        errors.append(Fault("reason", speaking.gettext("Choose the reason")))
    if len(note) > REASON_LENGTH:
        errors.append(Fault("note", speaking.code("problem", "text_too_long", limit=REASON_LENGTH)))
    if errors:
        return await _page(member, session, process, language, number, "", errors, reason, note)
    row = await _row(session, number)
    at = issue.desk(process.facts, member.officer, member.powers, row.counter_id)
    signer = await process.published.signer(session, at.authority.id)
    try:
        slip = await issue.void(
            session, at, row, signer, reason=VoidReason(reason), note=note, key=data.get("key") or None, now=process.now()
        )  # fmt: skip
    except AlreadyVoided as refused:
        return await _page(member, session, process, language, number, "", [Fault(None, speaking.code("problem", refused.code))])
    return Redirect(f"/counter/receipts/{slip.number}?lang={language}", status_code=303)


async def _page(
    member: Member,
    session: AsyncSession,
    process: Process,
    language: str,
    number: str,
    chosen: str,
    errors: list[Fault] | None = None,
    reason: str = "",
    note: str = "",
) -> Response[str]:
    row = await _row(session, number)
    place = process.facts.counter_by_id(row.counter_id)
    if place is None or not allows(member.powers, Role.CLERK, authority=place[0].id, office=place[1].office, counter=row.counter_id):
        raise UnknownReceipt(number)
    held = (await recorded(session, [row.cti])).get(row.cti)
    voided = held is not None and held.voided_at is not None
    spoken = chosen if chosen in LANGUAGES else place[0].language
    paper = paper_of(row, *place, process.settings.origin, process.settings.host, words(spoken), voided=voided)
    return staff_page(
        "receipt.html",
        member,
        language,
        path=f"/counter/receipts/{row.number}",
        status=422 if errors else 200,
        extra_styles=("receipt.css",),
        paper=paper,
        papers=[{"language": each, "tag": HTML[each], "name": ENDONYMS[each], "current": each == spoken} for each in LANGUAGES],
        voidable=not voided and row.officer_id == member.officer.id and row.kind in (Kind.NORMAL, Kind.OFFLINE),
        reasons=list(VoidReason),
        reason=reason,
        note=note,
        key=token_urlsafe(18),
        errors=errors or [],
    )


def paper_of(row: Receipt, part: AuthorityPart, counter: Counter, origin: str, host: str, speaking: Words, *, voided: bool) -> Paper:
    """The words of a receipt's paper."""
    claims = parse(row.token).claims
    version = part.version(claims.fee, claims.version)
    content = None if version is None else version.content
    lines: list[LineView] = []
    case: list[tuple[str, str]] = []
    law = ""
    if content is not None:
        law = ", ".join(text for text in (content.legal_basis.citation, content.legal_basis.pinpoint) if text)
        try:
            values = unpack(content, claims.inputs)
            lines, case = line_views(assess(content, values, part.content), speaking), fee_form.shown(content, values, speaking)
        except RegistryRefusal:
            pass  # a void slip repeats no inputs
    numbered = speaking.gettext("counter %(number)s, receipt %(serial)s", number=counter.number, serial=claims.serial)
    return Paper(
        title=speaking.gettext("Receipt"),
        part=speaking.gettext("Part"),
        sum=speaking.gettext("Amount"),
        tag=speaking.html_tag,
        number=row.number,
        shown=show_number(row.number),
        counter=row.counter_id,
        mark="" if claims.kind == Kind.NORMAL else speaking.code("kind", Kind(claims.kind).name.lower()),
        authority=speaking.pick(part.names),
        place=f"{speaking.pick(part.by_office[counter.office].name)}, {numbered}",
        fee=claims.fee if content is None else speaking.pick(content.name),
        amount=speaking.money(claims.amount, claims.currency),
        lines=lines,
        case=case,
        at=speaking.time(claims.issued_at, part.time_zone),
        payment="" if claims.payment == Payment.UNSTATED else speaking.code("payment", Payment(claims.payment).name.lower()),
        # Our own drawing, of letters and digits alone.
        qr=Markup(qr.svg(qr_text(origin, row.token), speaking.gettext("Square code of the receipt"))),  # noqa: S704
        invitation=speaking.gettext("Is this the right price? Check it with your camera, or type the number at:"),
        host=host,
        law=law,
        voided=voided,
    )


async def _row(session: AsyncSession, number: str) -> Receipt:
    return await issue.by_number(session, parse_number(number))


routes = [receipt, cancel]
