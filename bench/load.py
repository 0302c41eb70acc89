"""Load: keep-alive HTTP/1.1 connections that send prepared requests, one after the other, from a core of its own."""

import asyncio
import itertools
import os
import time
from collections.abc import Iterator, Sequence

CONNECTIONS = 32
WARM_UP = 1.0


def post(path: str, body: bytes) -> bytes:
    """A JSON POST, ready to send."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def get(path: str) -> bytes:
    """A GET, ready to send."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


class _Connection(asyncio.Protocol):
    """Sends the next request as soon as an answer is whole."""

    def __init__(self, requests: Iterator[bytes], expected: bytes) -> None:
        self.requests = requests
        self.expected = expected
        self.answered = 0
        self.buffer = b""
        self.failure: bytes | None = None
        self.stopped = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment] # TCP gives a Transport
        self.transport.write(next(self.requests))

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, rest = self.buffer.partition(b"\r\n\r\n")
        if not found:
            return
        lower = head.lower()
        start = lower.index(b"content-length:") + 15
        length = int(lower[start : lower.find(b"\r\n", start) if b"\r\n" in lower[start:] else None])
        if len(rest) < length:
            return
        if not head.startswith(b"HTTP/1.1 2") or self.expected not in rest:
            self.failure = self.buffer[:600]
            self.transport.close()
            return
        self.buffer = b""
        self.answered += 1
        if not self.stopped:
            self.transport.write(next(self.requests))


async def _drive(port: int, requests: Sequence[bytes], seconds: float, expected: bytes) -> float:
    loop = asyncio.get_running_loop()
    turn = itertools.cycle(requests)
    connections = [(await loop.create_connection(lambda: _Connection(turn, expected), "127.0.0.1", port))[1] for _ in range(CONNECTIONS)]
    await asyncio.sleep(WARM_UP)
    before, started = sum(each.answered for each in connections), time.perf_counter()
    await asyncio.sleep(seconds)
    rate = (sum(each.answered for each in connections) - before) / (time.perf_counter() - started)
    for each in connections:
        each.stopped = True
        each.transport.close()
    failed = next((each.failure for each in connections if each.failure is not None), None)
    if failed is not None or not rate:
        raise SystemExit(f"the server under load answered: {failed!r}")
    return rate


def rate(port: int, requests: Sequence[bytes], *, seconds: float = 3.0, expected: bytes = b"") -> float:
    """Answers a second from a server on loopback; every answer must be a success and hold `expected`."""
    import uvloop

    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        return uvloop.run(_drive(port, requests, seconds, expected))
    finally:
        # Only the load keeps to one core: what is measured next, and the databases it starts, has them all.
        os.sched_setaffinity(0, cores)
