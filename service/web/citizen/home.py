"""The start page: find a fee, check a receipt."""

from litestar import Response, get
from litestar.di import NamedDependency

from registry.snapshot import Facts
from service.web.render import PUBLIC, page


@get("/", include_in_schema=False, sync_to_thread=False)
def home(facts: NamedDependency[Facts], language: NamedDependency[str]) -> Response[str]:
    """The start page."""
    charging = [part for part in facts.parts.values() if part.versions]
    return page("home.html", language, cache=PUBLIC, path="/", authorities=charging)


routes = [home]
