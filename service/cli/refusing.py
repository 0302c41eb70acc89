"""Refusals on the command line: one clear line with a stable code, never a stack trace."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click
from sqlalchemy.exc import SQLAlchemyError

from registry.errors import Finding, RegistryRefusal
from service.settings import SettingsRefused
from service.web.language import words

REFUSED = 1
UNUSABLE = 2
"""Exit codes: what was asked is refused; the command or its settings cannot be used at all (as click's own usage errors)."""


class Refusing(click.Group):
    """A group whose commands may raise refusals; the outermost one prints them."""

    def invoke(self, ctx: click.Context) -> object:
        with told(ctx):
            return super().invoke(ctx)


@contextmanager
def told(ctx: click.Context) -> Iterator[None]:
    """Print what a command refuses, and leave."""
    try:
        yield
    except RegistryRefusal as refusal:
        for line in lines(refusal):
            click.echo(line, err=True)
        ctx.exit(REFUSED)
    except SettingsRefused as refused:
        for each in str(refused).split("; "):
            click.echo(f"taksa: settings: {each}", err=True)
        ctx.exit(UNUSABLE)
    except (SQLAlchemyError, OSError) as error:
        cause = getattr(error, "orig", None) or error
        click.echo(f"taksa: {type(cause).__name__}: {cause}", err=True)
        ctx.exit(REFUSED)


def lines(refusal: RegistryRefusal) -> Iterator[str]:
    """The refusal in words, and each finding with its path."""
    english = words("en")
    said = english.code("problem", refusal.code, **{"seconds": "", **refusal.params}) if english.knows("problem", refusal.code) else ""
    findings = getattr(refusal, "findings", None) or refusal.params.get("findings")
    found: Sequence[Finding] = findings if isinstance(findings, Sequence) else ()
    about = f"({refusal.detail})" if refusal.detail and not found else ""
    yield " ".join(part for part in (f"taksa: {refusal.code}:", said, about) if part).removesuffix(":")
    for finding in found:
        yield f"  {finding}"
