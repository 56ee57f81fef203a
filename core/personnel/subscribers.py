"""Plugins hear of officers whose record has changed."""

from __future__ import annotations

from uuid import UUID

from core.extensions.telling import tells
from core.hooks import specs, types
from core.personnel.describing import describe_officer
from core.personnel.models import Officer
from core.use_cases.work import Work


@tells(specs.officer_changed)
async def officer_for_plugins(work: Work, id: UUID) -> types.Officer | None:
    """Describe the officer whose record has changed."""
    officer = await work.session.get(Officer, (work.ctx.scope.id, id))
    return None if officer is None else await describe_officer(work, officer)
