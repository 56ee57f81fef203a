"""Circuit breakers: a plugin that keeps failing for a tenant is left alone for a while.

They live in the process and are advice: what must hold everywhere, a suspension, is a row.
Only plugins in trouble have a breaker, so a healthy call looks at an empty dictionary.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from uuid import UUID

FAILURES = 5
"""Failures in a row that open a breaker."""
REST = 30.0
"""Seconds an open breaker waits before it lets one call through."""
OPENINGS = 3
"""Openings within ``WINDOW`` seconds that suspend the plugin for the tenant."""
WINDOW = 3600.0

BreakerState = Literal["closed", "half open", "open", "suspended"]

Key: TypeAlias = tuple[UUID, str]
"""A tenant and a plugin."""


@dataclass(slots=True)
class Breaker:
    """The troubles of one plugin with one tenant. Times are seconds of the injected clock."""

    failures: int = 0
    retry_at: float | None = None
    """When the next single call is let through; ``None``: the breaker is closed."""
    trying: bool = False
    """That single call is under way."""
    openings: list[float] = field(default_factory=list)
    suspended: bool = False


class Health:
    """The breakers of one process."""

    def __init__(self) -> None:
        self.troubled: dict[Key, Breaker] = {}

    def refuses(self, key: Key, now: float) -> Literal["resting", "suspended"] | None:
        """Say why the plugin is not to be called now, or return ``None`` and count this as its trial."""
        breaker = self.troubled.get(key)
        if breaker is None:
            return None
        if breaker.suspended:
            return "suspended"
        if breaker.retry_at is None:
            return None
        if now < breaker.retry_at:
            return "resting"
        # Half open: one call. Should it never report, the next may try after another rest.
        breaker.retry_at, breaker.trying = now + REST, True
        return None

    def succeeded(self, key: Key, now: float) -> None:
        """Close the breaker; forget it when its last opening is long past."""
        breaker = self.troubled.get(key)
        if breaker is None or breaker.suspended:
            return
        breaker.failures, breaker.retry_at, breaker.trying = 0, None, False
        if not breaker.openings or now - breaker.openings[-1] >= WINDOW:
            del self.troubled[key]

    def failed(self, key: Key, now: float) -> bool:
        """Count a failure; return whether the plugin is now to be suspended for the tenant."""
        breaker = self.troubled.setdefault(key, Breaker())
        breaker.failures += 1
        already_open = breaker.retry_at is not None and not breaker.trying
        if breaker.failures < FAILURES or already_open:
            return False
        breaker.retry_at, breaker.trying = now + REST, False
        breaker.openings = [opening for opening in breaker.openings if now - opening < WINDOW] + [now]
        if len(breaker.openings) < OPENINGS:
            return False
        breaker.suspended = True
        return True

    def opened(self, key: Key, now: float) -> bool:
        """Say whether the breaker opened just now."""
        breaker = self.troubled.get(key)
        return breaker is not None and breaker.openings[-1:] == [now]

    def state(self, key: Key, now: float) -> BreakerState:
        """Return the state of the plugin's breaker in this process."""
        breaker = self.troubled.get(key)
        if breaker is not None and breaker.suspended:
            return "suspended"
        if breaker is None or breaker.retry_at is None:
            return "closed"
        return "half open" if breaker.trying or now >= breaker.retry_at else "open"

    def suspend(self, key: Key) -> None:
        """Stop calling the plugin for the tenant at once, whatever the database says so far."""
        self.troubled.setdefault(key, Breaker()).suspended = True

    def suspended(self, key: Key) -> bool:
        """Say whether this process has stopped calling the plugin for the tenant."""
        breaker = self.troubled.get(key)
        return breaker is not None and breaker.suspended

    def forget(self, tenant: UUID, plugins: Collection[str] | None = None) -> None:
        """Drop what is known of these plugins of the tenant, for they are others now; without any named, of all."""
        for key in [key for key in self.troubled if key[0] == tenant and (plugins is None or key[1] in plugins)]:
            del self.troubled[key]
