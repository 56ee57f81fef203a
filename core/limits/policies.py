"""Which limits there are. How large they are is the operator's to set."""

from __future__ import annotations

from core.limits.buckets import Limit
from core.settings import Settings

FAILED_TOKEN = Limit("failed-token", quota=60)
"""Calls with a token that is none, from one address. Only these count: others at that address go on."""

REFUSED_LOGOUT = Limit("refused-logout", quota=60)
"""Logout tokens from one address that are none. What a provider has signed does not count: it sends no token twice."""

BREAK_GLASS = Limit("break-glass", quota=10, window=60 * 60)
"""Tries at the two halves of a break-glass account of one service, from one address."""

REPLAY = Limit("replay", quota=30, window=60 * 60)
"""Calls of plugins that one service tries again in a sandbox tenant: each takes a process or a host of its own."""

BUNDLE = Limit("bundle", quota=30, window=60 * 60)
"""Versions of plugins of its own that one service brings: each is read whole, and loaded in a host of its own."""

DIRECTORY = Limit("directory", quota=1800, batch=20)
"""Calls of one agency's directory. Entra asks that 25 a second are taken
(https://learn.microsoft.com/en-us/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups)."""


FAILED_CALENDAR = Limit("failed-calendar", quota=60)
"""Calls for a calendar that is none, from one address. Apart from tokens: the firms whose calendars ask
have few addresses, and go on asking for a while after one was revoked."""

CALENDAR = Limit("calendar", quota=60, window=60 * 60)
"""Calls for one calendar, from wherever: several devices, each every few minutes."""


def api_limit(settings: Settings) -> Limit:
    """Return the limit of one API token."""
    quota = settings.api_per_minute
    return Limit("api", quota, batch=max(1, min(20, quota // 20)))


def sign_in_limit(settings: Settings) -> Limit:
    """Return the limit of signing in to one service from one address; starting and coming back are two calls."""
    return Limit("sign-in", settings.sign_ins_per_minute * 2)
