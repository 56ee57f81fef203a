"""Driving one implementation: its call is begun, awaited to its end or deadline, timed, and given to the judge."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

import msgspec

from core.context import Ctx
from core.hooks.answers import redact
from core.hooks.binding import Part
from core.hooks.judging import Judge
from core.hooks.running import GRACE, Late, finish

if TYPE_CHECKING:
    from core.hooks.host import PluginHost

END = object()
"""A stream's end."""


class Driver:
    """Drives what one tenant's plugins do."""

    __slots__ = ("_judge", "_now", "_stage")

    def __init__(self, host: PluginHost, ctx: Ctx, judge: Judge) -> None:
        self._judge = judge
        self._now = ctx.clock.monotonic
        self._stage = host.stage

    async def run(self, part: Part, values: tuple[Any, ...]) -> Any:
        """Call one implementation; return its value, a ``Failure`` or a ``Rejected``."""
        if refused := self._judge.refused(part):
            return refused
        began = self._now()
        if part.waits:
            return await self.outcome(part, self.drive(part, part.call(*values)), began)
        self._stage.running = [part]
        try:
            value = part.call(*values)
        except BaseException as error:  # noqa: BLE001 - judged by the judge
            return self._judge.raised(part, error)
        finally:
            self._stage.running = None
            part.tally.taken.append(self._now() - began)
        return self._judge.judged(part, value)

    async def drive(self, part: Part, work: Any, inner: Any = None) -> Any:
        """Run an awaitable of the plugin to its end or deadline; raise what it raises, or ``Late``."""
        self._stage.running = [part]
        try:
            waits_for = work.send(None)
        except StopIteration as stop:
            return stop.value
        finally:
            self._stage.running = None
        return await finish(work, waits_for, part.hook.deadline, self._stage, part, inner=inner)

    async def outcome(self, part: Part, running: Awaitable[Any], began: float) -> Any:
        """Return what comes of an awaitable of the plugin's: a value, ``Failure``, ``Rejected``, a stream's end."""
        task = asyncio.current_task()
        assert task is not None
        asked_before = task.cancelling()
        try:
            value = await running
        except StopAsyncIteration as error:
            return END if part.hook.call == "stream" else self._judge.raised(part, error)
        except asyncio.CancelledError as error:
            if task.cancelling() > asked_before:
                raise
            return self._judge.raised(part, error)
        except BaseException as error:  # noqa: BLE001 - judged by the judge
            return self._judge.raised(part, error)
        finally:
            part.tally.taken.append(self._now() - began)
        return self._judge.judged(part, value)

    async def close(self, part: Part, pages: Any, *, blame: bool) -> None:
        """Close a generator; one that will not close in time is given up, and blamed unless it failed before."""
        ending = part._replace(hook=msgspec.structs.replace(part.hook, deadline=GRACE))
        try:
            await self.drive(ending, pages.aclose(), pages)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - the run has its result already
            if blame:
                self._judge.failed(
                    part, "late" if isinstance(error, Late) else "raised", f"on closing: {redact(error)}"
                )
