"""Refusals: what the registry will not do, each with a stable code.

No HTTP here: `service/problems.py` owns the only table from refusal to status, and the catalogues own the words.
"""


class RegistryRefusal(Exception):
    """Base of all refusals. `code` is public and stable; `params` fill the message a person reads."""

    code = "refused"

    def __init__(self, detail: str = "", **params: object) -> None:
        super().__init__(detail or self.code)
        self.detail = detail
        self.params = params
