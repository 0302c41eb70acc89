"""Names of what a case is about, in words. Pure."""

from registry.snapshot import Facts
from service.web.language import Words


def place_name(facts: Facts, authority: str | None, office: str | None, speaking: Words) -> str:
    """Office and authority by name, as far as they are known."""
    part = facts.parts.get(authority or "")
    if part is None:
        return speaking.gettext("Place not known")
    found = part.by_office.get(office or "")
    name = speaking.pick(part.names)
    return name if found is None else f"{speaking.pick(found.name)}, {name}"


def fee_name(facts: Facts, authority: str | None, code: str | None, speaking: Words) -> str:
    """The fee by name and code, as far as it is known."""
    part = facts.parts.get(authority or "")
    if part is None or code is None:
        return code or ""
    versions = part.by_code.get(code)
    return code if versions is None else f"{speaking.pick(versions[0].content.name)} ({code})"
