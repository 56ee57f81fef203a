"""Who wants to hear of what, and which tasks come round by themselves. Filled as rooms load.

::

    @subscriber("tour_changed", permissions={RETURN_OPEN})
    async def open_return_file(ctx: Ctx, event: Event) -> None:
        await execute(open_file, ctx, OpenFile(tour=str(event.subject_id)), key=event.key)

A job may be delivered twice (a worker can die after the work and before it says so). ``key``
is the same each time: given to ``execute`` it makes the effect happen once.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec

from core.context import Actor, Ctx, ScopeKind

Side = Literal["owner", "writer", "program", "platform"]
Lane = Literal["own", "aside", "tasks"]
OWN: Lane = "own"
ASIDE: Lane = "aside"
TASKS: Lane = "tasks"
LANES: tuple[Lane, ...] = (OWN, ASIDE, TASKS)
Handler = Callable[[Ctx, "Event"], Awaitable[None]]
H = TypeVar("H", bound=Handler)
Task = Callable[[Ctx], Awaitable[None]]
T = TypeVar("T", bound=Task)

LONGEST_DEADLINE = 660.0
TASK = "task"
"""The event name of a periodic task's job."""


class Event(msgspec.Struct, frozen=True):
    """What a subscriber is told: ids only; it reads what it needs in its own session.

    ``owner_id`` is the scope whose row the subject is, ``writer_id`` the scope that acted,
    ``key`` stays the same over all deliveries of this event to this subscriber.
    """

    id: UUID
    name: str
    subject_kind: str
    subject_id: UUID
    owner_id: UUID
    writer_id: UUID
    on: date
    key: str


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One function to be run by the worker, in which scope, with which permissions."""

    name: str
    event: str
    handler: Handler
    side: Side = "owner"
    kinds: frozenset[ScopeKind] = frozenset()
    permissions: frozenset[str] = frozenset()
    deadline: float = 60.0
    lane: Lane = OWN
    """Its jobs run beside those of the scope's other lanes, neither waiting for them nor held up by them."""

    @property
    def actor(self) -> Actor:
        """The system actor in whose name it acts; its id never changes."""
        return system_actor(self.name, self.permissions)


@dataclass(frozen=True, slots=True)
class Periodic:
    """A task run again and again, once for every scope of some kinds."""

    name: str
    seconds: float
    kinds: frozenset[ScopeKind]


SUBSCRIBERS: dict[str, Subscriber] = {}
PERIODIC: dict[str, Periodic] = {}


def system_actor(name: str, permissions: Collection[str] = ()) -> Actor:
    """Return the actor for work that no person started."""
    return Actor(uuid5(NAMESPACE_URL, f"contingent:{name}"), name, "system", permissions=frozenset(permissions))


def subscriber(
    event: str,
    *,
    side: Side = "owner",
    kinds: Iterable[ScopeKind] = (),
    permissions: Iterable[str] = (),
    deadline: float = 60.0,
    lane: Lane = OWN,
) -> Callable[[H], H]:
    """Run the decorated function after each ``event``.

    ``side``: in the scope whose row changed, in the scope that changed it, in the program's, or
    in the operator's (``platform``).
    ``kinds``: only if that scope is of one of these kinds (any, if none is given).
    ``permissions``: what it may do there. ``deadline`` is in seconds. ``lane``: ``aside`` for what waits for others'
    machines, ``tasks`` for what may take minutes: the scope's other jobs do not wait for it, nor it for them.
    """

    def declare(handler: H) -> H:
        name = _name(handler)
        _add(Subscriber(name, event, handler, side, frozenset(kinds), frozenset(permissions), deadline, lane))
        return handler

    return declare


def every(
    seconds: float,
    *,
    kinds: Iterable[ScopeKind],
    permissions: Iterable[str] = (),
    deadline: float = 600.0,
) -> Callable[[T], T]:
    """Run the decorated ``async (ctx) -> None`` every ``seconds`` for each scope of ``kinds``.

    Each run is a job like any other: retried, never twice at once for one scope, in the dead
    letters when it keeps failing.
    """

    def declare(task: T) -> T:
        name = _name(task)

        @functools.wraps(task)
        async def run(ctx: Ctx, event: Event) -> None:
            await task(ctx)

        _add(Subscriber(name, TASK, run, "owner", frozenset(kinds), frozenset(permissions), deadline))
        PERIODIC[name] = Periodic(name, seconds, frozenset(kinds))
        return task

    return declare


def in_lane(lane: Lane) -> list[str]:
    """Return the names of the subscribers whose jobs run in this lane."""
    return [name for name, one in SUBSCRIBERS.items() if one.lane == lane]


def subscribers_of(event: str) -> list[Subscriber]:
    """Return who wants to hear of ``event``, in the order of their names."""
    return sorted((one for one in SUBSCRIBERS.values() if one.event == event), key=lambda one: one.name)


def _name(function: Callable[..., object]) -> str:
    room = function.__module__.split(".")[-2]
    return f"{room}.{function.__name__}"


def _add(one: Subscriber) -> None:
    if one.deadline > LONGEST_DEADLINE:
        raise TypeError(f"subscriber {one.name} may run {one.deadline} s: cut it into jobs of {LONGEST_DEADLINE} s")
    if SUBSCRIBERS.setdefault(one.name, one) is not one:
        raise TypeError(f"subscriber {one.name} is declared twice: rename one")
