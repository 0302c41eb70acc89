"""Servers to measure: each in a process of its own, one worker, on the first core; the load runs on the last.

Run as `python -m bench.servers KIND SERVER PORT`; kinds are below.
"""

import gc
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from litestar import Litestar, get, post
from litestar.params import JSONBody
from msgspec import Struct

from registry.publication import Publication
from service import dependencies
from service.api import verify
from service.app import create_app
from service.clock import SystemClock
from service.db import Database, create_engine
from service.process import Process
from service.published import Published
from service.settings import Settings, read_settings
from service.web.citizen import verdict
from verify.looks import Looks


class Anything(Struct):
    """What the no-op route takes: the body of a check."""

    receipt: str


@get("/nothing", sync_to_thread=False)
def nothing() -> dict[str, str]:
    """The least a route can do."""
    return {"state": "match"}


@post("/nothing", status_code=200, sync_to_thread=False)
def nothing_posted(data: JSONBody[Anything]) -> dict[str, str]:
    """The least a route with a body can do."""
    return {"state": "match" if data.receipt else ""}


def noop() -> Litestar:
    """Two routes that do nothing."""
    return Litestar([nothing, nothing_posted], openapi_config=None, logging_config=None)


def edge() -> Litestar:
    """Checks from static facts alone, 20,000 fee versions, no database."""
    from bench.check import ORIGIN, ClockAtIssue, facts_and_key

    facts, _ = facts_and_key()
    settings = Settings(origin=ORIGIN)
    never_opened = Database(create_engine("sqlite:///never-opened"))
    published = Published(never_opened, settings, ClockAtIssue(), None, Publication(facts))
    gc.freeze()  # as the service does once its facts are there
    process = Process(never_opened, published, Looks(), None, ClockAtIssue(), settings)
    return Litestar(
        [*verify.routes, *verdict.routes],
        dependencies={"process": dependencies.given(process)},
        openapi_config=None,
        logging_config=None,
    )


def registry() -> Litestar:
    """The service itself, on the database that the environment names."""
    return create_app(read_settings(os.environ), SystemClock())


KINDS = {"noop": noop, "edge": edge, "registry": registry}


@contextmanager
def serving(kind: str, server: str = "uvicorn", **environment: str) -> Iterator[int]:
    """A server of that kind, stopped at the end; gives its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TAKSA_")} | environment
    process = subprocess.Popen([sys.executable, "-m", "bench.servers", kind, server, str(port)], env=environ)
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None:
                raise SystemExit(f"the {kind} server did not start")
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def main(kind: str, server: str, port: str) -> None:
    """Serve on one core."""
    os.sched_setaffinity(0, {0})
    if server == "granian":
        import asyncio

        from granian.constants import Interfaces
        from granian.server.embed import Server as Embedded

        asyncio.run(Embedded(KINDS[kind](), address="127.0.0.1", port=int(port), interface=Interfaces.ASGI).serve())
    else:
        import uvicorn

        uvicorn.run(KINDS[kind](), host="127.0.0.1", port=int(port), log_level="error", access_log=False, loop="uvloop", http="httptools")


if __name__ == "__main__":
    main(*sys.argv[1:])
