"""Limits on the whole, not on persons: nobody is counted, and many honest people behind one address are never refused for it."""

from dataclasses import dataclass, field
from datetime import datetime

from registry.errors import RegistryRefusal


class TooManyRequests(RegistryRefusal):
    """More than the service answers at once; in a moment it will."""

    code = "too_many_requests"


@dataclass(slots=True)
class Bucket:
    """Room for `burst` calls at once, and `rate` more each second."""

    rate: float
    burst: int
    _level: float = field(init=False)
    _at: datetime | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._level = float(self.burst)

    def take(self, now: datetime) -> None:
        """Raises TooManyRequests."""
        if self._at is not None:
            self._level = min(float(self.burst), self._level + max(0.0, (now - self._at).total_seconds()) * self.rate)
        self._at = now
        if self._level < 1:
            raise TooManyRequests
        self._level -= 1
