"""What the kit verifies. Each check returns what is wrong, a line each, saying what was expected."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from contingent import Ctx, HttpFailed
from contingent.kit.blocking import holding, watching
from contingent.kit.cases import Recorded, run_case
from contingent.kit.projects import project_of
from contingent.kit.reading import attributes, folder_of, foreign_imports, packages_of, untranslated
from contingent.kit.samples import arguments, marked_id, marker
from contingent.kit.trial import DependencyDown, Outcome, Trial
from contingent.kit.waiting import ends_in_time
from core.errors import Misconfigured
from core.hooks.consent import CAPABILITIES
from core.hooks.manifest import Manifest
from core.hooks.marking import Hook
from core.hooks.registry import Registry
from core.hooks.sandbox.calling import Calling
from core.hooks.sandbox.hosts import Hosts
from core.hooks.sandbox.starting import own_zygote
from core.hooks.settings_values import read_struct, secret_paths
from core.hooks.watchdog import HOLDS_AFTER

DEPENDENCIES = (DependencyDown.__name__, HttpFailed.__name__)
HOLDERS = (str, list, dict, set, frozenset, tuple, deque, UUID, msgspec.Struct)
"""What a module may keep something of somebody in."""
Cases = Mapping[str, Sequence[Mapping[str, Any]]]


class Subject:
    """The plugin under test: where it is, with which settings, further cases and recorded ones."""

    def __init__(
        self,
        registry: Registry,
        plugin: str,
        settings: Mapping[str, Any],
        cases: Cases,
        recorded: Sequence[Recorded] = (),
    ) -> None:
        self.registry = registry
        self.plugin = plugin
        self.settings = settings
        self.cases = cases
        self.recorded = recorded

    @property
    def manifest(self) -> Manifest:
        """The plugin's manifest."""
        return self.registry.plugins[self.plugin].manifest

    @property
    def place(self) -> Path:
        """The plugin's folder or file."""
        return folder_of(self.registry.plugins[self.plugin].module)

    @property
    def package(self) -> str:
        """The dotted name of the plugin's package, or of its one module."""
        module = str(getattr(self.registry.plugins[self.plugin].module, "__name__", ""))
        return module.rpartition(".")[0] if self.place.is_dir() else module

    def trial(self, hosts: Calling | None = None) -> Trial:
        """Return the plugin on a fresh host."""
        return Trial(self.registry, self.plugin, self.settings, hosts=hosts)

    async def answers(self, trial: Trial, ctx: Ctx) -> AsyncIterator[tuple[Hook, Outcome]]:
        """Try each hook with ordinary arguments of the tenant ``alpha``, whose ``ctx`` it is, and the author's own."""
        for hook in trial.hooks:
            for call in (*arguments(hook, "alpha"), *self.cases.get(hook.name, ())):
                yield hook, await trial.call(ctx, hook, call)


def loads(subject: Subject) -> list[str]:
    """Manifest, requirements, settings, hooks: what the host checks when it loads a plugin."""
    broken = subject.registry.broken.get(subject.plugin)
    if broken is not None:
        return [str(broken)]
    if subject.plugin not in subject.registry.plugins:
        return [f"there is no plugin {subject.plugin!r}: is its package installed, with an entry point of that name?"]
    if subject.manifest.settings is not None:
        try:
            read_struct(subject.manifest.settings, subject.settings)
        except msgspec.ValidationError as error:
            return [f"the test's settings do not fit: {error}"]
    return []


def imports_only_the_contract(subject: Subject) -> list[str]:
    """``contingent`` and third-party packages; nothing else of the host, no other plugin."""
    return list(foreign_imports(subject.place, subject.package))


def speaks_both_languages(subject: Subject) -> list[str]:
    """Every sentence given to ``t`` has its French; titles cannot be made without."""
    return list(untranslated(subject.place))


