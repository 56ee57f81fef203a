"""The dispatcher: the only place where a plugin's code is called.

``ctx.hooks`` is bound to one tenant. It inserts that tenant's context, so nobody can run one
tenant's plugins with another's; it runs what the tenant enabled and nothing else; and
whatever an implementation does, the caller gets the other answers and a ``Failure``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, overload

from core.context import Ctx
from core.hooks.answers import Answers, Failure, PluginFailed
from core.hooks.binding import Asked, Binding, Part, arrange
from core.hooks.driving import END, Driver
from core.hooks.health import BreakerState
from core.hooks.judging import Judge, begin, take
from core.hooks.marking import Rejected
from core.hooks.running import finish

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from core.hooks.host import PluginHost
    from core.hooks.registry import Registry
    from core.hooks.rehearsing import Rehearsing
    from core.hooks.sandbox.calling import Calling

P = ParamSpec("P")
R = TypeVar("R")
V = TypeVar("V")

TIMED = 50
"""Calls of a hook in one request of which each implementation that answers at once is timed; more are only counted."""


class Hooks:
    """Calls hooks for one tenant. Made by ``PluginHost.bind``; lives as long as a request or job.

    What the tenant enabled is read once, at the first call.
    """

    __slots__ = ("_asked", "_binding", "_ctx", "_driver", "_health", "_host", "_judge", "_now", "_stage")

    def __init__(self, host: PluginHost, ctx: Ctx) -> None:
        self._host = host
        self._ctx = ctx
        self._health = host.health
        self._judge = Judge(host, ctx)
        self._driver = Driver(host, ctx, self._judge)
        self._now = ctx.clock.monotonic
        self._stage = host.stage
        self._binding = Binding(host, ctx)
        self._asked: dict[Callable[..., Any], Asked] = {}

    @property
    def registry(self) -> Registry:
        """The plugins that there are for the scope, and the broken ones, as this process knows them: see ``look``."""
        return self._host.registry_of(self._ctx)

    @property
    def offered(self) -> Registry:
        """The plugins that there are for every scope, and the broken ones."""
        return self._host.offered()

    async def look(self, session: AsyncSession) -> Registry:
        """Return the plugins that there are for the scope by now. Asks in ``session``, which is the scope's."""
        return await self._host.look(self._ctx, session)

    @property
    def hosts(self) -> Calling:
        """Where plugins run that may run in a sandbox only."""
        return self._host.hosts

    def texts_of(self, plugin: str) -> frozenset[str]:
        """Return every text that stands in the plugin's code; none of one that is not there."""
        found = self.registry.plugins.get(plugin)
        return self._host.texts_of(found) if found is not None else frozenset()

    @property
    def rehearsing(self) -> Rehearsing | None:
        """Who tries a call again at an invented tenant; none where this process was given nobody."""
        return self._host.rehearsing

    def bound_to(self, ctx: Ctx) -> Hooks:
        """Return a dispatcher for another context: plugins see who acts in the one that they are called for."""
        return Hooks(self._host, ctx)

    def resting(self, plugin: str) -> bool:
        """Say whether this process leaves the plugin alone for now, because it failed the tenant again and again."""
        breaker = self._health.troubled.get((self._ctx.scope.id, plugin))
        return breaker is not None and breaker.retry_at is not None and not breaker.suspended

    def breaker(self, plugin: str) -> BreakerState:
        """Return the state of the plugin's breaker for the tenant in this process."""
        return self._health.state((self._ctx.scope.id, plugin), self._now())

    def trying(self, plugin: str, settings: Any) -> Hooks:
        """Return a dispatcher that runs this one plugin, unless it is stopped, with settings that are not in force."""
        hooks = Hooks(self._host, self._ctx)
        hooks._binding = Binding(self._host, self._ctx, (plugin, settings))
        return hooks

    async def takes(self, plugin: str, settings: Any) -> bool:
        """Say whether the plugin takes these settings where it runs, if that is a sandbox and it may run at all.

        Core has made them by then, with the plugin's own check where it has the plugin's code.
        """
        return await Binding(self._host, self._ctx, (plugin, settings)).takes()

    async def concerned(self, *specs: Callable[..., Any]) -> frozenset[str]:
        """Return the plugins that ``all`` would ask with these hooks, those that cannot be called among them."""
        bound = [await self._binding.bind(spec, "all") for spec in specs]
        parts = {part.origin.plugin for one in bound for part in one.parts}
        return frozenset(parts | {failure.plugin for one in bound for failure in one.asked.absent})

    @overload
    async def all(
        self, spec: Callable[Concatenate[Ctx, P], Awaitable[R | None]], /, *args: P.args, **kwargs: P.kwargs
    ) -> Answers[R]: ...
    @overload
    async def all(
        self, spec: Callable[Concatenate[Ctx, P], R | None], /, *args: P.args, **kwargs: P.kwargs
    ) -> Answers[R]: ...
    async def all(self, spec: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Answers[Any]:
        """Ask every plugin; return the answers that are not ``None``, and the failures.

        A plugin that the tenant has not switched off and that cannot be called (suspended, not
        loaded, settings that do not fit) is a failure. Raises ``Rejected`` if the hook may
        reject and one did, or if it decides access (``closed``) and one failed.
        """
        asked = self._asked.get(spec)
        if asked is None:
            asked = self._asked[spec] = (await self._binding.bind(spec, "all")).asked
        hook, order, calls, whole, waits, _, _, turns = asked
        values = tuple(kwargs.values()) if tuple(kwargs) == order and not args else arrange(hook, args, kwargs)
        answers = begin(asked)
        results, origins = answers.results, answers.origins
        stage, troubled = self._stage, self._health.troubled
        timed = next(turns) < TIMED
        now = self._now
        began = now() if timed else 0.0
        running = stage.running = [None, False, None, began]
        try:
            if waits:
                sweep = self._sweep(asked, values, running, answers, timed=timed)
                for waits_for in sweep.__await__():
                    part, running[1], stage.running = running[0], True, None
                    began = running[3] if timed else now()
                    going = finish(sweep, waits_for, hook.deadline, stage, part, inner=running[2])
                    return await self._all_waiting(asked, part, going, values, answers, began=began)
                return answers
            for part, call, tally in calls:
                if troubled and (refused := self._judge.refused(part)):
                    take(answers, part, refused)
                    continue
                running[0] = part
                try:
                    value = call(*values)
                except BaseException as error:  # noqa: BLE001 - judged by the judge
                    tally.untimed += 1
                    began = now()
                    take(answers, part, self._judge.raised(part, error))
                    continue
                if timed:
                    ended = now()
                    tally.taken.append(ended - began)
                    began = ended
                else:
                    tally.untimed += 1
                if troubled or type(value) not in whole:
                    take(answers, part, self._judge.judged(part, value))
                elif value is not None:
                    results.append(value)
                    origins.append(part.origin)
            return answers
        finally:
            stage.running = None

    async def _sweep(
        self, asked: Asked, values: tuple[Any, ...], running: list[Any], answers: Answers[Any], *, timed: bool
    ) -> Any:
        """Ask one after the other, as long as none waits; what waited is returned or raised as it is.

        ``running`` says who is asked, whether somebody has waited, holds the coroutine, and says since when.
        Awaiting them here and stepping this one by hand costs no exception for each that
        answers at once.
        """
        _, _, calls, whole, _, _, _, _ = asked
        results, origins, troubled, now = answers.results, answers.origins, self._health.troubled, self._now
        began = running[3]
        for part, call, tally in calls:
            if troubled and (refused := self._judge.refused(part)):
                take(answers, part, refused)
                continue
            running[0] = part
            try:
                running[2] = call(*values)
                value = await running[2]
            except BaseException as error:
                if running[1]:
                    raise
                tally.untimed += 1
                began = running[3] = now()
                take(answers, part, self._judge.raised(part, error))
                continue
            if running[1]:
                return value
            if timed:
                ended = now()
                tally.taken.append(ended - began)
                began = running[3] = ended
            else:
                tally.untimed += 1
            if troubled or type(value) not in whole:
                take(answers, part, self._judge.judged(part, value))
            elif value is not None:
                results.append(value)
                origins.append(part.origin)
        return None

    async def _all_waiting(
        self,
        asked: Asked,
        part: Part,
        going: Awaitable[Any],
        values: tuple[Any, ...],
        answers: Answers[Any],
        *,
        began: float,
    ) -> Answers[Any]:
        """Go on with ``part``, which waits; those after it begin at once, each in a task."""
        parts = [one for one, _, _ in asked.calls]
        rest = parts[parts.index(part) + 1 :]
        tasks = [asyncio.ensure_future(self._driver.run(one, values)) for one in rest]
        try:
            outcomes = [await self._driver.outcome(part, going, began)]
            outcomes += [await task for task in tasks]
        finally:
            if unfinished := [task for task in tasks if not task.done()]:
                for task in unfinished:
                    task.cancel()
                await asyncio.gather(*unfinished, return_exceptions=True)
        for one, outcome in zip((part, *rest), outcomes, strict=True):
            take(answers, one, outcome)
        return answers

    @overload
    async def first(
        self, spec: Callable[Concatenate[Ctx, P], Awaitable[R | None]], /, *args: P.args, **kwargs: P.kwargs
    ) -> Answers[R]: ...
    @overload
    async def first(
        self, spec: Callable[Concatenate[Ctx, P], R | None], /, *args: P.args, **kwargs: P.kwargs
    ) -> Answers[R]: ...
    async def first(self, spec: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Answers[Any]:
        """Ask one plugin after the other until one answers; return that answer and earlier failures."""
        bound = await self._binding.bind(spec, "first")
        values = arrange(bound.hook, args, kwargs)
        answers = begin(bound.asked)
        for part in bound.parts:
            take(answers, part, await self._driver.run(part, values))
            if answers.results:
                break
        return answers

    @overload
    async def pipe(
        self,
        spec: Callable[Concatenate[Ctx, V, P], Awaitable[V | None]],
        value: V,
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Answers[V]: ...
    @overload
    async def pipe(
        self, spec: Callable[Concatenate[Ctx, V, P], V | None], value: V, /, *args: P.args, **kwargs: P.kwargs
    ) -> Answers[V]: ...
    async def pipe(self, spec: Callable[..., Any], value: Any, /, *args: Any, **kwargs: Any) -> Answers[Any]:
        """Give ``value`` through all plugins; the last result is what came out, or there is none.

        One that fails or answers ``None`` leaves the value as it was.
        """
        bound = await self._binding.bind(spec, "pipe")
        values = arrange(bound.hook, args, {bound.hook.arguments[0]: value, **kwargs})
        answers = begin(bound.asked)
        for part in bound.parts:
            take(answers, part, await self._driver.run(part, values))
            if answers.results:
                values = (answers.results[-1], *values[1:])
        return answers

    @overload
    async def one(
        self,
        plugin: str,
        spec: Callable[Concatenate[Ctx, P], Awaitable[R | None]],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Answers[R]: ...
    @overload
    async def one(
        self, plugin: str, spec: Callable[Concatenate[Ctx, P], R | None], /, *args: P.args, **kwargs: P.kwargs
    ) -> Answers[R]: ...
    async def one(self, plugin: str, spec: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Answers[Any]:
        """Ask the named plugin; return exactly one result or one failure.

        ``None``, and for a duty an empty list, is the failure ``nothing``; so is a plugin that
        is off or not installed, under its own cause.
        """
        bound = await self._binding.bind(spec, "one")
        values = arrange(bound.hook, args, kwargs)
        answers: Answers[Any] = Answers(bound.hook, [], [], [])
        part = self._binding.named(plugin, bound)
        if isinstance(part, Failure):
            answers.failures.append(part)
            return answers
        outcome = await self._driver.run(part, values)
        if outcome is None or (bound.hook.on_failure == "stopped" and outcome == []):
            outcome = self._judge.failed(part, "nothing", "", counts=False)
        take(answers, part, outcome)
        return answers

    async def listeners(self, spec: Callable[..., Any], /) -> list[str]:
        """Return the tenant's plugins for which calls of ``spec`` are put into the outbox.

        One that is suspended is among them: what happens meanwhile waits for it.
        """
        bound = await self._binding.bind(spec, None)
        stopped = [one.plugin for one in bound.asked.absent if one.plugin in self.registry.plugins]
        return sorted({*(part.origin.plugin for part in bound.parts), *stopped})

    async def deliver(
        self, plugin: str, spec: Callable[Concatenate[Ctx, P], Awaitable[R]], /, *args: P.args, **kwargs: P.kwargs
    ) -> Failure | Rejected | R:
        """Tell the named plugin what waits in the outbox for it; return its answer, or why there is none.

        ``Rejected``: a service outside did not take it, which is not the plugin's fault.
        """
        bound = await self._binding.bind(spec, None)
        values = arrange(bound.hook, args, kwargs)
        part = self._binding.named(plugin, bound)
        outcome: Failure | Rejected | R = part if isinstance(part, Failure) else await self._driver.run(part, values)
        return outcome

    async def stream(
        self, plugin: str, spec: Callable[Concatenate[Ctx, P], AsyncIterator[R]], /, *args: P.args, **kwargs: P.kwargs
    ) -> AsyncGenerator[R, None]:
        """Yield what the named plugin yields. Close it (``contextlib.aclosing``) to stop early.

        Raises ``PluginFailed`` where the plugin fails, is late with a page, takes longer than
        the whole run may, ends without a page, or is switched off meanwhile; ``Rejected`` if the hook may reject.
        """
        bound = await self._binding.bind(spec, "stream")
        values = arrange(bound.hook, args, kwargs)
        part = self._binding.named(plugin, bound)
        if isinstance(part, Failure):
            raise PluginFailed(part)
        if refused := self._judge.refused(part):
            raise PluginFailed(refused)
        pages = part.call(*values)
        ends = self._ctx.clock.monotonic() + bound.hook.whole if bound.hook.whole else None
        yielded = failed = False
        try:
            while True:
                outcome = await self._driver.outcome(
                    part, self._driver.drive(part, pages.__anext__(), pages), self._now()
                )
                if outcome is END and not yielded:
                    outcome = self._judge.failed(part, "nothing", "no page", counts=False)
                if ends is not None and outcome is not END and self._ctx.clock.monotonic() > ends:
                    outcome = self._judge.failed(part, "late", f"more than {bound.hook.whole:g} s in all")
                if outcome is END:
                    return
                if isinstance(outcome, Failure):
                    failed = True
                    raise PluginFailed(outcome)
                if isinstance(outcome, Rejected):
                    raise outcome
                yielded = True
                yield outcome
                if stopped := await self._binding.stopped(part):
                    failed = True
                    raise PluginFailed(stopped)
        finally:
            await self._driver.close(part, pages, blame=not failed)
