"""Every code of the domain that a person may meet, as the message ids under which the catalogues keep its words.

Read from the types that own the codes wherever there is one, so that a new refusal, state or role without words fails a test.
"""

from collections.abc import Iterator

import service.access as _access  # noqa: F401 (refusals of its own, found as subclasses)
import service.limits as _limits  # noqa: F401 (the same)
import verify.errors as _verify_errors  # noqa: F401 (the same)
from registry.errors import RegistryRefusal
from registry.grants import Role
from registry.receipts.issue import VoidReason
from registry.receipts.token import Kind, Payment
from service.web.citizen.verdict_view import VARIANTS
from verify.cases import workflow
from verify.verdict import Flag, State, StepName

# What a form field can be wrong about, from `registry.fees.inputs` and our own forms.
FIELD_FAULTS = (
    "missing_input", "unknown_input", "wrong_type", "out_of_range", "too_many_decimals", "unknown_choice", "not_a_decimal",
    "not_a_date", "malformed_amount",
)  # fmt: skip

# What HTTP itself refuses before any handler of ours.
HTTP_PROBLEMS = ("bad_request", "not_found", "method_not_allowed", "too_large", "too_many_requests", "busy", "internal")


def refusals(base: type[RegistryRefusal] = RegistryRefusal) -> Iterator[type[RegistryRefusal]]:
    """All refusals there are."""
    yield base
    for each in base.__subclasses__():
        yield from refusals(each)


def domain_codes() -> frozenset[str]:
    """`group.code` of all that needs words."""
    groups: dict[str, list[str]] = {
        "problem": [*HTTP_PROBLEMS, "malformed_number.check_digit", *(each.code for each in refusals())],
        "field": list(FIELD_FAULTS),
        "role": list(Role),
        "payment": [each.name.lower() for each in Payment],
        "kind": [each.name.lower() for each in Kind],
        "void_reason": list(VoidReason),
        "state": [*State, *VARIANTS],
        "advice": list(State),
        "step": list(StepName),
        "flag": list(Flag),
        "case_state": list(workflow.State),
        "case_step": list(workflow.Step),
        "step_title": [workflow.Step.QUESTION, workflow.Step.ANSWERED, workflow.Step.CLOSED],
        "counter": ["fee_several", "fee_none"],
        "outcome": list(workflow.Outcome),
    }
    return frozenset(f"{group}.{code}" for group, codes in groups.items() for code in codes)
