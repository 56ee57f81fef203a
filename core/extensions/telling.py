"""Telling plugins what has happened: a room says once how its subject is described to them.

::

    @tells(specs.tour_changed)
    async def tour_for_plugins(work: Work, id: UUID) -> types.Tour | None: ...

The event has the hook's name. Where it happens, every plugin that listens gets a delivery of
its own; the subject is read when it is delivered, in the tenant's own session.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, NamedTuple, Protocol, TypeVar
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from core.context import Ctx
from core.database.sessions import tenant_session
from core.events.subscribers import Event, subscriber
from core.extensions.models import Delivery
from core.hooks import types
from core.hooks.marking import describe
from core.ids import new_id
from core.use_cases.work import Work

DELIVERY_DUE = "plugin_delivery_due"
"""The event whose job makes the attempts at a delivery."""
RUN_DUE = "plugin_run_due"
"""The same for a run of a task, which may take minutes."""
DELIVERY = "plugin_delivery"
ATTEMPTS = 10
"""After so many a delivery is dead until somebody sends it again."""

OVERTAKEN: Literal["overtaken"] = "overtaken"

Read = Callable[[Work, Delivery], Awaitable[Mapping[str, Any] | Literal["overtaken"] | None]]
Describe = Callable[[Work, UUID], Awaitable[Any]]
Done = Callable[[Work, Delivery, Any], Awaitable[None]]


class Lost(Protocol):
    """Tells whom it concerns that a delivery was given up; ``final``: trying the same again is of no use."""

    async def __call__(self, work: Work, delivery: Delivery, *, final: bool) -> None: ...


D = TypeVar("D", bound=Describe)


class Delivered(NamedTuple):
    """A hook that is called from the outbox, how what it is given is read, and what follows."""

    spec: Callable[..., Awaitable[Any]]
    read: Read
    """Returns ``None`` where the subject is gone, ``OVERTAKEN`` where nothing is left to tell of it."""
    done: Done | None
    """Writes what there is to write once the plugin has taken it; it is given the plugin's answer."""
    lost: Lost | None
    """Tells whom it concerns that it was given up."""
    due: str
    """The event by which it is sent on its way: it says in which lane it runs."""


DELIVERED: dict[str, dict[str, Delivered]] = {}
"""By the name of the hook and the kind of subject; filled as the rooms are imported."""


def delivers(
    spec: Callable[..., Awaitable[Any]],
    subject_kind: str,
    read: Read,
    *,
    done: Done | None = None,
    lost: Lost | None = None,
    due: str = DELIVERY_DUE,
) -> None:
    """Let ``spec`` be called from the outbox about subjects of this kind, with what ``read`` returns.

    ``done`` writes what there is to write once the plugin has taken it, ``lost`` tells whom it concerns that it was
    given up. ``due``: the event that sends it on its way.
    """
    DELIVERED.setdefault(spec.__name__, {})[subject_kind] = Delivered(spec, read, done, lost, due)


def tells(spec: Callable[..., Awaitable[None]]) -> Callable[[D], D]:
    """Tell plugins of the event that is called as ``spec`` is, with the subject that the decorated function returns."""
    _, named = describe(spec).arguments
    subject_kind = spec.__name__.removesuffix("_changed")

    def declare(function: D) -> D:
        async def read(work: Work, delivery: Delivery) -> Mapping[str, Any] | None:
            subject = await function(work, delivery.subject_id)
            if subject is None:
                return None
            happened = types.Event(
                id=delivery.event_id, name=delivery.event, at=delivery.created_at, on=delivery.on_day
            )
            return {"event": happened, named: subject}

        async def queue(ctx: Ctx, event: Event) -> None:
            plugins = await ctx.hooks.listeners(spec)
            if not plugins:
                return
            async with tenant_session(ctx) as session:
                work = Work(ctx, session, event.on, ctx.clock.now())
                for plugin in plugins:
                    about = (event.subject_kind, event.subject_id)
                    await put(work, plugin, spec.__name__, event.name, about, event_id=event.id)

        queue.__module__, queue.__name__ = function.__module__, f"tell_plugins_{spec.__name__}"
        subscriber(spec.__name__, kinds={"agency"})(queue)
        delivers(spec, subject_kind, read)
        return function

    return declare


def how_delivered(row: Delivery) -> Delivered | None:
    """Return how what waits is told to its plugin; ``None``: by nothing of this version's."""
    return DELIVERED.get(row.hook, {}).get(row.subject_kind)


async def put(
    work: Work, plugin: str, hook: str, event: str, subject: tuple[str, UUID], *, event_id: UUID
) -> UUID | None:
    """Put a delivery into the outbox, with its job; return its id, or ``None`` if it is there already."""
    id = new_id(work.ctx.clock)
    row = insert(Delivery).values(
        tenant_id=work.ctx.scope.id,
        id=id,
        sending_id=id,
        plugin=plugin,
        hook=hook,
        event_id=event_id,
        event=event,
        subject_kind=subject[0],
        subject_id=subject[1],
        on_day=work.on,
        state="waiting",
        attempts=0,
        created_at=work.now,
    )
    put_in = row.on_conflict_do_nothing(index_elements=["tenant_id", "plugin", "hook", "event_id"])
    found: UUID | None = await work.session.scalar(put_in.returning(Delivery.id))
    if found is not None:
        await send(work, await work.session.get_one(Delivery, (work.ctx.scope.id, found)))
    return found


async def send(work: Work, row: Delivery) -> None:
    """Send a delivery on its way: the job of this sending makes the attempts, one of an earlier sending none."""
    known = how_delivered(row)
    row.sending_id = await work.emit(known.due if known else DELIVERY_DUE, (DELIVERY, row.id))
    await work.session.flush()
