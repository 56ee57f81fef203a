"""What the two essential plugins give to the application: who the agency is, and who the caller is.

``tenants`` and ``auth`` register here and nobody else: ``contingent`` exports none of it. They
are loaded by name, cannot be switched off, and a broken one stops the start.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

import pluggy

from core.errors import Misconfigured

KERNEL = "contingent.kernel"

kernel_impl = pluggy.HookimplMarker(KERNEL)
"""Marks a function of an essential plugin."""

_spec = pluggy.HookspecMarker(KERNEL)


class KernelSpecs:
    """What an essential plugin may implement, at registration time and without a tenant."""

    @_spec
    def register_models(self) -> Sequence[str]:
        """Return the names of the modules that define tables, lowest layer first."""
        raise NotImplementedError

    @_spec
    def register_routes(self) -> Sequence[Any]:
        """Return what answers requests: rooms by name, or handlers of the web framework."""
        raise NotImplementedError

    @_spec
    def register_middleware(self) -> Sequence[Any]:
        """Return what stands around every request, outermost first."""
        raise NotImplementedError

    @_spec
    def register_permissions(self) -> Mapping[str, frozenset[str]]:
        """Return the permission keys of each role key."""
        raise NotImplementedError


class Kernel:
    """The essential plugins, in the order in which they were named."""

    def __init__(self, *modules: str) -> None:
        """Load ``modules`` (``tenants.plugin``, ``auth.plugin``); raise ``Misconfigured`` if one is broken."""
        self._pluggy = pluggy.PluginManager(KERNEL)
        self._pluggy.add_hookspecs(KernelSpecs)
        # pluggy calls the last registered first.
        for name in reversed(modules):
            try:
                self._pluggy.register(importlib.import_module(name), name)
                self._pluggy.check_pending()
            except Exception as error:
                raise Misconfigured(
                    f"essential plugin {name} is broken: {type(error).__name__}: {error}; nothing can start without it"
                ) from error

    def models(self) -> list[str]:
        """Return the modules that define tables."""
        return [name for names in self._pluggy.hook.register_models() for name in names]

    def routes(self) -> list[Any]:
        """Return what answers requests."""
        return [route for routes in self._pluggy.hook.register_routes() for route in routes]

    def middleware(self) -> list[Any]:
        """Return what stands around every request, outermost first."""
        return [one for found in self._pluggy.hook.register_middleware() for one in found]

    def permissions(self) -> dict[str, frozenset[str]]:
        """Return the permission keys of each role; raise ``Misconfigured`` if two plugins name one role."""
        merged: dict[str, frozenset[str]] = {}
        for roles in self._pluggy.hook.register_permissions():
            twice = sorted(roles.keys() & merged.keys())
            if twice:
                raise Misconfigured(f"role {twice[0]!r} is registered twice: one essential plugin names each role")
            merged |= roles
        return merged
