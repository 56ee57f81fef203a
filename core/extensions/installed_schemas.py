"""What the operator sees of plugins: what is installed, who uses it, and whom it is for."""

from __future__ import annotations

from datetime import datetime

import msgspec

from core.extensions.schemas import Asked, OwnStopOut
from core.hooks.data import Words


class StoppedOut(msgspec.Struct, frozen=True):
    """A service for which a plugin is suspended; without ``cause`` somebody there did it."""

    scope: Words
    cause: str | None
    since: datetime


class ConsentedOut(msgspec.Struct, frozen=True):
    """A service that has the plugin on, or had, and for which version it consented when.

    ``waits``: the plugin is on there and asks for more than that, so it does not run.
    """

    scope: Words
    plugin_version: str | None
    at: datetime | None
    waits: bool


class Uses(msgspec.Struct, frozen=True):
    """Who runs a plugin: how many services have it switched on, for which it is suspended, and who consented."""

    enabled: int = 0
    stopped: list[StoppedOut] = []
    consents: list[ConsentedOut] = []


class InstalledOut(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin that can be used, and who uses it."""

    name: str
    title: Words
    plugin_version: str
    requires: str
    hooks: list[str]
    tier: int
    quality: str | None
    asks: Asked
    whom: str
    """``everyone``, ``chosen`` or ``nobody``: whom the operator allows it."""
    chosen: list[Words]
    """By name, where it is for those chosen."""
    uses: Uses
    warned: list[str]
    """Where it uses what goes of the contract, and what its maker does there."""


class BrokenOut(msgspec.Struct, frozen=True):
    """A plugin that cannot be used: at which stage it failed, and why.

    Stage ``missing``: it was not found, and services still count on it; ``older``: a newer version is used.
    """

    name: str
    stage: str
    error: str
    uses: Uses


class MeansOut(msgspec.Struct, frozen=True):
    """One means by which the sandbox shuts plugins in."""

    title: Words
    missing: str | None
    """Why this machine lacks it, in the system's own words."""
    needed: bool
    """Without it no plugin runs in the sandbox (``CONTINGENT_SANDBOX_WITHOUT``)."""


class OwnBundleOut(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a plugin that is a service's own, as the operator sees it. ``sha256``: of the whole file."""

    service: Words
    plugin: str
    plugin_version: str
    sha256: str
    state: str
    since: datetime


class Installation(msgspec.Struct, frozen=True):
    """What the operator installed."""

    plugins: list[InstalledOut]
    broken: list[BrokenOut]
    stops: list[OwnStopOut]
    """The latest first; of services in safe mode by their own doing, too."""
    sandbox: list[MeansOut]
    """Empty where this process was started without a sandbox."""
    own: list[OwnBundleOut]
    """Plugins that services have of their own: which, and no more of them."""
