"""What a case says to whoever decides it, as lines in both languages, and what differs between two such."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import msgspec

from core.approvals.models import ApprovalCase
from core.approvals.pages import verdict_of
from core.approvals.reading import case_out
from core.approvals.schemas import CaseOut, StepOut
from core.context import LANGUAGES, Language
from core.text import Text, t
from core.use_cases.work import Work
from core.web.i18n import say

OUTCOMES = {"pass": t("met"), "warn": t("to look at"), "block": t("forbids approving")}
"""How a check stands, in a line."""

Line = tuple[str, str]
"""A heading, and what stands below it."""


class Change(msgspec.Struct, frozen=True):
    """One heading under which the case says something else than before; ``None`` where there is nothing."""

    title: str
    was: str | None
    now: str | None


class Snapshot(msgspec.Struct, frozen=True):
    """All that a decider reads of a case at one moment, by language."""

    lines: dict[Language, list[Line]]

    @property
    def digest(self) -> str:
        """What tells two states of a case apart."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()


async def take(work: Work, case: ApprovalCase) -> Snapshot:
    """Return what the case says now, in both languages: it is read again where the reader changes theirs."""
    found: dict[Language, list[Line]] = {}
    for language in LANGUAGES:
        out = await case_out(replace(work, ctx=replace(work.ctx, language=language)), case)
        found[language] = list(_lines(out, language, work.ctx.scope.zone))
    return Snapshot(found)


def differences(before: Snapshot, now: Snapshot, language: Language) -> list[Change]:
    """Return what has changed, heading by heading, in the order of the case."""
    was, here = _by_heading(before.lines[language]), _by_heading(now.lines[language])
    keys = [*here, *(key for key in was if key not in here)]
    return [Change(key[0], was.get(key), here.get(key)) for key in keys if was.get(key) != here.get(key)]


def _by_heading(lines: list[Line]) -> Mapping[tuple[str, int], str]:
    """Return the lines by heading; of those with one heading each has its place among them."""
    seen = Counter[str]()
    found = {}
    for title, words in lines:
        seen[title] += 1
        found[title, seen[title]] = words
    return found


def _lines(out: CaseOut, language: Language, zone: str) -> Iterator[Line]:
    def said(text: Text | str | None) -> str:
        return say(text, language, zone)

    yield said(t("Request")), _joined([out.title, said(out.about)])
    for title, words in out.facts:
        yield said(title), said(words)
    for title, written in out.written:
        yield said(title), written
    for check in out.checks:
        yield said(check.title), _joined([said(OUTCOMES[check.outcome]), said(check.detail)])
    for step in out.steps:
        yield step.title_fr if language == "fr" else step.title_en, _joined(map(said, _step(step)))


def _joined(parts: Iterable[str]) -> str:
    return " · ".join(part for part in parts if part)


def _step(step: StepOut) -> Iterator[Text | str]:
    """Yield what has been decided in a step. Who it waits for is not the case's own: people come and go."""
    for one in step.decisions:
        verdict = verdict_of(one)
        waiting = one.paper_number is not None and one.confirmed_at is None
        who = one.signatory or one.name
        yield (
            t("%(who)s: %(verdict)s (to be confirmed)", who=who, verdict=verdict)
            if waiting
            else t("%(who)s: %(verdict)s", who=who, verdict=verdict)
        )
        reason = one.held_reason or one.comment
        if reason:
            yield reason
