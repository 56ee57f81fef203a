"""What an agency sets: the questions, from when on health is recommended, and whom to call at once."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated, Literal

import msgspec

from contingent import field, t

Kind = Literal["scale", "yes_no", "words"]
Concern = Literal["low", "high", "yes", "no", "none"]

KINDS = {
    "scale": t("From 1 (never) to 5 (always)"),
    "yes_no": t("Yes or no"),
    "words": t("In one’s own words"),
}
CONCERNS = {
    "low": t("1 or 2"),
    "high": t("4 or 5"),
    "yes": t("Yes"),
    "no": t("No"),
    "none": t("No answer does"),
}


MOST_QUESTIONS = 20
"""What one form asks."""

_KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def seen(text: str) -> str:
    """Return a text on one line, without characters that show nothing: as it can stand on a page.

    No-break spaces stay where they are: French has them before its colons.
    """
    shown = "".join(" " if unicodedata.category(one) in _UNSEEN else one for one in text)
    return " ".join(filter(None, shown.split(" "))) if shown.strip() else ""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One question, and which answer speaks for talking to somebody."""

    key: Annotated[str, field(t("Key"), help=t("Short and stable, such as sleep."), longest=40)]
    title_en: Annotated[str, field(t("Question in English"), shortest=1, longest=300)]
    title_fr: Annotated[str, field(t("Question in French"), shortest=1, longest=300)]
    kind: Annotated[Kind, field(t("Answered by"), choices=KINDS)] = "scale"
    concern: Annotated[Concern, field(t("Speaks for a talk"), choices=CONCERNS)] = "high"

    def __post_init__(self) -> None:
        """Refuse a key that names nothing, and a question that asks nothing."""
        if not _KEY.fullmatch(self.key):
            said = t("A question’s key has small letters without accents, digits, - and _, a letter first.")
            raise ValueError(said.id)
        if not (seen(self.title_en) and seen(self.title_fr)):
            raise ValueError(t("Each question is asked in both languages.").id)


def _asked(key: str, en: str, fr: str, kind: Kind, concern: Concern) -> Asked:
    return Asked(key=key, title_en=en, title_fr=fr, kind=kind, concern=concern)


BUILT_IN = [
    _asked(
        "sleep",
        "In the last two weeks, how often did you sleep well?",
        "Au cours des deux dernières semaines, à quelle fréquence avez-vous bien dormi\u00a0?",
        "scale",
        "low",
    ),
    _asked(
        "on-edge",
        "How often were you on edge, or easily startled?",
        "À quelle fréquence étiez-vous sur vos gardes, ou sursautiez-vous facilement\u00a0?",
        "scale",
        "high",
    ),
    _asked(
        "memories",
        "How often did something from the mission come back when you did not want it?",
        "À quelle fréquence un souvenir de la mission est-il revenu sans que vous le vouliez\u00a0?",
        "scale",
        "high",
    ),
    _asked(
        "people",
        "How often were you glad to be with family, friends or colleagues?",
        "À quelle fréquence aviez-vous plaisir à être avec famille, amis ou collègues\u00a0?",
        "scale",
        "low",
    ),
    _asked(
        "somebody",
        "Is there somebody you can talk to about the mission?",
        "Y a-t-il quelqu’un à qui vous pouvez parler de la mission\u00a0?",
        "yes_no",
        "no",
    ),
    _asked("else", "Is there anything else?", "Y a-t-il autre chose ?", "words", "none"),
]
"""Everyday questions. They measure nothing and diagnose nobody."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The check-in."""

    questions: Annotated[list[Asked], field(t("Questions"))] = msgspec.field(default_factory=lambda: list(BUILT_IN))
    several: Annotated[
        int,
        field(
            t("Answers from which the health service is recommended"),
            widget="number",
            least=1,
            most=20,
            help=t("Below that, a peer is."),
        ),
    ] = 3
    urgent_en: Annotated[str, field(t("Whom to call at once, in English"), widget="area", shortest=1, longest=500)] = (
        "If you are not safe, or fear for somebody, call or text 9-8-8 at any hour; in danger call 9-1-1."
    )
    urgent_fr: Annotated[str, field(t("Whom to call at once, in French"), widget="area", shortest=1, longest=500)] = (
        "Si vous n’êtes pas en sécurité, ou craignez pour quelqu’un, appelez ou textez le 9-8-8 à toute heure\u00a0; "
        "en cas de danger, composez le 9-1-1."
    )
    days_ahead: Annotated[int, field(t("Days ahead that the overview shows"), widget="number", least=1, most=366)] = 30
    first_days: Annotated[
        int, field(t("First check-in, in days from the end of the tour"), widget="number", least=0, most=366)
    ] = 7

    def __post_init__(self) -> None:
        """Refuse what could not be asked whole, and advice that names nobody to call."""
        if len(self.questions) > MOST_QUESTIONS:
            raise ValueError(t("At most 20 questions are asked.").id)
        if len({one.key for one in self.questions}) < len(self.questions):
            raise ValueError(t("Two questions have the same key.").id)
        if not (seen(self.urgent_en) and seen(self.urgent_fr)):
            raise ValueError(t("Say in both languages whom to call at once.").id)
