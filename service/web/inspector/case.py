"""One case: the three amounts, the check taken again in place, what reporters wrote, and the next step."""

from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect
from sqlalchemy.ext.asyncio import AsyncSession

from registry.grants import Role
from registry.money import Money
from registry.receipts.number import show_number
from registry.receipts.token import qr_text
from service.access import Member, member_with
from service.process import Process
from service.web.citizen.verdict_view import view
from service.web.fee_form import Fault
from service.web.inspector.case_view import fee_name, place_name
from service.web.language import words
from service.web.staff import staff_page
from verify.cases import desk
from verify.cases.desk import CaseFile
from verify.cases.workflow import Outcome, Step
from verify.errors import IllegalStep, OutcomeMissing, OutcomeRefused, StaleCase, TextTooLong, WordsMissing
from verify.verdict import Verdict

MEMBER = {"member": Provide(member_with(Role.INSPECTOR))}
FORMS = (Step.QUESTION, Step.ANSWERED, Step.CLOSED)


@get("/inspector/cases/{case_id:str}", include_in_schema=False, dependencies=MEMBER)
async def case(
    member: NamedDependency[Member],
    session: NamedDependency[AsyncSession],
    process: NamedDependency[Process],
    language: NamedDependency[str],
    case_id: FromPath[str],
) -> Response[str]:
    """The file. Raises UnknownCase."""
    return await _page(member, session, process, language, case_id, {}, [], 200)


@post("/inspector/cases/{case_id:str}", include_in_schema=False, status_code=303, dependencies=MEMBER)
async def step(
    member: NamedDependency[Member],
    session: NamedDependency[AsyncSession],
    process: NamedDependency[Process],
    language: NamedDependency[str],
    case_id: FromPath[str],
    data: URLEncodedBody[dict[str, str]],
) -> Response[str] | Redirect:
    """One step of the workflow. If the case moved on meanwhile, the page comes back as it is now, with what was typed.

    Raises UnknownCase.
    """
    kind = data.get("type", "")
    version = data.get("version", "")
    try:
        await desk.take_step(
            session,
            member.officer,
            member.powers,
            case_id,
            type=kind,
            text=data.get("text"),
            outcome=data.get("outcome") or None,
            version=int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0,
            now=process.now(),
        )
    except (StaleCase, IllegalStep) as refused:
        return await _page(
            member, session, process, language, case_id, data, [Fault(None, words(language).code("problem", refused.code))], 409
        )  # fmt: skip
    except (WordsMissing, TextTooLong, OutcomeMissing, OutcomeRefused) as refused:
        field = f"{kind}-outcome" if isinstance(refused, (OutcomeMissing, OutcomeRefused)) else f"{kind}-text"
        fault = Fault(field, words(language).code("problem", refused.code, **refused.params))
        return await _page(member, session, process, language, case_id, data, [fault], 422)
    return Redirect(f"/inspector/cases/{case_id}?lang={language}", status_code=303)


async def _page(
    member: Member,
    session: AsyncSession,
    process: Process,
    language: str,
    case_id: str,
    typed: dict[str, str],
    errors: list[Fault],
    status: int,
) -> Response[str]:
    speaking = words(language)
    now = process.now()
    file = await desk.case_file(session, member.officer, member.powers, case_id, now)
    summary = file.summary
    found = await _checked(process, file)
    amounts = [
        (speaking.gettext("Published"), file.published),
        (speaking.gettext("Recorded"), file.recorded),
        (speaking.gettext("Paid, as reported"), _paid(file)),
    ]
    return staff_page(
        "case.html",
        member,
        language,
        path=f"/inspector/cases/{case_id}",
        status=status,
        file=file,
        place=place_name(process.facts, summary.authority, summary.office, speaking),
        fee=fee_name(process.facts, summary.authority, summary.fee, speaking),
        number="" if file.number is None else show_number(file.number),
        amounts=[(label, "–" if amount is None else speaking.money(amount.minor, amount.currency)) for label, amount in amounts],
        difference="" if summary.difference is None else speaking.money(summary.difference.minor, summary.difference.currency),
        due="" if summary.due is None else f"{speaking.day(summary.due)} ({speaking.days_left(summary.due, now.date())})",
        view=None if found is None else view(found, speaking, now),
        receipt="" if file.token is None else qr_text(process.settings.origin, file.token).rpartition("/")[2],
        steps=[each for each in FORMS if each in file.steps],
        outcomes=list(Outcome),
        typed={"type": "", "text": "", "outcome": "", **typed},
        errors=errors,
    )


async def _checked(process: Process, file: CaseFile) -> Verdict | None:
    """The receipt checked again, now, with the most that anybody says they paid; an inspector's look is not counted."""
    if file.token is None:
        return None
    return await process.check(qr_text(process.settings.origin, file.token), paid=_paid(file), count=False)


def _paid(file: CaseFile) -> Money | None:
    """The most that anybody says they paid: the first to report may be the clerk, to have it look right."""
    return max((each.paid for each in file.reports if each.paid is not None), key=lambda paid: paid.minor, default=None)


routes = [case, step]
