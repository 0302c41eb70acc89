"""Checks over HTTP, one worker: on the edge, with the register, with few and with many receipts stored; and the verdict page.

The ceiling C is what a server could do whose handler did nothing but verify one signature: 1 / (1/no-op route + 1/Ed25519 verify).
"""

import gzip
import json
import statistics
import time
from http.client import HTTPConnection

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bench import load
from bench.check import ORIGIN, facts_and_key, receipts
from bench.report import report
from bench.servers import serving
from bench.store import Store, stores
from registry.receipts.token import parse, qr_text

SERVER = "uvicorn"
"""What `taksa serve` runs on."""

SAMPLE = 500
FEW, MANY = 10_000, 1_000_000
LARGEST_PAGE = 14 * 1024


def main() -> bool:
    """Measure and print."""
    facts, private = facts_and_key()
    raws = receipts(facts, private, SAMPLE)
    verify_rate = bare_verify_rate(private.public_key(), raws)
    get_rate, post_rate = noop_rates()
    ceiling = 1 / (1 / post_rate + 1 / verify_rate)
    page_ceiling = 1 / (1 / get_rate + 1 / verify_rate)
    print(f"      Ed25519 verify {verify_rate:,.0f}/s; C {ceiling:,.0f}/s")
    texts = [qr_text(ORIGIN, raw) for raw in raws]
    met = []
    with serving("edge") as port:
        rate = load.rate(port, _checks(texts), expected=b'"state":"match"')
        met.append(report("POST verify, edge / C", rate / ceiling, 0.60, detail=f"{rate:,.0f}/s"))
        rate = load.rate(port, [load.get("/R/" + text.rpartition("/")[2]) for text in texts], expected=b"<html")
        met.append(report("verdict page / C", rate / page_ceiling, 0.20, detail=f"{rate:,.0f}/s"))
        size = page_size(port, texts[0])
        met.append(report("verdict page, compressed, of 14 KB", size / LARGEST_PAGE, 1.0, False, f"{size:,} bytes in one request"))
    with stores() as founded:
        for store in founded:
            met += with_register(store, ceiling)
    return all(met)


def with_register(store: Store, ceiling: float) -> list[bool]:
    """The same with a database: its own receipts among few and among many."""
    texts = [qr_text(ORIGIN, raw) for raw in store.issued(SAMPLE)]
    rates = {}
    for stored in (FEW, MANY):
        store.fill(stored)
        with serving("registry", **store.environment) as port:
            rates[stored] = load.rate(port, _checks(texts), expected=b'"state":"match"')
    few, many = rates[FEW], rates[MANY]
    return [
        report(f"POST verify, register on {store.name} / C", few / ceiling, 0.35, detail=f"{few:,.0f}/s with {FEW:,} receipts"),
        report(f"  {MANY:,} receipts / {FEW:,}, {store.name}", many / few, 0.90, detail=f"{many:,.0f}/s"),
    ]


def bare_verify_rate(public: Ed25519PublicKey, raws: list[bytes]) -> float:
    """Ed25519 verifications a second."""
    tokens = [parse(raw) for raw in raws]
    seconds = []
    for _ in range(15):
        started = time.perf_counter()
        for token in tokens:
            public.verify(token.signature, token.to_be_signed)
        seconds.append(time.perf_counter() - started)
    return len(tokens) / statistics.median(seconds)


def noop_rates() -> tuple[float, float]:
    """What the server we serve with can do at all, by GET and by POST; the other one's rates are printed beside it."""
    rates = {}
    for server in ("granian", SERVER):
        with serving("noop", server) as port:
            rates[server] = (load.rate(port, [load.get("/nothing")]), load.rate(port, _checks(["X" * 250], "/nothing")))
        print(f"      {server}: no-op GET {rates[server][0]:,.0f}/s, POST {rates[server][1]:,.0f}/s")
    return rates[SERVER]


def page_size(port: int, text: str) -> int:
    """The verdict page as a browser fetches it, in bytes."""
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/R/" + text.rpartition("/")[2])
    return len(gzip.compress(connection.getresponse().read(), 6))


def _checks(texts: list[str], path: str = "/api/v1/verify") -> list[bytes]:
    return [load.post(path, json.dumps({"receipt": text}).encode()) for text in texts]


if __name__ == "__main__":
    main()
