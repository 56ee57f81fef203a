"""Conflict of interest: nobody acts for the programme on a case that they touched for an agency.

A case is a nomination with all that comes of it: the dossier and its approval, candidacy, tour and return. A use
case says which cases it is about (``use_case(…, cases=…)``). Done in an agency it is noted who did it, in whose name,
and of whom it was; before it is done for the programme it is asked whether the same person is among those. One may
have several seats: who is the same person is known to ``core.people.People`` alone.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from core.errors import NotFound, Refused
from core.text import t

if TYPE_CHECKING:
    from core.use_cases.work import Work

TOUCHED = t("You have worked on this file for a service, or it is your own: you do not act on it for IPOB.")
SOMEBODY_ELSE = t("Another person at IPOB has to act.")


class ById(Protocol):
    """An input that names its subject."""

    @property
    def id(self) -> str:
        """The subject's id."""
        ...


async def named(work: Work, data: ById, result: Any) -> list[UUID]:
    """Return the case whose own id the input holds."""
    try:
        return [UUID(data.id)]
    except ValueError:
        raise NotFound from None


async def refuse_touched(work: Work, cases: Collection[UUID]) -> None:
    """Raise ``Refused`` if the actor touched one of ``cases`` for an agency."""
    if await is_touched(work, cases):
        raise Refused(TOUCHED, SOMEBODY_ELSE)


async def is_touched(work: Work, cases: Collection[UUID]) -> bool:
    """Say whether the actor touched one of ``cases`` for an agency; what pages then do not offer."""
    return bool(await touched_of(work, cases))


async def touched_of(work: Work, cases: Collection[UUID]) -> frozenset[UUID]:
    """Return those of ``cases`` that the actor touched for an agency; none if they act for one."""
    if work.ctx.scope.kind != "program" or not cases:
        return frozenset()
    return await work.ctx.people.touched(work.session, cases)


async def note_touched(work: Work, cases: Collection[UUID]) -> None:
    """Remember that the actor, and whoever else is involved, touched ``cases`` for this agency."""
    if cases:
        await work.ctx.people.touch(work.session, cases, work.involved)
