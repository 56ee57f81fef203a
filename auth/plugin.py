"""The essential plugin ``auth``: what it adds to the application. It cannot be switched off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from auth.onboarding import sign_in_tested
from auth.roles import BY_LINK, EVERYBODY, ROLES
from core.database.rooms import MODEL_MODULES
from core.hooks.kernel import kernel_impl
from tenants.onboarding import TASKS

ROOMS = (
    "auth",
    "auth.claim_rules",
    "auth.accounts",
    "auth.step_up",
    "auth.setup",
    "auth.linking",
    "auth.relinking",
    "auth.approval_links",
    "auth.red_button",
    "auth.break_glass",
    "auth.member",
    "auth.security_events",
)
"""Whose pages and routes are loaded by convention."""

TASKS.insert(0, sign_in_tested)
"""The first of the tasks on which a joining service begins."""


@kernel_impl
def register_models() -> Sequence[str]:
    """Name the modules that hold the tables of signing in and of who may do what."""
    return [name for name in MODEL_MODULES if name.partition(".")[0] == "auth"]


@kernel_impl
def register_routes() -> Sequence[str]:
    """Name the rooms: people, roles and the chooser, and what an agency says of how its people sign in.

    The addresses of signing in and out belong to one process's ``auth.parts.Parts``: they
    need its settings and its way to the providers.
    """
    return list(ROOMS)


@kernel_impl
def register_permissions() -> Mapping[str, frozenset[str]]:
    """Return what each role gives, by kind of scope and role: ``agency.coordinator``."""
    found = {f"{kind}.{key}": role.permissions for kind, roles in ROLES.items() for key, role in roles.items()}
    return found | {"everybody": EVERYBODY, "link": BY_LINK}
