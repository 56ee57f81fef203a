"""A plugin on a host of its own: invented tenants, a clock that stands still, no database."""

from __future__ import annotations

import copy
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from contingent import Actor, Ctx, File, Rejected, Scope
from contingent.kit.network import TrialNetwork, TrialReaders, TrialSockets
from contingent.kit.samples import marked_id, worker_file
from contingent.kit.waiting import MOST_PAGES, HurriedLoop
from core.clock import ManualClock
from core.errors import NotFound
from core.hooks.answers import Answers, Failure, PluginFailed
from core.hooks.files import Files, check_id
from core.hooks.granting import Effect, Grant
from core.hooks.host import PluginHost
from core.hooks.manifest import Manifest
from core.hooks.marking import Hook
from core.hooks.memory import MemoryRecords
from core.hooks.registry import Registry
from core.hooks.sandbox.calling import NOWHERE, Calling

R = TypeVar("R")
NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
ZONE = "America/Toronto"


class DependencyDown(Exception):
    """What the invented store and files raise when they are told to fail."""


class Outcome:
    """What a call gave: ``answers`` (a stream's are its pages), ``failure`` and ``refusal``."""

    def __init__(self, answers: list[Any], failure: Failure | None = None, refusal: Rejected | None = None) -> None:
        self.answers = answers
        self.failure = failure
        self.refusal = refusal


class TrialRecords(MemoryRecords):
    """Records whose stores can be made to fail."""

    down = False

    def store(self, ctx: Ctx, manifest: Manifest, *, writable: bool) -> Any:
        return _Down() if self.down else super().store(ctx, manifest, writable=writable)


class _Down:
    """A store and files that fail whatever is asked of them."""

    async def _fail(self, *_: Any, **__: Any) -> Any:
        raise DependencyDown

    get = put = delete = find = open = _fail


class TrialFiles:
    """The files of one invented tenant."""

    def __init__(self, files: Mapping[UUID, File]) -> None:
        self._files = files

    async def open(self, id: UUID) -> File:
        check_id(id)
        if id not in self._files:
            raise NotFound
        return self._files[id]


class Trial:
    """One plugin, tried: in this process, or in a sandbox, of which ``hosts`` gives the hosts.

    ``effects``: made otherwise than for trials.
    """

    def __init__(
        self,
        registry: Registry,
        plugin: str,
        settings: Mapping[str, Any] | None = None,
        *,
        hosts: Calling | None = None,
        clock: ManualClock | None = None,
        effects: Mapping[str, Effect] | None = None,
    ) -> None:
        self.registry = registry
        self.plugin = plugin
        self.settings = settings or {}
        self.clock = clock or ManualClock(NOW)
        self.records = TrialRecords()
        self.files: dict[str, dict[UUID, File]] = {}
        self.network = TrialNetwork(self.clock)
        self.readers = TrialReaders()
        self.host = PluginHost(
            registry,
            self.records,
            effects={
                "files": self._files_of,
                "http": self.network,
                "sockets": TrialSockets,
                "notifications": self.readers,
                **(effects or {}),
            },
            hosts=hosts or NOWHERE,
            sandboxed=hosts is not None,
        )

    @property
    def traces(self) -> list[str]:
        """What its calls have left by now, as text: what the plugin keeps, what it sent, what it had put out."""
        kept = sorted(str(documents) for documents in self.records.documents.values() if documents)
        return [str(kept), str(self.network.requests), str(self.readers.asked)]

    @property
    def hooks(self) -> list[Hook]:
        """The hooks that the plugin implements."""
        return [self.registry.hooks[name] for name in sorted(self.registry.plugins[self.plugin].hooks)]

    def tenant(self, slug: str, state: str = "enabled", *, zone: str = ZONE) -> Ctx:
        """Return a context of the invented tenant, which has the plugin in ``state``, and consents to what it asks."""
        ctx = self.context(slug, zone=zone)
        asks = self.registry.plugins[self.plugin].manifest.asks
        self.records.put(ctx.scope.id, self.plugin, state, self.settings, consented=asks)
        return ctx

    def context(self, slug: str, *, zone: str = ZONE) -> Ctx:
        """Return a context of the invented tenant, which has one file."""
        return self.again(Scope(marked_id(slug, "scope"), "agency", slug, f"Service {slug}", f"Service {slug}", zone))

    def again(self, scope: Scope) -> Ctx:
        """Return a context as the tenant's next request would have."""
        upload = File(f"{scope.slug}.csv", "text/csv", worker_file(scope.slug))
        self.files.setdefault(scope.slug, {marked_id(scope.slug, "upload"): upload})
        return self.host.bind(Ctx(scope, Actor(marked_id(scope.slug, "actor"), "Alix Tremblay"), self.clock))

    def asking(self, plugin: str) -> Trial:
        """Return the same host and tenants, on which another plugin is asked."""
        made = copy.copy(self)
        made.plugin = plugin
        return made

    async def call(self, ctx: Ctx, hook: Hook, arguments: Mapping[str, Any]) -> Outcome:
        """Call the plugin's implementation of ``hook`` as the host would."""
        hooks: Any = ctx.hooks
        try:
            if hook.call == "stream":
                return await self._pages(ctx, hook, hooks.stream(self.plugin, hook.function, **arguments))
            if hook.on_failure == "retried":
                return _delivered(await hooks.deliver(self.plugin, hook.function, **arguments))
            if hook.call == "one":
                answers: Answers[Any] = await hooks.one(self.plugin, hook.function, **arguments)
            else:
                answers = await getattr(hooks, hook.call)(hook.function, **arguments)
        except PluginFailed as failed:
            return Outcome([], failure=failed.failure)
        except Rejected as refusal:
            return Outcome([], refusal=refusal)
        return Outcome(answers.results, failure=answers.failures[0] if answers.failures else None)

    async def _pages(self, ctx: Ctx, hook: Hook, stream: AsyncGenerator[Any, None]) -> Outcome:
        pages: list[Any] = []
        async with aclosing(stream) as given:
            async for page in given:
                if len(pages) == MOST_PAGES:
                    error = f"it still gives pages after {MOST_PAGES}"
                    return Outcome(pages, Failure(ctx.scope.id, self.plugin, hook.name, "late", error))
                pages.append(page)
        return Outcome(pages)

    def run(self, work: Callable[[], Awaitable[R]]) -> R:
        """Run ``work`` on an event loop of its own, where no time is waited, and return what it returns."""

        async def whole() -> R:
            await self.host.hosts.lacking()  # a zygote that is only just starting takes its time, not the first call's
            try:
                return await work()
            finally:
                await self.host.settle()
                await self.host.hosts.close()

        loop = HurriedLoop(self.clock)
        try:
            return loop.run_until_complete(whole())
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    def _files_of(self, grant: Grant) -> Files:
        files: Any = _Down() if self.records.down else TrialFiles(self.files[grant.ctx.scope.slug])
        return files  # type: ignore[no-any-return]


def _delivered(outcome: Any) -> Outcome:
    """Return what came of a call from the outbox: an answer, a failure or a refusal."""
    if isinstance(outcome, Rejected):
        return Outcome([], refusal=outcome)
    return (
        Outcome([], failure=outcome) if isinstance(outcome, Failure) else Outcome([] if outcome is None else [outcome])
    )
