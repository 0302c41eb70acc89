"""What a verifier needs, as static files: the snapshot, its note, and the signing keys as JWKS."""

from base64 import urlsafe_b64encode

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from registry.log.note import verifier_key
from registry.publication import verifier_key as newest_verifier_key
from registry.snapshot import Facts, KeyEntry
from service.published import Published, SignedSnapshot, note_name
from service.settings import Settings

OPEN = {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}
FRESH = OPEN | {"Cache-Control": "public, max-age=1"}
FOR_EVER = OPEN | {"Cache-Control": "public, max-age=31536000, immutable"}
JSON = "application/json"


@get("/snapshot/index", sync_to_thread=False)
def index(published: NamedDependency[Published]) -> Response[bytes]:
    """The hashes of all parts."""
    return Response(_signed(published).index, media_type=JSON, headers=FRESH)


@get("/snapshot/note", sync_to_thread=False)
def note(published: NamedDependency[Published]) -> Response[str]:
    """The signed note over the index."""
    return Response(_signed(published).note, media_type="text/plain", headers=FRESH)


@get("/snapshot/{path:path}", sync_to_thread=False)
def part(published: NamedDependency[Published], path: FromPath[str]) -> Response[bytes]:
    """One part by its hash; the same for ever."""
    found = published.file(path.strip("/"))
    if found is None:
        raise NotFoundException
    return Response(found, media_type=JSON, headers=FOR_EVER)


@get("/snapshot/vkey")
async def vkey(reading: NamedDependency[AsyncSession], settings: NamedDependency[Settings]) -> Response[str]:
    """The verifier key of the note, one line of text, to pin."""
    public = await newest_verifier_key(reading)
    if public is None:
        raise NotFoundException
    return Response(f"{verifier_key(note_name(settings), public)}\n", media_type="text/plain", headers=FRESH)


@get("/.well-known/jwks.json", sync_to_thread=False)
def jwks(facts: NamedDependency[Facts]) -> Response[dict[str, list[dict[str, object]]]]:
    """Every key receipts were ever signed with, kid in lower-case hex (RFC 7517, RFC 8037); revoked ones say so and stay."""
    keys = [_jwk(key) for part in facts.parts.values() for key in part.keys]
    return Response({"keys": keys}, media_type="application/jwk-set+json", headers=FRESH)


def _jwk(key: KeyEntry) -> dict[str, object]:
    jwk: dict[str, object] = {
        "kty": "OKP",
        "crv": "Ed25519",
        "alg": "EdDSA",
        "use": "sig",
        "kid": key.kid.hex(),
        "x": urlsafe_b64encode(key.public).rstrip(b"=").decode(),
        "authority": key.authority,
        "nbf": int(key.not_before.timestamp()),
        "exp": int(key.not_after.timestamp()),
    }
    if key.revoked_at is not None:
        jwk["revoked_at"] = int(key.revoked_at.timestamp())
    return jwk


def _signed(published: Published) -> SignedSnapshot:
    if published.signed is None:
        raise NotFoundException
    return published.signed


routes = [index, note, vkey, part, jwks]
