"""The plugins of one process: what every dispatcher in it shares."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from core.context import Ctx
from core.hooks.answers import Failure, one_line
from core.hooks.binding import Part
from core.hooks.checking import Check, checker
from core.hooks.dispatch import Hooks
from core.hooks.granting import Effect, Overreach
from core.hooks.health import Health, Key
from core.hooks.log import SILENT, Field, Level, Log, kept_log, words_in, words_of
from core.hooks.noting import Notebook
from core.hooks.plans import Implementation, Plans, TenantPlugins, assemble, host_of
from core.hooks.records import Awaiting, Line, Opening, Records, Suspension
from core.hooks.registry import NOTHING_HELD, Held, Plugin, Registry
from core.hooks.rehearsing import Rehearsing
from core.hooks.running import Stage
from core.hooks.sandbox.calling import NOWHERE, Calling
from core.hooks.sandbox.overtime import BEHIND
from core.hooks.titles import BETWEEN
from core.hooks.watchdog import HOLDS_AFTER, Watchdog

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

log = logging.getLogger("contingent.plugins")

MOST_TOLD = 20
"""Lines a day, from one process, in a tenant's log of what a plugin used unconsented. Its page counts all."""
PERIOD = 10.0
"""Seconds between two batches of what is written down of plugins."""


class Own(NamedTuple):
    """The bundles that are a scope's own, as this process saw them last, and all that there is for it with them."""

    held: Held
    offered: Registry
    registry: Registry


class Reading(NamedTuple):
    """A plugin whose settings are made for a tenant."""

    host_ctx: Ctx
    plugin: str
    where: str = "settings"
    """Stands where the name of a hook stands."""