def asks_for_what_it_uses(subject: Subject) -> list[str]:
    """It reaches for nothing of ``ctx`` that its manifest does not ask for, and asks for nothing that it leaves."""
    reached = attributes(subject.place)
    idle = sorted(one for one in subject.manifest.capabilities if CAPABILITIES[one].effect not in reached)
    found = [f"asks for {one!r} and never uses ctx.{CAPABILITIES[one].effect}: ask for nothing else" for one in idle]
    trial = subject.trial()

    async def run() -> None:
        async for _ in subject.answers(trial, trial.tenant("alpha")):
            pass

    trial.run(run)
    used = {(one.hook, one.used) for _, one in trial.records.overreaches}
    return found + [f"{hook}: it used {what} without asking for it" for hook, what in sorted(used)]


def answers_ordinary_calls(subject: Subject) -> list[str]:
    """No hook fails on ordinary arguments. No answer, and a refusal with a reason, are answers."""
    trial = subject.trial()

    async def run() -> list[str]:
        return [
            f"{hook.name}: {failure.cause} {failure.error}"
            async for hook, outcome in subject.answers(trial, trial.tenant("alpha"))
            if (failure := outcome.failure) is not None and failure.cause != "nothing"
        ]

    return trial.run(run)


def switching_is_harmless(subject: Subject) -> list[str]:
    """On twice answers as on once, off twice gives nothing, and on again answers as at first."""
    trial = subject.trial()

    async def answers(*states: str) -> list[str]:
        ctx = trial.tenant("alpha", states[0])
        for state in states[1:]:
            ctx = trial.tenant("alpha", state)
        return [_told(outcome) async for _, outcome in subject.answers(trial, ctx)]

    async def run() -> list[str]:
        first, twice = await answers("enabled"), await answers("enabled", "enabled")
        off = await answers("disabled", "disabled")
        again = await answers("enabled")
        found = []
        if twice != first:
            found.append("switched on twice, it answers otherwise than switched on once")
        if any('"answers":[]' not in one for one in off):
            found.append("switched off, it still answers")
        if again != first:
            found.append("switched off and on again, it answers otherwise than before")
        return found

    return trial.run(run)


def keeps_tenants_apart(subject: Subject) -> list[str]:
    """Two tenants side by side, one after the other and at once: nothing of one shows in the other's answers."""
    trial = subject.trial()

    async def ask(tenant: str) -> list[str]:
        ctx = trial.tenant(tenant)
        return [_told(await trial.call(ctx, hook, call)) for hook in trial.hooks for call in arguments(hook, tenant)]

    async def run() -> list[str]:
        told: dict[str, list[str]] = {"alpha": [], "beta": []}
        for tenant in ("alpha", "beta", "alpha"):
            told[tenant] += await ask(tenant)
        both = await asyncio.gather(ask("alpha"), ask("beta"))
        told["alpha"] += both[0]
        told["beta"] += both[1]
        for request in trial.network.requests:
            told[request.tenant].append(
                f"{request.address} {request.headers} {request.content.decode(errors='replace')}"
            )
        for tenant, other in (("alpha", "beta"), ("beta", "alpha")):
            stored = trial.records.documents.get((marked_id(tenant, "scope"), subject.plugin), {})
            told[tenant] += [document.decode() for document in stored.values()]
            traces = _traces(other)
            if any(trace in text for text in told[tenant] for trace in traces):
                return [f"what it answered, stored or sent for {tenant} contains data of {other}"]
        return []

    return trial.run(run)


