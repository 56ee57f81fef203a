"""What plugins are told of a page, who may do what they offer there, and what is said where they are silent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from core.context import Actor
from core.hooks.answers import Answers
from core.hooks.panels import Action, Place
from core.text import Text, t
from core.use_cases.work import Work


class Told(NamedTuple):
    """What plugins are told of a page: the hook's arguments, and the place where actions are offered."""

    given: Mapping[str, Any]
    place: Place | None = None
    names: Mapping[UUID, str] = {}
    """What the reader knows the subjects by, of which plugins are told the ids alone."""


Describe = Callable[[Work], Awaitable[Told]]


class Rights(NamedTuple):
    """Which permission lets do what a plugin offers on a subject, by the action's ``who``; ``owner``: whose it is."""

    owner: UUID | None
    reader: str
    officer: str
    keeper: str

    def allow(self, actor: Actor, action: Action) -> bool:
        """Say whether ``actor`` may do it."""
        if actor.reads_only:
            return False
        if action.who == "officer":
            return self.owner is not None and self.owner == actor.officer_id and self._may(actor, self.officer)
        return self._may(actor, self.keeper if action.who == "keeper" else self.reader)

    def _may(self, actor: Actor, permission: str) -> bool:
        return actor.may(permission, owner=self.owner)


def told_by(answers: Answers[Any]) -> list[tuple[str, list[Any]]]:
    """Return what each plugin answered."""
    return [(origin.plugin, found) for origin, found in zip(answers.origins, answers.results, strict=True)]


def silence(failed: int, asked: int) -> Text | None:
    """Return what to say where plugins did not answer."""
    if not failed:
        return None
    counts = {"failed": failed, "asked": asked}
    if asked == 1:
        return t("A plugin did not answer: what it would show here is missing.")
    return t("%(failed)s of %(asked)s plugins did not answer: what they would show is missing.", **counts)
