"""What a room that has something approved must answer. Approvals knows cases, never their subjects."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol
from uuid import UUID

import msgspec

from core.approvals.models import ApprovalCase
from core.text import Text
from core.use_cases.work import Work

if TYPE_CHECKING:
    from core.approvals.chain import Chain
    from core.context import Ctx

Verdict = Literal["approved", "refused", "returned"]


class Check(msgspec.Struct, frozen=True):
    """One thing that speaks for or against: ``pass``, ``warn`` or ``block``, and where it was read."""

    outcome: Literal["pass", "warn", "block"]
    title: Text
    detail: Text | None = None


class Brief(msgspec.Struct, frozen=True):
    """A subject in two lines, in the reader's language: who for what, and what else tells it from others."""

    title: str
    about: Text


class Subject(Protocol):
    """Registered by kind in ``SUBJECTS``; all but ``ask`` run inside the caller's transaction."""

    async def brief(self, work: Work, subject_id: UUID) -> Brief:
        """Return what heads the case, in a list and above its decision."""
        ...

    async def facts(self, work: Work, subject_id: UUID) -> list[tuple[Text, Text | str]]:
        """Return what a decider should see, as label and value."""
        ...

    async def written(self, work: Work, subject_id: UUID) -> list[tuple[Text, str]]:
        """Return what people wrote about it, each under its heading."""
        ...

    async def checks(self, work: Work, subject_id: UUID) -> list[Check]:
        """Return the checks; while one blocks, nobody can approve."""
        ...

    async def names(self, work: Work, subject_id: UUID) -> list[str]:
        """Return what the officer is called whose file it is: none of these signs for it on paper."""
        ...

    async def ask(self, ctx: Ctx, subject_id: UUID) -> Chain:
        """Ask the agency's plugin for the chain, with no transaction open."""
        ...

    async def settle(self, work: Work, case: ApprovalCase, verdict: Verdict, reason: str | None) -> None:
        """Take note of the outcome."""
        ...

    async def reopen(self, work: Work, case: ApprovalCase) -> None:
        """Take note that the approval is taken back; raise ``Refused`` where what followed from it has left."""
        ...


SUBJECTS: dict[str, Subject] = {}
"""Who answers for each kind of subject; filled as the rooms are imported."""


async def find_blocks(work: Work, kind: str, subject_id: UUID) -> list[Check]:
    """Return the checks of a subject that forbid approving it, and what follows from an approval."""
    return [check for check in await SUBJECTS[kind].checks(work, subject_id) if check.outcome == "block"]