def does_not_block(subject: Subject, holds_after: float = HOLDS_AFTER) -> list[str]:
    """No hook sleeps, waits for threads, opens files, connects or starts programs on the event loop's thread.

    Nor does it hold it otherwise for ``holds_after`` seconds.
    """
    trial = subject.trial()

    async def run() -> list[str]:
        ctx = trial.tenant("alpha")
        # The host reads the plugin's code for the texts in it where the first line for the log is written.
        trial.host.texts_of(trial.host.registry.plugins[subject.plugin])
        with watching(subject.place) as found:
            async for _ in subject.answers(trial, ctx):
                pass
        if found:
            return [f"{one}: await it, or use asyncio.to_thread" for one in found]
        # Once more, without what listens to each call: it makes computing several times as long.
        with holding(trial.host.stage, holds_after) as held:
            async for _ in subject.answers(trial, ctx):
                pass
        said = f"it holds the event loop for {holds_after:g} s: use asyncio.to_thread, or await in between"
        return [f"{name}: {said}" for name in dict.fromkeys(held)]

    return trial.run(run)


def leaves_nothing_behind(subject: Subject) -> list[str]:
    """What it keeps of a tenant is in its store alone: it can be exported whole, and once erased nothing is left of it.

    Then it answers as at first, and none of its modules holds anything of the tenant.
    """
    trial = subject.trial()

    async def answers() -> list[str]:
        return [_told(outcome) async for _, outcome in subject.answers(trial, trial.tenant("alpha"))]

    async def run() -> list[str]:
        first = await answers()
        tenant = trial.context("alpha").scope.id
        exported = trial.records.export(tenant, subject.plugin)
        found = [f"what it keeps cannot be exported: {key} is no document" for key, one in exported.items() if not one]
        trial.records.erase(tenant, subject.plugin)
        if trial.records.export(tenant, subject.plugin):
            found.append("what it keeps is still there when it was erased")
        left = [f"{name} still holds data of the tenant: keep it in ctx.store" for name in _remembering(subject)]
        if await answers() != first:
            left.append("after it was erased it answers otherwise than at first: keep what it knows in ctx.store")
        return found + left

    return trial.run(run)


def survives_what_it_depends_on(subject: Subject) -> list[str]:
    """With all that it asks failing, a hook answers, refuses, or lets just that error through, never another."""
    trial = subject.trial()
    trial.records.down = trial.network.down = True

    async def run() -> list[str]:
        return [
            f"{hook.name}: with a failing dependency it fails otherwise: {failure.error}"
            async for hook, outcome in subject.answers(trial, trial.tenant("alpha"))
            if (failure := outcome.failure) and failure.cause == "raised" and not failure.error.startswith(DEPENDENCIES)
        ]

    return trial.run(run)


def answers_alike_in_a_sandbox(subject: Subject) -> list[str]:
    """In a process of its own, shut in, it answers, keeps and sends the same as in this one.

    A plugin that imports third-party packages, which no host has, can only run in the process: it may not say tier 2.
    """
    reason = tied_to_the_process(subject)
    if reason is not None:
        return [f"{reason}, or say tier=1"] if subject.manifest.sandboxed else []
    if late := ends_in_time(subject):
        return late  # a host's time is the machine's: what waits without end is not waited for there

    def ask(trial: Trial) -> list[str]:
        async def run() -> list[str]:
            return [_told(outcome) async for _, outcome in subject.answers(trial, trial.tenant("alpha"))]

        return [*trial.run(run), *trial.traces]

    here = ask(subject.trial())
    with own_zygote() as way:
        there = ask(subject.trial(Hosts(way, needs=())))
    return [f"in a sandbox it answers {far}, here {near}" for near, far in zip(here, there, strict=True) if near != far]


def tied_to_the_process(subject: Subject) -> str | None:
    """Return what the plugin needs that no sandbox has, if it needs anything of that kind."""
    brought = sorted(packages_of(subject.place, subject.package))
    if brought:
        return f"imports {', '.join(brought)}, which a sandbox does not have: bring the code"
    if secret_paths(subject.manifest.settings) and not subject.manifest.sandboxed:
        return "has a secret in its settings, whose text no sandbox gives"
    return None


