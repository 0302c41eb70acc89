"""Assessing a fee over HTTP, against a route that takes a body and does nothing."""

import json

from bench import load
from bench.report import report
from bench.servers import serving
from bench.store import stores

TARGET = 0.40
PATH = "/api/v1/fees/xk-town/PREMISES/assess"


def main(server: str = "uvicorn") -> bool:
    """Measure and print."""
    bodies = [json.dumps({"inputs": {"area": f"{area}.50"}}).encode() for area in range(1, 200)]
    with serving("noop", server) as port:
        noop = load.rate(port, [load.post("/nothing", b'{"receipt":"' + b"X" * 20 + b'"}')])
    with stores() as founded, serving("registry", server, **founded[0].environment) as port:
        rate = load.rate(port, [load.post(PATH, body) for body in bodies], expected=b'"standing":"priced"')
    return report("assess a fee over HTTP / no-op POST", rate / noop, TARGET, detail=f"{rate:,.0f}/s, no-op {noop:,.0f}/s")


if __name__ == "__main__":
    main()
