"""Refusals of checking, reporting and cases. As in `registry.errors`: a stable code each, and no HTTP."""

from registry.errors import RegistryRefusal


class VerifyRefusal(RegistryRefusal):
    """Base of the refusals below."""

    code = "verify_refused"


# Checks


class PaidCurrencyMismatch(VerifyRefusal):
    """An amount paid in another currency than the fee's: refused, never converted."""

    code = "paid_currency_mismatch"


# Reports and cases


class ReportIncomplete(VerifyRefusal):
    """A report needs a receipt, or the authority where it happened."""

    code = "report_incomplete"


class HappenedInFuture(VerifyRefusal):
    """The day reported has not begun anywhere on Earth."""

    code = "happened_in_future"


class TextTooLong(VerifyRefusal):
    """More words than are kept; `limit` says how many."""

    code = "text_too_long"


class WordsMissing(VerifyRefusal):
    """A message, a question or an answer without words."""

    code = "words_missing"


class UnknownLanguage(VerifyRefusal):
    """Not one of the languages we speak."""

    code = "unknown_language"


class MalformedFollowCode(VerifyRefusal):
    """Not 25 digits."""

    code = "malformed_follow_code"


class UnknownFollowCode(VerifyRefusal):
    """No report has this code."""

    code = "unknown_follow_code"


class UnknownCase(VerifyRefusal):
    """No such case, as far as the asker may ever learn. Carries no detail, so that all of them are alike."""

    code = "unknown_case"


class StaleCase(VerifyRefusal):
    """Something happened to the case since it was read; read it again."""

    code = "stale_version"


class IllegalStep(VerifyRefusal):
    """The workflow has no such step from the state the case is in."""

    code = "illegal_step"


class OutcomeMissing(VerifyRefusal):
    """An answer without an outcome."""

    code = "outcome_missing"


class OutcomeRefused(VerifyRefusal):
    """An outcome that is not in the list, or with a step that has none."""

    code = "outcome_refused"


class MalformedCursor(VerifyRefusal):
    """Not a cursor that a list of cases gave out."""

    code = "malformed_cursor"