def silent_hooks(subject: Subject) -> list[str]:
    """Return the hooks of which no call gives an answer or a refusal, or leaves anything: nothing is compared of them.

    An empty list is no answer, and a failure is none.
    """
    trial = subject.trial()

    async def run() -> list[str]:
        spoke, before = set(), trial.traces
        async for hook, outcome in subject.answers(trial, trial.tenant("alpha")):
            if outcome.refusal is not None or any(outcome.answers) or trial.traces != before:
                spoke.add(hook.name)
            before = trial.traces
        return [hook.name for hook in trial.hooks if hook.name not in spoke]

    return trial.run(run)


def answers_as_recorded(subject: Subject) -> list[str]:
    """Every recorded case gives the answer that stands in it."""
    found = []
    for one in subject.recorded:
        hook = subject.registry.hooks[one.case.hook]
        if hook.name not in subject.registry.plugins[subject.plugin].hooks:
            found.append(f"{one.path.name}: {subject.plugin} does not implement {hook.name}")
            continue
        trial = Trial(subject.registry, subject.plugin, one.case.settings or subject.settings)
        try:
            difference = one.difference(hook, trial.run(partial(run_case, trial, one)))
        except Misconfigured as error:
            difference = str(error)
        if difference:
            found.append(f"{one.path.name}: {difference}")
    return found


def earns_its_quality(subject: Subject) -> list[str]:
    """silver: a summary and a README.md. gold: besides, a case for every hook, in a file with its answer."""
    claimed, found = subject.manifest.quality, []
    if claimed and subject.manifest.summary is None:
        found.append(f"{claimed} needs a summary in the manifest")
    folder = subject.place if subject.place.is_dir() else subject.place.parent
    readmes = [one / "README.md" for one in (folder, project_of(subject.place)) if one is not None]
    if claimed and not any(one.exists() for one in readmes):
        found.append(f"{claimed} needs a README.md beside the plugin")
    if claimed == "gold":
        shown = {one.case.hook for one in subject.recorded if one.has_answer}
        missing = sorted(hook.name for hook in subject.trial().hooks if hook.name not in shown)
        found += [f"gold needs a case for {name}" for name in missing]
    return found


CHECKS: Sequence[Callable[[Subject], list[str]]] = (
    imports_only_the_contract,
    speaks_both_languages,
    asks_for_what_it_uses,
    answers_ordinary_calls,
    switching_is_harmless,
    keeps_tenants_apart,
    does_not_block,
    leaves_nothing_behind,
    survives_what_it_depends_on,
    answers_alike_in_a_sandbox,
    answers_as_recorded,
    earns_its_quality,
)
"""What is checked of a plugin that loads."""


def problems(subject: Subject) -> Iterator[str]:
    """Yield everything that is wrong; what follows a failed load, or a hook without end, is not tried."""
    failed = loads(subject) or ends_in_time(subject)
    yield from failed
    if not failed:
        for check in CHECKS:
            yield from check(subject)


def _told(outcome: Outcome) -> str:
    """Return all that an outcome says, as text."""
    told = {
        "answers": outcome.answers,
        "failure": outcome.failure and [outcome.failure.cause, outcome.failure.error],
        "refusal": outcome.refusal and outcome.refusal.reason,
    }
    return msgspec.json.encode(told).decode()


def _traces(tenant: str) -> list[str]:
    names = ("scope", "actor", "tour", "officer", "nomination", "call", "agreement", "return", "source", "upload")
    told = ("event", "run", "notification", "record")
    return [marker(tenant), *(str(marked_id(tenant, name)) for name in (*names, *told))]


def _remembering(subject: Subject) -> list[str]:
    """Return the names in the plugin's modules under which something of the tenant ``alpha`` stands."""
    package = subject.package
    names = [one for one in sys.modules if package and (one == package or one.startswith(f"{package}."))]
    traces = _traces("alpha")
    return [
        f"{module}.{name}"
        for module in sorted(names)
        for name, value in list(vars(sys.modules[module]).items())
        if isinstance(value, HOLDERS) and any(trace in repr(value) for trace in traces)
    ]
