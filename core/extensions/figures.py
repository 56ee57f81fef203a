"""How a plugin fares: calls and the time they take, versions, its breaker and what it uses of what it may."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import msgspec

from core.extensions.lifecycle import PLUGIN_READ
from core.extensions.reading import state_of
from core.extensions.schemas import ByName
from core.hooks.database_figures import DAY, HOUR, documents_of, openings_of, runs_of, timings_of
from core.hooks.health import BreakerState
from core.hooks.measuring import FAILED, calls_in, percentile
from core.hooks.models import PluginRun
from core.hooks.sandbox.linking import MOST_CALLS
from core.hooks.standing import PluginState
from core.hooks.store import MOST_DOCUMENTS
from core.use_cases.declaration import use_case
from core.use_cases.output import shown
from core.use_cases.work import Work


class Span(msgspec.Struct, frozen=True):
    """Calls in a stretch of time. ``p50`` and ``p95``: seconds that half and 95 of 100 calls took at most.

    They are bounds of buckets, each wider than the one before by a fifth; ``null`` where no call was timed.
    """

    calls: int
    failures: int
    p50: float | None
    p95: float | None


class HookFigures(msgspec.Struct, frozen=True):
    """One hook. ``deadline``: seconds a call may take; ``answered_at``: the last success, in the batch it was in."""

    hook: str
    deadline: float | None
    answered_at: datetime | None
    hour: Span
    day: Span


class VersionOut(msgspec.Struct, frozen=True):
    """A version that was called here, from when to when. ``here``: the one that is installed now."""

    plugin_version: str
    here: bool
    first_at: datetime
    last_at: datetime
    calls: int
    failures: int


class OpeningOut(msgspec.Struct, frozen=True):
    """That the breaker opened, after which failure; ``suspended``: the plugin was suspended at that."""

    at: datetime
    hook: str
    cause: str
    suspended: bool


class Budget(msgspec.Struct, frozen=True):
    """What the plugin uses of what it may. ``most_calls``: under way at once in the sandbox, from each process.

    ``busy``: calls refused so far because so many were under way.
    """

    documents: int
    most_documents: int
    most_calls: int | None
    busy: int


class PluginFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How a plugin fares in this scope. ``breaker`` is that of the process that answers, the rest is of all."""

    name: str
    installed_version: str | None
    enabled_version: str | None
    """The version that was installed when a person last decided on the plugin."""
    since: datetime | None
    breaker: BreakerState
    hooks: list[HookFigures]
    versions: list[VersionOut]
    openings: list[OpeningOut]
    budget: Budget


@use_case(permission=PLUGIN_READ, input=ByName, output=PluginFigures, reads=True)
async def get_figures(work: Work, data: ByName) -> PluginFigures:
    """Show how a plugin fares: calls, time taken, versions, its breaker and its budget."""
    one = await state_of(work, data.name)
    session, scope, now = work.session, work.ctx.scope, work.now
    runs = await runs_of(session, scope, one.name)
    hour = await timings_of(session, scope, one.name, now, HOUR)
    day = await timings_of(session, scope, one.name, now, DAY)
    return PluginFigures(
        name=one.name,
        installed_version=one.plugin.manifest.version if one.plugin else None,
        enabled_version=one.row.plugin_version if one.row else None,
        since=one.row.since if one.row else None,
        breaker=work.ctx.hooks.breaker(one.name),
        hooks=[_hook(work, name, runs, hour, day) for name in _hooks(one, runs)],
        versions=_versions(one, runs),
        openings=[shown(OpeningOut, opening) for opening in await openings_of(session, scope, one.name)],
        budget=Budget(
            documents=await documents_of(session, scope, one.name),
            most_documents=MOST_DOCUMENTS,
            most_calls=MOST_CALLS if one.plugin is not None and one.plugin.manifest.sandboxed else None,
            busy=sum(failure.count for failure in one.failures if failure.cause == "busy"),
        ),
    )


def _hooks(one: PluginState, runs: list[PluginRun]) -> list[str]:
    return sorted({*(one.plugin.hooks if one.plugin else ()), *(run.hook for run in runs)})


def _hook(
    work: Work,
    name: str,
    runs: list[PluginRun],
    hour: Mapping[str, Counter[int]],
    day: Mapping[str, Counter[int]],
) -> HookFigures:
    hook = work.ctx.hooks.registry.hooks.get(name)
    answered = [run.answered_at for run in runs if run.hook == name and run.answered_at is not None]
    return HookFigures(
        hook=name,
        deadline=hook.deadline if hook else None,
        answered_at=max(answered, default=None),
        hour=_span(hour.get(name, Counter())),
        day=_span(day.get(name, Counter())),
    )


def _span(counts: Counter[int]) -> Span:
    return Span(calls_in(counts), counts[FAILED], percentile(counts, 0.5), percentile(counts, 0.95))


def _versions(one: PluginState, runs: list[PluginRun]) -> list[VersionOut]:
    """Return the versions that were called, the one called last first."""
    here = one.plugin.manifest.version if one.plugin else None
    by_version: dict[str, list[PluginRun]] = {}
    for run in runs:
        by_version.setdefault(run.plugin_version, []).append(run)
    return [
        VersionOut(
            plugin_version=version,
            here=version == here,
            first_at=min(run.first_at for run in found),
            last_at=max(run.last_at for run in found),
            calls=sum(run.calls for run in found),
            failures=sum(run.failures for run in found),
        )
        for version, found in by_version.items()
    ]
