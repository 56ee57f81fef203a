"""The modules that define tables, lowest layer first. Migrations, policies and the wall's tests follow this list.

A room with tables that is added later stands at the end: the revisions before it keep their numbers.
"""

from __future__ import annotations

from importlib import import_module

from sqlalchemy import MetaData

from core.database.tables import Base

MODEL_MODULES: list[str] = [
    "core.database.directory",
    "core.hooks.models",
    "core.audit.models",
    "core.events.models",
    "core.use_cases.idempotency",
    "core.documents.models",
    "core.personnel.models",
    "core.workforce.models",
    "core.approvals.models",
    "core.missions.models",
    "core.nominations.models",
    "core.deployments.models",
    "core.returns.models",
    "tenants.models",
    "auth.models",
    "core.lists.models",
    "core.limits.models",
    "auth.claim_rules.models",
    "auth.scim.models",
    "auth.step_up.models",
    "core.contingents.models",
    "auth.setup.models",
    "auth.linking.models",
    "auth.approval_links.models",
    "auth.relinking.models",
    "auth.red_button.models",
    "auth.break_glass.models",
    "auth.member.models",
    "core.extensions.models",
    "core.calendars.models",
    "core.bundles.models",
]


def load_models() -> MetaData:
    """Import every module of ``MODEL_MODULES`` and return the metadata that holds their tables."""
    for name in MODEL_MODULES:
        import_module(name)
    return Base.metadata
