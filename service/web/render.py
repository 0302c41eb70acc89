"""Pages: templates filled in one language, each a whole answer with its style inside and nothing fetched from anywhere.

A page is one request. Its style sheets stand in the page under the hash that the Content-Security-Policy names, so no
`unsafe-inline` and no second round trip; there is no script for a policy to allow.
"""

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response
from litestar.enums import MediaType
from markupsafe import Markup, escape

from service.web.language import ENDONYMS, HTML, LANGUAGES, words

WEB = Path(__file__).parent
STYLE = "taksa.css"

_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
    "Vary": "Accept-Language",
}
PRIVATE = "private, no-cache"
NEVER_KEPT = "no-store"
PUBLIC = "public, max-age=60"

environment = Environment(
    loader=FileSystemLoader(WEB / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    extensions=["jinja2.ext.i18n"],
    trim_blocks=True,
    lstrip_blocks=True,
    # Templates come with the release; asking the disk for each of them at every page is half of a page.
    auto_reload=False,
)
environment.policies["ext.i18n.trimmed"] = True
# `{% trans %}` hands its values to our own gettext, which is in every page's context: no language is ever set on the environment.
environment.newstyle_gettext = True  # type: ignore[attr-defined]


@cache
def style(name: str) -> Markup:
    """A style sheet as it stands in a page: comments and idle space taken out."""
    text = (WEB / "static" / name).read_text(encoding="utf-8")
    return Markup(_squeezed(text))  # noqa: S704 (our own file)


def _squeezed(css: str) -> str:
    lines = []
    inside = False
    for line in css.splitlines():
        stripped = line.strip()
        if stripped.startswith("/*"):
            inside = True
        if not inside and stripped:
            lines.append(stripped.replace(": ", ":").replace(" {", "{").replace(", ", ","))
        if inside and stripped.endswith("*/"):
            inside = False
    return "".join(lines)


@cache
def content_security_policy(*styles: str) -> str:
    """Nothing but the named style sheets, forms to ourselves and the little icon that is written into the page."""
    hashes = " ".join(f"'sha256-{b64encode(sha256(style(name).encode()).digest()).decode()}'" for name in styles)
    return f"default-src 'none'; style-src {hashes}; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"


def render(template: str, language: str, /, *, path: str = "/", query: Mapping[str, str] | None = None, **context: object) -> str:
    """The page's text. `path` and `query` are its own address, for the links that show it in another language."""
    address = {"path": path, "languages": _languages(language, path, query or {})}
    return environment.get_template(template).render(
        {**_template_words(language), **address, "styles": [style(STYLE)], "robots": None, **context}
    )


def fragment(template: str, language: str, /, **context: object) -> Markup:
    """A part of a page."""
    return Markup(environment.get_template(template).render({**_template_words(language), **context}))  # noqa: S704 (escaped within)


def page(
    template: str,
    language: str,
    /,
    *,
    status: int = 200,
    cache: str = NEVER_KEPT,
    path: str = "/",
    query: Mapping[str, str] | None = None,
    extra_styles: tuple[str, ...] = (),
    **context: object,
) -> Response[str]:
    """A page with its headers. `cache` is NEVER_KEPT unless the page holds nothing of anyone's."""
    names = (STYLE, *extra_styles)
    text = render(template, language, path=path, query=query, status=status, styles=[style(name) for name in names], **context)
    headers = _HEADERS | {
        "Content-Security-Policy": content_security_policy(*names),
        "Cache-Control": cache,
        "Content-Language": HTML[language],
    }
    return Response(text, status_code=status, media_type=MediaType.HTML, headers=headers)


@cache
def _template_words(language: str) -> Mapping[str, object]:
    """What templates speak with: `_`, `ngettext`, `{% trans %}`, the formats of one language, and addresses that keep it."""
    speaking = words(language)

    @cache
    def plain(message: str) -> Markup:
        # Catalogues are ours and may hold markup; what is put into their places may not.
        return Markup(speaking.messages.gettext(message))  # noqa: S704

    def gettext(message: str, /, **values: object) -> Markup:
        return plain(message) % values

    def ngettext(one: str, many: str, n: int, /, **values: object) -> Markup:
        return Markup(speaking.messages.ngettext(one, many, n)) % {"n": n, "num": n, **values}  # noqa: S704

    def code(group: str, name: str, /, **values: object) -> Markup:
        return plain(f"{group}.{name}") % values

    def told(texts: Mapping[str, str]) -> Markup:
        """An official text in the best version there is, its language marked where it is not the page's."""
        found = speaking.language_of(texts)
        text = escape(texts.get(found, ""))
        return text if found == speaking.language else Markup('<span lang="{}">{}</span>').format(HTML.get(found, found), text)

    def to(target: str, /, **values: object) -> str:
        """An address of ours that keeps the reader's language."""
        if not values:
            return f"{target}?lang={language}"
        pairs = {name: value for name, value in values.items() if value is not None} | {"lang": language}
        return f"{target}?{urlencode(pairs)}"

    return {
        "gettext": gettext, "_": gettext, "ngettext": ngettext, "coded": code, "told": told, "words": speaking, "to": to,
        "language": speaking.language, "html_tag": speaking.html_tag,
    }  # fmt: skip


def _languages(language: str, path: str, query: Mapping[str, str]) -> list[dict[str, object]]:
    """The links that show a page in each language."""
    kept = "".join(f"{urlencode({name: value})}&" for name, value in query.items() if name != "lang")
    return [
        {"name": ENDONYMS[each], "tag": HTML[each], "href": f"{path}?{kept}lang={each}", "current": each == language}
        for each in LANGUAGES
    ]  # fmt: skip
