"""The essential plugin ``tenants``: what it adds to the application. It cannot be switched off."""

from __future__ import annotations

from collections.abc import Sequence

from core.hooks.kernel import kernel_impl


@kernel_impl
def register_models() -> Sequence[str]:
    """Name the tables of agencies, their agreements, sharing contracts and ladders."""
    return ["tenants.models"]


@kernel_impl
def register_routes() -> Sequence[str]:
    """Name the room of the pages and routes on agencies."""
    return ["tenants"]