class PluginHost:
    """Made once at the start of a process; ``bind`` gives each request its dispatcher.

    ``effects`` make what a plugin finds in its ``ctx`` that asked for it: by name, one of ``consent.EFFECTS``;
    ``hosts`` is where plugins run that may run in a sandbox only; ``sandboxed``: so may all, or none, to try them;
    ``rehearsing`` tries a call again at an invented tenant.
    ``folder`` says which bundles the operator keeps for everybody, by now.
    """

    def __init__(
        self,
        registry: Registry,
        records: Records,
        *,
        effects: Mapping[str, Effect] | None = None,
        hosts: Calling = NOWHERE,
        sandboxed: bool | None = None,
        rehearsing: Rehearsing | None = None,
        folder: Callable[[], Held] = lambda: NOTHING_HELD,
        holds_after: float = HOLDS_AFTER,
    ) -> None:
        self.registry = registry
        self.folder = folder
        self.records = records
        self.effects = effects or {}
        self.hosts = hosts
        hosts.heed(self.note_overtime)
        self.rehearsing = rehearsing
        self.plans = Plans(registry, sandboxed=sandboxed)
        self.checks: dict[Callable[..., Any], Check] = {
            hook.function: checker(hook.answer) for hook in registry.hooks.values()
        }
        self.health = Health()
        self.notebook = Notebook()
        self._words: dict[str, frozenset[str]] = {}
        self.stage = Stage()
        self._tenants: dict[UUID, TenantPlugins] = {}
        self._assembled_on: dict[UUID, Registry] = {}
        self._own: dict[UUID, Own] = {}
        self._offered = (NOTHING_HELD, registry, registry)
        self._failures: dict[UUID, tuple[Ctx, Counter[Failure]]] = {}
        self._suspensions: list[tuple[Ctx, Suspension]] = []
        self._overreaches: list[tuple[Ctx, Overreach]] = []
        self._awaiting: list[tuple[Ctx, Awaiting]] = []
        self._told: dict[Key, tuple[date, set[tuple[str, str]]]] = {}
        self._batch_due = False
        self._keeper: asyncio.Task[None] | None = None
        self._writer: asyncio.Task[None] | None = None
        self._holds_after = holds_after
        self._watchdog: Watchdog | None = None
        self._reporting = threading.Lock()
        """Held by the watchdog's thread from the instant it stops a plugin until that is written down."""

    def bind(self, ctx: Ctx) -> Ctx:
        """Return ``ctx`` with a dispatcher that runs this tenant's plugins and no other's."""
        return replace(ctx, hooks=Hooks(self, ctx))

    def start(self) -> None:
        """Watch the calling thread, whose event loop runs the plugins, and write down how they fare."""
        self._keeper = asyncio.get_running_loop().create_task(self._keep())
        self._watchdog = Watchdog(self.stage, self._held, holds_after=self._holds_after)
        self._watchdog.start()

    async def close(self) -> None:
        """Write down what is still to be written and end the watchdog."""
        if self._keeper is not None:
            self._keeper.cancel()
            self._keeper = None
        if self._watchdog is not None:
            self._watchdog.stop()
            self._watchdog = None
        await self.settle()

    async def plugins_of(self, ctx: Ctx) -> TenantPlugins:
        """Return what the tenant runs now.

        What has changed is a fresh start for those plugins alone that it is about: others go on resting.
        """
        known, offered = self._tenants.get(ctx.scope.id), self.offered()
        touched: frozenset[str] = frozenset()
        if known is not None and self._assembled_on[ctx.scope.id] is not offered:
            registry = self.registry_of(ctx)
            touched = known.touched_by(registry)
            if not touched:
                known = self._tenants[ctx.scope.id] = replace(known, registry=registry)
                self._assembled_on[ctx.scope.id] = offered
        state = await self.records.state(ctx, known.generation if known and not touched else None)
        if state is not None:
            self._assembled_on[ctx.scope.id] = offered
            registry = self._note_own(ctx, offered, state.own)
            anew = None if known is None else known.begun_anew(registry, *state[1:4])
            self.health.forget(ctx.scope.id, anew)
            known = self._tenants[ctx.scope.id] = assemble(
                self.plans, *state[:4], registry=registry, watched=partial(self._reading, ctx)
            )
            kept = {host_of(ctx.scope.id, place) for place in known.plan.places}
            self.hosts.retire(str(ctx.scope.id), kept)
            self._note_awaiting(ctx, known)
        assert known is not None
        return known

    def offered(self) -> Registry:
        """Return the plugins that there are for everybody: installed, and in the operator's folder by now."""
        held = self.folder()
        if self._offered[0] is not held or self._offered[1] is not self.registry:
            self._offered = held, self.registry, self.registry.with_bundles(held)
        return self._offered[2]

    def registry_of(self, ctx: Ctx) -> Registry:
        """Return the plugins that there are for the scope, as far as this process has looked."""
        known, offered = self._own.get(ctx.scope.id), self.offered()
        if known is None:
            return offered
        return known.registry if known.offered is offered else self._note_own(ctx, offered, known.held)

    async def look(self, ctx: Ctx, session: AsyncSession) -> Registry:
        """Return the plugins that there are for the scope by now."""
        return self._note_own(ctx, self.offered(), await self.records.own(ctx, session))

    def _note_own(self, ctx: Ctx, offered: Registry, held: Held) -> Registry:
        made = self._own[ctx.scope.id] = Own(held, offered, offered.with_bundles(held, own=True))
        return made.registry

    def note(self, ctx: Ctx, failure: Failure, *, counts: bool) -> None:
        """Write a failure on the tenant's page; ``counts`` towards the plugin's breaker."""
        log.warning("%s", failure, extra={"plugin": failure.plugin, "hook": failure.hook, "scope": str(failure.tenant)})
        self._failures.setdefault(failure.tenant, (ctx, Counter()))[1][failure] += 1
        plugin = self.registry_of(ctx).plugins.get(failure.plugin)
        if plugin is not None and not plugin.manifest.receives_health:
            said = Line(
                plugin.name,
                plugin.manifest.version,
                failure.hook,
                "failure",
                failure.cause,
                one_line(failure.error),
                {},
                ctx.request_id,
                ctx.clock.now(),
            )
            self.notebook.said(ctx, said)
        key = (failure.tenant, failure.plugin)
        if counts:
            now = ctx.clock.monotonic()
            suspended = self.health.failed(key, now)
            if suspended:
                self._suspensions.append((ctx, Suspension(failure.plugin, failure.hook, "failing")))
            if self.health.opened(key, now):
                opening = Opening(failure.plugin, failure.hook, failure.cause, suspended, ctx.clock.now())
                self.notebook.opened(ctx, opening)
        self._begin_writing()

    def note_overreach(self, ctx: Ctx, overreach: Overreach) -> None:
        """Note that a plugin used what nobody consented to: on the tenant's page, and once a day in its log."""
        origin, hook, used = overreach.origin, overreach.hook, one_line(overreach.used)
        key, today = (ctx.scope.id, origin.plugin), ctx.today
        day, told = self._told.get(key, (today, set()))
        if day != today:
            told = set()
        if (hook, used) not in told and len(told) < MOST_TOLD:
            told.add((hook, used))
            self._overreaches.append((ctx, overreach._replace(used=used)))
        self._told[key] = (today, told)
        self.note(ctx, Failure(ctx.scope.id, origin.plugin, hook, "withheld", used), counts=False)

    def note_overtime(self, key: str, plugins: Collection[str]) -> None:
        """Note at each plugin of a host that something in it worked on behind its answers, and that it was ended.

        Of several in one process nobody can say which it was, and what one of them says cannot be believed: so each
        one's line names all, and it counts towards no breaker.
        """
        ctx = self.notebook.context_of(UUID(key.partition("/")[0]))
        if ctx is None:  # settings were tried there, and nothing called
            log.warning("host %s of plugins %s was ended: it worked on with no call under way", key, sorted(plugins))
            return
        ctx = replace(ctx, request_id="")
        found = f"something in its sandbox worked {BEHIND:g} seconds with no call under way, and was ended with it"
        if len(plugins) > 1:
            found += f"; one of those in it: {', '.join(sorted(plugins))}"
        for plugin in plugins:
            self.note(ctx, Failure(ctx.scope.id, plugin, BETWEEN, "overtime", one_line(found)), counts=False)

    def _note_awaiting(self, ctx: Ctx, tenant: TenantPlugins) -> None:
        for name in [name for name, cause in tenant.off.items() if cause == "unconsented"]:
            manifest = tenant.registry.plugins[name].manifest
            self._awaiting.append((ctx, Awaiting(name, manifest.version, manifest.asks)))
            self._begin_writing()

    def _begin_writing(self) -> None:
        if self._writer is None or self._writer.done():
            self._writer = asyncio.get_running_loop().create_task(self._write())

    def log_of(self, ctx: Ctx, one: Implementation) -> Log:
        """Return the log of a plugin at one hook for one tenant; one that sees health data has none."""
        if one.plugin.manifest.receives_health:
            return SILENT

        def say(level: Level, message: str, fields: dict[str, Field]) -> None:
            self.notebook.said(
                ctx, Line(*one.origin, one.hook.name, level, None, message, fields, ctx.request_id, ctx.clock.now())
            )

        return kept_log(lambda: self.texts_of(one.plugin), say)

    def texts_of(self, plugin: Plugin) -> frozenset[str]:
        """Return every text that stands in the plugin's code, none of which can be about a person."""
        key = plugin.code.digest if plugin.code else plugin.name
        if key not in self._words:
            try:
                self._words[key] = words_in(plugin.code.files) if plugin.code else words_of(plugin.module)
            except (OSError, SyntaxError):  # its files are not there any more, or are others
                self._words[key] = frozenset()
        return self._words[key]

    async def settle(self) -> None:
        """Wait until all that was noted is written."""
        await asyncio.to_thread(self._wait_for_report)
        self._write_batch()
        while self._writer is not None and not self._writer.done():
            await self._writer

    def _wait_for_report(self) -> None:
        with self._reporting:
            pass

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(PERIOD)
            self._write_batch()

    def _write_batch(self) -> None:
        self._batch_due = True
        self._begin_writing()

    async def _write(self) -> None:
        # One task, so that a storm of failures never takes more than one connection.
        while self._failures or self._suspensions or self._overreaches or self._awaiting or self._batch_due:
            noted, self._batch_due = self.notebook.collect() if self._batch_due else [], False
            failures, self._failures = self._failures, {}
            suspensions, self._suspensions = self._suspensions, []
            overreaches, self._overreaches = self._overreaches, []
            awaiting, self._awaiting = self._awaiting, []
            for ctx, counted in failures.values():
                await self._try_to_write(self.records.failed(ctx, list(counted.items())))
            for ctx, suspension in suspensions:
                await self._try_to_write(self.records.suspend(ctx, suspension))
            for ctx, overreach in overreaches:
                await self._try_to_write(self.records.overreached(ctx, overreach))
            for ctx, waiting in awaiting:
                await self._try_to_write(self.records.await_consent(ctx, waiting))
            for ctx, notes in noted:
                await self._try_to_write(self.records.noted(ctx, notes))

    async def _try_to_write(self, writing: Any) -> None:
        try:
            await writing
        except Exception:
            log.exception("what plugins did could not be written down")

    @contextmanager
    def _reading(self, ctx: Ctx, plugin: Plugin) -> Iterator[None]:
        """Let the watchdog know whose settings are made meanwhile: a check of the plugin's own may hold the loop."""
        before, self.stage.running = self.stage.running, [Reading(ctx, plugin.name)]
        try:
            yield
        finally:
            self.stage.running = before

    def _held(self, whose: Part | Reading) -> None:
        """Suspend the plugin whose code holds the loop. Runs in the watchdog's thread."""
        plugin, where, ctx = whose.plugin, whose.where, whose.host_ctx
        with self._reporting:
            self.health.suspend((ctx.scope.id, plugin))
            log.error("plugin %s held the event loop in %s for tenant %s", plugin, where, ctx.scope.slug)
            try:
                self.records.suspend_now(ctx, Suspension(plugin, where, "blocked"))
            except Exception:
                log.exception("the suspension of plugin %s could not be written down", plugin)
