"""What goes in and out of the officer's own check-in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from core.hooks.data import Words
from core.hooks.panels import Question
from core.text import t
from core.use_cases.fields import field


class AnswersIn(msgspec.Struct, frozen=True, kw_only=True):
    """What the officer answered, by the question's key."""

    id: Annotated[str, field(t("Return file"), widget="hidden")]
    answers: dict[str, str | int | bool] = {}


class Asked(msgspec.Struct, frozen=True):
    """What plugins ask; ``failed`` of those ``asked`` did not answer."""

    questions: list[Question]
    failed: int
    asked: int


class SaidOut(msgspec.Struct, frozen=True, kw_only=True):
    """A question and its answer, in words."""

    question: Words
    answer: Words


class AdviceOut(msgspec.Struct, frozen=True, kw_only=True):
    """What follows from the answers; ``contact``: who could call."""

    text: Words
    tone: str
    contact: str | None


class Advised(msgspec.Struct, frozen=True, kw_only=True):
    """The officer's answers and what follows; ``failed`` of the plugins ``asked`` did not advise."""

    said: list[SaidOut]
    answers: dict[str, str | int | bool]
    advice: list[AdviceOut]
    failed: int
    asked: int


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """When the answers were shared with health."""

    shared_at: datetime


class SharedOut(msgspec.Struct, frozen=True, kw_only=True):
    """The answers of one check-in, as the officer shared them with health."""

    shared_at: datetime
    said: list[SaidOut]
