"""What the agency's plugins find for or against a nomination: asked, kept with the dossier, shown as checks."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from core.approvals.subjects import Check
from core.context import Ctx
from core.hooks.answers import SENTENCES, Cause
from core.hooks.data import Words
from core.hooks.specs import eligibility_findings
from core.hooks.standing import causes
from core.nominations.describing import About, describe_for_findings, describe_nomination
from core.nominations.models import Dossier
from core.text import Text, t
from core.use_cases.work import Moved, Work


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One finding: which plugin gave it, in which version."""

    plugin: str
    version: str
    key: str
    verdict: Literal["pass", "warn", "block"]
    reason: Words


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin that did not answer, and why."""

    plugin: str
    cause: Cause


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What one asking gave. ``digest`` is that of what was asked about; ``asked`` counts the plugins."""

    at: datetime
    digest: str
    asked: int
    said: tuple[Said, ...] = ()
    missing: tuple[Missing, ...] = ()


async def ask_findings(ctx: Ctx, about: About) -> Findings:
    """Ask every plugin of the agency; one that fails leaves out its findings and is counted."""
    answers = await ctx.hooks.all(eligibility_findings, nomination=about.nomination, strength=about.strength)
    return Findings(
        at=ctx.clock.now(),
        digest=about.digest,
        asked=answers.asked,
        said=tuple(
            Said(plugin=origin.plugin, version=origin.version, key=one.key, verdict=one.verdict, reason=one.reason)
            for origin, found in zip(answers.origins, answers.results, strict=True)
            for one in found
        ),
        missing=tuple(Missing(plugin=one.plugin, cause=one.cause) for one in answers.failures),
    )


async def keep_findings(work: Work, dossier: Dossier, findings: Findings) -> None:
    """Write what the plugins found about the nomination as it is now; raise ``Moved`` if it was about another."""
    about = await describe_for_findings(work, await describe_nomination(work, dossier.id))
    if findings.digest != about.digest:
        raise Moved
    if not findings.asked and dossier.findings is None:
        return
    dossier.findings = msgspec.to_builtins(findings)
    await work.session.flush()
    after = {
        "digest": findings.digest,
        "found": [f"{one.plugin} {one.version}: {one.key}: {one.verdict}" for one in findings.said],
        "missing": [f"{one.plugin}: {one.cause}" for one in findings.missing],
    }
    await work.audit("nomination.ask_plugins", ("nomination", dossier.id), after=after)


async def anybody_to_ask(work: Work) -> bool:
    """Say whether the agency counts on a plugin that looks at nominations."""
    registry = await work.ctx.hooks.look(work.session)
    off, hook = await causes(work.session, work.ctx, registry), eligibility_findings.__name__
    asked = [name for name, one in registry.plugins.items() if hook in one.hooks]
    return any(off.get(name, "disabled") != "disabled" for name in asked)


def findings_of(dossier: Dossier) -> Findings | None:
    """Return what was found when the plugins were last asked; ``None`` where none was."""
    return None if not dossier.findings else msgspec.convert(dossier.findings, Findings)


async def check_findings(work: Work, dossier: Dossier) -> list[Check]:
    """Return the findings as checks, with the plugin that gave each, and how many plugins did not answer.

    Once a plugin is switched off, neither what it found counts nor that it was silent. What one found that does not
    run by now for another reason (suspended, stopped, not allowed) does not count either; why it is missing is told.
    """
    findings = findings_of(dossier)
    if findings is None:
        return []
    off = await causes(work.session, work.ctx, await work.ctx.hooks.look(work.session))
    said = [one for one in findings.said if off.get(one.plugin, "disabled") is None]
    missing = [one for one in findings.missing if off.get(one.plugin, "disabled") != "disabled"]
    silenced = {one.plugin: off.get(one.plugin, "disabled") for one in findings.said}
    missing += [Missing(plugin=name, cause=cause) for name, cause in silenced.items() if cause and cause != "disabled"]
    language, title = work.ctx.language, work.ctx.hooks.registry.title
    checks = [
        Check(one.verdict, t("Plugin: %(plugin)s", plugin=title(one.plugin, language)), Text(one.reason[language]))
        for one in said
    ]
    if missing:
        counted = {one.plugin for one in said} | {one.plugin for one in missing}
        gone = ({one.plugin for one in findings.said} | {one.plugin for one in findings.missing}) - counted
        asked = findings.asked - len(gone)
        silent = t("%(count)s of %(asked)s plugins did not answer", count=len(missing), asked=asked)
        if asked == 1:
            silent = t("The plugin did not answer")
        reasons = [Text(SENTENCES[one.cause], {"plugin": title(one.plugin, language)}) for one in missing]
        checks.append(Check("warn", silent, Text("%(reasons)s", {"reasons": reasons})))
    return checks
