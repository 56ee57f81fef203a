"""How long member access lasts: from the selection until twelve months after the return file closes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.deployments.models import Tour
from core.hooks.days import shift
from core.nominations.models import Candidacy, Dossier
from core.returns.models import ReturnFile

MONTHS_AFTER = 12
SELECTED = ("selected", "training", "ready", "assigned")
"""States of a candidacy from which on the officer goes."""
NO_END = date.max


class Stay(msgspec.Struct, frozen=True):
    """One selection of an officer and what became of it; ``None`` where there is no tour, or no return file."""

    tour: str | None = None
    home_on: date | None = None
    file: str | None = None
    closed_on: date | None = None

    @property
    def ended_on(self) -> date | None:
        """The day on which nothing was left to do: the file closed, or they came home and there is no file."""
        if self.file is not None:
            return self.closed_on if self.file == "closed" else None
        return self.home_on if self.tour == "ended" else None

    @property
    def goes_on(self) -> bool:
        """Whether the officer is on their way, abroad, or returning."""
        return self.tour != "cancelled" and self.ended_on is None


def last_day(stays: Sequence[Stay], opened_on: date | None = None) -> date | None:
    """Return the last day of member access, ``NO_END`` while that is open, or ``None`` where none is due.

    ``opened_on`` is the day on which it was set up: it counts where the officer never went after all.
    """
    if any(stay.goes_on for stay in stays):
        return NO_END
    ended = [day for stay in stays if (day := stay.ended_on) is not None]
    since = max(ended, default=opened_on)
    return None if since is None else shift(since, months=MONTHS_AFTER)


async def stays_of(session: AsyncSession, scope_id: UUID, officers: Collection[UUID]) -> Mapping[UUID, Sequence[Stay]]:
    """Return each officer's selections."""
    chosen = (
        select(Dossier.officer_id, Tour.state, Tour.home_on, ReturnFile.state, ReturnFile.closed_on)
        .select_from(Dossier)
        .join(Candidacy, (Candidacy.tenant_id == Dossier.tenant_id) & (Candidacy.id == Dossier.id))
        .outerjoin(Tour, (Tour.tenant_id == Candidacy.tenant_id) & (Tour.candidacy_id == Candidacy.id))
        .outerjoin(ReturnFile, (ReturnFile.tenant_id == Tour.tenant_id) & (ReturnFile.tour_id == Tour.id))
        .where(Dossier.tenant_id == scope_id, Dossier.officer_id.in_(officers), Candidacy.state.in_(SELECTED))
    )
    found: dict[UUID, list[Stay]] = {one: [] for one in officers}
    for officer_id, tour, home_on, file, closed_on in await session.execute(chosen):
        found[officer_id].append(Stay(tour, home_on, file, closed_on))
    return found
