"""The fixture ``outbox``: what waits for plugins, attempted when a test says so, as the host's worker does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec

import msgspec

from contingent import Ctx, Event, Notification, Run, Words
from contingent.kit.platform import Platform, Tenant
from contingent.kit.samples import arguments as samples
from core.events.queue import LONGEST_PAUSE
from core.extensions.delivering import note
from core.extensions.telling import ATTEMPTS
from core.hooks.answers import Failure
from core.hooks.marking import Hook
from core.ids import new_id

P = ParamSpec("P")


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One call that waits for one plugin of one tenant, and what came of it.

    ``state``: ``waiting``, ``done``, ``dropped`` (the plugin is switched off), ``dead`` (tried ten times).
    ``cause``: of the last failure, ``refused`` for the ``reason`` that the plugin gave. ``due_at``: the next attempt.
    """

    tenant: Tenant
    plugin: str
    hook: str
    arguments: dict[str, Any]
    due_at: datetime
    state: str = "waiting"
    attempts: int = 0
    cause: str | None = None
    reason: Words | None = None
    failure: str | None = None
    ended_at: datetime | None = field(default=None, repr=False)


class Outbox:
    """Deliveries of all tenants of a platform. Nothing is attempted until ``run`` or ``settle``; no time is waited."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.deliveries: list[Delivery] = []
        self._failing: list[bool] = []
        self._readers: dict[tuple[str, str], int] = {}
        platform.trial.readers.digests = self._digests

    @property
    def waiting(self) -> Sequence[Delivery]:
        """What is to be attempted still, now or later."""
        return [one for one in self.deliveries if one.state == "waiting"]

    def tell(
        self,
        tenant: Tenant,
        spec: Callable[Concatenate[Ctx, P], Awaitable[None]],
        /,
        *,
        plugin: str | None = None,
        **arguments: Any,
    ) -> list[Delivery]:
        """Put a call of ``spec`` into the outbox, for every plugin of the tenant that is on and implements it.

        ``spec`` is one that is called from the outbox: ``specs.tour_changed``, ``specs.deliver_notification``,
        ``specs.run_task`` and the like. What is left out of its arguments is an ordinary one of the tenant's; the
        event, the notification or the run has an id of its own each time. ``plugin``: for this one alone.
        """
        hook = self.platform.registry.hooks[spec.__name__]
        assert hook.on_failure == "retried", f"{hook.name} is not called from the outbox: use {tenant.slug}.ask"
        given = {**samples(hook, tenant.slug)[0], **arguments}
        given = {name: value if name in arguments else self._fresh(value) for name, value in given.items()}
        ctx = self.platform.context(tenant.slug)
        found = self.platform.trial.run(lambda: ctx.hooks.listeners(hook.function))
        made = [
            Delivery(tenant=tenant, plugin=name, hook=hook.name, arguments=given, due_at=self.platform.clock.now())
            for name in found
            if plugin in (None, name)
        ]
        self.deliveries += made
        return made

    def want_digests(self, tenant: Tenant, plugin: str, readers: int) -> None:
        """Let so many readers want a message a day by this plugin, with something new for each.

        ``ctx.notifications.put_digests()`` then puts that many notifications into the outbox.
        """
        self._readers[tenant.slug, plugin] = readers

    def fail(self, times: int = 1, *, heard: bool = False) -> None:
        """Let the next ``times`` attempts fail, whatever the plugin does.

        ``heard``: the plugin is called, and the worker ends before it writes down that it was done. So the plugin
        hears the same again, under the same id: what it does then has to come to the same.
        """
        self._failing += [heard] * times

    def run(self) -> int:
        """Attempt what is due now, the oldest first; return how many attempts that were.

        What was not done is due again 1, 4, 16 … seconds later, an hour at most, on the platform's clock.
        """
        now = self.platform.clock.now()
        due = [one for one in self.waiting if one.due_at <= now]
        for one in due:
            self._attempt(one)
        return len(due)

    def settle(self) -> int:
        """Attempt everything, moving the clock from one attempt to the next, until nothing waits; return how many."""
        attempts = 0
        while self.waiting:
            next_due = min(one.due_at for one in self.waiting)
            if next_due > self.platform.clock.now():
                self.platform.clock.set(next_due)
            attempts += self.run()
        return attempts

    def _attempt(self, one: Delivery) -> None:
        trial, hook = self.platform.trial, self.platform.registry.hooks[one.hook]
        one.attempts += 1
        fails = self._failing.pop(0) if self._failing else None
        outcome = None
        if fails is not False:
            ctx: Any = self.platform.context(one.tenant.slug)
            outcome = trial.run(lambda: ctx.hooks.deliver(one.plugin, hook.function, **one.arguments))
        if fails is not None:
            outcome = Failure(one.tenant.id, one.plugin, one.hook, "ended", "the worker ended during this attempt")
        now = self.platform.clock.now()
        note(one, outcome, now)  # type: ignore[arg-type] # it reads and writes what both deliveries have
        if one.state == "waiting":
            one.due_at = now + timedelta(seconds=min(LONGEST_PAUSE, 4.0 ** (one.attempts - 1)))
        assert one.attempts <= ATTEMPTS
        trial.network.check()

    def _fresh(self, value: Any) -> Any:
        """Return an event, notification or run under an id of its own, and at this moment."""
        now = self.platform.clock.now()
        match value:
            case Event():
                return msgspec.structs.replace(value, id=new_id(self.platform.clock), at=now, on=now.date())
            case Notification():
                return msgspec.structs.replace(value, id=new_id(self.platform.clock))
            case Run():
                return msgspec.structs.replace(value, id=new_id(self.platform.clock), due=now)
        return value

    def _digests(self, slug: str, plugin: str) -> int:
        hook: Hook = self.platform.registry.hooks["deliver_notification"]
        count = self._readers.get((slug, plugin), 0)
        for _ in range(count):
            given = {name: self._fresh(value) for name, value in samples(hook, slug)[0].items()}
            self.deliveries.append(
                Delivery(
                    tenant=Tenant(self.platform, slug),
                    plugin=plugin,
                    hook=hook.name,
                    arguments=given,
                    due_at=self.platform.clock.now(),
                )
            )
        return count
