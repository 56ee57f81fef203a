"""A sign-in in which one thing is wrong: what that is, why it is refused, and what the page tells the person to do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx2

from auth.relying_party.refusals import Why
from core.context import Language, Scope
from tests.auth.hostile import Hostile
from tests.auth.rig import Rig

Lie = Callable[[Hostile], None]
Drive = Callable[[Rig, Scope, Language], Awaitable[httpx2.Response]]
Remedy = tuple[str, str]
"""What to do, in English and in French."""

AGAIN: Remedy = ("Begin again from the list of services.", "Recommencez à partir de la liste des services.")
TEAM: Remedy = ("give your identity team the reference below", "donnez à votre équipe de gestion des identités")
WAIT: Remedy = ("Try again in a few minutes.", "Réessayez dans quelques minutes.")
NOTHING: Remedy = ("You can begin again whenever you like.", "Vous pouvez recommencer quand vous voulez.")
SET_UP: Remedy = ("or the operator of the platform can set it up.", "ou l’exploitation de la plateforme")
STRONGER: Remedy = ("use your second factor: a code, a key or a card", "utilisez votre second facteur")
ANEW: Remedy = ("their service has to ask you anew", "leur service doit vous redemander de prouver votre identité")
ASK: Remedy = ("Ask the administrator of this service", "Demandez un accès à la personne qui administre ce service.")


def honest(hostile: Hostile) -> None:
    """Do not lie."""


async def sign_in(rig: Rig, scope: Scope, language: Language) -> httpx2.Response:
    """Sign in as anybody does."""
    return await rig.sign_in(rig.browser(), scope, language)


@dataclass(frozen=True)
class Case:
    """One fault.

    ``why`` is ``None`` where nothing shows that a sign-in was begun, and no line is kept.
    ``sessions`` counts those that were rightly begun before the fault.
    """

    why: Why | None
    says: Remedy = TEAM
    lie: Lie = honest
    drive: Drive = sign_in
    sessions: int = 0


def lying(**answers: Any) -> Lie:
    """Return the lie that sets these attributes of the provider."""

    def lie(hostile: Hostile) -> None:
        for name, value in answers.items():
            setattr(hostile, name, value)

    return lie


def coming_back_with(**changes: str) -> Drive:
    """Return the drive in which the browser brings back something else; empty removes a name."""

    async def drive(rig: Rig, scope: Scope, language: Language) -> httpx2.Response:
        return await rig.sign_in(rig.browser(), scope, language, **changes)

    return drive
