"""The demonstration, served on this machine for the tests of a browser: a real server on a port of its own."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import uvicorn

from service.app import create_app
from service.cli.demo import Demonstration, prepare
from service.clock import SystemClock

START_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Site:
    """Where it is served, and what `demo.json` says of it."""

    origin: str
    demonstration: Demonstration

    def password(self, username: str) -> str:
        """Of one of the demonstration's accounts."""
        return next(each.password for each in self.demonstration.accounts if each.username == username)

    def sample(self, state: str) -> str:
        """The text of the square code that a check finds in that state; for a number alone, the number."""
        return next(each.qr_text for each in self.demonstration.sample_receipts if each.state == state)

    def number(self, state: str) -> str:
        """The sixteen digits of that receipt."""
        return next(each.number for each in self.demonstration.sample_receipts if each.state == state and each.number is not None)

    def verdict(self, state: str) -> str:
        """The address of the verdict page in that state."""
        text = self.sample(state)
        return text if text.startswith(f"{self.origin}/".upper()) else f"/check?receipt={text}"

    def follow_code(self, state: str) -> str:
        """The code of the demonstration's report that stands so."""
        return next(each.code for each in self.demonstration.follow_codes if each.state == state)


@contextmanager
def served(directory: Path) -> Iterator[Site]:
    """Found the demonstration in a directory and serve it until the end of the block."""
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor(1) as thread:
        port = listening.getsockname()[1]
        # On a thread of its own: the browser's driver holds the loop of this one.
        settings, demonstration = thread.submit(prepare, directory, port, SystemClock().now()).result()
        server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="warning", timeout_graceful_shutdown=3))
        running = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="site")
        running.start()
        try:
            deadline = monotonic() + START_SECONDS
            while not server.started:
                assert running.is_alive(), "the service did not start"
                assert monotonic() < deadline, "the service did not start in time"
                sleep(0.02)
            yield Site(settings.origin, demonstration)
        finally:
            server.should_exit = True
            running.join()
